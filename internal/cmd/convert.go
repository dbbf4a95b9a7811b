package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/internal/convert"
	"github.com/usergroup-dev/usergroup/internal/policykind"
)

func newConvert(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "convert FILE…",
		Short: "turn policies of other tools into UserGroupPolicies",
		Long: `convert prints UserGroupPolicies that say the same as the policies of other tools.
Comments name what had no counterpart. FILE may be - for standard input, and holds any
of

` + strings.TrimSuffix(policykind.List("  ", convert.Converts), "\n"),
		Example: `  usergroup convert psp.yaml > policy.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			sources, err := readSources(args, s)
			if err != nil {
				return err
			}
			var out []byte
			var errs []error
			for _, it := range items(sources) {
				root, err := it.Decode()
				if err != nil {
					return err
				}
				text, err := convert.Convert(root)
				if err != nil {
					errs = append(errs, fmt.Errorf("%s:%d: %w", it.Name(), it.Line(), err))
					continue
				}
				if len(out) > 0 {
					out = append(out, "---\n"...)
				}
				out = append(out, text...)
			}
			if err := errors.Join(errs...); err != nil {
				return err
			}
			_, err = s.Out.Write(out)
			return err
		},
	}
}
