package validator

import (
	"slices"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// idField is a field with an id that a container has itself or inherits from
// its pod.
type idField struct {
	name             string
	missing, outside policy.Reason
	strategy         func(*policy.Policy) *policy.Strategy
	of               func(*podspec.SecurityContext) *podspec.Value[int64]
	fromImage        func(image.User) image.Part // its counterpart in an image's USER
}

// The fields with an id that containers inherit.
var (
	runAsUser = idField{
		name:      "runAsUser",
		missing:   policy.MissingUserID,
		outside:   policy.UserIDOutsideRanges,
		strategy:  func(p *policy.Policy) *policy.Strategy { return &p.RunAsUser },
		of:        func(sc *podspec.SecurityContext) *podspec.Value[int64] { return &sc.RunAsUser },
		fromImage: func(u image.User) image.Part { return u.User },
	}
	runAsGroup = idField{
		name:      "runAsGroup",
		missing:   policy.MissingGroupID,
		outside:   policy.GroupIDOutsideRanges,
		strategy:  func(p *policy.Policy) *policy.Strategy { return &p.RunAsGroup },
		of:        func(sc *podspec.SecurityContext) *podspec.Value[int64] { return &sc.RunAsGroup },
		fromImage: func(u image.User) image.Part { return u.Group },
	}
)

// idFields lists them in the order in which they are judged: the pod's
// runAsGroup depends on its runAsUser.
var idFields = []*idField{&runAsUser, &runAsGroup}

// ruled calls judge for each field whose strategy has the rule.
func (e *evaluation) ruled(r policy.Rule, judge func(*idField, *policy.Strategy)) {
	for _, f := range idFields {
		if s := f.strategy(e.policy); s.Rule == r {
			judge(f, s)
		}
	}
}

// runAsNonRootOf and runAsUserNameOf are the other fields that containers
// inherit.
func runAsNonRootOf(sc *podspec.SecurityContext) *podspec.Value[bool] { return &sc.RunAsNonRoot }

func runAsUserNameOf(sc *podspec.SecurityContext) *podspec.Value[string] { return &sc.RunAsUserName }

// effective is a value that is set, with the containers that run with it: one where
// it is a container's own, and all that inherit it where it is the pod's or that of a
// template of containers.
type effective[T any] struct {
	value      podspec.Value[T]
	origin     podspec.Origin
	containers []*podspec.Container
}

// effectiveValues returns the effective values of one field, the pod's first. A value of
// the pod that no container inherits is not among them, unless there are
// containers that the manifest does not show.
func effectiveValues[T any](e *evaluation, of func(*podspec.SecurityContext) *podspec.Value[T]) []effective[T] {
	out := make([]effective[T], 0, len(e.containers)+1)
	onPod := *of(&e.pod.SecurityContext)
	if onPod.State != podspec.Unset {
		if heirs := inheriting(e.containers, of); len(heirs) > 0 || e.hasUnseenContainers() {
			out = append(out, effective[T]{onPod, podspec.FromPod, heirs})
		}
	}
	for i, c := range e.containers {
		own := *of(&c.SecurityContext)
		switch {
		case own.State == podspec.Unset:
		case c.Inherits:
			out = addHeir(out, own, c)
		default:
			out = append(out, effective[T]{own, podspec.FromContainer, e.containers[i : i+1]})
		}
	}
	return out
}

// hasUnseenContainers reports whether containers may inherit from the pod that
// are not in the manifest: whoever completes it adds them.
func (e *evaluation) hasUnseenContainers() bool {
	return len(e.pod.Containers) == 0 || e.pod.Partial
}

// addHeir adds a container to the value that it has from a template of containers.
func addHeir[T any](values []effective[T], v podspec.Value[T], c *podspec.Container) []effective[T] {
	for i := range values {
		if p := &values[i]; p.value.Path.Equal(v.Path) {
			p.containers = append(slices.Clip(p.containers), c)
			return values
		}
	}
	return append(values, effective[T]{v, podspec.FromContainer, []*podspec.Container{c}})
}

// inheriting returns those of the containers that have no value of their own.
func inheriting[T any](cs []*podspec.Container, of func(*podspec.SecurityContext) *podspec.Value[T]) []*podspec.Container {
	var out []*podspec.Container
	for _, c := range cs {
		if of(&c.SecurityContext).State == podspec.Unset {
			out = append(out, c)
		}
	}
	return out
}

// current is what a value shows in a finding: the value, else the text that
// is there, else nil.
func current[T any](v podspec.Value[T]) any {
	switch v.State {
	case podspec.Set:
		return v.V
	case podspec.Invalid:
		return v.Raw
	}
	return nil
}
