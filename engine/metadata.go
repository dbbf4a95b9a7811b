package engine

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// matters reports whether a problem of an object's own fields decides on anything.
// A label or an annotation that readers disagree on decides only where a policy
// reads it.
func (r *run) matters(o workload.Object, p podspec.Problem) bool {
	if len(p.Path) != 3 || p.Path[0].Key != "metadata" {
		return true
	}
	key := p.Path[2].Key
	return slices.ContainsFunc(r.policies, func(pol *policy.Policy) bool {
		switch {
		case len(pol.Evaluators) > 0: // they are given the object as it is
			return true
		case p.Path[1].Key == "labels" && isNamespace(o.Object):
			return readsLabel(pol, key, func(s policy.Selector) policy.Labels { return s.NamespaceSelector })
		case p.Path[1].Key == "labels":
			return readsLabel(pol, key, func(s policy.Selector) policy.Labels { return s.LabelSelector })
		}
		return readsAnnotation(pol, o, key)
	})
}

func readsLabel(p *policy.Policy, key string, of func(policy.Selector) policy.Labels) bool {
	reads := func(s policy.Selector) bool { return of(s) != nil && of(s).Reads(key) }
	return reads(p.Match) || slices.ContainsFunc(p.Exclude, func(e policy.Exclusion) bool { return reads(e.Selector) })
}

func readsAnnotation(p *policy.Policy, o workload.Object, key string) bool {
	switch {
	case isNamespace(o.Object) && p.UsesNamespaceRanges(),
		key == ExemptAnnotation && p.AllowExemptionAnnotation,
		key == AppliedAnnotation && p.Annotate,
		key == workload.LocalConfigAnnotation:
		return true
	}
	reads := func(s policy.Selector) bool { _, ok := s.Annotations[key]; return ok }
	return reads(p.Match) || slices.ContainsFunc(p.Exclude, func(e policy.Exclusion) bool { return reads(e.Selector) })
}
