package podsecurity

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
)

// check is what this package knows of one check of the library: where the
// fields are that it restricts.
type check struct {
	id psa.CheckID
	// pod and container are the places of the restricted field below a pod spec
	// and below a container; nil is the pod spec or the container itself.
	pod, container []string
	userGroup      bool // judged also by ScopeUserGroup
}

// checks has one row for each check of the library. AppArmor and seccomp were
// annotations once, so that their pod level is the pod spec as a whole.
var checks = []check{
	{id: "allowPrivilegeEscalation", container: []string{"securityContext", "allowPrivilegeEscalation"}},
	{id: "appArmorProfile", container: []string{"securityContext", "appArmorProfile"}},
	{id: "capabilities_baseline", container: []string{"securityContext", "capabilities"}},
	{id: "capabilities_restricted", container: []string{"securityContext", "capabilities"}},
	{id: "hostNamespaces"},
	{id: "hostPathVolumes", pod: []string{"volumes"}},
	{id: "hostPorts", container: []string{"ports"}},
	{id: "hostProbesAndHostLifecycle"},
	{id: "privileged", container: []string{"securityContext", "privileged"}},
	{id: "procMount", container: []string{"securityContext", "procMount"}},
	{id: "procMount_restricted", container: []string{"securityContext", "procMount"}},
	{id: "restrictedVolumes", pod: []string{"volumes"}},
	{id: runAsNonRoot, pod: []string{"securityContext", "runAsNonRoot"}, container: []string{"securityContext", "runAsNonRoot"}, userGroup: true},
	{id: runAsUser, pod: []string{"securityContext", "runAsUser"}, container: []string{"securityContext", "runAsUser"}, userGroup: true},
	{id: "seLinuxOptions", pod: []string{"securityContext", "seLinuxOptions"}, container: []string{"securityContext", "seLinuxOptions"}},
	{id: "seccompProfile_baseline", container: []string{"securityContext", "seccompProfile"}},
	{id: "seccompProfile_restricted", pod: []string{"securityContext", "seccompProfile"}, container: []string{"securityContext", "seccompProfile"}},
	{id: "sysctls", pod: []string{"securityContext", "sysctls"}},
	{id: "windowsHostProcess", pod: []string{"securityContext", "windowsOptions", "hostProcess"}, container: []string{"securityContext", "windowsOptions", "hostProcess"}},
}

// The checks of users.
const (
	runAsNonRoot psa.CheckID = "runAsNonRoot"
	runAsUser    psa.CheckID = "runAsUser"
)

// lookup returns the row of a check. A check that the library gained is judged
// all the same, at the pod spec and the container as a whole.
func lookup(id psa.CheckID) check {
	for _, c := range checks {
		if c.id == id {
			return c
		}
	}
	return check{id: id}
}

// judge is the library's evaluator, whose results are told apart by check.
type judge struct {
	psa.Evaluator
}

// violation is what the library says of a pod that it forbids.
type violation struct {
	check
	reason, detail string
}

// String renders the violation as the library does.
func (v violation) String() string {
	if v.detail == "" {
		return v.reason
	}
	return v.reason + " (" + v.detail + ")"
}

// newJudge returns the judge of the checks in a scope.
func newJudge(scope Scope) (judge, error) {
	var in []psa.Check
	for _, c := range psa.DefaultChecks() {
		if scope == ScopeAll || lookup(c.ID).userGroup {
			in = append(in, named(c))
		}
	}
	e, err := psa.NewEvaluator(in, nil)
	return judge{e}, err
}

// idEnd ends the check's id in a result's reason.
const idEnd = "\x00"

// named makes the check put its id before the reason. The library's results do
// not say which check they are from, and asking each check alone would lose
// which restricted check takes the place of which baseline check.
func named(c psa.Check) psa.Check {
	for i, v := range c.Versions {
		c.Versions[i].CheckPod = func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) psa.CheckResult {
			r := v.CheckPod(meta, spec)
			r.ForbiddenReason = string(c.ID) + idEnd + r.ForbiddenReason
			return r
		}
	}
	return c
}

// violations returns what the level forbids of the pod, in the library's order.
func (j judge) violations(lv api.LevelVersion, meta *metav1.ObjectMeta, spec *corev1.PodSpec) []violation {
	var out []violation
	for _, r := range j.EvaluatePod(lv, meta, spec) {
		if r.Allowed {
			continue
		}
		id, reason, _ := strings.Cut(r.ForbiddenReason, idEnd)
		out = append(out, violation{lookup(psa.CheckID(id)), reason, r.ForbiddenDetail})
	}
	return out
}
