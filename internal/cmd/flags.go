package cmd

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// checkValues makes the commands below cmd check the values of their flags before
// they do anything.
func checkValues(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		checkValues(c)
	}
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := checkFlags(cmd.Flags()); err != nil {
				return err
			}
			return work(cmd, args)
		}
	}
}

// checkFlags reports the flags that are set to what they cannot mean.
func checkFlags(flags *pflag.FlagSet) error {
	var errs []error
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			if values = list.GetSlice(); len(values) == 0 {
				values = []string{""}
			}
		}
		for _, v := range values {
			if must := demand(f, v); must != "" {
				errs = append(errs, fmt.Errorf("--%s %q: must %s", f.Name, v, must))
			}
		}
	})
	return errors.Join(errs...)
}

// limits are the flags of which 0 would leave nothing.
var limits = []string{"max-items", "max-depth", "max-expanded", "max-findings"}

// demand says what the value of a flag must be that it is not; "" where it is fine.
func demand(f *pflag.Flag, value string) string {
	switch f.Value.Type() {
	case "string", "stringArray", "stringSlice":
		if strings.TrimSpace(value) == "" {
			return "not be empty"
		}
		if f.Name == "exclude" {
			return patternMust(value)
		}
	case "int":
		n, err := strconv.Atoi(value)
		switch {
		case err == nil && n < 0:
			return "not be negative"
		case err == nil && n == 0 && slices.Contains(limits, f.Name):
			return "be at least 1"
		}
	case "duration":
		if d, err := time.ParseDuration(value); err == nil && d <= 0 {
			return "be above 0"
		}
	case "quantity":
		if value == "0" || strings.HasPrefix(value, "-") {
			return "be above 0"
		}
	}
	return ""
}

// patternMust is demand for a pattern of .gitignore. Git's library takes one that is
// not for one that matches nothing.
func patternMust(pattern string) string {
	if strings.HasPrefix(pattern, "#") {
		return `begin with "\#" where it is no comment`
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(pattern, "!"), "/") {
		if _, err := path.Match(part, ""); err != nil {
			return `be a pattern of .gitignore: a "[" has no "]", or nothing is behind a "\"`
		}
	}
	return ""
}
