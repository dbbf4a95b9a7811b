package validator

import (
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// The rule that demands supplementalGroupsPolicy: Strict, as the policy spells
// it, and the value it demands.
const (
	requireStrictName = "requireStrict"
	strictPolicy      = "Strict"
)

// requireStrict demands supplementalGroupsPolicy: Strict. Without it the groups
// that the image's /etc/group gives the user are added to supplementalGroups,
// and no rule on those can hold.
func requireStrict(e *evaluation) {
	v := e.pod.SupplementalGroupsPolicy
	s := &e.policy.SupplementalGroups
	if !s.RequireStrict || v.State == podspec.Invalid || v.V == strictPolicy {
		return
	}
	if v.State == podspec.Unset && e.pod.Partial || e.pod.Context == podspec.NoContext {
		return
	}
	fd := policy.Finding{
		Rule:       requireStrictName,
		PolicyLine: s.Line,
		Reason:     policy.SupplementalGroupsNotStrict,
		Message:    says(nil, "supplementalGroupsPolicy must be "+strictPolicy, current(v), podspec.FromPod),
		Path:       v.Path,
		Current:    current(v),
		Origin:     originOf(v.State),
	}
	if v.State == podspec.Unset {
		e.propose(&fd, v.Path, nil, strictPolicy)
	}
	e.report(fd)
}
