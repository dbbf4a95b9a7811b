package workload

import (
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// windowsOS is what a pod or a node of Windows says of itself.
const windowsOS = "windows"

// osLabels are the labels of nodes that say the operating system.
var osLabels = []string{"kubernetes.io/os", "beta.kubernetes.io/os"}

// termKeys lead from a pod spec to the terms of its required node affinity.
var termKeys = []string{"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"}

// evidence is a place that says for which operating system a pod is.
type evidence struct {
	windows bool
	path    podspec.Path
}

// readOS finds out whether the pod is for Windows. What binds the pod counts:
// os.name or, without it, the nodes that its nodeSelector and its required node
// affinity leave. Where nothing does, windowsOptions tell, unless there are ids,
// which Linux alone knows. A pod that says both is a problem, and judged as one for
// Linux, where ids count.
func (r *podReader) readOS(spec *manifest.Node) {
	all := append(r.osName(spec), r.nodes(spec)...)
	if r.windowsOptions != nil {
		all = append(all, evidence{true, r.windowsOptions})
		if len(all) == 1 && r.linuxIDs() != nil {
			all = append(all, evidence{false, r.linuxIDs()})
		}
	}
	if len(all) == 0 {
		return
	}
	for _, e := range all[1:] {
		if e.windows != all[0].windows {
			w, l := all[0], e
			if e.windows {
				w, l = e, all[0]
			}
			r.problem(podspec.Problem{
				Code: podspec.AmbiguousValue, Path: e.path,
				Detail: fmt.Sprintf("must agree with the rest of the pod on the operating system, is windows by %s and linux by %s", w.path, l.path),
			})
			return
		}
	}
	r.Windows, r.OSPath = all[0].windows, all[0].path
}

func (r *podReader) osName(spec *manifest.Node) []evidence {
	os := r.mapping(spec, "os", r.Path)
	if os == nil {
		return nil
	}
	name := r.text(os, "name", r.Path.Key("os"))
	if name == "" {
		return nil
	}
	return []evidence{{name == windowsOS, r.Path.Key("os", "name")}}
}

// nodes returns what is said by the labels of the nodes that the pod may run on.
func (r *podReader) nodes(spec *manifest.Node) []evidence {
	var out []evidence
	if selector := r.get(spec, "nodeSelector", r.Path); selector != nil {
		at := r.Path.Key("nodeSelector")
		for _, label := range osLabels {
			if v := r.get(selector, label, at).Text(); v != "" {
				out = append(out, evidence{v == windowsOS, at.Key(label)})
			}
		}
	}
	n, at := spec, r.Path
	for _, key := range termKeys {
		if n = r.get(n, key, at); n == nil {
			return out
		}
		at = at.Key(key)
	}
	if len(n.Items) == 0 {
		return out
	}
	// Any of the terms may hold, so all must say the same.
	var said []evidence
	for i, term := range n.Items {
		e, ok := r.osOf(term, at.Index(i))
		if !ok || len(said) > 0 && e.windows != said[0].windows {
			return out
		}
		said = append(said, e)
	}
	return append(out, said[0])
}

// osOf returns what a term of a node selector demands of the operating system.
func (r *podReader) osOf(term *manifest.Node, at podspec.Path) (evidence, bool) {
	list := r.get(term, "matchExpressions", at)
	if list == nil {
		return evidence{}, false
	}
	for i, e := range list.Items {
		at := at.Key("matchExpressions").Index(i)
		key, operator, values := r.get(e, "key", at).Text(), r.get(e, "operator", at).Text(), r.get(e, "values", at)
		if !slices.Contains(osLabels, key) || operator != "In" || values == nil || len(values.Items) != 1 {
			continue
		}
		return evidence{values.Items[0].Text() == windowsOS, at.Key("values")}, true
	}
	return evidence{}, false
}

// get returns the value under a key of m, which is at path, and notes where readers
// disagree about it.
func (r *podReader) get(m *manifest.Node, key string, path podspec.Path) *manifest.Node {
	e := m.Lookup(key)
	if flaw := keyFlaw(&e); flaw != nil {
		r.problem(flaw.at(path.Key(key)))
	}
	return e.Value.Resolve()
}

// linuxIDs returns the path of an id, nil where there is none.
func (r *podReader) linuxIDs() podspec.Path {
	if r.FSGroup.State != podspec.Unset {
		return r.FSGroup.Path
	}
	if r.SupplementalGroups.State != podspec.Unset {
		return r.SupplementalGroups.Path
	}
	contexts := []*podspec.SecurityContext{&r.SecurityContext}
	for i := range r.Containers {
		contexts = append(contexts, &r.Containers[i].SecurityContext)
	}
	for _, sc := range contexts {
		for _, v := range []podspec.Value[int64]{sc.RunAsUser, sc.RunAsGroup} {
			if v.State != podspec.Unset {
				return v.Path
			}
		}
	}
	return nil
}
