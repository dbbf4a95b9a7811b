package plainyaml_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	sigs "sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/plainyaml"
)

// TestMarshal: fields keep their order, lists are not indented, and quoted is what
// would be read as something else.
func TestMarshal(t *testing.T) {
	type field struct {
		Rule   string   `json:"rule"`
		Ranges []any    `json:"ranges,omitempty"`
		Note   []string `json:"note,omitempty"`
	}
	doc, err := plainyaml.Node(field{
		Rule: "MustRunAs", Ranges: []any{map[string]int{"min": 1, "max": 2}},
		Note: []string{"yes", "08", "1e3", "plain text", "a: b", "two\nlines\n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := plainyaml.Marshal(doc)
	const want = `rule: MustRunAs
ranges:
- max: 2
  min: 1
note:
- "yes"
- "08"
- "1e3"
- plain text
- 'a: b'
- |
  two
  lines
`
	if err != nil || string(got) != want {
		t.Errorf("%v:\n%s", err, got)
	}
}

// TestReaders: what is written is the same string to kubectl, which reads YAML 1.1.
func TestReaders(t *testing.T) {
	want := map[string]string{}
	for _, s := range []string{
		"", " ", "y", "N", "yes", "No", "on", "OFF", "true", "null", "~", "<<", "=", ".inf", ".NaN", "0", "-1", "007", "08", "0o17", "0x1F", "0b1",
		"1_000", "1:30", "1e3", "1.0", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "- a", "? a", "a: b", "a #b", "#", "!x", "&x", "*x", "%x", "@x", "`x",
		"'", "\"", "[]", "{}", "|", ">", "a\nb", "a\nb\n", "\n", "\t", " a", "a ", "\u00e9", "\u2028", "\ufeff", "\x00", "---", "...",
	} {
		want[s] = s
	}
	doc, err := plainyaml.Node(want)
	if err != nil {
		t.Fatal(err)
	}
	text, err := plainyaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := sigs.UnmarshalStrict(text, &got); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	var one struct {
		Values []string `json:"values"`
	}
	for s := range want {
		doc, err := plainyaml.Node(map[string][]string{"values": {s}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := plainyaml.Marshal(doc)
		if err == nil {
			err = sigs.UnmarshalStrict(text, &one)
		}
		if err != nil || len(one.Values) != 1 || one.Values[0] != s {
			t.Errorf("%q is read as %q, %v:\n%s", s, one.Values, err, text)
		}
	}
}
