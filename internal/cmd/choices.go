package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a value that a flag takes, with what it is for.
type choice struct{ name, doc string }

// choices are all values that a flag takes.
type choices []choice

// names lists the values.
func (cs choices) names() []string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = c.name
	}
	return names
}

// help describes the values, one a line.
func (cs choices) help() string {
	width := 0
	for _, c := range cs {
		width = max(width, len(c.name))
	}
	lines := make([]string, len(cs))
	for i, c := range cs {
		lines[i] = fmt.Sprintf("  %-*s %s", width, c.name, c.doc)
	}
	return strings.Join(lines, "\n")
}

// complete offers the values of a flag to a shell.
func complete(cmd *cobra.Command, flag string, values []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // no such flag
	}
}

// oneOf is the error of a flag whose value is none of the allowed ones.
func oneOf(flag, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s %q: must be %s%s", flag, value, alternatives(allowed), didYouMean(value, allowed))
}

// alternatives lists what may be, in words: "a or b", "one of a, b, c".
func alternatives(words []string) string {
	const few = 2
	if len(words) <= few {
		return strings.Join(words, " or ")
	}
	return "one of " + strings.Join(words, ", ")
}
