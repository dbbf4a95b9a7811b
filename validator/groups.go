package validator

import (
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// The fields that only a pod has.
const (
	fsGroupName = "fsGroup"
	groupsName  = "supplementalGroups"
)

// groupsOutsideRanges reports each supplemental group that is in no range, at
// its index.
func (e *evaluation) groupsOutsideRanges(s *policy.Strategy) {
	if e.pod.SupplementalGroups.State != podspec.Set {
		return
	}
	for _, v := range e.pod.SupplementalGroups.Items {
		e.podIDOutsideRanges(groupsName, s, v)
	}
}

// fsGroupOutsideRanges reports an fsGroup that is in no range.
func (e *evaluation) fsGroupOutsideRanges(s *policy.Strategy) {
	e.podIDOutsideRanges(fsGroupName, s, e.pod.FSGroup)
}

func (e *evaluation) podIDOutsideRanges(field string, s *policy.Strategy, v podspec.Value[int64]) {
	if !v.IsSet() || s.Allows(v.V) {
		return
	}
	e.report(policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.GroupIDOutsideRanges,
		Message:    says(nil, mustBeIn(field, s.Ranges), v.V, podspec.FromPod),
		Path:       v.Path,
		Current:    v.V,
		Origin:     podspec.FromPod,
	})
}

// currentGroups is what the list shows in a finding: []int64, else the text that
// is there, else nil.
func currentGroups(g podspec.Groups) any {
	switch {
	case g.State == podspec.Unset:
		return nil
	case firstProblem(g) == nil:
		ids := make([]int64, len(g.Items))
		for i, v := range g.Items {
			ids[i] = v.V
		}
		return ids
	case g.Raw != "":
		return g.Raw
	}
	raw := make([]string, len(g.Items))
	for i, v := range g.Items {
		raw[i] = v.Raw
	}
	return "[" + strings.Join(raw, ", ") + "]"
}

// firstProblem is the problem of the list or the first of its elements that has
// one; nil where all of it can be judged.
func firstProblem(g podspec.Groups) *podspec.Problem {
	if g.Problem != nil {
		return g.Problem
	}
	for _, v := range g.Items {
		if v.Problem != nil {
			return v.Problem
		}
	}
	return nil
}
