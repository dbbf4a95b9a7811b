package validator

import (
	"slices"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// overwriteID is MustRunAs with overwrite: every container and the pod get the
// default, whatever stood there. Under policy.PlacePod the containers without a
// value of their own are left to inherit it, where they can.
func (e *evaluation) overwriteID(f *idField, s *policy.Strategy) {
	if len(e.containers) == 0 && len(e.pod.Containers) > 0 {
		return
	}
	if f.of(&e.pod.SecurityContext).State == podspec.Unset {
		e.overwriteMissing(f, s)
	} else {
		e.overwriteInherited(f, s)
	}
	for i, c := range e.containers {
		own := *f.of(&c.SecurityContext)
		if own.State == podspec.Unset || duplicate(own.Problem) {
			continue
		}
		if _, shared := e.planned(own.Path); shared {
			continue // in a template of containers, and overwritten there
		}
		if fix := e.appendDefault(nil, f, s, c); len(fix) > 0 {
			at := effective[int64]{own, podspec.FromContainer, e.containers[i : i+1]}
			fd := e.unwanted(f.name, f.outside, s, at, fix[0].Edit.Value)
			fd.Fix = fix
			e.report(fd)
		}
	}
}

// overwriteMissing writes the default where neither the pod nor a container has
// a value.
func (e *evaluation) overwriteMissing(f *idField, s *policy.Strategy) {
	if e.pod.Partial {
		return
	}
	if len(inheriting(e.containers, f.of)) > 0 {
		e.defaultID(f, s)
		return
	}
	if onPod, _ := e.targets(e.podWritable(f, s)); onPod {
		pod, id := *f.of(&e.pod.SecurityContext), s.Ranges.Default()
		fd := e.unwanted(f.name, f.outside, s, effective[int64]{value: pod}, id)
		fd.Fix = []policy.Change{put(nil, pod.Path, nil, id, "")}
		e.report(fd)
	}
}

// overwriteInherited writes the default over the value of the pod and on the
// containers that inherit it: one finding, as it is one value.
func (e *evaluation) overwriteInherited(f *idField, s *policy.Strategy) {
	pod, id := *f.of(&e.pod.SecurityContext), s.Ranges.Default()
	heirs := inheriting(e.containers, f.of)
	writable, onContainers := e.targets(e.podWritable(f, s))
	unseen := e.hasUnseenContainers()
	if unseen { // what they inherit is overwritten, and nothing is added
		onContainers = false
	}
	if pod.State == podspec.Invalid && !writable {
		return // stays an error, see problems
	}
	fix := make([]policy.Change, 0, 1+len(heirs))
	if isDefault := pod.IsSet() && pod.V == id; isDefault {
		// Under PlacePod the containers may inherit it, even where it could not
		// be written; an image's own default is not it.
		onContainers = !unseen && (e.policy.Placement != policy.PlacePod || s.DefaultFrom == policy.DefaultFromImage)
	} else if writable {
		fix = append(fix, put(nil, pod.Path, current(pod), id, ""))
	}
	if onContainers {
		for _, c := range heirs {
			fix = e.appendDefault(fix, f, s, c)
		}
	}
	if len(fix) == 0 {
		if unseen {
			e.outside(f, s, effective[int64]{pod, podspec.FromPod, heirs})
		}
		return
	}
	fd := e.unwanted(f.name, f.outside, s, effective[int64]{pod, podspec.FromPod, heirs}, fix[0].Edit.Value)
	fd.Fix = fix
	e.report(fd)
}

// unwanted is the finding for a value that overwrite replaces. A valid one has
// nothing wrong with it but that it is not the default, and so has one of the
// pod that no container inherits.
func (e *evaluation) unwanted(field string, outside policy.Reason, s *policy.Strategy, p effective[int64], proposed any) policy.Finding {
	v := p.value
	fd := policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.Overwritten,
		Path:       v.Path,
		Current:    current(v),
		Proposed:   proposed,
		Containers: names(p.containers),
		Origin:     p.origin,
	}
	judged := len(p.containers) > 0 || e.hasUnseenContainers() || field == fsGroupName
	switch {
	case v.State == podspec.Invalid:
		fd.Reason = policy.Reason(v.Problem.Code)
		fd.Message = saysProblem(p.containers, field, v.Problem, p.origin)
		return fd
	case v.State == podspec.Unset:
		fd.Reason = policy.Defaulted
	case judged && !s.Allows(v.V):
		fd.Reason = outside
		fd.Message = says(p.containers, mustBeIn(field, s.Ranges), v.V, p.origin)
		return fd
	}
	fd.Message = says(p.containers, field+" must be "+show(proposed), fd.Current, p.origin)
	return fd
}

// overwriteFSGroup is overwriteID for fsGroup, which only a pod has.
func (e *evaluation) overwriteFSGroup(s *policy.Strategy) {
	v, id := e.pod.FSGroup, s.Ranges.Default()
	switch {
	case v.State == podspec.Unset:
		e.defaultFSGroup(s)
		return
	case v.IsSet() && v.V == id, duplicate(v.Problem):
		return
	}
	if e.pod.Context == podspec.RefusedContext {
		e.fsGroupOutsideRanges(s)
		return
	}
	at := effective[int64]{value: v, origin: podspec.FromPod}
	fd := e.unwanted(fsGroupName, policy.GroupIDOutsideRanges, s, at, id)
	fd.Fix = []policy.Change{put(nil, v.Path, current(v), id, "")}
	e.report(fd)
}

// overwriteGroups makes supplementalGroups the default and nothing else. It is
// one finding for the list, as it is the list that is replaced.
func (e *evaluation) overwriteGroups(s *policy.Strategy) {
	g, ids := e.pod.SupplementalGroups, []int64{s.Ranges.Default()}
	if g.State != podspec.Invalid && len(g.Items) == 0 {
		e.defaultGroups(s)
		return
	}
	if e.pod.Context == podspec.RefusedContext {
		e.groupsOutsideRanges(s)
		return
	}
	was := currentGroups(g)
	if same, _ := was.([]int64); slices.Equal(same, ids) || duplicate(g.Problem) {
		return
	}
	fd := policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.Overwritten,
		Message:    says(nil, groupsName+" must be "+show(ids), was, podspec.FromPod),
		Path:       g.Path,
		Current:    was,
		Proposed:   ids,
		Origin:     podspec.FromPod,
		Fix:        []policy.Change{put(nil, g.Path, was, ids, "")},
	}
	if p := firstProblem(g); p != nil {
		fd.Reason = policy.Reason(p.Code)
	} else if slices.ContainsFunc(g.Items, func(v podspec.Value[int64]) bool { return !s.Allows(v.V) }) {
		fd.Reason = policy.GroupIDOutsideRanges
	}
	e.report(fd)
}
