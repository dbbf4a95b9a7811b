package workload

import (
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// parts adds the pods that p describes.
func (f *finder) parts(obj *manifest.Node, p *parts, at podspec.Path, partial bool) {
	f.walk(obj, p.base, at, true, func(base *manifest.Node, basePath podspec.Path) {
		f.walk(base, p.pod, basePath, true, func(n *manifest.Node, path podspec.Path) {
			if n.Kind != manifest.Mapping {
				return
			}
			r := partsReader{finder: f, parts: p, base: base, basePath: basePath}
			r.read(n, path, partial)
		})
	})
}

// partsReader reads one pod of which the parts are apart.
type partsReader struct {
	podReader
	*finder
	parts    *parts
	base     *manifest.Node
	basePath podspec.Path
}

func (r *partsReader) read(n *manifest.Node, path podspec.Path, partial bool) {
	r.Path, r.Partial = path, partial
	for _, part := range r.parts.containers {
		r.containers(n, part)
	}
	if len(r.Containers) == 0 {
		return // a template of another type, or one that an operator fills in: what is there is found by its look
	}
	r.podContext(n)
	pod := r.Pod
	r.add(&pod)
}

// containers reads the containers at one place.
func (r *partsReader) containers(n *manifest.Node, part containerPart) {
	defaults := r.at(n, r.Path, part.defaults)
	if part.fromBase {
		defaults = r.at(r.base, r.basePath, part.defaults)
	}
	kind := podspec.RegularContainer
	if strings.HasPrefix(part.path[0].key, "init") {
		kind = podspec.InitContainer
	}
	r.walk(n, part.path, r.Path, true, func(n *manifest.Node, path podspec.Path) {
		if n.Kind != manifest.Mapping || isDeleted(n) {
			return
		}
		r.take(n)
		c := podspec.Container{Kind: kind, Path: path, Index: path[len(path)-1].Index, Inherits: part.defaults != nil}
		r.readContainer(n, c)
		if defaults.node != nil {
			r.take(defaults.node)
			c := &r.Containers[len(r.Containers)-1]
			fill(&c.SecurityContext, r.readContext(defaults.node, defaults.path))
		}
	})
}

// podContext reads the pod's securityContext from where it counts.
func (r *partsReader) podContext(n *manifest.Node) {
	own := r.at(n, r.Path, r.parts.context)
	defaults := r.at(r.base, r.basePath, r.parts.defaults)
	var shared placed
	holds := func(f fallback) bool { return f.version == "" || f.version == r.version }
	if i := slices.IndexFunc(r.parts.fallbacks, holds); i >= 0 {
		shared = r.at(r.base, r.basePath, r.parts.fallbacks[i].path)
	}
	for _, p := range []placed{own, defaults, shared} {
		if p.node != nil {
			r.take(p.node)
		}
	}
	switch {
	case own.node != nil:
		r.readPodContext(own.node, own.path)
		if defaults.node != nil {
			d := podReader{}
			d.readPodContext(defaults.node, defaults.path)
			fillPod(&r.Pod, &d.Pod)
		}
	case defaults.node != nil:
		r.Context = podspec.SharedContext
		r.readPodContext(defaults.node, defaults.path)
	case shared.path != nil:
		r.Context = podspec.SharedContext
		r.readPodContext(shared.node, shared.path)
	case r.parts.context != nil:
		r.readPodContext(nil, own.path)
	default:
		r.Context = podspec.NoContext
	}
}

// placed is a mapping with its path; the node is nil where it is unset.
type placed struct {
	node *manifest.Node
	path podspec.Path
}

// at finds the mapping at a path of keys below n; nothing where p is nil.
func (r *partsReader) at(n *manifest.Node, path podspec.Path, p pattern) placed {
	if p == nil {
		return placed{}
	}
	for i, s := range p {
		if n = n.Resolve(); n != nil {
			n = r.podReader.mapping(n, s.key, path)
		}
		path = path.Key(s.key)
		if n == nil {
			for _, s := range p[i+1:] {
				path = path.Key(s.key)
			}
			break
		}
	}
	return placed{n, path}
}

// fill takes what sc lacks from another security context.
func fill(sc *podspec.SecurityContext, from podspec.SecurityContext) {
	fillValue(&sc.RunAsUser, from.RunAsUser)
	fillValue(&sc.RunAsGroup, from.RunAsGroup)
	fillValue(&sc.RunAsNonRoot, from.RunAsNonRoot)
	fillValue(&sc.RunAsUserName, from.RunAsUserName)
}

// fillPod is fill for the security contexts of pods.
func fillPod(pod, from *podspec.Pod) {
	fill(&pod.SecurityContext, from.SecurityContext)
	fillValue(&pod.FSGroup, from.FSGroup)
	fillValue(&pod.SupplementalGroupsPolicy, from.SupplementalGroupsPolicy)
	if pod.SupplementalGroups.State == podspec.Unset && from.SupplementalGroups.State != podspec.Unset {
		pod.SupplementalGroups = from.SupplementalGroups
	}
}

func fillValue[T any](v *podspec.Value[T], from podspec.Value[T]) {
	if v.State == podspec.Unset && from.State != podspec.Unset {
		*v = from
	}
}
