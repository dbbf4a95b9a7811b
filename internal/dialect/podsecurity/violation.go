package podsecurity

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/usergroup-dev/usergroup/internal/podindex"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// violations judges the pod by each mode. What a worse mode has said already is
// not said again.
func (e *evaluator) violations(s policy.Subject, modes []mode, pod *corev1.Pod) []policy.Finding {
	type key struct{ check, path string }
	said := map[key]bool{}
	var out []policy.Finding
	podFixed := false
	in := podindex.New(s.Pod)
	for _, m := range modes {
		for _, o := range e.judge.offenders(m.LevelVersion, &pod.ObjectMeta, &pod.Spec) {
			f := e.violation(s.Pod, in, m, o)
			k := key{string(o.id), f.Path.String()}
			if said[k] {
				continue
			}
			said[k] = true
			if f.Proposed != nil && s.Mutate && m.severity == policy.Error {
				f.Fix = nonRootFix(s.Pod, o, !podFixed)
				podFixed = true
			}
			out = append(out, f)
		}
	}
	return out
}

// violation returns the finding for one offender.
func (e *evaluator) violation(pod *podspec.Pod, in *podindex.Index, m mode, o offender) policy.Finding {
	field := o.violation.pod
	if !o.owner.pod {
		field = o.container
	}
	f := e.finding(m, policy.PodSecurityViolation, o.path(pod).Key(field...), "")
	ours := ""
	if o.userGroup {
		ours = describeUser(pod, in.At(o.path(pod)), o, &f)
	}
	if !o.owner.pod {
		f.Containers = []string{o.name}
	}
	f.Message = fmt.Sprintf("%s: %s%s PodSecurity %q: %s", who(o.owner), ours, m.verb, m.String(), o.violation)
	return f
}

// describeUser sets the values of a finding on runAsUser or runAsNonRoot and
// says in our words what must be and what is. c is the container that offends, nil
// where that is the pod.
func describeUser(pod *podspec.Pod, c *podspec.Container, o offender, f *policy.Finding) string {
	sc := pod.SecurityContext
	f.Origin = podspec.FromPod
	if c != nil {
		sc = c.SecurityContext
		f.Origin = podspec.FromContainer
	} else {
		f.Containers = inheriting(pod, o)
	}
	inherited := ""
	if len(f.Containers) > 0 {
		inherited = fmt.Sprintf(", inherited by %s", strings.Join(quoted(f.Containers), ", "))
	}
	switch {
	case o.id == runAsUser:
		f.Current = sc.RunAsUser.V
		return fmt.Sprintf("runAsUser must not be 0%s: ", inherited)
	case sc.RunAsNonRoot.IsSet():
		f.Current = sc.RunAsNonRoot.V
		return fmt.Sprintf("runAsNonRoot must be true, is false%s: ", inherited)
	}
	f.Origin = podspec.FromNowhere
	if fixable(pod, c) {
		f.Proposed = true
	}
	return "runAsNonRoot must be true, is unset here and on the pod: "
}

// inheriting names the containers that take the field of the check from the pod.
func inheriting(pod *podspec.Pod, o offender) []string {
	var out []string
	for i := range pod.Containers {
		c := &pod.Containers[i]
		own := c.RunAsUser.State
		if o.id == runAsNonRoot {
			own = c.RunAsNonRoot.State
		}
		if own == podspec.Unset {
			out = append(out, c.Name)
		}
	}
	return out
}

// fixable reports whether runAsNonRoot: true makes the container better. One
// that runs as user 0 the kubelet would then refuse to start.
func fixable(pod *podspec.Pod, c *podspec.Container) bool {
	if c == nil || c.RunAsNonRoot.State != podspec.Unset || pod.RunAsNonRoot.State != podspec.Unset {
		return false
	}
	user, _ := pod.EffectiveUser(c)
	return !user.IsSet() || user.V != 0
}

// nonRootFix writes runAsNonRoot on the container and, where withPod is set, on
// the pod: in the places where the rule MustRunAsNonRoot writes it.
func nonRootFix(pod *podspec.Pod, o offender, withPod bool) []policy.Change {
	fix := []policy.Change{{
		Edit:      podspec.Edit{Op: podspec.Put, Path: o.path(pod).Key(o.container...), Value: true},
		Reason:    policy.Defaulted,
		Message:   who(o.owner) + ": runAsNonRoot set to true (was unset)",
		Container: o.name,
	}}
	if withPod {
		fix = append(fix, policy.Change{
			Edit:    podspec.Edit{Op: podspec.Put, Path: pod.Path.Key(o.violation.pod...), Value: true},
			Reason:  policy.Defaulted,
			Message: "pod: runAsNonRoot set to true (was unset)",
		})
	}
	return fix
}

// who names the owner in a message.
func who(p owner) string {
	if p.pod {
		return "pod"
	}
	return fmt.Sprintf("%s %q", p.kind, p.name)
}

// quoted puts each name in quotes.
func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return out
}
