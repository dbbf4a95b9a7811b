package validator

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// targets says where a default goes that some container lacks: on the pod, on
// those containers, or on both. writable is whether the pod's field may be
// written; where it may not, the default goes on the containers whatever the
// placement.
func (e *evaluation) targets(writable bool) (onPod, onContainers bool) {
	switch e.policy.Placement {
	case policy.PlaceContainers:
		return false, true
	case policy.PlacePod:
		return writable, !writable
	}
	return writable, true
}

// podWritable reports whether the pod's field may be given the default of a
// strategy. It may not
//   - where the default is the image's, as images differ;
//   - where an excluded container would inherit it, or another pod;
//   - where the kind refuses it;
//   - for runAsGroup while the pod's runAsUser stays unset: containerd then
//     refuses to create the pod's sandbox, `user group "1000" is specified
//     without user`;
//   - where the field is there twice: no edit mends that.
func (e *evaluation) podWritable(f *idField, s *policy.Strategy) bool {
	switch {
	case s.DefaultFrom == policy.DefaultFromImage,
		e.pod.Context != podspec.OwnContext,
		len(inheriting(e.excluded, f.of)) > 0,
		f == &runAsGroup && !e.setAfter(e.pod.RunAsUser),
		duplicate(f.of(&e.pod.SecurityContext).Problem):
		return false
	}
	return true
}

// duplicate reports whether the problem is one that no edit mends.
func duplicate(p *podspec.Problem) bool {
	return p != nil && p.Code == podspec.DuplicateKey
}

// put plans to set a field, of a container or, where c is nil, of the pod. why
// is what the message adds in brackets to what was there; it may be empty.
func put(c *podspec.Container, at podspec.Path, was, value any, why string) policy.Change {
	reason := policy.Overwritten
	if was == nil {
		reason = policy.Defaulted
	}
	var room [192]byte // more than most messages need
	b := append(append(appendWhom(room[:0], c), at.Last()...), " set to "...)
	b = appendValue(append(appendValue(b, value), " (was "...), was)
	if why != "" {
		b = append(append(b, ", "...), why...)
	}
	return policy.Change{
		Edit:      podspec.Edit{Op: podspec.Put, Path: at, Value: value},
		Reason:    reason,
		Message:   string(append(b, ')')),
		Current:   was,
		Container: whom(c),
	}
}

// remove plans to remove a field, of a container or, where c is nil, of the
// pod.
func remove(c *podspec.Container, at podspec.Path, was any) policy.Change {
	return policy.Change{
		Edit:      podspec.Edit{Op: podspec.Remove, Path: at},
		Reason:    policy.Removed,
		Message:   fmt.Sprintf("%s%s removed (was %s)", appendWhom(nil, c), at.Last(), show(was)),
		Current:   was,
		Container: whom(c),
	}
}

// whom names the container that a change is for, "" for the pod.
func whom(c *podspec.Container) string {
	if c == nil {
		return ""
	}
	return nameOf(c)
}

// appendWhom begins the message of a change behind the text b.
func appendWhom(b []byte, c *podspec.Container) []byte {
	if c == nil {
		b = appendSubject(b, nil)
	} else {
		b = appendSubject(b, []*podspec.Container{c})
	}
	return append(b, ": "...)
}

// podGroupWithoutUser warns of a pod that containerd does not start: its
// runAsGroup is set and its runAsUser is not. Under Audit it is an info, as
// everything is.
func podGroupWithoutUser(e *evaluation) {
	s := &e.policy.RunAsGroup
	if !s.Active() {
		s = &e.policy.RunAsUser
	}
	if !s.Active() {
		return
	}
	if e.pod.Partial {
		return
	}
	user, group := e.pod.RunAsUser, e.pod.RunAsGroup
	if user.State == podspec.Invalid || e.setInResult(user) || !e.setInResult(group) {
		return
	}
	severity := policy.Warning
	if e.policy.Mode == policy.Audit {
		severity = policy.Info
	}
	e.add(policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.PodGroupWithoutUser,
		Severity:   severity,
		Message: says(nil, "runAsUser must be set where runAsGroup is, or containerd does not start the pod",
			nil, podspec.FromPod),
		Path:    group.Path,
		Current: group.V,
		Origin:  podspec.FromPod,
	})
}
