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

// flagError names the flag that was meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
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

// didYouMean is the hint at the word that was meant, "" where none is close.
func didYouMean(word string, allowed []string) string {
	if meant := closest.To(word, allowed); meant != "" {
		return fmt.Sprintf(", did you mean %q", meant)
	}
	return ""
}
