package transformer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// workload is an object of the corpus with pods in it.
type workload struct {
	name string
	item *manifest.Item
	root *manifest.Node
	pods []podspec.Path
}

// workloads returns all objects of the corpus that embed pod specs.
func workloads(t testing.TB) []workload {
	t.Helper()
	var all []workload
	for _, f := range corpus.Files(t) {
		s, err := manifest.ReadStream(f.Name, f.Data)
		if err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		for _, it := range s.Items {
			root, err := it.Decode()
			if err != nil || !it.Mentions("containers") {
				continue
			}
			if pods := podSpecs(root, nil); len(pods) > 0 {
				all = append(all, workload{f.Name, it, root, pods})
			}
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d workloads in the corpus", len(all))
	}
	return all
}

// podSpecs returns the paths of the mappings below n that have containers with
// an image.
func podSpecs(n *manifest.Node, path podspec.Path) []podspec.Path {
	n = n.Resolve()
	var found []podspec.Path
	if c := n.Get("containers"); c != nil && c.Kind == manifest.Sequence && len(c.Items) > 0 && c.Items[0].Get("image") != nil {
		found = append(found, path)
	}
	for _, f := range n.Fields {
		if key := f.Key.Text(); key != "" {
			found = append(found, podSpecs(f.Value, path.Key(key))...)
		}
	}
	for i, it := range n.Items {
		found = append(found, podSpecs(it, path.Index(i))...)
	}
	return found
}

// at returns the node at a path, nil where there is none.
func at(n *manifest.Node, path podspec.Path) *manifest.Node {
	for _, step := range path {
		n = n.Resolve()
		switch {
		case n == nil:
			return nil
		case step.Key != "":
			n = n.Get(step.Key)
		case step.Index < len(n.Items):
			n = n.Items[step.Index]
		default:
			return nil
		}
	}
	return n
}

// containerPaths returns the paths of all containers of a pod spec.
func containerPaths(root *manifest.Node, pod podspec.Path) []podspec.Path {
	var paths []podspec.Path
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		if n := at(root, pod.Key(list)).Resolve(); n != nil {
			for i := range n.Items {
				paths = append(paths, pod.Key(list).Index(i))
			}
		}
	}
	return paths
}

// enforced are the edits of a policy that wants ids everywhere.
func enforced(root *manifest.Node, pods []podspec.Path) []podspec.Edit {
	edits := []podspec.Edit{{Path: podspec.Field("metadata", "annotations", "usergroup.dev/applied"), Value: "app-ids"}}
	for _, pod := range pods {
		sc := pod.Key("securityContext")
		edits = append(edits,
			podspec.Edit{Path: sc.Key("runAsUser"), Value: int64(4711)},
			podspec.Edit{Path: sc.Key("fsGroup"), Value: int64(4712)},
			podspec.Edit{Path: sc.Key("supplementalGroups"), Value: []int64{4713, 4714}},
		)
		for _, c := range containerPaths(root, pod) {
			edits = append(edits,
				podspec.Edit{Path: c.Key("securityContext", "runAsUser"), Value: int64(4715)},
				podspec.Edit{Path: c.Key("securityContext", "runAsNonRoot"), Value: true},
			)
		}
	}
	return edits
}

// unset are the edits of a policy that wants no ids anywhere.
func unset(root *manifest.Node, pods []podspec.Path) []podspec.Edit {
	var edits []podspec.Edit
	for _, pod := range pods {
		for _, owner := range append([]podspec.Path{pod}, containerPaths(root, pod)...) {
			for _, key := range []string{"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups"} {
				edits = append(edits, podspec.Edit{Op: podspec.Remove, Path: owner.Key("securityContext", key)})
			}
		}
	}
	return edits
}

// TestCorpus applies typical edits to all real manifests and checks that no line
// changes that the edits are not about.
func TestCorpus(t *testing.T) {
	for _, w := range workloads(t) {
		data, column := w.item.Bytes(), w.item.Column()
		for name, edits := range map[string][]podspec.Edit{
			"enforced": enforced(w.root, w.pods),
			"unset":    unset(w.root, w.pods),
		} {
			res := apply(t, data, column, edits)
			if res.Reencoded {
				t.Errorf("%s: %s: re-encoded: %s", w.name, name, res.Why)
				continue
			}
			removed, added := lineDiff(string(data), string(res.Bytes))
			for _, line := range slices.Concat(removed, added) {
				if !aboutIDs(line) {
					t.Errorf("%s: %s: changed line %q", w.name, name, line)
				}
			}
		}
	}
}

// aboutIDs reports whether a line is one that the edits of the corpus test write
// or replace.
func aboutIDs(line string) bool {
	line = strings.TrimSpace(line)
	for _, s := range []string{
		"securityContext:", "securityContext: {}", "runAsUser: ", "runAsGroup: ", "runAsNonRoot: ", "fsGroup: ",
		"supplementalGroups:", "- 471", "annotations:", "usergroup.dev/applied: app-ids",
	} {
		if strings.HasPrefix(line, s) {
			return true
		}
	}
	return false
}

// lineDiff returns the lines that only a and only b have, by a longest common
// subsequence.
func lineDiff(a, b string) (removed, added []string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	long := make([][]int, len(x)+1)
	for i := range long {
		long[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			removed = append(removed, x[i])
			i++
		default:
			added = append(added, y[j])
			j++
		}
	}
	return append(removed, x[i:]...), append(added, y[j:]...)
}
