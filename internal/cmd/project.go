package cmd

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/internal/project"
)

// settings are the flags that say which project file to use.
type settings struct {
	file string
	none bool
}

func (p *settings) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.file, "config", "", "settings file (default: "+project.File+" in this folder or one above)")
	f.BoolVar(&p.none, "no-config", false, "do not read "+project.File)
}

// decorate makes a command follow the project file: of the flags, those that are
// named.
func (p *settings) decorate(cmd *cobra.Command, s Streams, flags ...string) {
	p.add(cmd)
	work := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		args, err := p.apply(cmd, args, s, flags)
		if err != nil {
			return err
		}
		return work(cmd, args)
	}
}

// apply gives flags that are not set, and arguments that are missing, the values of
// the project file; it returns the arguments.
func (p *settings) apply(cmd *cobra.Command, args []string, s Streams, flags []string) ([]string, error) {
	if p.none {
		return args, nil
	}
	var set project.Settings
	var err error
	if p.file != "" {
		set, err = project.Read(p.file)
	} else {
		set, err = project.Find(".")
	}
	if err != nil {
		return nil, prefixed("settings", err)
	}
	if set.Path == "" {
		return args, nil
	}
	for flag, values := range map[string][]string{
		"policy": set.Policies, "exclude": set.Exclude, "output": set.Outputs,
		"fail-on": one(set.FailOn), "baseline": one(set.Baseline),
	} {
		f := cmd.Flags().Lookup(flag)
		if f == nil || f.Changed || !slices.Contains(flags, flag) {
			continue
		}
		for _, v := range values {
			if err := cmd.Flags().Set(flag, v); err != nil {
				return nil, fmt.Errorf("settings: %s: %s: %w", set.Path, flag, err)
			}
		}
	}
	if err := checkFlags(cmd.Flags()); err != nil {
		return nil, fmt.Errorf("settings: %s: %w", set.Path, err)
	}
	if len(args) == 0 && !s.Plugin {
		args = set.Paths
	}
	if quiet, err := cmd.Flags().GetBool("quiet"); err != nil || !quiet {
		fmt.Fprintf(s.Err, "usergroup: settings of %s\n", set.Path)
	}
	return args, nil
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
