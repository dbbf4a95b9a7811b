package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/internal/crdfiles"
	"github.com/usergroup-dev/usergroup/internal/workload"
)

// kindFormats are the formats of the list of kinds.
var kindFormats = []string{"table", "json"}

func newKinds(s Streams) *cobra.Command {
	var crds []string
	var format string
	cmd := &cobra.Command{
		Use:   "kinds [--crds PATH…] [KIND…]",
		Short: "list the known kinds and where their pod specs are",
		Long: `kinds lists the known kinds, the paths of their pod specs and security contexts, and
the source of that knowledge: the project of a built-in kind, or the file of a
CustomResourceDefinition. KIND is the name or the group of the kinds to list.

COMPLETE is "pod" if the object describes whole pods, so that the image decides what
is not set, and "operator" if an operator fills in the rest.`,
		Example: `  usergroup kinds Kafka
  usergroup kinds --crds crds/ --output json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("output", format, kindFormats); err != nil {
				return err
			}
			kinds, err := knownKinds(cmd.Context(), crds, args)
			if err != nil {
				return err
			}
			if format == "json" {
				enc := json.NewEncoder(s.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(kinds)
			}
			return printKinds(s.Out, kinds)
		},
	}
	cmd.Flags().StringArrayVar(&crds, "crds", nil, crdsHelp)
	cmd.Flags().StringVarP(&format, "output", "o", "table", "format: table, json")
	complete(cmd, "output", kindFormats)
	return cmd
}

// crdsHelp is the help of --crds.
const crdsHelp = "file or folder of CustomResourceDefinitions that show where unknown kinds have security contexts; may be repeated"

// knownKind is one kind in the list.
type knownKind struct {
	Kind     string   `json:"kind"`
	Group    string   `json:"group"`
	Complete string   `json:"complete"`
	Places   []string `json:"places"`
	From     string   `json:"from"`
}

// knownKinds returns the kinds of the table and of the schemas, those of the names
// where there are any.
func knownKinds(ctx context.Context, crds, names []string) ([]knownKind, error) {
	schemas, err := crdfiles.Read(ctx, crds)
	if err != nil {
		return nil, err
	}
	table := workload.Builtin().Learn(schemas)
	var out []knownKind
	for _, k := range append(table.Kinds(), table.Learnt()...) {
		if !named(k, names) {
			continue
		}
		complete := "pod"
		if k.Operator {
			complete = "operator"
		}
		out = append(out, knownKind{k.Kind, k.Group, complete, k.Places(), cmp.Or(k.Project, k.Source)})
	}
	if len(out) == 0 {
		var known []string
		for _, k := range append(table.Kinds(), table.Learnt()...) {
			known = append(known, k.Kind, k.Group)
		}
		hint := didYouMean(names[0], known)
		if hint == "" {
			hint = ", usergroup kinds lists all"
		}
		return nil, fmt.Errorf("no known kind or group has the name %s%s", strings.Join(names, ", "), hint)
	}
	return out, nil
}

// named reports whether a kind is one of those asked for.
func named(k workload.Kind, names []string) bool {
	for _, n := range names {
		if strings.EqualFold(n, k.Kind) || strings.EqualFold(n, k.Group) || strings.EqualFold(n, k.Kind+"."+k.Group) {
			return true
		}
	}
	return len(names) == 0
}

func printKinds(w io.Writer, kinds []knownKind) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tGROUP\tCOMPLETE\tFROM\tPLACES")
	for _, k := range kinds {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", k.Kind, cmp.Or(k.Group, "core"), k.Complete, k.From, strings.Join(k.Places, ", "))
	}
	return t.Flush()
}
