package validator

import (
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// mustBeUnset demands that a field be left to the cluster: what is set is
// removed. It judges fields, not effective values: a value of the pod that every
// container overrides is inherited once theirs are gone.
//
// A value that cannot be read is reported by problems and stays.
func mustBeUnset(e *evaluation) {
	e.ruled(policy.MustBeUnset, e.unsetID)
	if s := &e.policy.SupplementalGroups; s.Rule == policy.MustBeUnset {
		if g := e.pod.SupplementalGroups; g.State == podspec.Set && firstProblem(g) == nil {
			e.unsetOnPod(groupsName, s, g.Path, currentGroups(g), nil, true)
		}
	}
	if s, v := &e.policy.FSGroup, e.pod.FSGroup; s.Rule == policy.MustBeUnset && v.IsSet() {
		e.unsetOnPod(fsGroupName, s, v.Path, v.V, nil, true)
	}
}

// unsetID removes a field from the pod and from its containers.
func (e *evaluation) unsetID(f *idField, s *policy.Strategy) {
	if pod := f.of(&e.pod.SecurityContext); pod.IsSet() && (len(e.containers) > 0 || len(e.pod.Containers) == 0) {
		// An excluded container keeps what it runs with.
		removable := len(inheriting(e.excluded, f.of)) == 0
		e.unsetOnPod(f.name, s, pod.Path, pod.V, inheriting(e.containers, f.of), removable)
	}
	for i, c := range e.containers {
		own := f.of(&c.SecurityContext)
		if !own.IsSet() {
			continue
		}
		if _, shared := e.planned(own.Path); shared {
			continue // in a template of containers, and removed there
		}
		fd := unset(f.name, s, own.Path, own.V, e.containers[i:i+1], podspec.FromContainer)
		fd.Fix = []policy.Change{remove(c, own.Path, own.V)}
		e.report(fd)
	}
}

// unsetOnPod removes a field from the pod, if it may be removed.
func (e *evaluation) unsetOnPod(
	field string, s *policy.Strategy, at podspec.Path, v any, heirs []*podspec.Container, removable bool,
) {
	fd := unset(field, s, at, v, heirs, podspec.FromPod)
	if removable {
		fd.Fix = []policy.Change{remove(nil, at, v)}
	}
	e.report(fd)
}

// unset is the finding for a field that is set. Proposed is nil: what mutation
// leaves there is nothing.
func unset(
	field string, s *policy.Strategy, at podspec.Path, v any, cs []*podspec.Container, from podspec.Origin,
) policy.Finding {
	return policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.UnsetRequired,
		Message:    says(cs, field+" must be unset", v, from),
		Path:       at,
		Current:    v,
		Containers: names(cs),
		Origin:     from,
	}
}
