package workload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/internal/workload"
)

// TestMemory reads one object after the other in the same memory: each has its own
// labels and annotations alone.
func TestMemory(t *testing.T) {
	var m workload.Memory
	table := workload.Builtin()
	for round := range 3 {
		for n := range 40 { // also more than a map is kept for
			var labels strings.Builder
			want := map[string]string{}
			for i := range n {
				key := fmt.Sprintf("l%d-%d-%d", round, n, i)
				want[key] = "v"
				fmt.Fprintf(&labels, "    %s: v\n", key)
			}
			text := "apiVersion: v1\nkind: List\nitems:\n" +
				strings.Repeat("- apiVersion: v1\n  kind: Pod\n  metadata:\n   labels:\n"+labels.String()+"   annotations:\n    a: b\n", 1+n%3)
			for _, o := range table.ObjectsWith(&m, decode(t, text)) {
				if n == 0 {
					want = nil
				}
				if diff := cmp.Diff(want, o.Labels); diff != "" {
					t.Errorf("%d labels (-want +got):\n%s", n, diff)
				}
				if diff := cmp.Diff(map[string]string{"a": "b"}, o.Annotations); diff != "" {
					t.Errorf("annotations (-want +got):\n%s", diff)
				}
			}
			m.Reset()
		}
	}
}

// TestMemoryPoison: what holds on to an object after its memory was taken back is seen
// by tests that ask for that.
func TestMemoryPoison(t *testing.T) {
	defer func(was bool) { slab.Poison = was }(slab.Poison)
	slab.Poison = true
	var m workload.Memory
	held := workload.Builtin().ObjectsWith(&m, decode(t, "apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}\n"))
	labels := held[0].Labels
	m.Reset()
	if held[0].Path.String() != "poisoned" && held[0].Path.Last() != "poisoned" {
		t.Errorf("the object is still %+v", held[0])
	}
	if labels["poisoned"] == "" {
		t.Errorf("the labels are still %v", labels)
	}
}
