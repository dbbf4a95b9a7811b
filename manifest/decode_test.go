package manifest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	for path, data := range corpus(t) {
		s, err := manifest.ReadStream(path, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range s.Items {
			items++
			bytes += len(it.Bytes())
			if !agree(t, it.Bytes(), it.Column()) {
				missed++
				t.Logf("not scanned: %s:%d", path, it.Line())
			}
		}
	}
	t.Logf("%d of %d items scanned, %d bytes", items-missed, items, bytes)
}
