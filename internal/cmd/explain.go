package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/docs"
	"github.com/usergroup-dev/usergroup/internal/closest"
	"github.com/usergroup-dev/usergroup/report"
)

func newExplain(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [REASON | FIELD]",
		Short: "explain a reason code or a field of a policy",
		Long: `explain describes a reason code: what it means, why it matters and how to fix it; or a
field of a UserGroupPolicy: what it does, its values and the fields below it. Without
an argument it lists all reason codes and the fields of a policy.`,
		Example: `  usergroup explain CannotUseRootUserID
  usergroup explain runAsUser.ranges
  usergroup explain images`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("one reason or field at a time: %q is given beside %q", args[1], args[0])
			}
			return nil
		},
		// The names are read from the schema, which no other command needs.
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return explained(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text := explainAll()
			if len(args) == 1 {
				var err error
				if text, err = explain(args[0]); err != nil {
					return err
				}
			}
			_, err := fmt.Fprint(s.Out, text)
			return err
		},
	}
}

// explain is the text on a reason or a field.
func explain(name string) (string, error) {
	for _, r := range report.Rules() {
		if strings.EqualFold(string(r.Reason), name) {
			return explainReason(r), nil
		}
	}
	path := strings.TrimPrefix(name, "spec.")
	if f, ok := fieldNamed(path); ok && path != "" {
		return f.explain(), nil
	}
	hint := "usergroup explain lists all"
	if meant := meant(path); meant != "" {
		hint = fmt.Sprintf("did you mean %q", meant)
	}
	return "", fmt.Errorf("%q is neither a reason of a finding nor a field of a policy: %s", name, hint)
}

// meant is the reason or the field that a name is close to: of a path the field that
// is known as far as the path goes, of a value of a field that field; "" where there
// is none.
func meant(name string) string {
	if rule, ok := fieldNamed("runAsUser.rule"); ok && slices.Contains(strings.Split(rule.values(rule.schema), ", "), name) {
		return rule.path
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		above, ok := fieldNamed(name[:i])
		if !ok {
			return ""
		}
		if last := closest.To(name[i+1:], above.names()); last != "" {
			return above.path + "." + last
		}
		return above.path
	}
	return closest.To(name, explained())
}

// explainReason is the page of a reason; where it has none, what reports say of it.
func explainReason(r report.Rule) string {
	page, err := docs.Rules.ReadFile("rules/" + path.Base(r.Reason.URL()))
	if err != nil {
		return fmt.Sprintf("%s: %s\n\n%s\n", r.Reason, r.Title, wrapped(r.Help))
	}
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		} else if !fenced && !strings.HasPrefix(line, "|") {
			line = wrapped(strings.TrimRight(line, "\n")) + "\n"
		}
		b.WriteString(line)
	}
	return b.String() + "\n" + r.Reason.URL() + "\n"
}

func explainAll() string {
	var b strings.Builder
	b.WriteString("Reasons of findings:\n\n")
	for _, r := range report.Rules() {
		fmt.Fprintf(&b, "  %-32s %s\n", r.Reason, r.Title)
	}
	b.WriteString("\nFields of a UserGroupPolicy, below spec:\n\n")
	spec, _ := fieldNamed("")
	b.WriteString(spec.below())
	return b.String()
}

// explained are the reasons and the fields at the top of a policy.
func explained() []string {
	var names []string
	for _, r := range report.Rules() {
		names = append(names, string(r.Reason))
	}
	spec, _ := fieldNamed("")
	return append(names, spec.names()...)
}

// field is a field of a policy, as the JSON Schema describes it.
type field struct {
	path   string
	schema map[string]any
	defs   map[string]any
}

// fieldNamed finds a field by its path below spec, "" for spec itself. Elements of
// lists and values of mappings are looked through: match.kinds, exclude.reason.
func fieldNamed(path string) (field, bool) {
	var doc struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(docs.PolicySchema, &doc); err != nil {
		panic(err) // it is built in
	}
	f := field{"", map[string]any{"$ref": "#/$defs/Spec"}, doc.Defs}
	if path == "" {
		return f, true
	}
	for _, name := range strings.Split(path, ".") {
		name, index, found := strings.Cut(name, "[")
		below := f.properties()
		i := slices.IndexFunc(f.names(), func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return field{}, false
		}
		key := f.names()[i]
		f.schema = below[key].(map[string]any)
		f.path = strings.TrimPrefix(f.path+"."+key, ".")
		if found {
			f.path += "[" + index
		}
	}
	return f, true
}

// resolve is the schema that a reference, or the elements of a list, stand for.
func (f field) resolve(s map[string]any) map[string]any {
	for {
		ref, _ := s["$ref"].(string)
		items, _ := s["items"].(map[string]any)
		switch {
		case ref != "":
			s, _ = f.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		case items != nil:
			s = items
		default:
			return s
		}
	}
}

func (f field) properties() map[string]any {
	p, _ := f.resolve(f.schema)["properties"].(map[string]any)
	return p
}

func (f field) names() []string { return slices.Sorted(maps.Keys(f.properties())) }

func (f field) explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "spec.%s (%s)\n\n%s\n", f.path, f.kind(f.schema), wrapped(describe(f.schema)))
	if values := f.values(f.schema); values != "" {
		fmt.Fprintf(&b, "\nValues: %s\n", values)
	}
	if len(f.properties()) > 0 {
		b.WriteString("\nFields:\n\n" + f.below())
	}
	b.WriteString("\n" + policyPage + "\n")
	return b.String()
}

// policyPage is the reference of the policy format.
const policyPage = "https://github.com/usergroup-dev/usergroup/blob/main/docs/policy.md"

// below lists the fields of a field.
func (f field) below() string {
	var b strings.Builder
	for _, name := range f.names() {
		s := f.properties()[name].(map[string]any)
		fmt.Fprintf(&b, "  %s (%s)\n%s\n", name, f.kind(s), indented(describe(s)))
	}
	return b.String()
}

func describe(s map[string]any) string {
	d, _ := s["description"].(string)
	return d
}

// kind is the type of a field in words.
func (f field) kind(s map[string]any) string {
	if items, ok := s["items"].(map[string]any); ok {
		return "list of " + f.kind(items)
	}
	switch t, _ := f.resolve(s)["type"].(string); t {
	case "":
		return "value"
	default:
		return t
	}
}

// values are those that a field may have, where they are named.
func (f field) values(s map[string]any) string {
	enum, _ := f.resolve(s)["enum"].([]any)
	var values []string
	for _, v := range enum {
		values = append(values, fmt.Sprint(v))
	}
	return strings.Join(values, ", ")
}

// textWidth is the width of explanations.
const textWidth = 84

func wrapped(s string) string { return report.Wrap(s, textWidth, 0) }

func indented(s string) string { return "      " + report.Wrap(s, textWidth-6, 6) }
