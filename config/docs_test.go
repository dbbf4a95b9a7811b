package config_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
)

const (
	reference = "../fn-config.yaml"
	manual    = "../docs/policy.md"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The reference is a policy that works, and shows every field of the spec; one that
// has no value that means nothing is there as a comment.
func TestReference(t *testing.T) {
	text := readFile(t, reference)
	decodeOne(t, text)
	for _, field := range fields(t, "Spec") {
		if !strings.Contains(text, "\n  "+field+":") && !strings.Contains(text, "\n  # "+field+":") {
			t.Errorf("%s does not show %s", reference, field)
		}
	}
}

// fields lists the fields of a definition of the JSON Schema.
func fields(t *testing.T, def string) []string {
	t.Helper()
	var doc struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(readFile(t, "../docs/schema/usergrouppolicy.schema.json")), &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	for name := range doc.Defs[def].Properties {
		out = append(out, name)
	}
	if len(out) == 0 {
		t.Fatalf("no fields of %s in the schema", def)
	}
	return out
}

// The manual has every field and every dialect, its policies work, and its
// errors are those that are reported.
func TestManual(t *testing.T) {
	text := readFile(t, manual)
	for _, def := range []string{
		"Spec", "UserStrategy", "GroupStrategy", "SupplementalGroupsStrategy", "FSGroupStrategy", "Range",
		"Images", "PodSecurity", "Level", "Exemptions", "Selector", "Exclusion", "LabelSelector", "Requirement", "PodSpecPath", "PodParts", "Admission",
	} {
		for _, f := range fields(t, def) {
			if !strings.Contains(text, "`"+f+"`") && !strings.Contains(text, "."+f+"`") {
				t.Errorf("%s has no field `%s` of %s", manual, f, def)
			}
		}
	}

	blocks := strings.Split(text, "```yaml\n")[1:]
	for _, b := range blocks {
		policy, _, _ := strings.Cut(b, "```")
		if _, err := decode(t, policy); err != nil {
			t.Errorf("a policy of %s: %v\n%s", manual, err, policy)
		}
	}

	rows := 0
	_, table, _ := strings.Cut(text, "\n## Errors\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		if len(cells) != 2 || !strings.HasPrefix(cells[0], "`") {
			continue
		}
		rows++
		_, err := decode(t, native(strings.Trim(cells[0], "`")))
		if got := strings.Join(messages(t, err), "\n"); got != cells[1] {
			t.Errorf("%s says that %s is refused with\n%s\nit is with\n%s", manual, cells[0], cells[1], got)
		}
	}
	if len(blocks) < 5 || rows < 10 {
		t.Errorf("only %d policies and %d errors found in %s", len(blocks), rows, manual)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(native("runAsUser: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}"))
	f.Add(kubewardenHead)
	f.Add("apiVersion: v1\nkind: ConfigMap\ndata: {run_as_user: '{rule: RunAsAny}', validateOnly: true}")
	f.Add("apiVersion: v1\nkind: List\nitems: [&a {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, spec: {<<: *a}}]")
	f.Add("apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nspec: &s {runAsUser: *s}")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parse(text)
		if err != nil {
			return
		}
		ps, err := config.Decode(n, config.Options{Data: []byte(text), Line: 1})
		if (err == nil) != (len(ps) > 0) {
			t.Errorf("%d policies and error %v", len(ps), err)
		}
	})
}
