package validator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Values of fields of a pod that bear on its ids.
const (
	unmasked = "Unmasked" // procMount
	// maxMapped is the highest id that a user namespace has on the host, unless a
	// kubelet is configured for more.
	maxMapped = 65535
)

// refused reports what the API server refuses of the fields that decide, beside
// the ids, whom a pod runs as: supplementalGroupsPolicy, fsGroupChangePolicy,
// procMount and hostUsers. What is refused there runs as nobody, and is found late.
// It is reported by every policy that is for the pod.
func refused(e *evaluation) {
	pod := e.pod
	if !e.policy.SupplementalGroups.RequireStrict { // else said
		e.oneOf(nil, "supplementalGroupsPolicy", pod.SupplementalGroupsPolicy, "Merge", strictPolicy)
	}
	e.oneOf(nil, "fsGroupChangePolicy", pod.FSGroupChangePolicy, "OnRootMismatch", "Always")
	e.problem(e.anyRuling(), pod.HostUsers.Problem, pod.HostUsers.Raw, "hostUsers", nil, podspec.FromPod)
	for i, c := range e.containers {
		cs := e.containers[i : i+1]
		e.oneOf(cs, "procMount", c.ProcMount, "Default", unmasked)
		if c.ProcMount.IsSet() && c.ProcMount.V == unmasked && !inUserNamespace(pod) && !pod.Partial {
			e.refuse(cs, c.ProcMount.Path, "procMount must be Default, as hostUsers is not false", c.ProcMount.V)
		}
	}
	if !inUserNamespace(pod) {
		return
	}
	for _, f := range []struct {
		name string
		podspec.Value[bool]
	}{{"hostNetwork", pod.HostNetwork}, {"hostPID", pod.HostPID}, {"hostIPC", pod.HostIPC}} {
		if f.IsSet() && f.V {
			e.refuse(nil, f.Path, f.name+" must not be true, as hostUsers is false", f.V)
		}
	}
	e.unmapped()
}

func inUserNamespace(pod *podspec.Pod) bool { return pod.HostUsers.IsSet() && !pod.HostUsers.V }

// oneOf refuses a field of the pod, or of the containers, with another value than
// those that there are.
func (e *evaluation) oneOf(cs []*podspec.Container, field string, v podspec.Value[string], known ...string) {
	switch {
	case v.State == podspec.Invalid:
		e.problem(e.anyRuling(), v.Problem, v.Raw, field, cs, podspec.FromPod)
	case v.IsSet() && !slices.Contains(known, v.V):
		e.refuse(cs, v.Path, field+" must be "+strings.Join(known, " or "), v.V)
	}
}

// refuse reports a value that the API server refuses.
func (e *evaluation) refuse(cs []*podspec.Container, at podspec.Path, must string, is any) {
	by := e.anyRuling()
	e.report(policy.Finding{
		Rule:       by.rule,
		PolicyLine: by.line,
		Reason:     policy.Refused,
		Message:    says(cs, must, is, podspec.FromContainer),
		Path:       at,
		Current:    is,
		Containers: names(cs),
		Origin:     originFor(cs),
	})
}

func originFor(cs []*podspec.Container) podspec.Origin {
	if len(cs) == 0 {
		return podspec.FromPod
	}
	return podspec.FromContainer
}

// unmapped warns of ids that a user namespace does not have: the pod is accepted,
// and its containers do not start. A kubelet may be configured to map more.
func (e *evaluation) unmapped() {
	for _, f := range idFields {
		for _, p := range effectiveValues(e, f.of) {
			e.warnUnmapped(f.name, p.value, p.containers, p.origin)
		}
	}
	for _, v := range e.pod.SupplementalGroups.Items {
		e.warnUnmapped(groupsName, v, nil, podspec.FromPod)
	}
	e.warnUnmapped(fsGroupName, e.pod.FSGroup, nil, podspec.FromPod)
}

func (e *evaluation) warnUnmapped(field string, v podspec.Value[int64], cs []*podspec.Container, from podspec.Origin) {
	if !v.IsSet() || v.V <= maxMapped {
		return
	}
	by, severity := e.anyRuling(), policy.Warning
	if e.policy.Mode == policy.Audit {
		severity = policy.Info
	}
	e.add(policy.Finding{
		Rule:       by.rule,
		PolicyLine: by.line,
		Reason:     policy.IDNotMapped,
		Severity:   severity,
		Message:    says(cs, field+" must be in 0-"+strconv.Itoa(maxMapped)+", as hostUsers is false", v.V, from),
		Path:       v.Path,
		Current:    v.V,
		Containers: names(cs),
		Origin:     from,
	})
}
