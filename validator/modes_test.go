package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
)

func TestModes(t *testing.T) {
	t.Parallel()
	base := policy.Policy{RunAsUser: must, RunAsGroup: may, Placement: policy.PlaceContainers}
	with := func(m policy.Mode, only bool) policy.Policy {
		p := base
		p.Mode, p.ValidateOnly = m, only
		return p
	}
	pod := newPod(ctr("web", group(0)))
	fix := "  Defaulted containers[0].runAsUser=1000"
	compliant := newPod(ctr("web", user(1000)))
	want := func(severity string, fixes ...string) []string {
		out := append([]string{severity + " MissingUserID containers[0].runAsUser web"}, fixes...)
		return append(out, severity+" GroupIDOutsideRanges containers[0].runAsGroup web")
	}
	run(t, []row{
		{"default", with("", false), pod, want("error", fix)},
		{"Enforce", with(policy.Enforce, false), pod, want("error", fix)},
		{"Warn", with(policy.Warn, false), pod, want("warning")},
		{"Audit", with(policy.Audit, false), pod, want("info")},
		{"validate only", with("", true), pod, want("error")},
		{"validate only, Audit", with(policy.Audit, true), pod, want("info")},
		{"validate only, compliant", with("", true), compliant, nil},
		{"Warn, compliant", with(policy.Warn, false), compliant, nil},
	})
}
