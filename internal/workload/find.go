package workload

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Found is what an object says of users and groups.
type Found struct {
	// Pods are those that a row of the table knows, in the order of the row's
	// paths and then of the text. What is wrong on the way to a pod, such as a
	// duplicate spec, is among the Problems of the next pod below, or else of a
	// Pod that has nothing but Problems.
	Pods []*podspec.Pod
	// Loose are the security contexts that no row knows, each as a partial pod
	// of its own.
	Loose []*podspec.Pod
	// Templates are the paths of evident pod specs that no row knows: mappings
	// with containers of which some have an image. Pattern makes of such a path
	// what podSpecPaths takes.
	Templates []podspec.Path
}

// Find looks for everything in an object that says which users and groups run.
// at is the path of obj itself in its item; all paths begin with it. An absent
// or null template holds no pod. The pods, and the paths of their fields, last until
// m is reset; where m is nil, each has memory of its own.
func (t *Table) Find(m *Memory, obj *manifest.Node, apiVersion, kind string, at podspec.Path) Found {
	rows := t.rowsOf(apiVersion, kind)
	f := finder{table: t, memory: m, version: version(apiVersion), alone: areAlone(rows)}
	f.rows(obj, rows, at)
	found := Found{Pods: f.result()}
	if areClosed(rows) {
		return found
	}
	s := newSearch(&f, at)
	s.templates = new([]podspec.Path)
	s.root(obj)
	if kind == "Secret" && group(apiVersion) == "" {
		s.secret(obj)
	}
	found.Loose, found.Templates = s.found, *s.templates
	return found
}

// Pods returns the Pods of Find, which is what a list of pods needs.
func (t *Table) Pods(obj *manifest.Node, apiVersion, kind string, at podspec.Path) []*podspec.Pod {
	rows := t.rowsOf(apiVersion, kind)
	f := finder{table: t, version: version(apiVersion), alone: areAlone(rows)}
	f.rows(obj, rows, at)
	return f.result()
}

// areAlone reports whether rows name nothing but the pod specs of one of them.
func areAlone(rows []*row) bool { return len(rows) == 1 && rows[0].closed }

// areClosed reports whether all that a kind says of users is at the places of its
// rows, so that nothing else needs to be searched.
func areClosed(rows []*row) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r *row) bool { return !r.closed })
}

// rowsOf returns the rows of a kind.
func (t *Table) rowsOf(apiVersion, kind string) []*row {
	gk := groupKind{group(apiVersion), kind}
	var rows []*row
	if b := t.known[gk]; b != nil {
		rows = b.parse()
	}
	for _, gk := range []groupKind{gk, {anyGroup, kind}} {
		rows = append(slices.Clip(rows), t.rows[gk]...)
	}
	if len(rows) == 0 && t.schemas != nil && gk.group != "" {
		return t.schemas.rowsOf(t, gk)
	}
	return rows
}

// finder collects the pods below an object.
type finder struct {
	table   *Table
	memory  *Memory // of the pods; nil where each has its own
	version string  // of the object's group
	pods    []*podspec.Pod
	paths   map[string]bool   // of the first of them, where they are many
	indexed int               // how many
	keys    yamlvalue.Index   // of mappings that have many
	pending []podspec.Problem // met on the way, for the next pod
	seen    map[string]bool   // the paths of all problems met, because patterns share their beginnings
	// taken are the pod specs and the security contexts that are judged.
	taken map[*manifest.Node]bool
	alone bool // nobody asks what is taken: there are only the pod specs of one row
}

// take marks a node as judged and reports whether it was not yet.
func (f *finder) take(n *manifest.Node) bool {
	if f.taken[n] {
		return false
	}
	if f.taken == nil {
		f.taken = make(map[*manifest.Node]bool)
	}
	f.taken[n] = true
	return true
}

