package yamlvalue_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

func TestEqual(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"style", "a: [1, 'b']\n", "\"a\":\n- 1\n- b\n", true},
		{"alias", "a: &x {b: 1}\nc: *x\n", "a: {b: 1}\nc: {b: 1}\n", true},
		{"value", "a: 1\n", "a: 2\n", false},
		{"tag", "a: 1\n", "a: '1'\n", false},
		{"order", "a: 1\nb: 1\n", "b: 1\na: 1\n", false},
		{"length", "[1]\n", "[1, 1]\n", false},
		{"kind", "[]\n", "{}\n", false},
		{"quotes around a boolean of YAML 1.1", "a: yes\n", "a: 'yes'\n", false},
		{"quotes around a string", "a: b\n", "a: 'b'\n", true},
		{"a tag in place of quotes", "a: !!str yes\n", "a: \"yes\"\n", true},
		{"a tag that V2 alone reads", "a: ! b\n", "a: b\n", false},
		{"duplicate", "a: 1\na: 1\n", "a: 1\n", false},
	}
	for _, tt := range tests {
		a, errA := yamltext.Decode([]byte(tt.a), 0)
		b, errB := yamltext.Decode([]byte(tt.b), 0)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		if got := yamlvalue.Equal(a, b); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestJSON(t *testing.T) {
	tests := []struct {
		name, input string
		want        any
		err         string
	}{
		{"scalars", "[a, '1', 1, 0x1f, 1_000, 1e3, 1.5, true, ~, 18446744073709551615, 2001-01-01]", []any{
			"a", "1", int64(1), int64(31), int64(1000), 1000.0, 1.5, true, nil, uint64(18446744073709551615), "2001-01-01",
		}, ""},
		{"alias", "a: &x {b: [1]}\nc: *x\n", map[string]any{
			"a": map[string]any{"b": []any{int64(1)}}, "c": map[string]any{"b": []any{int64(1)}},
		}, ""},
		{"merge keys", "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], c: 3}\n", map[string]any{
			"x": map[string]any{"a": int64(1), "b": int64(1)},
			"y": map[string]any{"b": int64(2), "c": int64(2)},
			"z": map[string]any{"a": int64(1), "b": int64(1), "c": int64(3)},
		}, ""},
		{"duplicate", "a: {b: 1, b: 1}\n", nil, `a: duplicate key "b"`},
		{"merged after", "x: &x {a: 1}\ny: {a: 2, <<: *x}\n", nil, `y: key "a" is merged so that parsers disagree on its value`},
		{"key that is a list", "[a]: 1\n", nil, "a key that is a list or a mapping"},
		{"merge of a scalar", "- {<<: 1}\n", nil, "[0]: a merge key whose value is not a mapping"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := yamltext.Decode([]byte(tt.input), 0)
			if err != nil {
				t.Fatal(err)
			}
			got, err := n.JSON()
			if err != nil {
				if err.Error() != tt.err {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || tt.err != "" {
				t.Errorf("want error %q, difference %s", tt.err, diff)
			}
		})
	}
}
