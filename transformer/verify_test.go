package transformer_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/transformer"
)

// TestVerify hands wrong results to the verification, as an encoder or a splice
// gone wrong might make them, and right ones in unusual shapes.
func TestVerify(t *testing.T) {
	const unequal = "the result is not the object with its edits"
	put := func(v any, keys ...string) podspec.Edit { return podspec.Edit{Path: podspec.Field(keys...), Value: v} }
	remove := func(keys ...string) podspec.Edit {
		return podspec.Edit{Op: podspec.Remove, Path: podspec.Field(keys...)}
	}
	for _, tt := range []struct {
		name, in, out string
		edit          podspec.Edit
		want          string
	}{
		{"right", "a: {b: 1}\nc: 2\n", "a: {b: 1, d: 3}\nc: 2\n", put(int64(3), "a", "d"), ""},
		{"another style", "a: {b: 1}\nc: 2\n", "a:\n  d: 3\n  b: 1\n'c': 2\n", put(int64(3), "a", "d"), ""},
		{"not decoded", "a: 1\n", "a: [\n", put(int64(3), "a"), "the result does not decode: line 1: did not find expected node content"},
		{"not JSON", "{\"a\": 1}\n", "{\"a\": 3,}\n", put(int64(3), "a"), "the result is not JSON"},
		{"another value", "a: 1\n", "a: 2\n", put(int64(3), "a"), unequal},
		{"a string", "a: 1\n", "a: '3'\n", put(int64(3), "a"), unequal},
		{"a list for a value", "a: 1\n", "a: [3]\n", put(int64(3), "a"), unequal},
		{"a mapping with a string's tag", "a: 1\n", "a: !!str {}\n", put("", "a"), unequal},
		{"a list of another length", "a: [1]\n", "a: [1, 2, 3]\n", put([]int64{1, 2}, "a"), unequal},
		{"another element", "a: [1]\n", "a: [1, 3]\n", put([]int64{1, 2}, "a"), unequal},
		{"no list", "a: [1]\n", "a: 1\n", put([]int64{1, 2}, "a"), unequal},
		{"another key changed", "a: 1\nb: 2\n", "a: 3\nb: 3\n", put(int64(3), "a"), unequal},
		{"another key gone", "a: 1\nb: 2\n", "a: 3\n", put(int64(3), "a"), unequal},
		{"another key more", "a: 1\n", "a: 3\nb: 2\n", put(int64(3), "a"), unequal},
		{"another order", "a: 1\nb: 2\nc: 3\n", "c: 3\nb: 2\na: 3\n", put(int64(3), "a"), unequal},
		{"edit not made", "a: {b: 1}\n", "a: {b: 1}\n", put(int64(3), "a", "c"), unequal},
		{"edit of another value", "a: {b: 1}\n", "a: {b: 1, c: 2}\n", put(int64(3), "a", "c"), unequal},
		{"edit made twice", "a: {b: 1}\n", "a: {c: 3, b: 1, c: 3}\n", put(int64(3), "a", "c"), unequal},
		{"edit of a key with a tag", "a: {b: 1}\n", "a: {!!binary Yw==: 3, b: 1}\n", put(int64(3), "a", "c"), unequal},
		{"key not removed", "a: 1\nb: 2\n", "a: 1\nb: 2\n", remove("a"), unequal},
		{"key removed", "a: 1\nb: 2\n", "b: 2\n", remove("a"), ""},
		{"last key removed", "a: 1\nb: 2\n", "a: 1\n", remove("b"), ""},
		{"removed with another", "a: 1\nb: 2\nc: 3\n", "c: 3\n", remove("a"), unequal},
		{"mapping that became a list", "a: {b: 1}\n", "a: [b]\n", put(int64(3), "a", "b"), unequal},
		{"mapping with another tag", "a: {b: 1}\n", "a: !x {b: 3}\n", put(int64(3), "a", "b"), unequal},
		{"list below of another length", "a: [{b: 1}]\n", "a: [{b: 1, x: 3}, {}]\n", podspec.Edit{Path: podspec.Field("a").Index(0).Key("x"), Value: int64(3)}, unequal},
		{"scalar that became a mapping", "a: 1\nb: x\n", "a: 3\nb: {x: }\n", put(int64(3), "a"), unequal},
		{"quotes around a boolean of YAML 1.1", "a: 1\nb: yes\n", "a: 3\nb: 'yes'\n", put(int64(3), "a"), unequal},
		{"a boolean of YAML 1.1 out of its quotes", "a: 1\nb: 'no'\n", "a: 3\nb: no\n", put(int64(3), "a"), unequal},
		{"a tag ! gone", "a: 1\nb: ! x\n", "a: 3\nb: x\n", put(int64(3), "a"), unequal},

		{"merge key for what it brings in", "x: &x {b: 1}\na: {b: 1}\n", "x: &x {b: 1}\na: {<<: *x, c: 3}\n", put(int64(3), "a", "c"), ""},
		{"merge key expanded", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {b: 1, c: 3}\n", put(int64(3), "a", "c"), ""},
		{"merge key expanded elsewhere", "x: &x {b: 1}\na: 1\nd: {<<: *x}\n", "x: &x {b: 1}\na: 3\nd: {b: 1}\n", put(int64(3), "a"), ""},
		{"merge key lost", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {c: 3}\n", put(int64(3), "a", "c"), unequal},
		{"merge key for what it brings in, elsewhere", "x: &x {b: 1}\na: 1\nd: {b: 1}\n", "x: &x {b: 1}\na: 3\nd: {<<: *x}\n", put(int64(3), "a"), ""},
		{"merge key lost elsewhere", "x: &x {b: 1}\na: 1\nd: [{<<: *x}]\n", "x: &x {b: 1}\na: 3\nd: [{}]\n", put(int64(3), "a"), unequal},
		{"edit below a merge key not made", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {<<: *x}\n", put(int64(3), "a", "c"), unequal},
		{"edit below a merge key of another value", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {<<: *x, c: 2}\n", put(int64(3), "a", "c"), unequal},
		{"key below a merge key not removed", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {<<: *x}\n", remove("a", "b"), unequal},
		{"key below a merge key removed", "x: &x {b: 1, c: 2}\na: {<<: *x}\n", "x: &x {b: 1, c: 2}\na: {c: 2}\n", remove("a", "b"), ""},
		{"key below a merge key that comes after", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 1}\na: {b: 3, <<: *x}\n", put(int64(3), "a", "b"), unequal},
		{"another user of an anchor changed", "x: &x {b: 1}\na: *x\n", "x: &x {b: 3}\na: *x\n", put(int64(3), "x", "b"), unequal},
		{"another user of an anchor below a merge key changed", "x: &x {b: 1}\na: {<<: *x}\n", "x: &x {b: 3}\na: {<<: *x}\n", put(int64(3), "x", "b"), unequal},
		{"a list that became a mapping elsewhere", "a: 1\nd: []\n", "a: 3\nd: {}\n", put(int64(3), "a"), unequal},
		{"a list that became a mapping of the same tag elsewhere", "a: 1\nd: !x []\n", "a: 3\nd: !x {}\n", put(int64(3), "a"), unequal},
		{"a tag lost beside a merge key", "x: &x {b: 1}\na: 1\nd: !y {<<: *x}\n", "x: &x {b: 1}\na: 3\nd: {<<: *x}\n", put(int64(3), "a"), unequal},
		{"duplicate keys in place of an empty merge", "x: &x {}\na: 1\nd: {<<: *x}\n", "x: &x {}\na: 3\nd: {b: 1, b: 1}\n", put(int64(3), "a"), unequal},
		{"an empty merge in place of duplicate keys", "x: &x {}\na: 1\nd: {<<: *x, b: 1, b: 1}\n", "x: &x {}\na: 3\nd: {<<: *x}\n", put(int64(3), "a"), unequal},
		{"a key that is a list, below a merge key", "x: &x {b: 1}\na: {<<: *x, [k]: 1}\n", "x: &x {b: 1}\na: {<<: *x, [k]: 1, c: 3}\n", put(int64(3), "a", "c"), unequal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, err := manifest.Decode([]byte(tt.in), 0)
			if err != nil {
				t.Fatal(err)
			}
			err = transformer.Verify([]byte(tt.in), []byte(tt.out), root, []podspec.Edit{tt.edit})
			if got := errorText(err); got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
