package workload_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestMemoryOfDepth: a security context costs the steps of the paths of what is set in it,
// and a pattern those of what it leads to, however deep that is.
func TestMemoryOfDepth(t *testing.T) {
	const depth, contexts, step = 1000, 200, 24 // bytes
	deep := func(inner string) string {
		return "spec: " + strings.Repeat("{a: ", depth) + inner + strings.Repeat("}", depth)
	}
	below, err := workload.Builtin().With([]policy.PodSpecPath{{Group: "example.com", Kind: "Known", Below: []string{"spec" + strings.Repeat(".a", depth)}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, kind, text string
		contexts         int
	}{
		{"contexts side by side", "Unknown", deep("[" + strings.Repeat("{securityContext: {runAsUser: 0}}, ", contexts) + "]"), contexts},
		{"below a path", "Known", deep("{securityContext: {runAsUser: 0}}"), 1},
	} {
		root := decode(t, tt.text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found := below.Find(nil, root, "example.com/v1", tt.kind, podspec.Path{})
		runtime.ReadMemStats(&after)
		if n := len(found.Loose) + len(found.Pods); n != tt.contexts {
			t.Fatalf("%s: found %d contexts", tt.name, n)
		}
		const paths, rest = 4, 500_000 // and what is noted of each node
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(tt.contexts*paths*step*depth+rest); used > most {
			t.Errorf("%s: %d bytes, want at most %d", tt.name, used, most)
		}
	}
}
