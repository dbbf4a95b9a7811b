package workload

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Unchecked returns the places of evident pod specs in an object of a kind that
// the table does not know: every mapping with containers of which some have an
// image. It does not look for more inside of one, looks at all values of a
// duplicate key, and visits what several aliases stand for once. at is the path
// of obj in its item. Pattern makes of a path what podSpecPaths takes.
func Unchecked(obj *manifest.Node, at podspec.Path) []podspec.Path {
	s := searcher{path: slices.Clone(at), visited: make(map[*manifest.Node]bool)}
	s.search(obj)
	return s.found
}

// searcher looks for evident pod specs.
type searcher struct {
	found   []podspec.Path
	path    podspec.Path // of the node being searched; changes in place
	visited map[*manifest.Node]bool
}

func (s *searcher) search(n *manifest.Node) {
	n = n.Resolve()
	if n == nil || n.Kind == manifest.Scalar || s.visited[n] {
		return
	}
	s.visited[n] = true
	if isPodSpec(n) {
		s.found = append(s.found, slices.Clone(s.path))
		return
	}
	for i, it := range n.Items {
		s.below(podspec.Step{Index: i}, it)
	}
	for i := range n.Fields {
		k, v := n.Fields[i].Key.Resolve(), n.Fields[i].Value
		switch {
		case n.Fields[i].Key.IsMerge():
			for _, m := range yamlvalue.Merged(v) { // which is found where the mapping is
				s.search(m)
			}
		case k.Kind == manifest.Scalar:
			s.below(podspec.Step{Key: k.KeyText()}, v)
		}
	}
}

func (s *searcher) below(step podspec.Step, n *manifest.Node) {
	s.path = append(s.path, step)
	s.search(n)
	s.path = s.path[:len(s.path)-1]
}

// isPodSpec reports whether a mapping has containers of which some have an
// image.
func isPodSpec(n *manifest.Node) bool {
	for i := range n.Fields {
		k, list := n.Fields[i].Key.Resolve(), n.Fields[i].Value.Resolve()
		if k.Kind == manifest.Scalar && k.KeyText() == "containers" && list != nil && slices.ContainsFunc(list.Items, hasImage) {
			return true
		}
	}
	return false
}

func hasImage(n *manifest.Node) bool { return !n.Get("image").IsNull() }