// rows collects what the rows of a kind know. What they name comes before what
// they know by its look only.
func (f *finder) rows(obj *manifest.Node, rows []*row, at podspec.Path) {
	for _, r := range rows {
		for _, p := range r.paths {
			f.walk(obj, p, at, false, func(n *manifest.Node, path podspec.Path) { f.spec(n, path, r) })
		}
	}
	for _, r := range rows {
		for i := range r.parts {
			f.parts(obj, &r.parts[i], at, r.partial)
		}
		for _, p := range r.containers {
			f.walk(obj, p, at, true, f.container)
		}
		for _, p := range r.contexts {
			f.contexts(obj, p, at)
		}
	}
	for _, r := range rows {
		for _, p := range r.below {
			f.walk(obj, p, at, true, f.below)
		}
	}
}

// spec adds the pod spec n, unless another pattern has found it already.
func (f *finder) spec(n *manifest.Node, path podspec.Path, r *row) {
	if f.has(path) {
		return
	}
	if !f.alone {
		f.take(n)
	}
	pod := f.memory.pod(n, path, f.memory.path(path[:max(len(path)-1, 0)], podspec.Step{Key: "metadata"}))
	pod.Partial, pod.Context = r.partial, r.context
	f.add(pod)
}

// claim takes all at the places of rows, which are those of an object within the
// object. Of a pod spec it takes what the row reads, and no more: it may be something
// else to whoever reads the outer object.
func (f *finder) claim(n *manifest.Node, rows []*row, at podspec.Path) {
	take := func(n *manifest.Node, _ podspec.Path) { f.take(n) }
	for _, r := range rows {
		for _, p := range r.paths {
			f.walk(n, p, at, true, func(spec *manifest.Node, _ podspec.Path) { f.takeParts(spec) })
		}
		for i := range r.parts {
			f.parts(n, &r.parts[i], at, true)
		}
		for _, p := range slices.Concat(r.containers, r.contexts, r.below) {
			f.walk(n, p, at, true, take)
		}
	}
}

// takeParts takes what a pod spec says of users.
func (f *finder) takeParts(spec *manifest.Node) {
	f.take(spec.Get("securityContext"))
	for kind := range podspec.EphemeralContainer + 1 {
		if list := spec.Get(kind.Field()); list != nil {
			for _, c := range list.Items {
				f.take(c.Resolve())
			}
		}
	}
}

// fewPods is up to how many pods are compared one by one.
const fewPods = 16

// has reports whether there is a pod at a path.
func (f *finder) has(path podspec.Path) bool {
	if len(f.pods) <= fewPods {
		return slices.ContainsFunc(f.pods, func(p *podspec.Pod) bool { return p.Path.Equal(path) })
	}
	if f.paths == nil {
		f.paths = make(map[string]bool)
	}
	for ; f.indexed < len(f.pods); f.indexed++ {
		f.paths[f.pods[f.indexed].Path.String()] = true
	}
	return f.paths[path.String()]
}

// add adds a pod, with what was met on the way to it.
func (f *finder) add(pod *podspec.Pod) {
	pod.Problems = append(f.pending, pod.Problems...)
	f.pending = nil
	f.pods = append(f.pods, pod)
}

// container adds a container of which nothing but its place is known.
func (f *finder) container(n *manifest.Node, path podspec.Path) {
	if n.Kind != manifest.Mapping || isDeleted(n) || !f.take(n) {
		return
	}
	r := podReader{Pod: podspec.Pod{Path: path[:len(path)-1], Partial: true}}
	r.readContainer(n, containerAt(n, path, lastKey(path)))
	f.add(&r.Pod)
}

// contexts adds the security contexts at p, of which nothing but their place is
// known. What they are in may look like a container.
func (f *finder) contexts(obj *manifest.Node, p pattern, at podspec.Path) {
	last := p[len(p)-1]
	if last.kind != keySegment {
		f.walk(obj, p, at, true, func(n *manifest.Node, path podspec.Path) { f.context(n, path, nil) })
		return
	}
	f.walk(obj, p[:len(p)-1], at, true, func(owner *manifest.Node, path podspec.Path) {
		c := looksLikeContainer(owner, path, lastKey(path))
		f.walk(owner, p[len(p)-1:], path, true, func(n *manifest.Node, path podspec.Path) { f.context(n, path, c) })
	})
}

