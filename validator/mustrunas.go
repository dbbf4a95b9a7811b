package validator

import (
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// mustRunAs demands that a field be set to an id in the ranges. An unset one is
// given the default; a bad one is reported and never repaired, unless overwrite
// is on.
func mustRunAs(e *evaluation) {
	e.ruled(policy.MustRunAs, func(f *idField, s *policy.Strategy) {
		if s.Overwrite {
			e.overwriteID(f, s)
			return
		}
		e.outsideRanges(f, s)
		e.defaultID(f, s)
	})
	if e.pod.Context == podspec.NoContext {
		return
	}
	if s := &e.policy.SupplementalGroups; s.Rule == policy.MustRunAs {
		if s.Overwrite {
			e.overwriteGroups(s)
		} else {
			e.groupsOutsideRanges(s)
			e.defaultGroups(s)
		}
	}
	if s := &e.policy.FSGroup; s.Rule == policy.MustRunAs {
		if s.Overwrite {
			e.overwriteFSGroup(s)
		} else {
			e.fsGroupOutsideRanges(s)
			e.defaultFSGroup(s)
		}
	}
}

// defaultID gives the containers without an effective id one.
func (e *evaluation) defaultID(f *idField, s *policy.Strategy) {
	pod := f.of(&e.pod.SecurityContext)
	if pod.State != podspec.Unset || e.pod.Partial {
		return
	}
	onPod, onContainers := e.targets(e.podWritable(f, s))
	for i, c := range inheriting(e.containers, f.of) {
		cs := []*podspec.Container{c}
		fd := policy.Finding{
			Rule:       string(s.Rule),
			PolicyLine: s.Line,
			Reason:     f.missing,
			Message:    says(cs, mustBeIn(f.name, s.Ranges), nil, podspec.FromNowhere),
			Path:       f.of(&c.SecurityContext).Path,
			Containers: names(cs),
		}
		if onContainers {
			fd.Fix = e.appendDefault(nil, f, s, c)
		}
		if onPod && i == 0 {
			fd.Fix = append(fd.Fix, put(nil, pod.Path, nil, s.Ranges.Default(), ""))
		}
		switch {
		case len(fd.Fix) > 0:
			fd.Proposed = fd.Fix[0].Edit.Value
		case onPod:
			fd.Proposed = s.Ranges.Default()
		}
		e.report(fd)
	}
}

// appendDefault plans the default on a container, over whatever its own field
// holds. There is no change where that is the default already, or where the
// default is not known: it is the image's, which cannot be read.
func (e *evaluation) appendDefault(fix []policy.Change, f *idField, s *policy.Strategy, c *podspec.Container) []policy.Change {
	own := *f.of(&c.SecurityContext)
	id, why, ok := e.defaultOf(f, s, c)
	if !ok || own.IsSet() && own.V == id {
		return fix
	}
	return append(fix, put(c, own.Path, current(own), id, why))
}

// defaultOf is the id that a container is to be given and, if that does not
// follow from the ranges alone, where it comes from. It is not known where the
// image cannot be read and that is an error: the range's would hide it.
func (e *evaluation) defaultOf(f *idField, s *policy.Strategy, c *podspec.Container) (id int64, why string, ok bool) {
	if s.DefaultFrom != policy.DefaultFromImage {
		return s.Ranges.Default(), "", true
	}
	cfgs, read := e.configs(c, s)
	if !read {
		lenient := e.policy.Images.FailurePolicy == policy.FailureWarn || e.policy.Images.FailurePolicy == policy.FailureIgnore
		return s.Ranges.Default(), "the image's USER is not known", lenient
	}
	if id, ok := imageDefault(f, s, cfgs, e.policy.Images.ResolveNames); ok {
		return id, "from the image's USER", true
	}
	return s.Ranges.Default(), "the image's USER is not allowed", true
}

// defaultFSGroup gives a pod without fsGroup the default one.
func (e *evaluation) defaultFSGroup(s *policy.Strategy) {
	v, id := e.pod.FSGroup, s.Ranges.Default()
	if v.State != podspec.Unset || e.pod.Partial {
		return
	}
	fd := policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.MissingFSGroup,
		Message:    says(nil, mustBeIn(fsGroupName, s.Ranges), nil, podspec.FromNowhere),
		Path:       v.Path,
	}
	e.propose(&fd, v.Path, nil, id)
	e.report(fd)
}

// defaultGroups gives a pod without supplementalGroups the default one. An empty
// list is not unset: it says that there are to be none, which the rule forbids and
// only overwrite mends.
func (e *evaluation) defaultGroups(s *policy.Strategy) {
	g := e.pod.SupplementalGroups
	if g.State == podspec.Invalid || len(g.Items) > 0 || g.State == podspec.Unset && e.pod.Partial {
		return
	}
	fd := policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.MissingSupplementalGroupID,
		Message:    says(nil, mustBeIn(groupsName, s.Ranges), currentGroups(g), podspec.FromPod),
		Path:       g.Path,
		Current:    currentGroups(g),
		Origin:     originOf(g.State),
	}
	if g.State == podspec.Unset || s.Overwrite {
		e.propose(&fd, g.Path, currentGroups(g), []int64{s.Ranges.Default()})
	}
	e.report(fd)
}

// propose gives a finding on a field that only a pod has its fix, unless the
// kind refuses the field.
func (e *evaluation) propose(fd *policy.Finding, at podspec.Path, was, value any) {
	if e.pod.Context == podspec.RefusedContext {
		return
	}
	fd.Proposed = value
	fd.Fix = []policy.Change{put(nil, at, was, value, "")}
}

// originOf is the origin of a field that only a pod has.
func originOf(s podspec.State) podspec.Origin {
	if s == podspec.Unset {
		return podspec.FromNowhere
	}
	return podspec.FromPod
}
