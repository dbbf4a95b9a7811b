package validator

import (
	"github.com/usergroup-dev/usergroup/policy"
)

// mayRunAs demands that a field, if it is set, be in the ranges. It writes
// nothing.
func mayRunAs(e *evaluation) {
	e.ruled(policy.MayRunAs, e.outsideRanges)
	if s := &e.policy.SupplementalGroups; s.Rule == policy.MayRunAs {
		e.groupsOutsideRanges(s)
	}
	if s := &e.policy.FSGroup; s.Rule == policy.MayRunAs {
		e.fsGroupOutsideRanges(s)
	}
}

// outsideRanges reports each effective id that is in no range.
func (e *evaluation) outsideRanges(f *idField, s *policy.Strategy) {
	for _, p := range effectiveValues(e, f.of) {
		e.outside(f, s, p)
	}
}

// outside reports an id that is in no range.
func (e *evaluation) outside(f *idField, s *policy.Strategy, p effective[int64]) {
	if !p.value.IsSet() || s.Allows(p.value.V) {
		return
	}
	e.report(policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     f.outside,
		Message:    says(p.containers, mustBeIn(f.name, s.Ranges), p.value.V, p.origin),
		Path:       p.value.Path,
		Current:    p.value.V,
		Containers: names(p.containers),
		Origin:     p.origin,
	})
}