// context adds a security context, which may be that of a container, and those in it.
func (f *finder) context(n *manifest.Node, path podspec.Path, c *podspec.Container) {
	if n.Kind == manifest.Mapping && f.take(n) {
		s := newSearch(f, path)
		s.report(n, ownerOf(c, path.Last(), n))
		f.addFound(s)
	}
}

// addFound adds what a search has found.
func (f *finder) addFound(s *search) {
	for _, pod := range s.found {
		f.add(pod)
	}
}

// lastKey returns the last key of a path: that of the list where it ends in an
// index.
func lastKey(path podspec.Path) string {
	for _, s := range slices.Backward(path) {
		if s.Key != "" {
			return s.Key
		}
	}
	return ""
}

// below adds the security contexts below n.
func (f *finder) below(n *manifest.Node, path podspec.Path) {
	if isContext(path.Last(), n) {
		f.context(n, path, nil)
		return
	}
	s := newSearch(f, path)
	s.value(n, path.Last())
	f.addFound(s)
}

// walk calls visit for what pattern p finds below n, which is at path. What is
// of another type than the pattern expects is a problem, unless lenient: then
// the pattern may be that of another version of the kind.
func (f *finder) walk(n *manifest.Node, p pattern, path podspec.Path, lenient bool, visit func(*manifest.Node, podspec.Path)) {
	w := walk{
		finder: f, path: f.memory.room(len(path) + len(p)), lenient: lenient,
		forks: slices.ContainsFunc(p, func(s segment) bool { return s.kind != keySegment }),
	}
	copy(w.path, path)
	w.below(n, p, len(path), visit)
}

// walk is a way through an object.
type walk struct {
	*finder
	path    podspec.Path // of the value at hand, and room for those below
	forks   bool         // whether it leads to several values, so that the path changes
	lenient bool
}

// below follows pattern p below n, which is at depth in the path.
func (w *walk) below(n *manifest.Node, p pattern, depth int, visit func(*manifest.Node, podspec.Path)) {
	n = n.Resolve()
	if n.IsNull() {
		return
	}
	if len(p) == 0 {
		visit(n, w.at(depth))
		return
	}
	want := manifest.Mapping
	if p[0].kind == eachSegment {
		want = manifest.Sequence
	}
	if n.Kind != want {
		if !w.lenient {
			w.problem(wrongKind(n, want).at(w.at(depth)))
		}
		return
	}
	switch p[0].kind {
	case keySegment:
		e := w.keys.Lookup(n, p[0].key)
		w.field(&e, p[1:], depth, visit)
	case eachSegment:
		for i, it := range n.Items {
			w.path[depth] = podspec.Step{Index: i}
			w.below(it, p[1:], depth+1, visit)
		}
	case valueSegment:
		for _, e := range n.Entries() {
			w.field(&e, p[1:], depth, visit)
		}
	}
}

// field follows pattern p below the value of a key, which is in a mapping at depth.
func (w *walk) field(e *yamlvalue.Entry, p pattern, depth int, visit func(*manifest.Node, podspec.Path)) {
	w.path[depth] = podspec.Step{Key: e.Key}
	if flaw := keyFlaw(e); flaw != nil {
		w.problem(flaw.at(w.at(depth + 1)))
	}
	w.below(e.Value, p, depth+1, visit)
}

// at returns the beginning of the path, to be kept.
func (w *walk) at(depth int) podspec.Path {
	switch {
	case depth == 0:
		return nil
	case w.forks:
		return w.memory.path(w.path[:depth])
	}
	return w.path[:depth:depth]
}

// problem notes a problem, once for each place.
func (f *finder) problem(p podspec.Problem) {
	at := p.Path.String()
	if f.seen[at] {
		return
	}
	if f.seen == nil {
		f.seen = make(map[string]bool)
	}
	f.seen[at] = true
	f.pending = append(f.pending, p)
}

// result returns the pods, the last one made of problems that no pod has taken.
func (f *finder) result() []*podspec.Pod {
	if len(f.pending) > 0 {
		path := f.pending[0].Path
		f.pods = append(f.pods, &podspec.Pod{
			Path:         path,
			MetadataPath: path[:max(len(path)-1, 0)].Key("metadata"),
			Problems:     f.pending,
		})
	}
	return f.pods
}
