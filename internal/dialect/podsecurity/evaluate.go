package podsecurity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/pod-security-admission/api"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// evaluator judges pods by Pod Security levels.
type evaluator struct {
	policy                                 string
	line                                   int
	defaults                               api.Policy
	namespaceLabels                        bool
	judge                                  judge
	exemptNamespaces, exemptRuntimeClasses []string
}

// NeedsImages is always false: the levels know nothing of images.
func (*evaluator) NeedsImages(string) bool { return false }

// Evaluate judges one pod. Findings about its Namespace are the same for every
// pod of an object.
func (e *evaluator) Evaluate(_ context.Context, s policy.Subject) []policy.Finding {
	if f, ok := e.exempted(s); ok {
		return []policy.Finding{f}
	}
	levels, findings := e.levels(s)
	modes := modesOf(levels)
	if len(modes) == 0 {
		return findings
	}
	broken := e.problems(s.Pod, modes[0])
	findings = append(findings, broken...)
	pod, err := decode(s)
	if err != nil {
		if len(broken) == 0 {
			findings = append(findings, e.finding(modes[0], policy.InvalidType, s.Pod.Path,
				fmt.Sprintf("the pod cannot be read as the API server reads it: %v", err)))
		}
		return findings
	}
	return append(findings, e.violations(s, modes, pod)...)
}

// mode is a level with what its violations are.
type mode struct {
	api.LevelVersion
	severity policy.Severity
	verb     string // the library's own word for what a pod does to the level
}

// modesOf lists the modes that judge anything, worst first.
func modesOf(p api.Policy) []mode {
	all := []mode{
		{p.Enforce, policy.Error, "violates"},
		{p.Warn, policy.Warning, "would violate"},
		{p.Audit, policy.Info, "would violate"},
	}
	return slices.DeleteFunc(all, func(m mode) bool { return m.Level == api.LevelPrivileged })
}

// levels returns the levels for the subject and what is wrong with its
// Namespace. The library falls back to the strictest level where it cannot read
// an enforce label; the API server also refuses such a Namespace.
func (e *evaluator) levels(s policy.Subject) (api.Policy, []policy.Finding) {
	if !e.namespaceLabels {
		return e.defaults, nil
	}
	rule := mode{LevelVersion: e.defaults.Enforce, severity: policy.Warning}
	at := podspec.Field("metadata", "namespace")
	if s.Namespace == nil {
		what := fmt.Sprintf("namespace %q is not among the items", s.Object.Namespace)
		if s.Object.Namespace == "" {
			what = "the object names no namespace"
		}
		return e.defaults, []policy.Finding{e.finding(rule, policy.NotEvaluated, at,
			what+", so its Pod Security labels are not checked")}
	}
	levels, errs := api.PolicyToEvaluate(s.Namespace.Labels, e.defaults)
	rule = mode{LevelVersion: levels.Enforce, severity: policy.Error}
	var out []policy.Finding
	for _, err := range errs {
		out = append(out, e.finding(rule, policy.PodSecurityViolation, at,
			fmt.Sprintf("namespace %q: %v", s.Namespace.Name, err)))
	}
	return levels, out
}

// exempted returns the finding that makes an exemption visible.
func (e *evaluator) exempted(s policy.Subject) (policy.Finding, bool) {
	m := mode{LevelVersion: e.defaults.Enforce, severity: policy.Info}
	switch {
	case slices.Contains(e.exemptNamespaces, s.Object.Namespace):
		return e.finding(m, policy.Exempted, podspec.Field("metadata", "namespace"),
			fmt.Sprintf("namespace %q is exempt from Pod Security", s.Object.Namespace)), true
	case s.Pod.RuntimeClass != "" && slices.Contains(e.exemptRuntimeClasses, s.Pod.RuntimeClass):
		return e.finding(m, policy.Exempted, s.Pod.Path.Key("runtimeClassName"),
			fmt.Sprintf("runtime class %q is exempt from Pod Security", s.Pod.RuntimeClass)), true
	}
	return policy.Finding{}, false
}

// finding returns a finding with what all of a mode's findings have in common.
func (e *evaluator) finding(m mode, reason policy.Reason, at podspec.Path, message string) policy.Finding {
	return policy.Finding{
		Policy:     e.policy,
		PolicyLine: e.line,
		Rule:       m.String(),
		Reason:     reason,
		Severity:   m.severity,
		Message:    message,
		Path:       at,
	}
}

// decode reads the pod as the API server does: case-sensitive, integers kept,
// nothing coerced, and with its defaults.
func decode(s policy.Subject) (*corev1.Pod, error) {
	obj, err := s.PodJSON()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(obj)
	if err != nil {
		return nil, err
	}
	pod := new(corev1.Pod)
	if err := utiljson.Unmarshal(data, pod); err != nil {
		return nil, err
	}
	setDefaults(&pod.Spec)
	return pod, nil
}

// problems reports what cannot be judged in the fields that decide on users.
// The library does not see most of it: an id out of range, a key that is
// twice, a yes that some parsers take for true.
func (e *evaluator) problems(pod *podspec.Pod, m mode) []policy.Finding {
	var out []policy.Finding
	add := func(prefix string, p *podspec.Problem) {
		if p != nil {
			out = append(out, e.finding(m, policy.Reason(p.Code), p.Path, prefix+p.Path.Last()+" "+p.Detail))
		}
	}
	for i := range pod.Problems {
		add("", &pod.Problems[i])
	}
	add("pod: ", pod.HostUsers.Problem)
	add("pod: ", pod.RunAsUser.Problem)
	add("pod: ", pod.RunAsNonRoot.Problem)
	for i := range pod.Containers {
		c := &pod.Containers[i]
		who := fmt.Sprintf("%s %q: ", c.Kind, c.Name)
		add(who, c.RunAsUser.Problem)
		add(who, c.RunAsNonRoot.Problem)
	}
	return out
}
