package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/admission"
	"github.com/usergroup-dev/usergroup/internal/convert"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
)

// What convert writes.
const (
	toUserGroup = "usergroup"
	toAdmission = "admission"
)

func newConvert(s Streams) *cobra.Command {
	var to string
	var gate admission.Options
	var files treeFlags
	cmd := &cobra.Command{
		Use:   "convert FILE…",
		Short: "convert policies of other tools to UserGroupPolicies, or policies to admission policies",
		Long: `convert prints UserGroupPolicies equivalent to the policies of other tools.
Comments name the settings that have no equivalent. FILE may be - for standard input.
Objects of other kinds are skipped; those converted are

` + policykind.List(convert.Converts) + `
--to admission reads every kind of policy that check reads, and prints
ValidatingAdmissionPolicies, MutatingAdmissionPolicies and their bindings, which the
API server enforces by itself. Comments and standard error name what they do not
enforce; if that makes them weaker than the policy, it is an error.`,
		Example: `  usergroup convert psp.yaml > policy.yaml
  usergroup convert --to admission policy.yaml > admission.yaml && kubectl apply -f admission.yaml`,
		Args: someOf("policies"),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := oneOf("to", to, []string{toUserGroup, toAdmission})
			for _, f := range []string{"kinds", "allow-weaker"} {
				if to == toUserGroup && cmd.Flags().Changed(f) {
					err = errors.Join(err, fmt.Errorf("--%s is for --to %s", f, toAdmission))
				}
			}
			if err != nil {
				return err
			}
			sources, err := files.readSources(cmd.Context(), args, s)
			if err != nil {
				return err
			}
			if len(items(sources)) == 0 {
				return errors.New("no objects in " + strings.Join(args, ", "))
			}
			var out []byte
			if to == toAdmission {
				out, err = toGates(items(sources), gate, s)
			} else {
				out, err = toPolicies(items(sources), s)
			}
			if err != nil {
				return err
			}
			_, err = s.Out.Write(out)
			return err
		},
	}
	f := cmd.Flags()
	files.add(f)
	f.StringVar(&to, "to", toUserGroup, "what to write: "+toUserGroup+" or "+toAdmission)
	f.StringSliceVar(&gate.Kinds, "kinds", nil, "custom resources that the admission policies also check: Kind or Kind.group")
	f.BoolVar(&gate.AllowWeaker, "allow-weaker", false, "write admission policies even if they cannot enforce all of the policy")
	return cmd
}

// toPolicies converts policies of other tools. It passes over what is not a policy,
// and says so, unless there is nothing else.
func toPolicies(items []*manifest.Item, s Streams) ([]byte, error) {
	var out []byte
	var errs, passed []error
	for _, it := range items {
		root, err := it.Decode()
		if err != nil {
			return nil, err
		}
		text, err := convert.Convert(root)
		switch at := fmt.Sprintf("%s:%d", it.Name(), it.Line()); {
		case errors.Is(err, convert.ErrOther):
			passed = append(passed, fmt.Errorf("%s: %w", at, err))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", at, err))
		default:
			out = appendDocument(out, text)
		}
	}
	if len(out) == 0 {
		errs = append(errs, passed...)
		passed = nil
	}
	for _, err := range passed {
		fmt.Fprintln(s.Err, "usergroup: info: skipped:", err)
	}
	return out, errors.Join(errs...)
}

// toGates converts policies to admission policies, and says what those do not
// judge.
func toGates(items []*manifest.Item, o admission.Options, s Streams) ([]byte, error) {
	found, others := policyItems(items)
	if len(found) == 0 {
		found, others = items, nil // the error says what there is
	}
	policies, err := engine.Policies(found, nil)
	if err != nil {
		return nil, err
	}
	for _, it := range others {
		fmt.Fprintf(s.Err, "usergroup: info: skipped: %s:%d: not a policy\n", it.Name(), it.Line())
	}
	gates, err := admission.ExportAll(policies, o)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, g := range gates {
		text, err := g.YAML()
		if err != nil {
			return nil, err
		}
		out = appendDocument(out, text)
		for _, n := range g.Notes {
			fmt.Fprintf(s.Err, "usergroup: info: policy %q: %s\n", g.Validating.Name, n)
		}
	}
	return out, nil
}

// policyItems parts what may be a policy from what a file of policies also holds,
// such as the RBAC beside a PodSecurityPolicy.
func policyItems(items []*manifest.Item) (found, others []*manifest.Item) {
	for _, it := range items {
		head, err := it.Head()
		switch {
		case err != nil, config.IsPolicy(head.APIVersion, head.Kind), head.APIVersion == "v1" && (head.Kind == "ConfigMap" || head.Kind == "List"):
			found = append(found, it)
		default:
			others = append(others, it)
		}
	}
	return found, others
}

// appendDocument appends a document to a stream.
func appendDocument(out, text []byte) []byte {
	if len(out) > 0 {
		out = append(out, "---\n"...)
	}
	return append(out, text...)
}
