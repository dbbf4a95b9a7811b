package yamltext_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// outline writes a tree as one line a node, positions included, so that two
// trees can be compared and a difference read.
func outline(n *yamlvalue.Node) []string {
	var lines []string
	var walk func(path string, n *yamlvalue.Node)
	walk = func(path string, n *yamlvalue.Node) {
		if n == nil { // deeper than the scan was to build
			lines = append(lines, path+": nothing")
			return
		}
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
	fast := yamltext.Scan(data, column)
	if fast == nil {
		return false
	}
	full, err := yamltext.DecodeFull(data, column)
	if err != nil {
		t.Errorf("scanned, but go-yaml refuses it: %v\n%q column %d", err, data, column)
		return true
	}
	if !yamlvalue.Equal(fast, full) {
		t.Errorf("trees differ\n%q column %d", data, column)
	}
	if diff := cmp.Diff(outline(full), outline(fast)); diff != "" {
		t.Errorf("scan differs from go-yaml (-go-yaml +scan):\n%s\n%q column %d", diff, data, column)
	}
	if seen, ok := yamltext.ScanObject(data, column); ok && seen.Values != len(outline(full)) {
		t.Errorf("%d values are counted, there are %d\n%q column %d", seen.Values, len(outline(full)), data, column)
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
			n, err := yamltext.DecodeFull([]byte(tt.input), 0)
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
func values(text string, n *yamlvalue.Node) []string {
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
		if got := yamltext.PlainTag(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// checkFull checks what holds for whatever go-yaml decodes: spans lie in the
// text and in one another, brackets and quotes are at their ends.
func checkFull(t *testing.T, data []byte, column int) {
	t.Helper()
	root, err := yamltext.DecodeFull(data, column)
	if err != nil {
		var e *yamltext.Error
		if !errors.As(err, &e) {
			t.Errorf("error is a %T", err)
		}
		return
	}
	var walk func(n *yamlvalue.Node, from, to int)
	walk = func(n *yamlvalue.Node, from, to int) {
		if n.PropStart < from || n.Start < n.PropStart || n.End < n.Start || n.End > to {
			t.Fatalf("span %d %d-%d is not in %d-%d\n%q column %d", n.PropStart, n.Start, n.End, from, to, data, column)
		}
		checkEnds(t, n, data)
		at := n.Start
		for _, f := range n.Fields {
			walk(f.Key, at, n.End)
			walk(f.Value, f.Key.End, n.End)
			at = f.Value.End
		}
		for _, it := range n.Items {
			walk(it, at, n.End)
			at = it.End
		}
	}
	walk(root, 0, len(data))
}

func checkEnds(t *testing.T, n *yamlvalue.Node, data []byte) {
	t.Helper()
	text := data[n.Start:n.End]
	if n.Kind != yamlvalue.Scalar {
		return
	}
	switch n.Style {
	case yamlvalue.DoubleQuoted:
		if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
			t.Errorf("double-quoted %q\n%q", text, data)
		}
	case yamlvalue.SingleQuoted:
		if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
			t.Errorf("single-quoted %q\n%q", text, data)
		}
	case yamlvalue.Literal, yamlvalue.Folded:
		if len(text) < 1 || text[0] != '|' && text[0] != '>' {
			t.Errorf("block scalar %q\n%q", text, data)
		}
	case yamlvalue.Plain:
		if !bytes.ContainsAny(text, "\r\n\u0085\u2028\u2029") && string(text) != n.Value {
			t.Errorf("plain %q for %q\n%q", text, n.Value, data)
		}
	}
}
