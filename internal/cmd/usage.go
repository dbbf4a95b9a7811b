package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/usergroup-dev/usergroup/internal/closest"
)

// known refuses arguments of a command that has only commands, and names the one
// that was meant.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	hint := didYouMean(args[0], names)
	if hint == "" {
		hint = fmt.Sprintf(", %s --help lists them", cmd.CommandPath())
	}
	return fmt.Errorf("unknown command %q of %s%s", args[0], cmd.CommandPath(), hint)
}

// flagError names the flag that was meant, or the command: the flags of one that
// does not exist are read as those of its parent.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	if cmd.HasAvailableSubCommands() {
		if err := known(cmd, cmd.Flags().Args()); err != nil {
			return err
		}
		for _, c := range cmd.Commands() {
			if f := flagNamed(c, unknown.GetSpecifiedName()); f != nil {
				return fmt.Errorf("%s: %w, give the command first: %s --%s", cmd.CommandPath(), err, c.CommandPath(), f.Name)
			}
		}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	hint := ""
	if meant := closest.To(unknown.GetSpecifiedName(), names); meant != "" {
		hint = fmt.Sprintf(", did you mean --%s", meant)
	}
	return fmt.Errorf("%s: %w%s", cmd.CommandPath(), err, hint)
}

// flagNamed is the flag of a command by its name or its letter, nil where it has
// none.
func flagNamed(cmd *cobra.Command, name string) *pflag.Flag {
	if len(name) == 1 {
		return cmd.Flags().ShorthandLookup(name)
	}
	return cmd.Flags().Lookup(name)
}

// someOf refuses a command without arguments, and says what they are.
func someOf(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("no %s given: name files", what)
		}
		return nil
	}
}

// didYouMean is the hint at the word that was meant, "" where none is close.
func didYouMean(word string, allowed []string) string {
	if meant := closest.To(word, allowed); meant != "" {
		return fmt.Sprintf(", did you mean %q", meant)
	}
	return ""
}
