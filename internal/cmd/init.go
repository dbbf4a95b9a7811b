package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/suggest"
)

func newInit(s Streams) *cobra.Command {
	l := &listing{enforcement: enforcement{Streams: s}}
	var name string
	cmd := &cobra.Command{
		Use:   "init PATH…",
		Short: "print the strictest policy that the manifests already satisfy",
		Long: `init prints the strictest policy that the manifests already satisfy: for every field
the strictest rule that all of them follow, with ranges of exactly the ids in use.
Comments name what prevents a stricter rule, such as MustRunAsNonRoot. The policy only
validates, so you can enforce it at once and tighten it step by step.`,
		Example: `  usergroup init manifests/ > policy.yaml
  usergroup check --policy policy.yaml manifests/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 {
				return fmt.Errorf("--name %q: %s", name, wrong[0])
			}
			workloads, err := l.read(cmd.Context(), args)
			if err != nil {
				return err
			}
			if l.invalid > 0 {
				return &exitError{code: fn.ExitInvalid}
			}
			if len(workloads) == 0 {
				return errors.New("no workloads in the manifests: there is nothing to read a policy from")
			}
			_, err = s.Out.Write(suggest.Policy(name, workloads))
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "users-and-groups", "name of the policy")
	f.StringArrayVarP(&l.policies, "policy", "p", nil, "policy whose podSpecPaths name more kinds with pods; may be repeated")
	l.tree.add(f)
	l.settings.decorate(cmd, s, "policy", "exclude")
	return cmd
}
