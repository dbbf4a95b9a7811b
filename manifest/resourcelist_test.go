package manifest_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/manifest"
)

// lists are ResourceLists in all their shapes.
var lists = []string{
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\nfunctionConfig: null\nresults:\n",
	"# c\n---\napiVersion: config.kubernetes.io/v1beta1\nkind: ResourceList\nitems:\n- kind: Pod # c\n  # d\n# e\n-\n  kind: Service\n\nfunctionConfig:\n  kind: X\n  # f\nother: 1\nresults:\n- message: a\n# end\n",
	"kind: ResourceList\nresults: []\nitems: [{kind: Pod}, {kind: Service}]\nfunctionConfig: {kind: X}\napiVersion: config.kubernetes.io/v1alpha1\n",
	"{\"apiVersion\":\"config.kubernetes.io/v1\",\"kind\":\"ResourceList\",\"items\":[{\"kind\":\"Pod\"}, {\"kind\":\"Service\"}],\"functionConfig\":{\"kind\":\"X\"}}",
	"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"items\": [\n    {\n      \"kind\": \"Pod\"\n    }\n  ],\n  \"results\": [\n    {\n      \"message\": \"a\"\n    }\n  ]\n}\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- &a\n  kind: Pod\n  spec: &s {a: b}\n- *a\n- kind: Service\n  spec: *s\nfunctionConfig:\n  spec: *s\nother: *a\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n  a: &x 1\n  b: *x\n- kind: Service\n  text: |\n    a\n  - kind: Fake\n  more: \"\n- kind: Fake\n\"\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n  a: |\n    - kind: Fake\n- kind: Service\n  a: {\n- kind: Fake\n  }\n",
	"\"apiVersion\": config.kubernetes.io/v1\n'kind': ResourceList\n\"items\":\n  - kind: Pod\n    a: b\n  - {kind: Service}\n",
	"\"\\u0061piVersion\": config.kubernetes.io/v1\nkind: ResourceList\n\"item\\x73\":\n- kind: Pod\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\nitems:\n- kind: Service\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n- \n", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: &i\n- kind: Pod\nother: *i\n",
	"%TAG ! tag:x,2000:\n---\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: !a Pod\n",
	"--- {apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{kind: Pod}]}\n",
	"  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items:\n  - kind: Pod\n  other: a\n",
	"apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nitems:\r\n- kind: Pod\r\n  a: b\r\n- kind: Service\r\n",
}

const header = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

