package strict_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Types with one field of each shape that the decoder knows.
type (
	object struct {
		embedded
		Bool   bool              `json:"bool"`
		Text   string            `json:"text"`
		Int    int64             `json:"int"`
		Small  int8              `json:"small"`
		Ptr    *int64            `json:"ptr"`
		Color  color             `json:"color"`
		Sub    *sub              `json:"sub"`
		List   []sub             `json:"list"`
		Texts  []string          `json:"texts"`
		Map    map[string]string `json:"map"`
		Raw    *manifest.Node    `json:"raw"`
		Self   words             `json:"self"`
		Hidden string
	}
	embedded struct {
		RunAsUser string `json:"runAsUser"`
	}
	sub struct {
		Min int64 `json:"min"`
	}
	color string
	words []string
)

func (color) Values() []string { return []string{"Red", "Green", "Blue"} }

func (w *words) UnmarshalNode(d *strict.Decoder, n *manifest.Node, path podspec.Path) {
	var s string
	d.Decode(n, path, &s)
	*w = strings.Fields(s)
}

func decode(t *testing.T, text string) (object, error) {
	t.Helper()
	n, err := yamltext.DecodeFull([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	var out object
	err = strict.Decode(n, &out, strict.Options{Data: []byte(text), Line: 1})
	return out, err
}

func TestDecode(t *testing.T) {
	seven := int64(7)
	tests := []struct {
		name, text string
		want       object
	}{
		{"empty", "{}", object{}},
		{"bool", "bool: true", object{Bool: true}},
		{"text", "text: abc", object{Text: "abc"}},
		{"quoted digits are text", `text: "1000"`, object{Text: "1000"}},
		{"int", "int: 1000", object{Int: 1000}},
		{"int in hex", "int: 0x3e8", object{Int: 1000}},
		{"int in octal of YAML 1.2", "int: 0o1750", object{Int: 1000}},
		{"int in octal of YAML 1.1", "int: 01750", object{Int: 1000}},
		{"int with underscores", "int: 1_000", object{Int: 1000}},
		{"int as a float", "int: 1e3", object{Int: 1000}},
		{"int with a fraction of zero", "int: 1000.0", object{Int: 1000}},
		{"int by tag", `int: !!int "1000"`, object{Int: 1000}},
		{"pointer", "ptr: 7", object{Ptr: &seven}},
		{"enum", "color: Blue", object{Color: "Blue"}},
		{"struct", "sub: {min: 1}", object{Sub: &sub{Min: 1}}},
		{"list", "list: [{min: 1}, {min: 2}]", object{List: []sub{{1}, {2}}}},
		{"map", "map: {a: b}", object{Map: map[string]string{"a": "b"}}},
		{"embedded", "runAsUser: x", object{embedded: embedded{RunAsUser: "x"}}},
		{"decodes itself", "self: a b", object{Self: words{"a", "b"}}},
		{"null is absent", "bool: null\nint: ~\nsub:\nlist: null\nptr: null\nself: null\nmap: null", object{}},
		{"alias", "text: &a abc\nrunAsUser: *a", object{Text: "abc", embedded: embedded{RunAsUser: "abc"}}},
		{"merge key", "sub: &a {min: 3}\nlist: [{<<: *a}]", object{Sub: &sub{3}, List: []sub{{3}}}},
		{"own key before merged", "sub: &a {min: 3}\nlist: [{<<: *a, min: 4}]", object{Sub: &sub{3}, List: []sub{{4}}}},
		{"json", "{\"int\": 5,\n \"bool\": false}", object{Int: 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(object{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRawNode(t *testing.T) {
	got, err := decode(t, "raw: {anything: [goes]}")
	if err != nil {
		t.Fatal(err)
	}
	if got.Raw == nil || got.Raw.Get("anything") == nil {
		t.Errorf("raw = %v, want the node as it is", got.Raw)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name, text string
		want       []strict.Error
	}{
		{"unknown field", "foo: 1", []strict.Error{{"foo", 1, "unknown field"}}},
		{"misspelt field", "runAsUsr: x", []strict.Error{{"runAsUsr", 1, `unknown field, did you mean "runAsUser"`}}},
		{"other case", "runasuser: x", []strict.Error{{"runasuser", 1, `unknown field, did you mean "runAsUser"`}}},
		{"snake case", "run_as_user: x", []strict.Error{{"run_as_user", 1, `unknown field, did you mean "runAsUser"`}}},
		{"untagged field", "Hidden: x", []strict.Error{{"Hidden", 1, "unknown field"}}},
		{"integer for a boolean", "bool: 1", []strict.Error{{"bool", 1, "must be a boolean, is the integer 1"}}},
		{"string for a boolean", `bool: "true"`, []strict.Error{{"bool", 1, `must be a boolean, is the string "true"`}}},
		{"yes for a boolean", "bool: yes", []strict.Error{{"bool", 1, "must be a boolean, is yes, which parsers read differently: write true or false"}}},
		{"string for an integer", `int: "1000"`, []strict.Error{{"int", 1, `must be an integer, is the string "1000"`}}},
		{"fraction", "int: 1.5", []strict.Error{{"int", 1, "must be an integer, is the number 1.5"}}},
		{"boolean for an integer", "int: true", []strict.Error{{"int", 1, "must be an integer, is the boolean true"}}},
		{"too large for 64 bits", "int: 99999999999999999999", []strict.Error{{"int", 1, "must be an integer of 64 bits, is 99999999999999999999"}}},
		{"too large for the type", "small: 128", []strict.Error{{"small", 1, "must be an integer of 8 bits, is 128"}}},
		{"integer for a string", "text: 5", []strict.Error{{"text", 1, "must be a string, is the integer 5"}}},
		{"date for a string", "text: 2001-12-14", []strict.Error{{"text", 1, "must be a string, is the date 2001-12-14"}}},
		{"list for a string", "text: [a]", []strict.Error{{"text", 1, "must be a string, is a list"}}},
		{"unknown value", "color: Pink", []strict.Error{{"color", 1, `must be Red, Green or Blue, is "Pink"`}}},
		{"integer for one of a set", "color: 1", []strict.Error{{"color", 1, "must be Red, Green or Blue, is the integer 1"}}},
		{"string for a mapping", "sub: x", []strict.Error{{"sub", 1, `must be a mapping, is the string "x"`}}},
		{"mapping for a list", "list: {min: 1}", []strict.Error{{"list", 1, "must be a list, is a mapping"}}},
		{"list for a map", "map: [a]", []strict.Error{{"map", 1, "must be a mapping, is a list"}}},
		{"null in a list", "texts: [a, null]", []strict.Error{{"texts[1]", 1, "must be a string, is null"}}},
		{"null in a map", "map: {a: null}", []strict.Error{{"map.a", 1, "must be a string, is null"}}},
		{"value of a map", "map: {a: 1}", []strict.Error{{"map.a", 1, "must be a string, is the integer 1"}}},
		{"duplicate key", "int: 1\nint: 2", []strict.Error{{"int", 2, "duplicate key: parsers disagree on which of the two wins"}}},
		{"key of another type", "1: a", []strict.Error{{"", 1, "a key must be a string that is not empty, is the integer 1"}}},
		{"merge of a string", "sub: {<<: x}", []strict.Error{{"sub", 1, `a merge key must name a mapping, is the string "x"`}}},
		{"merged after", "sub: &a {min: 3}\nlist: [{min: 4, <<: *a}]", []strict.Error{{"list[0].min", 2, "merge keys give the field several values: parsers disagree on which of them wins"}}},
		{"merged too deep", "list: " + chain(65) + "\nsub: {<<: *m65}", []strict.Error{{"list[65].min", 1, "merged through 65 merge keys, at most 64 are supported"}, {"sub.min", 1, "merged through 66 merge keys, at most 64 are supported"}}},
		{"merge of null", "sub: {<<: }", []strict.Error{{"sub", 1, "a merge key must name a mapping, is null"}}},
		{"complex key", "[a]: a", []strict.Error{{"", 1, "a key must be a string that is not empty, is a list"}}},
		{"not a mapping", "abc", []strict.Error{{"", 1, `must be a mapping, is the string "abc"`}}},
		{"depth", "list:\n- min: 1\n- min: x\n", []strict.Error{{"list[1].min", 3, `must be an integer, is the string "x"`}}},
		{"all at once, in the order of the text", "sub:\n  min: x\n  max: 1\nbool: 1\nfoo: 1\n", []strict.Error{
			{"sub.min", 2, `must be an integer, is the string "x"`},
			{"sub.max", 3, "unknown field"},
			{"bool", 4, "must be a boolean, is the integer 1"},
			{"foo", 5, "unknown field"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, tt.text)
			if !errors.Is(err, strict.ErrConfig) {
				t.Fatalf("error %v is not ErrConfig", err)
			}
			var es strict.Errors
			if !errors.As(err, &es) {
				t.Fatalf("error is a %T", err)
			}
			var got []strict.Error
			for _, e := range es {
				got = append(got, *e)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFailf(t *testing.T) {
	text := "sub:\n  min: x\nlist:\n- min: 1\n"
	n, err := yamltext.DecodeFull([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	d := strict.New(n, strict.Options{Data: []byte(text), Line: 10, Base: podspec.Field("items").Index(0)})
	var out object
	d.Decode(n, nil, &out)
	d.Failf(podspec.Field("list").Index(0).Key("min"), "must be %d", 2)
	d.Failf(podspec.Field("list").Index(0).Key("max"), "is required")
	d.Failf(podspec.Field("sub", "min"), "is never said, since the value could not be decoded")
	want := strict.Errors{
		{Path: "items[0].sub.min", Line: 11, Msg: `must be an integer, is the string "x"`},
		{Path: "items[0].list[0].max", Line: 13, Msg: "is required"},
		{Path: "items[0].list[0].min", Line: 13, Msg: "must be 2"},
	}
	if diff := cmp.Diff(want, d.Errors()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := d.Errors()[0].Error(), `items[0].sub.min: must be an integer, is the string "x" (line 11)`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

// Aliases that stand for far more than they take must end in an error, soon.
func TestAliasBombs(t *testing.T) {
	merges := "m0: &m0 {min: 1}\n"
	for i := range 40 {
		merges += fmt.Sprintf("m%d: &m%d {<<: [*m%d, *m%d]}\n", i+1, i+1, i, i)
	}
	tests := map[string]string{
		"lists":  "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\nl1: &l1 [*l0,*l0,*l0,*l0,*l0,*l0,*l0,*l0,*l0,*l0]\nl2: &l2 [*l1,*l1,*l1,*l1,*l1,*l1,*l1,*l1,*l1,*l1]\nl3: &l3 [*l2,*l2,*l2,*l2,*l2,*l2,*l2,*l2,*l2,*l2]\nl4: &l4 [*l3,*l3,*l3,*l3,*l3,*l3,*l3,*l3,*l3,*l3]\nlists: [*l4,*l4,*l4,*l4,*l4,*l4,*l4,*l4,*l4,*l4]\n",
		"merges": merges + "merges: *m40\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := yamltext.DecodeFull([]byte(text), 0)
			if err != nil {
				return // refused before it comes to decoding it
			}
			var out struct {
				Lists  [][][][][][]string `json:"lists"`
				Merges sub                `json:"merges"`
			}
			if err := strict.Decode(n, &out, strict.Options{}); err == nil || !strings.Contains(err.Error(), "aliases are expanded") {
				t.Errorf("error = %v, want one about aliases", err)
			}
		})
	}
}

// chain is a list of mappings each of which merges the one before it, up to the
// anchor m<n>.
func chain(n int) string {
	text := "[&m0 {min: 1}"
	for i := range n {
		text += fmt.Sprintf(", &m%d {<<: *m%d}", i+1, i)
	}
	return text + "]"
}
