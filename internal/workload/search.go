package workload

import (
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// search finds security contexts by their look: a mapping under a key that ends
// in securityContext, in any spelling, with a field of one; or a mapping with
// such a field of its type, under any key, which may hold others. It looks at all values
// of a duplicate key and at what several aliases stand for once, and not at what objects
// within the object say of themselves.
type search struct {
	*finder
	found     []*podspec.Pod
	templates *[]podspec.Path // of evident pod specs; nil where they are of no interest
	inTexts   int             // the number of strings that what is searched is within
	opaque    int             // the number of policies above, in which there are no objects
	within    int             // the number of evident pod specs above
	path      podspec.Path    // of the value being searched; changes in place
	visited   map[*manifest.Node]bool
	doubled   []podspec.Problem // duplicate keys on the path
}

func newSearch(f *finder, at podspec.Path) *search {
	return &search{finder: f, path: slices.Clone(at), visited: make(map[*manifest.Node]bool)}
}

// schemaKey is the key of the schema of a custom resource.
const schemaKey = "openAPIV3Schema"

// root searches a whole object, but for its metadata and for the objects in it.
func (s *search) root(n *manifest.Node) {
	if hasContextField(n, true) {
		s.add(loosePod(n, slices.Clone(s.path), nil))
	}
	s.mapping(n, "", func(key string, v *manifest.Node) bool {
		return key == "metadata" || key == "items" && v.Kind == manifest.Sequence
	})
}

// value searches what is under a key, or in a list under that key.
func (s *search) value(n *manifest.Node, key string) {
	n = n.Resolve()
	if s.visited[n] || s.taken[n] {
		return
	}
	if n.Kind == manifest.Scalar {
		s.text(n, key)
		return
	}
	s.visited[n] = true
	switch {
	case s.inTexts+s.opaque == 0 && s.table.embeds(n):
		s.embedded(n, key)
		return
	case n.Kind == manifest.Mapping:
		s.mapping(n, key, nil)
		return
	}
	for i, it := range n.Items {
		s.path = append(s.path, podspec.Step{Index: i})
		if m := it.Resolve(); hasContextField(m, true) && s.take(m) {
			s.report(m, nil)
		} else {
			s.value(it, key)
		}
		s.path = s.path[:len(s.path)-1]
	}
}

// mapping searches a mapping, which is under a key or in a list under that key,
// without the fields that skip says.
func (s *search) mapping(n *manifest.Node, key string, skip func(key string, v *manifest.Node) bool) {
	c := looksLikeContainer(n, s.path, key)
	if c != nil && s.templates == nil {
		s.take(n) // judged by what it says
	}
	before := len(s.found)
	s.inner(n, c, skip)
	if c != nil && c.Image != "" && !slices.ContainsFunc(s.found[before:], func(p *podspec.Pod) bool { return isOf(p, c) }) {
		s.found = append(s.found, loosePod(nil, c.Path.Key("securityContext"), c)) // its image may be judged
	}
}

// inner searches what is in a mapping. c is the container that it is; nil for none.
func (s *search) inner(n *manifest.Node, c *podspec.Container, skip func(key string, v *manifest.Node) bool) {
	if s.templates != nil && s.isPodSpec(n) {
		if s.within == 0 {
			*s.templates = append(*s.templates, slices.Clone(s.path))
		}
		s.within++
		defer func() { s.within-- }()
	}
	s.values(n)
	s.fields(n, c, skip)
}

// fields searches the fields of a mapping. c is the container that it is; nil
// for none.
func (s *search) fields(n *manifest.Node, c *podspec.Container, skip func(key string, v *manifest.Node) bool) {
	for _, e := range n.Entries() {
		s.path = append(s.path, podspec.Step{Key: e.Key})
		doubled := len(s.doubled)
		if f := keyFlaw(&e); f != nil {
			s.doubled = append(s.doubled, f.at(slices.Clone(s.path)))
		}
		for _, r := range yamlvalue.Readers { // what they see differs where there is a flaw
			v := e.To(r).Resolve()
			if v == nil || e.Key == schemaKey && s.templates != nil || skip != nil && skip(e.Key, v) {
				continue
			}
			switch {
			case !isContext(e.Key, v):
				s.value(v, e.Key)
			case s.take(v):
				s.report(v, ownerOf(c, e.Key, v))
			}
		}
		s.doubled = s.doubled[:doubled]
		s.path = s.path[:len(s.path)-1]
	}
}

// looksLikeContainer returns the container that a mapping, which is under a key or
// in a list under that key, looks like; nil where it looks like none.
func looksLikeContainer(n *manifest.Node, path podspec.Path, key string) *podspec.Container {
	if isDeleted(n) {
		return nil
	}
	inList := path.Last() == ""
	if stringIn(n, "image") == "" && (stringIn(n, "name") == "" || !inList || !holdsContainers(key)) {
		return nil
	}
	c := containerAt(n, slices.Clone(path), key)
	return &c
}

// containerAt returns the container at a path, with its name and image. A list of
// init containers is known by its key.
func containerAt(n *manifest.Node, path podspec.Path, key string) podspec.Container {
	c := podspec.Container{Kind: podspec.RegularContainer, Name: stringIn(n, "name"), Image: stringIn(n, "image"), Path: path}
	if strings.HasPrefix(strings.ToLower(key), "init") {
		c.Kind = podspec.InitContainer
	}
	if len(path) > 0 {
		c.Index = path[len(path)-1].Index
	}
	return c
}

// ownerOf returns the container whose security context is under a key; nil where
// it is that of a pod.
func ownerOf(c *podspec.Container, key string, sc *manifest.Node) *podspec.Container {
	if strings.HasPrefix(strings.ToLower(key), "pod") {
		return nil
	}
	for _, field := range podFields {
		if sc.Get(field) != nil {
			return nil
		}
	}
	return c
}

// report adds the security context n, which is at s.path, and those in it: what is one
// by its fields may be the spec of an operator that has such fields beside others.
func (s *search) report(n *manifest.Node, c *podspec.Container) {
	s.add(loosePod(n, slices.Clone(s.path), c))
	if !s.visited[n] {
		s.visited[n] = true
		s.inner(n, nil, nil)
	}
}

// add adds a pod that is below s.path.
func (s *search) add(pod *podspec.Pod) {
	pod.Problems = append(slices.Clone(s.doubled), pod.Problems...)
	if s.templates != nil {
		unquote(pod)
	}
	s.found = append(s.found, pod)
}

// isOf reports whether a pod found by its look is that of a container.
func isOf(p *podspec.Pod, c *podspec.Container) bool {
	return len(p.Containers) == 1 && p.Containers[0].Path.Equal(c.Path)
}

// loosePod is the pod of one security context, of the container c or, where c is
// nil, of the pod. An operator fills in the rest.
func loosePod(n *manifest.Node, path podspec.Path, c *podspec.Container) *podspec.Pod {
	r := podReader{Pod: podspec.Pod{Path: path[:max(len(path)-1, 0)], Partial: true}, sparse: true}
	if c == nil {
		r.readPodContext(n, path)
	} else {
		own := *c
		own.SecurityContext = r.readContext(n, path)
		r.Containers = []podspec.Container{own}
	}
	if r.windowsOptions != nil && r.linuxIDs() == nil {
		r.Windows, r.OSPath = true, r.windowsOptions
	}
	return &r.Pod
}

// The fields that tell a security context, those of pods only first.
var (
	podFields     = []string{"fsGroup", "supplementalGroups", "supplementalGroupsPolicy"}
	contextFields = []string{"fsGroup", "supplementalGroups", "supplementalGroupsPolicy", "runAsUser", "runAsGroup", "runAsNonRoot", "windowsOptions"}
)

// isContext reports whether a mapping under a key is a security context.
func isContext(key string, n *manifest.Node) bool {
	return n.Kind == manifest.Mapping && hasContextField(n, !isContextKey(key))
}

// isContextKey reports whether a key ends in securityContext in any spelling:
// podSecurityContext, security_context.
func isContextKey(key string) bool {
	const suffix = "securitycontext"
	if len(key) < len(suffix) {
		return false
	}
	return strings.HasSuffix(joiner.Replace(strings.ToLower(key)), suffix)
}

// joiner makes one word of several.
var joiner = strings.NewReplacer("_", "", "-", "")

// hasContextField reports whether a mapping has a field of a security context,
// if typed with a value of its type.
func hasContextField(n *manifest.Node, typed bool) bool {
	if n.HasMerge() {
		return slices.ContainsFunc(contextFields, func(key string) bool {
			v := n.Get(key)
			return v != nil && (!typed || isTyped(key, v))
		})
	}
	for i := range n.Fields {
		key := n.Fields[i].Key.Resolve().KeyText()
		if slices.Contains(contextFields, key) && (!typed || isTyped(key, n.Fields[i].Value)) {
			return true
		}
	}
	return false
}

// isTyped reports whether a value is of the type of its field.
func isTyped(key string, v *manifest.Node) bool {
	v = v.Resolve()
	switch key {
	case "runAsUser", "runAsGroup", "fsGroup":
		return isInteger(v)
	case "runAsNonRoot":
		_, flaw := v.Bool()
		return flaw == yamlvalue.Fine
	case "supplementalGroups":
		return len(v.Items) > 0 && isInteger(v.Items[0])
	}
	return false
}

func isInteger(v *manifest.Node) bool {
	_, flaw := v.Int()
	return flaw == yamlvalue.Fine || flaw == yamlvalue.OutOfRange
}

// holdsContainers reports whether the elements of a list are containers by its
// key.
func holdsContainers(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "container") || strings.Contains(key, "sidecar") || key == "steps"
}

// stringIn returns the string under a key, "" where there is none.
func stringIn(n *manifest.Node, key string) string {
	v := n.Get(key)
	if v.IsNull() {
		return ""
	}
	return v.Value // none of a mapping and a list
}

// isPodSpec reports whether a mapping has containers of which some have an image
// and are not judged.
func (s *search) isPodSpec(n *manifest.Node) bool {
	e := n.Lookup("containers")
	return slices.ContainsFunc(yamlvalue.Readers, func(r yamlvalue.Reader) bool {
		list := e.To(r).Resolve()
		return list != nil && slices.ContainsFunc(list.Items, s.hasImage)
	})
}

func (s *search) hasImage(n *manifest.Node) bool {
	return !n.Get("image").IsNull() && !s.taken[n.Resolve()]
}

// isDeleted reports whether a mapping in a strategic merge patch says that what
// it names is to be removed, and no more than that: to the API server, which drops the
// directive where a field is not known, one with an image is a container like any
// other, and one with a spec an object.
func isDeleted(n *manifest.Node) bool {
	return stringIn(n, "$patch") == "delete" && !slices.ContainsFunc([]string{"image", "spec", "template", "items"}, func(key string) bool {
		return n.Lookup(key).From != nil
	})
}
