package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/internal/convert"
)

func newConvert(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "convert FILE…",
		Short: "turn policies of other tools into UserGroupPolicies",
		Long: `convert reads PodSecurityPolicies, Kubewarden user-group-psp policies, Gatekeeper
K8sPSPAllowedUsers constraints and Namespaces with Pod Security labels, and prints
UserGroupPolicies that say the same. Comments name what had no counterpart. FILE may
be - for standard input.`,
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
