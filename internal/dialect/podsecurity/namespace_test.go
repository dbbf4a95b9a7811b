package podsecurity_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/usergroup-dev/usergroup/internal/dialect/podsecurity"
	"github.com/usergroup-dev/usergroup/policy"
)

// verdict is the severity, the rule and the reason of a finding.
type verdict struct {
	Severity policy.Severity
	Rule     string
	Reason   policy.Reason
	Path     string
}

// TestNamespaceLabels holds the labels against what api.PolicyToEvaluate
// documents: a bad enforce level is restricted, bad warn and audit levels are
// privileged, and warn follows a stricter enforce.
func TestNamespaceLabels(t *testing.T) {
	const runAsUser, namespace = "spec.securityContext.runAsUser", "metadata.namespace"
	tests := []struct {
		name   string
		labels map[string]string
		opts   podsecurity.Options
		want   []verdict
	}{
		{name: "none"},
		{name: "none, with a default", opts: podsecurity.Options{Warn: restricted}, want: []verdict{
			{policy.Warning, "restricted:latest", policy.PodSecurityViolation, runAsUser},
		}},
		{name: "enforce, which warn follows", labels: map[string]string{api.EnforceLevelLabel: "restricted", api.EnforceVersionLabel: "v1.30"}, want: []verdict{
			{policy.Error, "restricted:v1.30", policy.PodSecurityViolation, runAsUser},
		}},
		{name: "a label lifts the default", labels: map[string]string{api.EnforceLevelLabel: "privileged"}, opts: podsecurity.Options{Enforce: restricted}},
		{name: "warn", labels: map[string]string{api.WarnLevelLabel: "restricted"}, want: []verdict{
			{policy.Warning, "restricted:latest", policy.PodSecurityViolation, runAsUser},
		}},
		{name: "audit", labels: map[string]string{api.AuditLevelLabel: "restricted"}, want: []verdict{
			{policy.Info, "restricted:latest", policy.PodSecurityViolation, runAsUser},
		}},
		{name: "bad enforce level", labels: map[string]string{api.EnforceLevelLabel: "Baseline"}, want: []verdict{
			{policy.Error, "restricted:latest", policy.PodSecurityViolation, namespace},
			{policy.Error, "restricted:latest", policy.PodSecurityViolation, runAsUser},
		}},
		{name: "bad warn level", labels: map[string]string{api.WarnLevelLabel: "strict"}, want: []verdict{
			{policy.Error, "privileged:latest", policy.PodSecurityViolation, namespace},
		}},
		{name: "bad version", labels: map[string]string{api.EnforceLevelLabel: "restricted", api.EnforceVersionLabel: "1.22"}, want: []verdict{
			{policy.Error, "restricted:latest", policy.PodSecurityViolation, namespace},
			{policy.Error, "restricted:latest", policy.PodSecurityViolation, runAsUser},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.NamespaceLabels = true
			s := subject(t, pod(podUser(0)), asPod)
			s.Namespace = &policy.Namespace{Name: "apps", Labels: tt.labels}
			got := evaluator(t, tt.opts).Evaluate(context.Background(), s)
			if diff := cmp.Diff(tt.want, verdicts(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func verdicts(fs []policy.Finding) []verdict {
	var out []verdict
	for _, f := range fs {
		out = append(out, verdict{f.Severity, f.Rule, f.Reason, f.Path.String()})
	}
	return out
}

func TestNamespaceUnknown(t *testing.T) {
	tests := []struct{ namespace, want string }{
		{"apps", `namespace "apps" is not among the items, so its Pod Security labels are not checked`},
		{"", `the object names no namespace, so its Pod Security labels are not checked`},
	}
	for _, tt := range tests {
		s := subject(t, pod(podUser(0)), asPod)
		s.Object.Namespace = tt.namespace
		got := evaluator(t, podsecurity.Options{NamespaceLabels: true}).Evaluate(context.Background(), s)
		if len(got) != 1 || got[0].Reason != policy.NotEvaluated || got[0].Severity != policy.Warning || got[0].Message != tt.want {
			t.Errorf("namespace %q: got %+v, want the warning %q", tt.namespace, got, tt.want)
		}
	}
}

// TestExemptions proves that names are compared whole.
func TestExemptions(t *testing.T) {
	runtimeClass := func(p *corev1.Pod) { p.Spec.RuntimeClassName = ptr("sandboxed") }
	tests := []struct {
		name string
		opts podsecurity.Options
		want []verdict
	}{
		{"namespace", podsecurity.Options{ExemptNamespaces: []string{"apps"}}, []verdict{
			{policy.Info, "restricted:latest", policy.Exempted, "metadata.namespace"},
		}},
		{"runtime class", podsecurity.Options{ExemptRuntimeClasses: []string{"sandboxed"}}, []verdict{
			{policy.Info, "restricted:latest", policy.Exempted, "spec.runtimeClassName"},
		}},
		{"no globs", podsecurity.Options{ExemptNamespaces: []string{"app*"}, ExemptRuntimeClasses: []string{"*"}}, []verdict{
			{policy.Error, "restricted:latest", policy.PodSecurityViolation, "spec.securityContext.runAsUser"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.Enforce = restricted
			got := evaluator(t, tt.opts).Evaluate(context.Background(), subject(t, pod(podUser(0), runtimeClass), asPod))
			if diff := cmp.Diff(tt.want, verdicts(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
