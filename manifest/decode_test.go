package manifest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/manifest"
)

// outline writes a tree as one line a node, positions included, so that two
// trees can be compared and a difference read.
func outline(n *manifest.Node) []string {
	var lines []string
	var walk func(path string, n *manifest.Node)
	walk = func(path string, n *manifest.Node) {
		lines = append(lines, fmt.Sprintf("%s: kind %d style %d %s explicit %v anchor %q %q at %d %d-%d",
			path, n.Kind, n.Style, n.Tag, n.Explicit, n.Anchor, n.Value, n.PropStart, n.Start, n.End))
		for i, f := range n.Fields {
			walk(fmt.Sprintf("%s.%d?", path, i), f.Key)
			walk(fmt.Sprintf("%s.%d:", path, i), f.Value)
		}
		for i, it := range n.Items {
			walk(fmt.Sprintf("%s[%d]", path, i), it)
		}
	}
	walk("", n)
	return lines
}

// agree checks that the scan, where it applies, gives what go-yaml gives.
func agree(t *testing.T, data []byte, column int) (scanned bool) {
	t.Helper()
	fast := manifest.Scan(data, column)
	if fast == nil {
		return false
	}
	full, err := manifest.DecodeFull(data, column)
	if err != nil {
		t.Errorf("scanned, but go-yaml refuses it: %v\n%q column %d", err, data, column)
		return true
	}
	if !manifest.Equal(fast, full) {
		t.Errorf("trees differ\n%q column %d", data, column)
	}
	if diff := cmp.Diff(outline(full), outline(fast)); diff != "" {
		t.Errorf("scan differs from go-yaml (-go-yaml +scan):\n%s\n%q column %d", diff, data, column)
	}
	return true
}

func TestCorpusDecode(t *testing.T) {
	items, bytes, missed := 0, 0, 0
	for _, f := range corpus.Files(t) {
		s, err := manifest.ReadStream(f.Name, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range s.Items {
			items++
			bytes += len(it.Bytes())
			if !agree(t, it.Bytes(), it.Column()) {
				missed++
				t.Logf("not scanned: %s:%d", f.Name, it.Line())
			}
		}
	}
	t.Logf("%d of %d items scanned, %d bytes", items-missed, items, bytes)
	if missed > items/20 {
		t.Errorf("the scan gives up on %d of %d usual items", missed, items)
	}
}

// TestSpans is the definition of Node's positions by example: the text between
// Start and End of each value in order, keys left out, and the properties
// before it.
func TestSpans(t *testing.T) {
	tests := []struct {
		name, input string
		want        []string
	}{
		{"plain", "a: b c # d\n", []string{"a: b c", "b c"}},
		{"empty", "a:  # c\nb:\n", []string{"a:  # c\nb:", "", ""}},
		{"empty entry", "- \n- a\n", []string{"- \n- a", "", "a"}},
		{"quoted", "a: 'b''c'\nd: \"e\\\"\"\n", []string{"a: 'b''c'\nd: \"e\\\"\"", "'b''c'", "\"e\\\"\""}},
		{"plain over lines", "a: b\n  c\n\n  d\ne: f\n", []string{"a: b\n  c\n\n  d\ne: f", "b\n  c\n\n  d", "f"}},
		{"literal", "a: |  # c\n  b\n   c\n\nd: e\n", []string{"a: |  # c\n  b\n   c\n\nd: e", "|  # c\n  b\n   c", "e"}},
		{"kept", "a: |+\n  b\n\n\nc: d\n", []string{"a: |+\n  b\n\n\nc: d", "|+\n  b\n\n", "d"}},
		{"folded, no text", "a: >-\nb: c\n", []string{"a: >-\nb: c", ">-", "c"}},
		{"flow", "a: [b, {c: d}, ]\n", []string{"a: [b, {c: d}, ]", "[b, {c: d}, ]", "b", "{c: d}", "d"}},
		{"nested", "a:\n  - b: c\n    d: e\n  # x\n", []string{"a:\n  - b: c\n    d: e", "- b: c\n    d: e", "b: c\n    d: e", "c", "e"}},
		{"anchor and tag", "a: &x !!str  b\nc: *x\n", []string{"a: &x !!str  b\nc: *x", "<&x !!str  >b", "*x"}},
		{"tag above", "a: !!map\n  b: c\n", []string{"a: !!map\n  b: c", "<!!map\n  >b: c", "c"}},
		{"tag, no value", "a: !!str\nb: &y\n", []string{"a: !!str\nb: &y", "<!!str>", "<&y>"}},
		{"key with an anchor", "&x a: b\n", []string{"&x a: b", "b"}},
		{"explicit key", "? a\n: b\n? c\n", []string{"? a\n: b\n? c", "b", ""}},
		{"single pair", "[a: b, {c}]\n", []string{"[a: b, {c}]", "a: b", "b", "{c}", ""}},
		{"characters", "é: \"ü\"\n", []string{"é: \"ü\"", "\"ü\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := manifest.DecodeFull([]byte(tt.input), 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, values(tt.input, n)); diff != "" {
				t.Error(diff)
			}
			agree(t, []byte(tt.input), 0)
		})
	}
}

// values returns the text of a node and of the values in it.
func values(text string, n *manifest.Node) []string {
	own := text[n.Start:n.End]
	if n.PropStart < n.Start {
		own = "<" + text[n.PropStart:n.Start] + ">" + own
	}
	all := []string{own}
	for _, f := range n.Fields {
		all = append(all, values(text, f.Value)...)
	}
	for _, it := range n.Items {
		all = append(all, values(text, it)...)
	}
	return all
}

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
		{"duplicate", "a: 1\na: 1\n", "a: 1\n", false},
	}
	for _, tt := range tests {
		a, errA := manifest.Decode([]byte(tt.a), 0)
		b, errB := manifest.Decode([]byte(tt.b), 0)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		if got := manifest.Equal(a, b); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestPlainTags compares the resolution of plain scalars with go-yaml's for
// every string of up to three of the characters that numbers are made of.
func TestPlainTags(t *testing.T) {
	chars := []byte("019-+.:_xob e~nfItTyN=")
	var texts []string
	var grow func(prefix string)
	grow = func(prefix string) {
		if len(prefix) > 0 {
			texts = append(texts, prefix)
		}
		if len(prefix) == 3 {
			return
		}
		for _, c := range chars {
			grow(prefix + string(c))
		}
	}
	grow("")
	texts = append(texts, strings.Fields(`true True TRUE tRUE false False yes no on off null Null NULL nULL .nan .NaN .inf -.inf +.INF
		0x1F 0X1f 0b101 -0b11 0o17 -0o17 0o8 1_000 1__0 1e3 1E+3 1.5e-3 .5 5. 123456789012345678901 18446744073709551615
		2001-01-02 2001-1-2T3:4:5Z 2001-01-02T03:04:05.6+07:00 20010102 1:20 190:20:30 100m 0.5Gi 1.2.3 v1 08 0777 0_7`)...)
	texts = append(texts, "2001-01-02 03:04:05")
	for _, text := range texts {
		want := (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag()
		if got := manifest.PlainTag(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
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
			n, err := manifest.Decode([]byte(tt.input), 0)
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