func TestReadResourceListErrors(t *testing.T) {
	tests := []struct {
		name, input, want string
	}{
		{"empty", "", "the input is empty, a ResourceList is needed"},
		{"only comments", "# a\n---\n# b\n", "the input is empty, a ResourceList is needed"},
		{"two documents", header + "---\n" + header, "there is more than one document, a single ResourceList is needed"},
		{"two JSON values", "{}\n{}", "there is more than one document, a single ResourceList is needed"},
		{"no mapping", "- a\n", "line 1:1: the input is not a ResourceList"},
		{"another kind", "# c\napiVersion: v1\nkind: List\nitems: []\n", `line 2:1: kind must be ResourceList, is "List"`},
		{"another version", "apiVersion: v1\nkind: ResourceList\n", `line 1:1: apiVersion must be config.kubernetes.io/v1, is "v1"`},
		{"kind is not a string", "apiVersion: config.kubernetes.io/v1\nkind: 1\n", `line 1:1: kind must be ResourceList, is ""`},
		{"items are not a list", header + "items: {}\n", "line 3:8: items must be a list"},
		{"items are an alias", header + "a: &a []\nitems: *a\n", "line 4:8: items must be a list"},
		{"an item is not a mapping", header + "items:\n- kind: Pod\n- 1\n", "line 5:3: items[1] must be a mapping"},
		{"an item is null", header + "items:\n-\n", "line 4:2: items[0] must be a mapping"},
		{"results are not a list", header + "results: 1\n", "line 3:10: results must be a list"},
		{"items twice", header + "items: []\nitems: []\n", `line 4:1: key "items" is defined more than once in the ResourceList`},
		{"kind twice", header + "kind: ResourceList\n", `line 3:1: key "kind" is defined more than once in the ResourceList`},
		{"key with an escape twice", header + "\"ki\\x6ed\": List\n", `line 3:1: key "kind" is defined more than once in the ResourceList`},
		{"merge key", header + "<<: {items: []}\n", "line 3:1: a key of the ResourceList is not a plain string"},
		{"results share an anchor", header + "a: &a [1]\nresults:\n- b: *a\n", `line 5:6: alias of the anchor "a" outside of its item: write the value out`},
		{"truncated", header + "items:\n- kind: \"Pod\n", "line 4: found unexpected end of stream"},
		{"truncated JSON", `{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [`, "line 1: did not find expected node content"},
		{"UTF-16", "\xff\xfea\x00", "line 1: UTF-16 is not supported"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := manifest.ReadResourceList([]byte(tt.input))
			var e *manifest.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResourceListItems(t *testing.T) {
	type place struct {
		Bytes               string
		Index, Line, Column int
	}
	tests := []struct {
		name, input string
		config      *place
		items       []place
	}{
		{
			name:  "compact",
			input: header + "items:\n- kind: Pod # c\n  # d\n\n- kind: Service\nfunctionConfig:\n  kind: X\n",
			items: []place{
				{"kind: Pod # c\n  # d\n\n", 0, 4, 2},
				{"kind: Service\n", 1, 7, 2},
			},
			config: &place{"kind: X\n", 0, 9, 2},
		},
		{
			name:  "wide, dash alone, braces",
			input: "---\n" + header + "functionConfig: {kind: X} # c\nitems:\n  - # c\n    kind: Pod\n    a:\n      - b\n  - {kind: Service} # d\n",
			items: []place{
				{"kind: Pod\n    a:\n      - b\n", 0, 7, 4},
				{"{kind: Service}", 1, 10, 4},
			},
			config: &place{"{kind: X}", 0, 4, 16},
		},
		{
			name:  "JSON",
			input: `{"kind":"ResourceList","apiVersion":"config.kubernetes.io/v1","items":[{"é":1},` + "\n" + `{"kind":"Pod"}],"functionConfig":null}`,
			items: []place{
				{`{"é":1}`, 0, 1, 71},
				{`{"kind":"Pod"}`, 1, 2, 0},
			},
		},
		{
			name:  "no items",
			input: header + "items: null\nfunctionConfig:\n",
		},
		{
			name:  "boundaries that are text",
			input: header + "items:\n- a: |\n    - kind: A\n  b: \"\n    - kind: B\n    \"\n  c: [\n- kind: C\n  ]\n- kind: Pod\n",
			// A dash in brackets is not YAML, so that list is refused below.
			items: nil,
		},
		{
			name:  "an item only go-yaml reads",
			input: header + "items:\n- &x\n  kind: Pod\n  a: *x1\n",
			items: nil,
		},
		{
			name:  "items only go-yaml reads",
			input: header + "items:\n- kind: Pod\n  a: &x 1\n  b: *x\n- ? kind\n  : Pod\n# c\n- kind: Secret\n",
			items: []place{
				{"kind: Pod\n  a: &x 1\n  b: *x\n", 0, 4, 2},
				{"? kind\n  : Pod\n# c\n", 1, 7, 2},
				{"kind: Secret\n", 2, 10, 2},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rl, err := manifest.ReadResourceList([]byte(tt.input))
			if err != nil {
				if tt.items == nil {
					return
				}
				t.Fatal(err)
			}
			at := func(it *manifest.Item) place {
				return place{string(it.Bytes()), it.Index(), it.Line(), it.Column()}
			}
			var items []place
			for _, it := range rl.Items {
				items = append(items, at(it))
			}
			if diff := cmp.Diff(tt.items, items); diff != "" {
				t.Error(diff)
			}
			var config *place
			if rl.FunctionConfig != nil {
				p := at(rl.FunctionConfig)
				config = &p
			}
			if diff := cmp.Diff(tt.config, config); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestScanOfLists keeps the usual ways to write a list on the fast path.
func TestScanOfLists(t *testing.T) {
	tests := []struct {
		name, input string
		want        bool
	}{
		{"compact", header + "items:\n- kind: Pod\n", true},
		{"wide", header + "items:\n  - kind: Pod\n", true},
		{"JSON", `{"kind":"ResourceList","apiVersion":"config.kubernetes.io/v1","items":[{"kind":"Pod"}]}`, true},
		{"an item with an anchor", header + "items:\n- kind: Pod\n  a: &x 1\n  b: *x\n- kind: Pod\n", true},
		{"a key with a question mark", header + "? other\n: 1\nitems:\n- kind: Pod\n", false},
		{"CR LF", "kind: ResourceList\r\napiVersion: config.kubernetes.io/v1\r\nitems:\r\n- kind: Pod\r\n", true},
	}
	for _, tt := range tests {
		rl, err := manifest.ReadResourceList([]byte(tt.input))
		if err != nil || rl.Scanned() != tt.want {
			t.Errorf("%s: scanned %v, want %v, error %v", tt.name, !tt.want, tt.want, err)
		}
	}
}

func TestAddResults(t *testing.T) {
	const block = "- message: a\n  severity: error\n- message: \"b: c\"\n"
	tests := []struct {
		name, input, want string
	}{
		{"absent", header + "items: []\n", header + "items: []\nresults:\n" + block},
		{"absent, comment last", header + "# c\n", header + "# c\nresults:\n" + block},
		{"no line break at the end", header + "a: b", header + "a: b\nresults:\n" + block},
		{"null", header + "results: null # c\nitems: []\n", header + "results: # c\n" + block + "items: []\n"},
		{"nothing", header + "results:\nitems: []\n", header + "results:\n" + block + "items: []\n"},
		{"empty list", header + "results: []\n", header + "results:\n" + block},
		{
			"compact", header + "results:\n- message: x # c\n# d\nitems: []\n",
			header + "results:\n- message: x # c\n" + block + "# d\nitems: []\n",
		},
		{
			"wide", header + "results:\n  - message: x\n",
			header + "results:\n  - message: x\n  - message: a\n    severity: error\n  - message: \"b: c\"\n",
		},
		{
			"kept line breaks", header + "results:\n- message: |+\n    x\n\nitems: []\n",
			header + "results:\n- message: |+\n    x\n\n" + block + "items: []\n",
		},
		{
			"braces", header + "results: [{message: x}]\n",
			header + `results: [{message: x},{"message":"a","severity":"error"},{"message":"b: c"}]` + "\n",
		},
		{
			"CR LF", "kind: ResourceList\r\napiVersion: config.kubernetes.io/v1\r\n",
			"kind: ResourceList\r\napiVersion: config.kubernetes.io/v1\r\nresults:\r\n- message: a\r\n  severity: error\r\n- message: \"b: c\"\r\n",
		},
		{
			"document end", header + "...\n# c\n",
			header + "results:\n" + block + "...\n# c\n",
		},
		{
			"indented", "  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n",
			"  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  results:\n  - message: a\n    severity: error\n  - message: \"b: c\"\n",
		},
		{
			"JSON", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList"}`,
			`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","results":[{"message":"a","severity":"error"},{"message":"b: c"}]}`,
		},
		{
			"JSON, null", `{"apiVersion":"config.kubernetes.io/v1","results":null,"kind":"ResourceList"}`,
			`{"apiVersion":"config.kubernetes.io/v1","results":[{"message":"a","severity":"error"},{"message":"b: c"}],"kind":"ResourceList"}`,
		},
		{
			"JSON, empty list", `{"apiVersion":"config.kubernetes.io/v1","results":[],"kind":"ResourceList"}`,
			`{"apiVersion":"config.kubernetes.io/v1","results":[{"message":"a","severity":"error"},{"message":"b: c"}],"kind":"ResourceList"}`,
		},
		{
			"JSON over lines",
			"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"results\": [\n    {\n      \"message\": \"x\"\n    }\n  ]\n}\n",
			"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"results\": [\n    {\n      \"message\": \"x\"\n    },\n    {\n      \"message\": \"a\",\n      \"severity\": \"error\"\n    },\n    {\n      \"message\": \"b: c\"\n    }\n  ]\n}\n",
		},
		{
			"JSON over lines, absent",
			"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\"\n}\n",
			"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"results\": [\n    {\n      \"message\": \"a\",\n      \"severity\": \"error\"\n    },\n    {\n      \"message\": \"b: c\"\n    }\n  ]\n}\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rl, err := manifest.ReadResourceList([]byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			rl.AddResults([]byte(block))
			got := written(t, rl)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if _, err := manifest.ReadResourceList([]byte(got)); err != nil {
				t.Error(err)
			}
		})
	}
}

func written(t *testing.T, w io.WriterTo) string {
	t.Helper()
	var b strings.Builder
	n, err := w.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d of %d bytes, error %v", n, b.Len(), err)
	}
	return b.String()
}

func TestAddResultsTwice(t *testing.T) {
	rl, err := manifest.ReadResourceList([]byte(header))
	if err != nil {
		t.Fatal(err)
	}
	rl.AddResults([]byte("- message: a\n"))
	rl.AddResults([]byte("- message: b\n"))
	if diff := cmp.Diff(header+"results:\n- message: a\n- message: b\n", written(t, rl)); diff != "" {
		t.Error(diff)
	}
}

func TestAddItems(t *testing.T) {
	const document = "kind: X\nspec:\n  text: |-\n    a\n\n    b\n"
	const block = "- kind: X\n  spec:\n    text: |-\n      a\n\n      b\n"
	const asJSON = `{"kind":"X","spec":{"text":"a\n\nb"}}`
	for _, tt := range []struct {
		name, input, want string
	}{
		{"absent", header + "a: b\n", header + "a: b\nitems:\n" + block},
		{"null", header + "items: null # c\na: b\n", header + "items: # c\n" + block + "a: b\n"},
		{"empty", header + "items: []\na: b\n", header + "items:\n" + block + "a: b\n"},
		{"compact", header + "items:\n- kind: Y\n# c\na: b\n", header + "items:\n- kind: Y\n# c\n" + block + "a: b\n"},
		{
			"wide", header + "items:\n  - kind: Y\na: b\n",
			header + "items:\n  - kind: Y\n  - kind: X\n    spec:\n      text: |-\n        a\n\n        b\na: b\n",
		},
		{"braces", header + "items: [{kind: Y}]\n", header + "items: [{kind: Y}," + asJSON + "]\n"},
		{
			"JSON", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"Y"}]}`,
			`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"Y"},` + asJSON + `]}`,
		},
		{
			"JSON, absent", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList"}`,
			`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[` + asJSON + `]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rl, err := manifest.ReadResourceList([]byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			rl.AddItems([]byte(document))
			var b bytes.Buffer
			if _, err := rl.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := manifest.ReadResourceList(b.Bytes()); err != nil {
				t.Errorf("cannot be read again: %v", err)
			}
		})
	}
}

func TestAddResultsAsJSON(t *testing.T) {
	rl, err := manifest.ReadResourceList([]byte(`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList"}`))
	if err != nil {
		t.Fatal(err)
	}
	rl.AddResults([]byte("- z: 1\n  b: True\n  c: ~\n  d: 1.50\n  e: 0x1F\n  f: [<x>, .inf]\n  g: 2001-01-01\n  h: |\n    two\n    lines\n"))
	want := `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","results":[` +
		`{"z":1,"b":true,"c":null,"d":1.5,"e":31,"f":["<x>",".inf"],"g":"2001-01-01","h":"two\nlines\n"}]}`
	if diff := cmp.Diff(want, written(t, rl)); diff != "" {
		t.Error(diff)
	}
}

func TestDropItems(t *testing.T) {
	tests := []struct {
		name, input, want string
	}{
		{"block", header + "items: # c\n- kind: Pod\n- kind: Pod\n# d\nother: 1\n", header + "items: []\nother: 1\n"},
		{"block, at the end", header + "items:\n- kind: Pod", header + "items: []"},
		{"braces", header + "items: [{kind: Pod}] # c\n", header + "items: [] # c\n"},
		{"absent", header, header},
		{"null", header + "items:\n", header + "items:\n"},
		{"JSON", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a":1}],"b":1}`, `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[],"b":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rl, err := manifest.ReadResourceList([]byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			rl.DropItems()
			if diff := cmp.Diff(tt.want, written(t, rl)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReplaceInList(t *testing.T) {
	tests := []struct {
		name, input string
		item        int
		text, want  string
	}{
		{"in the middle", header + "items:\n- a: 1\n- b: 1\n- c: 1\n", 1, "b: 2\n  d: 3\n", header + "items:\n- a: 1\n- b: 2\n  d: 3\n- c: 1\n"},
		{"a line break is added", header + "items:\n- a: 1\n- b: 1\n", 0, "a: 2", header + "items:\n- a: 2\n- b: 1\n"},
		{"at the end without a line break", header + "items:\n- a: 1", 0, "a: 2", header + "items:\n- a: 2"},
		{"JSON", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a":1},{"b":1}]}`, 1, `{"b":2}`, `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"a":1},{"b":2}]}`},
		{"same bytes", header + "items:\n- a: &x 1\n  b: *x\n", 0, "a: &x 1\n  b: *x\n", header + "items:\n- a: &x 1\n  b: *x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rl, err := manifest.ReadResourceList([]byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			rl.Items[tt.item].Replace([]byte(tt.text))
			if diff := cmp.Diff(tt.want, written(t, rl)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestForeignAliases: an item is read, changed and dropped without the others, so
// an alias of an anchor elsewhere is refused wherever it is.
func TestForeignAliases(t *testing.T) {
	tests := []struct{ name, input, place string }{
		{"of another item", header + "items:\n- a: &x 1\n- b: *x\n", "line 5:6"},
		{"of another item, in braces", header + "items: [{a: &x 1}, {b: *x}]\n", "line 3:24"},
		{"a whole item", header + "items:\n- &x\n  kind: Pod\n- *x\n", "line 6:3"},
		{"below a merge key", header + "base: &x {kind: Pod}\nitems:\n- <<: *x\n", "line 5:7"},
		{"in functionConfig", header + "items:\n- a: &x {y: 1}\nfunctionConfig:\n  spec: *x\n", "line 6:9"},
		{"in another value", header + "items:\n- a: &x 1\nother: *x\n", "line 5:8"},
		{"in the results", header + "a: &x [1]\nresults:\n- b: *x\n", "line 5:6"},
		{"of all items", header + "items: &x\n- a: 1\nother: *x\n", "line 5:8"},
		{"of an anchor that is defined again", header + "items:\n- a: &x 1\n- b: *x\n  c: &x 2\n  d: *x\n", "line 5:6"},
	}
	for _, tt := range tests {
		_, err := manifest.ReadResourceList([]byte(tt.input))
		want := tt.place + `: alias of the anchor "x" outside of its item: write the value out`
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", tt.name, err, want)
		}
	}
	_, err := manifest.ReadResourceList([]byte("%TAG !y! tag:example.com,2026:\n---\n" + header + "items:\n- a: !y!b c\n"))
	if want := "line 6: found undefined tag handle"; err == nil || err.Error() != want {
		t.Errorf("a tag of a directive: error %v, want %s", err, want)
	}
}

// TestReadResourceListDepth: an item that is nested too deep is refused, whoever reads it.
func TestReadResourceListDepth(t *testing.T) {
	for name, list := range map[string]string{
		"an item":      header + "items:\n- {kind: A}\n- {kind: B, x: %}\n",
		"the list":     header + "other: &a 1\nitems:\n- {kind: A}\n- {kind: B, x: %}\n",
		"in brackets":  header + "items: [{kind: A}, {kind: B, x: %}]\n",
		"with aliases": header + "items:\n- {kind: A}\n- {kind: B, y: &y [[[[[]]]]], x: %}\n",
	} {
		t.Run(name, func(t *testing.T) {
			read := func(depth int) error {
				inner := ""
				if name == "with aliases" {
					inner, depth = "*y", depth-5
				}
				_, err := manifest.ReadResourceList([]byte(strings.Replace(list, "%", strings.Repeat("[", depth)+inner+strings.Repeat("]", depth), 1)))
				return err
			}
			if err := read(manifest.MaxDepth - 1); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if err := read(manifest.MaxDepth); err == nil || !strings.Contains(err.Error(), "items[1] is nested more than 200 deep") {
				t.Errorf("above the limit: %v", err)
			}
		})
	}
}

// TestReadResourceListLimit: an item with too many values is refused, however it is
// read, and the others do not count.
func TestReadResourceListLimit(t *testing.T) {
	const limit = manifest.MaxExpanded
	// With itself, two keys, the kind and the list.
	written := func(more int) string { return "{kind: B, x: [" + strings.Repeat("1,", limit-5+more) + "]}" }
	// With itself, three keys, the kind, the list, and a thousand in a list, once and
	// for each alias.
	expanded := func(more int) string {
		return "{kind: B, l: &l [" + strings.Repeat("1,", 1000) + "], x: [" + strings.Repeat("*l,", (limit-6)/1001-1+more) + "]}"
	}
	block, flow := header+"items:\n- {kind: A, x: [1]}\n- %\n", header+"items: [{kind: A, x: [1]}, %]\n"
	for name, tt := range map[string]struct {
		list string
		item func(more int) string
	}{
		"scanned":             {block, written},
		"scanned in brackets": {flow, written},
		"read by go-yaml":     {block, expanded},
		"with the whole list": {flow, expanded},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(more int) error {
				_, err := manifest.ReadResourceList([]byte(strings.Replace(tt.list, "%", tt.item(more), 1)))
				return err
			}
			if err := read(0); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if err := read(1); err == nil || !strings.Contains(err.Error(), "items[1] holds more than 1048576 values once its aliases are expanded") {
				t.Errorf("above the limit: %v", err)
			}
		})
	}
}
