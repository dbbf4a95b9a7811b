package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/usergroup-dev/usergroup/internal/closest"
)

// family returns a command that has only commands.
func family(name, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  known,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	return cmd
}

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
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		return fmt.Errorf("%s: --%s %q: %s", cmd.CommandPath(), f.Name, invalid.GetValue(), mustBe(f, invalid))
	case !errors.As(err, &unknown):
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
	hint := cmd.CommandPath() + " --help lists the flags"
	if meant := closest.To(unknown.GetSpecifiedName(), names); meant != "" {
		hint = "did you mean --" + meant
	} else if elsewhere := commandWith(cmd.Root(), unknown.GetSpecifiedName()); elsewhere != "" {
		hint = "it is a flag of " + elsewhere
	} else if told := toldElsewhere[unknown.GetSpecifiedName()]; told != "" {
		hint = told
	}
	return fmt.Errorf("%s: %w, %s", cmd.CommandPath(), err, hint)
}

// toldElsewhere are hints at what people look for under the flags of other tools.
var toldElsewhere = map[string]string{
	"dry-run": "usergroup diff shows what fix would change",
	"A":       "it is a flag of kubectl usergroup, which reads a cluster",
	"n":       "it is a flag of kubectl usergroup, which reads a cluster",
}

// mustBe says what the value of a flag must be.
func mustBe(f *pflag.Flag, err *pflag.InvalidValueError) string {
	switch f.Value.Type() {
	case "int":
		return "must be an integer"
	case "bool":
		return "must be true or false"
	case "duration":
		return "must be a duration, such as 30s or 2m"
	case "quantity":
		return "must be a size, such as 500Mi or 1Gi"
	case "stringToString":
		return "must be registry=mirror"
	}
	return err.Unwrap().Error()
}

// commandWith is the path of the first command below one that has a flag of this
// name, "" where there is none.
func commandWith(cmd *cobra.Command, name string) string {
	for _, c := range cmd.Commands() {
		if len(name) > 1 && c.Flags().Lookup(name) != nil {
			return c.CommandPath()
		}
		if path := commandWith(c, name); path != "" {
			return path
		}
	}
	return ""
}

// flagNamed is the flag of a command by its name or its letter, nil where it has
// none.
func flagNamed(cmd *cobra.Command, name string) *pflag.Flag {
	if len(name) == 1 {
		return cmd.Flags().ShorthandLookup(name)
	}
	return cmd.Flags().Lookup(name)
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no arguments, is given %q", cmd.CommandPath(), args[0])
}

// newHelp is the command help, which knows when a command does not exist.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "show the help of a command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if cmd, _, err := root.Find(args); err == nil {
				for _, c := range cmd.Commands() {
					if c.IsAvailableCommand() {
						names = append(names, c.Name())
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0:
				return known(cmd, rest)
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
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
