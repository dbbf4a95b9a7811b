package workload

import (
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// pod reads the pod spec that is at path; metadataPath is the place of the metadata of
// the pod or of its template. A pod that is read without a Memory has its own.
func (m *Memory) pod(spec *manifest.Node, path, metadataPath podspec.Path) *podspec.Pod {
	if m == nil {
		m = new(Memory)
	}
	m.pods.First = 1
	r := &m.pods.Take(1)[0]
	r.Pod, r.memory = podspec.Pod{Path: path, MetadataPath: metadataPath}, m
	spec = spec.Resolve()
	if spec.IsNull() {
		return &r.Pod
	}
	if spec.Kind != manifest.Mapping {
		r.problem(wrongKind(spec, manifest.Mapping).at(path))
		return &r.Pod
	}
	r.reserve(spec)
	r.HostUsers = value(spec, "hostUsers", r.key(path, "hostUsers"), parseBool)
	r.HostNetwork = value(spec, "hostNetwork", r.key(path, "hostNetwork"), parseBool)
	r.HostPID = value(spec, "hostPID", r.key(path, "hostPID"), parseBool)
	r.HostIPC = value(spec, "hostIPC", r.key(path, "hostIPC"), parseBool)
	r.RuntimeClass = r.text(spec, "runtimeClassName", path)
	r.readPodContext(r.mapping(spec, "securityContext", path), r.key(path, "securityContext"))
	r.readContainers(spec)
	r.readOS(spec)
	return &r.Pod
}

// podReader fills a Pod.
type podReader struct {
	podspec.Pod
	memory *Memory           // of the Pod; nil where it is of its own
	lists  [3]*manifest.Node // of containers, by podspec.ContainerKind; nil where unset
	// windowsOptions is the place of the first ones; nil where there are none.
	windowsOptions podspec.Path
	// sparse is whether what is unset gets no path: nothing is written there, and an
	// object may hold a context at each of its levels.
	sparse bool
}

// reserve finds the lists of containers and makes room for them.
func (r *podReader) reserve(spec *manifest.Node) {
	n := 0
	for kind := range r.lists {
		list := r.sequence(spec, podspec.ContainerKind(kind).Field(), r.Path)
		r.lists[kind] = list
		if list != nil {
			n += len(list.Items)
		}
	}
	const podPaths, containerPaths = 13, 7
	depth := len(r.Path)
	r.memory.steps.First = podPaths*(depth+3) + n*containerPaths*(depth+4)
	r.Containers = r.memory.containers.Take(n)[:0]
}

// path is that of the memory.
func (r *podReader) path(base podspec.Path, below ...podspec.Step) podspec.Path {
	return r.memory.path(base, below...)
}

// key is path for a key.
func (r *podReader) key(base podspec.Path, key string) podspec.Path {
	return r.path(base, podspec.Step{Key: key})
}

func (r *podReader) problem(p podspec.Problem) {
	r.Problems = append(r.Problems, p)
}

// readPodContext reads the securityContext of the pod, which is at path; it
// is nil where it is unset.
func (r *podReader) readPodContext(sc *manifest.Node, path podspec.Path) {
	r.SecurityContext = r.readContext(sc, path)
	if !r.sparse || sc.Lookup("supplementalGroups").From != nil {
		r.SupplementalGroups = readGroups(sc, r.key(path, "supplementalGroups"))
	}
	r.SupplementalGroupsPolicy = field(r, sc, "supplementalGroupsPolicy", path, parseString)
	r.FSGroup = field(r, sc, "fsGroup", path, parseID)
	r.FSGroupChangePolicy = field(r, sc, "fsGroupChangePolicy", path, parseString)
}

// readContext reads what the securityContexts of a pod and of a container have
// in common.
func (r *podReader) readContext(sc *manifest.Node, path podspec.Path) podspec.SecurityContext {
	windows := r.mapping(sc, "windowsOptions", path)
	if r.windowsOptions == nil && slices.ContainsFunc(windows.Entries(), func(e yamlvalue.Entry) bool { return !e.Value.IsNull() }) {
		r.windowsOptions = path.Key("windowsOptions")
	}
	out := podspec.SecurityContext{
		RunAsUser:    field(r, sc, "runAsUser", path, parseID),
		RunAsGroup:   field(r, sc, "runAsGroup", path, parseID),
		RunAsNonRoot: field(r, sc, "runAsNonRoot", path, parseBool),
	}
	if windows != nil || !r.sparse {
		out.RunAsUserName = value(windows, "runAsUserName", r.path(path, podspec.Step{Key: "windowsOptions"}, podspec.Step{Key: "runAsUserName"}), parseString)
	}
	return out
}

// field reads the field under a key of m, which may be nil and is at path.
func field[T any](r *podReader, m *manifest.Node, key string, path podspec.Path, parse func(*manifest.Node) (T, *flaw)) podspec.Value[T] {
	if r.sparse {
		if e := m.Lookup(key); e.Flaw == yamlvalue.Fine && e.Value.IsNull() {
			return podspec.Value[T]{}
		}
	}
	return value(m, key, r.key(path, key), parse)
}

func (r *podReader) readContainers(spec *manifest.Node) {
	for kind, list := range r.lists {
		if list == nil {
			continue
		}
		kind := podspec.ContainerKind(kind)
		for i, it := range list.Items {
			path := r.path(r.Path, podspec.Step{Key: kind.Field()}, podspec.Step{Index: i})
			it = it.Resolve()
			if it.Kind != manifest.Mapping {
				r.problem(wrongKind(it, manifest.Mapping).at(path))
				continue
			}
			if isDeleted(it) {
				continue
			}
			r.readContainer(it, podspec.Container{Kind: kind, Index: i, Path: path})
		}
	}
}

// readContainer reads the container that is at c.Path and adds it.
func (r *podReader) readContainer(n *manifest.Node, c podspec.Container) {
	c.Name = r.text(n, "name", c.Path)
	c.Image = r.text(n, "image", c.Path)
	c.Sidecar = c.Kind == podspec.InitContainer && r.text(n, "restartPolicy", c.Path) == "Always"
	path := r.key(c.Path, "securityContext")
	sc := r.mapping(n, "securityContext", c.Path)
	c.SecurityContext = r.readContext(sc, path)
	c.ProcMount = value(sc, "procMount", r.key(path, "procMount"), parseString)
	r.Containers = append(r.Containers, c)
}

// mapping returns the mapping under a key of m, resolved; nil where it is unset
// or, which is noted, of another type. path is that of m, as in the methods
// below.
func (r *podReader) mapping(m *manifest.Node, key string, path podspec.Path) *manifest.Node {
	return r.below(m, key, path, manifest.Mapping)
}

// sequence is mapping for a list.
func (r *podReader) sequence(m *manifest.Node, key string, path podspec.Path) *manifest.Node {
	return r.below(m, key, path, manifest.Sequence)
}

func (r *podReader) below(m *manifest.Node, key string, path podspec.Path, want manifest.Kind) *manifest.Node {
	n := r.get(m, key, path)
	if n.IsNull() {
		return nil
	}
	if n.Kind != want {
		r.problem(wrongKind(n, want).at(path.Key(key)))
		return nil
	}
	return n
}

// text returns the string under a key of m; "" where it is unset or, which is
// noted, not a string.
func (r *podReader) text(m *manifest.Node, key string, path podspec.Path) string {
	v := value(m, key, nil, parseString)
	if v.Problem != nil {
		v.Problem.Path = path.Key(key)
		r.problem(*v.Problem)
	}
	return v.V
}

// value reads the field under a key of m, which may be nil; path is that of the
// field.
func value[T any](m *manifest.Node, key string, path podspec.Path, parse func(*manifest.Node) (T, *flaw)) podspec.Value[T] {
	e := m.Lookup(key)
	n := e.Value.Resolve()
	if e.Flaw == yamlvalue.Fine {
		return element(n, path, parse)
	}
	p := keyFlaw(&e).at(path)
	p.Raw = raw(n)
	return podspec.Value[T]{State: podspec.Invalid, Raw: p.Raw, Path: path, Problem: &p}
}

// element reads a value that is at path; nil and null are unset.
func element[T any](n *manifest.Node, path podspec.Path, parse func(*manifest.Node) (T, *flaw)) podspec.Value[T] {
	if n.IsNull() {
		return podspec.Value[T]{Path: path}
	}
	v, f := parse(n)
	if f != nil {
		p := f.at(path)
		return podspec.Value[T]{State: podspec.Invalid, Raw: p.Raw, Path: path, Problem: &p}
	}
	return podspec.Value[T]{State: podspec.Set, V: v, Raw: raw(n), Path: path}
}

// readGroups reads the list supplementalGroups of a securityContext; path is
// that of the list.
func readGroups(sc *manifest.Node, path podspec.Path) podspec.Groups {
	list := value(sc, "supplementalGroups", path, parseList)
	g := podspec.Groups{State: list.State, Path: path, Raw: list.Raw, Problem: list.Problem}
	if list.State != podspec.Set {
		return g
	}
	texts := make([]string, len(list.V))
	g.Items = make([]podspec.Value[int64], len(list.V))
	for i, it := range list.V {
		texts[i] = raw(it)
		g.Items[i] = readGroup(it, path.Index(i))
	}
	g.Raw = shorten("["+strings.Join(texts, ", ")+"]", maxRawList)
	return g
}

// readGroup reads one element of supplementalGroups. A null there is not unset:
// the API server takes it for the group 0.
func readGroup(n *manifest.Node, path podspec.Path) podspec.Value[int64] {
	if n.IsNull() {
		p := wrongType(n, "an integer").at(path)
		return podspec.Value[int64]{State: podspec.Invalid, Raw: p.Raw, Path: path, Problem: &p}
	}
	return element(n, path, parseID)
}

// parseList returns the elements of a list.
func parseList(n *manifest.Node) ([]*manifest.Node, *flaw) {
	if n.Kind != manifest.Sequence {
		return nil, wrongKind(n, manifest.Sequence)
	}
	return n.Items, nil
}
