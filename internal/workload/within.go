package workload

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// mayEmbed reports whether an object of a kind may have others within it, which
// become objects of their own: not one of Kubernetes itself, unless it is within
// another, where what it says that it is may not count, and not what holds patterns.
func (t *Table) mayEmbed(apiVersion, kind string, within bool) bool {
	switch class := t.Classify(apiVersion, kind); {
	case class == Ignored:
		return false
	case within || class == List:
		return within
	}
	rows := t.rowsOf(apiVersion, kind)
	return len(rows) == 0 || slices.ContainsFunc(rows, func(r *row) bool { return !r.closed })
}

// embeds reports whether a mapping within an object is an object of its own that
// the table knows, and not a reference to one. What it does not know is judged as a
// part of the outer object, and what it ignores is ignored there too.
func (t *Table) embeds(n *manifest.Node) bool {
	apiVersion, kind := stringIn(n, "apiVersion"), stringIn(n, "kind")
	return apiVersion != "" && kind != "" && isWhole(n) && t.Classify(apiVersion, kind) != Unknown
}

// isWhole reports whether a mapping with apiVersion and kind has more of an object
// than a reference has.
func isWhole(n *manifest.Node) bool {
	return slices.ContainsFunc([]string{"spec", "metadata", "items", "template"}, func(key string) bool {
		v := n.Get(key)
		return v != nil && v.Kind != manifest.Scalar
	})
}

// addWithin adds the objects within o. hasItems is whether its items are added
// already.
func (f *flattener) addWithin(o *Object, p parent, hasItems bool) {
	below := parent{
		depth: p.depth + 1, file: o.File, localConfig: o.LocalConfig,
		within: append(slices.Clip(o.Within), o.Object),
	}
	w := withinSearch{f, o, below, slices.Clone(o.Path)}
	for _, e := range o.Node.Entries() {
		if e.Key != "metadata" && e.Key != "status" && (e.Key != "items" || !hasItems) {
			w.entry(&e)
		}
	}
}

// withinSearch looks for objects within an object.
type withinSearch struct {
	*flattener
	outer *Object
	below parent
	path  podspec.Path // of the value being searched; changes in place
}

func (w *withinSearch) entry(e *yamlvalue.Entry) {
	w.path = append(w.path, podspec.Step{Key: e.Key})
	for _, r := range yamlvalue.Readers {
		w.value(e.To(r))
	}
	w.path = w.path[:len(w.path)-1]
}

func (w *withinSearch) value(n *manifest.Node) {
	n = n.Resolve()
	if n == nil || n.Kind == manifest.Scalar || w.visited[n] {
		return
	}
	if w.visited == nil {
		w.visited = make(map[*manifest.Node]bool)
	}
	w.visited[n] = true
	if w.table.embeds(n) {
		w.object(n)
		return
	}
	for i, it := range n.Items {
		w.path = append(w.path, podspec.Step{Index: i})
		w.value(it)
		w.path = w.path[:len(w.path)-1]
	}
	if n.Kind == manifest.Mapping {
		for _, e := range n.Entries() {
			w.entry(&e)
		}
	}
}

// object adds the object n, which is at w.path, or says that it is too deep.
func (w *withinSearch) object(n *manifest.Node) {
	if w.below.depth <= maxListDepth {
		p := w.below
		p.path = slices.Clone(w.path)
		w.add(n, p)
		return
	}
	outer := *w.outer
	outer.Problems = nil
	outer.tooDeep(slices.Clone(w.path[len(outer.Path):]))
	w.out = append(w.out, outer)
}

// embedded searches an object within the object, which is judged as one of its own,
// for what is not that one's: whoever reads the outer object may not care what a
// mapping in it says that it is.
func (s *search) embedded(n *manifest.Node, key string) {
	apiVersion, kind := stringIn(n, "apiVersion"), stringIn(n, "kind")
	own := []string{"metadata"}
	switch s.table.Classify(apiVersion, kind) {
	case Workload:
		rows := s.table.rowsOf(apiVersion, kind)
		if s.templates != nil && !areClosed(rows) {
			return // it is searched as a whole
		}
		f := finder{table: s.table, version: version(apiVersion)}
		f.claim(n, rows, s.path)
		for judged := range f.taken {
			s.take(judged)
		}
	case List:
		if items := n.Get("items"); items != nil && items.Kind == manifest.Sequence {
			own = append(own, "items")
		}
	case Ignored:
		if s.templates != nil {
			own = append(own, "spec") // patterns, it may be
		}
		s.opaque++
		defer func() { s.opaque-- }()
	}
	s.mapping(n, key, func(key string, _ *manifest.Node) bool { return slices.Contains(own, key) })
}
