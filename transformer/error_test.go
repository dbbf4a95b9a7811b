package transformer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/transformer"
)

func TestErrors(t *testing.T) {
	const base = `spec:
  text: some
  list:
  - a
  map:
    a: 1
  twice:
    a: 1
  twice:
    a: 2
  merged:
    <<: {a: 1, a: 2}
`
	put := func(v any, path podspec.Path) podspec.Edit { return podspec.Edit{Path: path, Value: v} }
	remove := func(path podspec.Path) podspec.Edit { return podspec.Edit{Op: podspec.Remove, Path: path} }
	spec := podspec.Field("spec")
	for _, tt := range []struct {
		name  string
		in    string // base where empty
		edits []podspec.Edit
		want  string
	}{
		{
			"no path", "",
			[]podspec.Edit{put(int64(1), nil)},
			"an edit has no path",
		},
		{
			"no value", "",
			[]podspec.Edit{put(nil, spec.Key("a"))},
			"spec.a: cannot write a value of type <nil>",
		},
		{
			"wrong type of value", "",
			[]podspec.Edit{put(1, spec.Key("a"))},
			"spec.a: cannot write a value of type int",
		},
		{
			"remove an element", "",
			[]podspec.Edit{remove(spec.Key("list").Index(0))},
			"spec.list[0]: cannot remove an element of a list",
		},
		{
			"two values", "",
			[]podspec.Edit{put(int64(1), spec.Key("a")), put(int64(2), spec.Key("a"))},
			"spec.a: two edits contradict each other",
		},
		{
			"put and remove", "",
			[]podspec.Edit{put(int64(1), spec.Key("a")), remove(spec.Key("a"))},
			"spec.a: two edits contradict each other",
		},
		{
			"below a value", "",
			[]podspec.Edit{put(int64(1), spec.Key("a")), put(int64(2), spec.Key("a", "b"))},
			"spec.a.b: contradicts the edit of spec.a",
		},
		{
			"above a value", "",
			[]podspec.Edit{put(int64(2), spec.Key("a", "b")), remove(spec.Key("a"))},
			"spec.a: two edits contradict each other",
		},
		{
			"key of a string", "",
			[]podspec.Edit{put(int64(1), spec.Key("text", "a"))},
			`spec.text: must be a mapping, is "some"`,
		},
		{
			"key of a list", "",
			[]podspec.Edit{put(int64(1), spec.Key("list", "a"))},
			"spec.list: must be a mapping, is a list",
		},
		{
			"key of a list at the root", "- a\n",
			[]podspec.Edit{put(int64(1), spec)},
			"the object: must be a mapping, is a list",
		},
		{
			"element of a mapping", "",
			[]podspec.Edit{put(int64(1), spec.Key("map").Index(0))},
			"spec.map: must be a list, is a mapping",
		},
		{
			"element of nothing", "",
			[]podspec.Edit{put(int64(1), spec.Key("none").Index(0).Key("a"))},
			"spec.none: must be a list, is absent",
		},
		{
			"element behind the end", "",
			[]podspec.Edit{put(int64(1), spec.Key("list").Index(1))},
			"spec.list[1]: the list has 1 elements",
		},
		{
			"duplicate key", "",
			[]podspec.Edit{put(int64(1), spec.Key("twice", "a"))},
			"spec.twice: parsers disagree on the value of the key",
		},
		{
			"duplicate key, removed", "",
			[]podspec.Edit{remove(spec.Key("twice"))},
			"spec.twice: parsers disagree on the value of the key",
		},
		{
			"key that is a boolean to some", "spec: {on: {}}\n",
			[]podspec.Edit{put(int64(1), spec.Key("on", "a"))},
			"spec.on: parsers disagree on the value of the key",
		},
		{
			"key that is an integer", "spec: {1: {}}\n",
			[]podspec.Edit{put(int64(1), spec.Key("1", "a"))},
			"spec.1: parsers disagree on the value of the key",
		},
		{
			"duplicate key, merged", "",
			[]podspec.Edit{put(int64(3), spec.Key("merged", "a"))},
			"spec.merged.a: parsers disagree on the value of the key",
		},
		{
			"a value that ends with a line break to some", "- text: | # -\n    some",
			[]podspec.Edit{put(int64(3), podspec.Path{}.Index(0).Key("b"))},
			"cannot edit it in place: the text ends in a block scalar without a line break; cannot re-encode it: the text ends in a block scalar without a line break",
		},
		{
			"a key << that is merged", "spec: {<<: {'<<': {a: 1}}}\n",
			[]podspec.Edit{put(int64(3), spec.Key("<<", "a"))},
			"spec.<<: some parsers refuse the key beside a merge key",
		},
		{
			"re-encoding a tag that readers take differently", "? spec\n: a: 1\nother: ! true\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: a value has the tag !, which parsers read differently",
		},
		{
			"re-encoding a late merge", "? spec\n: a: 1\nother: {x: 1, <<: {x: 2}}\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: parsers disagree on the value of the key \"x\"",
		},
		{
			"re-encoding a key that is a boolean to some", "? spec\n: a: 1\nother: {on: 1, yes: 2}\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: a key is a boolean to some parsers",
		},
		{
			"re-encoding a duplicate key", "? spec\n: a: 1\nother: [{x: 1, x: 2}]\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: parsers disagree on the value of the key \"x\"",
		},
		{
			"re-encoding a key in braces without a value", "? spec\n: a: 1\nother: {x}\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: a key in braces has no value, which parsers read differently",
		},
		{
			"copying a key in braces without a value", "base: &base {x}\nspec: *base\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a key in braces has no value, which parsers read differently; cannot re-encode it: a key in braces has no value, which parsers read differently",
		},
		{
			"a pair in brackets whose key is in braces", "spec: [\n  {a: 1}: ]\n",
			[]podspec.Edit{put(int64(3), spec.Index(0).Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: a key in braces has no value, which parsers read differently",
		},
		{
			"re-encoding a key that holds what readers take differently", "? spec\n: a: 1\n? [! x]\n: 1\n",
			[]podspec.Edit{put(int64(3), spec.Key("b"))},
			"cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: a value has the tag !, which parsers read differently",
		},
		{
			"element before the start", "",
			[]podspec.Edit{put(int64(1), spec.Key("list").Index(-1))},
			"spec.list[-1]: the list has 1 elements",
		},
		{
			"a value that another edit puts where one is removed", "spec: {a: , b: 1}\n",
			[]podspec.Edit{put(int64(3), spec.Key("a")), remove(spec.Key("b"))},
			"cannot edit it in place: edits touch one another; cannot re-encode it: a key in braces has no value, which parsers read differently",
		},
		{
			"re-encoding what aliases make too large", "x: &x {v: 0}\nother: [" + strings.Repeat("*x,", 1<<15) + "]\n",
			[]podspec.Edit{put(int64(1), podspec.Field("x", "v"))},
			"cannot edit it in place: an anchor is in the way: others that refer to it would change too; cannot re-encode it: to expand the aliases in the way would add more than 65536 values to the object",
		},
		{
			"text that no encoder writes", "spec: {}\n",
			[]podspec.Edit{put("\xff", spec.Key("text"))},
			"cannot edit it in place: the result is not the object with its edits; cannot re-encode it: yaml: cannot marshal invalid UTF-8 data as !!str",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in == "" {
				tt.in = base
			}
			root, err := manifest.Decode([]byte(tt.in), 0)
			if err != nil {
				t.Fatal(err)
			}
			res, err := transformer.Apply(new(transformer.Memory), []byte(tt.in), 0, root, tt.edits)
			if err == nil {
				t.Fatalf("no error, and this:\n%s", res.Bytes)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(transformer.Result{}, res); diff != "" {
				t.Errorf("a result beside the error:\n%s", diff)
			}
		})
	}
}

// TestOtherBytes: bytes that are not those of the tree, as they would be if two
// decoders disagreed, are an error and no more.
func TestOtherBytes(t *testing.T) {
	root, err := manifest.Decode([]byte("? a\n: [1]\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	const why = "cannot edit it in place: a mapping is written with unusual keys; cannot re-encode it: "
	for data, want := range map[string]string{
		"? a\n: [1 \n": why + "yaml: line 1: did not find expected ',' or ']'",
		"? a\n: 1  \n": why + "the YAML encoder failed: runtime error: index out of range [0] with length 0",
	} {
		_, err := transformer.Apply(new(transformer.Memory), []byte(data), 0, root, []podspec.Edit{{Path: podspec.Field("b"), Value: int64(1)}})
		if errorText(err) != want {
			t.Errorf("error %q, want %q", errorText(err), want)
		}
	}
}

// TestManyEdits edits more elements of a list than are looked for one by one.
func TestManyEdits(t *testing.T) {
	const n = 100
	var edits []podspec.Edit
	in, want := "items:\n", "items:\n"
	for i := range n {
		in += "- a: 0\n  b: 0\n"
		want += fmt.Sprintf("- a: %d\n  b: %d\n", i+1, i+2)
		edits = append(edits, podspec.Edit{Path: podspec.Field("items").Index(i).Key("a"), Value: int64(i + 1)})
	}
	for i := range n {
		edits = append(edits, podspec.Edit{Path: podspec.Field("items").Index(i).Key("b"), Value: int64(i + 2)})
	}
	if diff := cmp.Diff(want, string(apply(t, []byte(in), 0, edits).Bytes)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNothingToDo checks that edits that hold already leave the very same bytes
// and tree.
func TestNothingToDo(t *testing.T) {
	data := []byte("spec:\n  runAsUser: 1000\n  groups: [1, 2]\n  text: x\n  list: [x]\n")
	root, err := manifest.Decode(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	spec := podspec.Field("spec")
	res, err := transformer.Apply(new(transformer.Memory), data, 0, root, []podspec.Edit{
		{Path: spec.Key("runAsUser"), Value: int64(1000)},
		{Path: spec.Key("runAsUser"), Value: int64(1000)},
		{Path: spec.Key("groups"), Value: []int64{1, 2}},
		{Op: podspec.Remove, Path: spec.Key("runAsGroup")},
		{Op: podspec.Remove, Path: spec.Key("none", "runAsGroup")},
		{Op: podspec.Remove, Path: spec.Key("none").Index(0).Key("runAsGroup")},
		{Op: podspec.Remove, Path: spec.Key("text").Index(0).Key("runAsGroup")},
		{Op: podspec.Remove, Path: spec.Key("list").Index(1).Key("runAsGroup")},
		{Op: podspec.Remove, Path: spec.Key("list").Index(-1).Key("runAsGroup")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if &res.Bytes[0] != &data[0] || len(res.Bytes) != len(data) || res.Root != root || res.Reencoded {
		t.Errorf("something changed: %q", res.Bytes)
	}
}

// TestRepetition checks that policies that want the same are one.
func TestRepetition(t *testing.T) {
	edit := podspec.Edit{Path: podspec.Field("spec", "securityContext", "runAsUser"), Value: int64(1000)}
	res := apply(t, []byte("spec:\n"), 0, []podspec.Edit{edit, edit})
	if diff := cmp.Diff("spec:\n  securityContext:\n    runAsUser: 1000\n", string(res.Bytes)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestEndInABlockScalar: a block scalar that comes to the end of data without a
// line break keeps the one that is part of its value, or its lack.
func TestEndInABlockScalar(t *testing.T) {
	for _, tt := range []struct {
		in   string
		edit podspec.Edit
		want string
	}{
		{"text: |\n  some\nrunAsUser: 0", podspec.Edit{Op: podspec.Remove, Path: podspec.Field("runAsUser")}, "text: |\n  some\n"},
		{"name: a\nargs:\n- >\n  some", podspec.Edit{Path: podspec.Field("zone"), Value: int64(1)}, "name: a\nzone: 1\nargs:\n- >\n  some"},
		{"name: a\nargs:\n- b\n- |\n  some", podspec.Edit{Path: podspec.Field("zone"), Value: int64(1)}, "name: a\nzone: 1\nargs:\n- b\n- |\n  some"},
		{"name: a\nargs:\n- b\n- some", podspec.Edit{Path: podspec.Field("zone"), Value: int64(1)}, "name: a\nargs:\n- b\n- some\nzone: 1"},
		{"name: a\ntext: |-\n  some", podspec.Edit{Path: podspec.Field("text"), Value: "x"}, "name: a\ntext: x"},
		{"- text: |- # c-\n    some", podspec.Edit{Path: podspec.Path{}.Index(0).Key("zone"), Value: int64(1)}, "- text: |- # c-\n    some\n  zone: 1"},
		{"name: a\ntexts:\n  x: |-\n    some", podspec.Edit{Path: podspec.Field("zone"), Value: int64(1)}, "name: a\nzone: 1\ntexts:\n  x: |-\n    some"},
	} {
		res := apply(t, []byte(tt.in), 0, []podspec.Edit{tt.edit})
		if diff := cmp.Diff(tt.want, string(res.Bytes)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", tt.in, diff)
		}
		checkReaders(t, tt.in, string(res.Bytes), []podspec.Edit{tt.edit})
	}
}

// TestCarriageReturns: text with lines that end with these alone is re-encoded, and
// JSON stays JSON.
func TestCarriageReturns(t *testing.T) {
	for in, want := range map[string]string{
		"{\"a\": {\"b\": 1},\r\"c\": 2}\n": "{\"a\": {\"b\": 1, \"x\": \"y\"}, \"c\": 2}\n",
	} {
		edits := []podspec.Edit{{Path: podspec.Field("a", "x"), Value: "y"}}
		res := apply(t, []byte(in), 0, edits)
		if diff := cmp.Diff(want, string(res.Bytes)); diff != "" || res.Why != "a carriage return ends a line" {
			t.Errorf("%q: why %q, -want +got:\n%s", in, res.Why, diff)
		}
		checkReaders(t, in, string(res.Bytes), edits)
	}
}

// TestCommentOnTheFirstLine: a comment behind the dash of a list's item stays there,
// whatever comes before the key below.
func TestCommentOnTheFirstLine(t *testing.T) {
	edits := []podspec.Edit{{Path: podspec.Field("a"), Value: int64(1)}}
	for _, tt := range []struct {
		column   int
		in, want string
	}{
		{2, "# about b\n  b: 1\n  c: 2\n", "# about b\n  a: 1\n  b: 1\n  c: 2\n"},
		{2, "b: 1\n  c: 2\n", "b: 1\n  a: 1\n  c: 2\n"},
		{0, "# about b\nb: 1\nc: 2\n", "a: 1\n# about b\nb: 1\nc: 2\n"},
		{0, "b: 1\nc: 2\n", "a: 1\nb: 1\nc: 2\n"},
	} {
		res := apply(t, []byte(tt.in), tt.column, edits)
		if diff := cmp.Diff(tt.want, string(res.Bytes)); diff != "" || res.Reencoded {
			t.Errorf("re-encoded: %v; -want +got:\n%s", res.Reencoded, diff)
		}
		margin := strings.Repeat(" ", tt.column)
		checkReaders(t, margin+tt.in, margin+string(res.Bytes), edits)
	}
}
