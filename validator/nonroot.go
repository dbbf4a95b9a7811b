package validator

import (
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// containerAdministrator is the one user of Windows that the kubelet takes for
// root, in any case of its letters.
const containerAdministrator = "ContainerAdministrator"

// mustRunAsNonRoot demands of each container that its effective runAsNonRoot not
// be false, that its effective runAsUser not be 0, and that one of them be set;
// where neither is, it writes runAsNonRoot: true.
//
// On Windows there are no ids. What stands for runAsUser 0 is the user name
// ContainerAdministrator, with the same reason, CannotUseRootUserID; and as no
// other name proves anything, runAsNonRoot itself must be set.
func mustRunAsNonRoot(e *evaluation) {
	if e.policy.RunAsUser.Rule != policy.MustRunAsNonRoot {
		return
	}
	line := e.policy.RunAsUser.Line
	for _, p := range effectiveValues(e, runAsNonRootOf) {
		if p.value.IsSet() && !p.value.V {
			e.report(nonRootFinding(line, policy.ShouldRunAsNonRoot, p, "runAsNonRoot must be true"))
		}
	}
	if e.pod.Windows {
		for _, p := range effectiveValues(e, runAsUserNameOf) {
			if isAdministrator(p.value) {
				e.report(nonRootFinding(line, policy.CannotUseRootUserID, p, "windowsOptions.runAsUserName must be another user"))
			}
		}
	} else {
		for _, p := range effectiveValues(e, runAsUser.of) {
			if p.value.IsSet() && p.value.V == 0 {
				e.report(nonRootFinding(line, policy.CannotUseRootUserID, p, "runAsUser must not be 0"))
			}
		}
	}
	e.defaultNonRoot()
}

func isAdministrator(v podspec.Value[string]) bool {
	return v.IsSet() && strings.EqualFold(v.V, containerAdministrator)
}

// nonRootFinding is the finding for a value that makes containers run as root,
// by the rule at a line of the policy.
func nonRootFinding[T any](line int, r policy.Reason, p effective[T], must string) policy.Finding {
	return policy.Finding{
		Rule:       string(policy.MustRunAsNonRoot),
		PolicyLine: line,
		Reason:     r,
		Message:    says(p.containers, must, p.value.V, p.origin),
		Path:       p.value.Path,
		Current:    p.value.V,
		Containers: names(p.containers),
		Origin:     p.origin,
	}
}

// defaultNonRoot writes runAsNonRoot: true for the containers of which nothing
// says whether they run as root.
func (e *evaluation) defaultNonRoot() {
	pod := e.pod.RunAsNonRoot
	if pod.State != podspec.Unset || e.pod.Partial {
		return
	}
	onPod, onContainers := e.targets(e.pod.Context == podspec.OwnContext && len(inheriting(e.excluded, runAsNonRootOf)) == 0)
	for _, c := range inheriting(e.containers, runAsNonRootOf) {
		if e.saysUser(c) {
			continue
		}
		cs := []*podspec.Container{c}
		fd := policy.Finding{
			Rule:       string(policy.MustRunAsNonRoot),
			PolicyLine: e.policy.RunAsUser.Line,
			Reason:     policy.ShouldRunAsNonRoot,
			Message:    says(cs, e.mustSayNonRoot(), nil, podspec.FromNowhere),
			Path:       c.RunAsNonRoot.Path,
			Proposed:   true,
			Containers: names(cs),
		}
		if onContainers {
			fd.Fix = append(fd.Fix, put(c, c.RunAsNonRoot.Path, nil, true, ""))
		}
		if onPod {
			fd.Fix = append(fd.Fix, put(nil, pod.Path, nil, true, ""))
			onPod = false
		}
		e.report(fd)
	}
}

// saysUser reports whether something about the user of a container was judged,
// or reported as a problem, so that runAsNonRoot may stay unset.
func (e *evaluation) saysUser(c *podspec.Container) bool {
	if e.pod.Windows {
		name := c.RunAsUserName
		if name.State == podspec.Unset {
			name = e.pod.RunAsUserName
		}
		return isAdministrator(name) || name.State == podspec.Invalid
	}
	v, _ := e.pod.EffectiveUser(c)
	return v.State != podspec.Unset
}

func (e *evaluation) mustSayNonRoot() string {
	if e.pod.Windows {
		return "runAsNonRoot must be true"
	}
	return "runAsNonRoot must be true unless runAsUser is set and not 0"
}
