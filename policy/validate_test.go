package policy_test

import (
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
)

// TestValidate has a policy for each thing that Validate refuses, and its field.
func TestValidate(t *testing.T) {
	t.Parallel()
	ranges := policy.Ranges{{Min: 1000, Max: 1999}}
	must := policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges}
	overwrite := must
	overwrite.Overwrite = true
	user := func(s policy.Strategy) *policy.Policy { return &policy.Policy{RunAsUser: s} }
	for _, tt := range []struct {
		name   string
		policy *policy.Policy
		errs   []string // fields, in order
	}{
		{"nil", nil, []string{"the policy is nil"}},
		{"zero", &policy.Policy{}, nil},
		{"ranges", user(must), nil},
		{"overwrite", user(overwrite), nil},
		{"ranges from OpenShift", user(policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}), nil},
		{"non-root", user(policy.Strategy{Rule: policy.MustRunAsNonRoot}), nil},
		{"no ranges", user(policy.Strategy{Rule: policy.MustRunAs}), []string{"runAsUser.ranges: "}},
		{"no ranges of groups", &policy.Policy{FSGroup: policy.Strategy{Rule: policy.MayRunAs}}, []string{"fsGroup.ranges: "}},
		{"unknown rule", user(policy.Strategy{Rule: "MustRun"}), []string{"runAsUser.rule: "}},
		{"rule of another field", &policy.Policy{RunAsGroup: policy.Strategy{Rule: policy.MustRunAsNonRoot}}, []string{"runAsGroup.rule: "}},
		{"upside down", user(policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 2, Max: 1}}}), []string{"runAsUser.ranges[0].min: "}},
		{"negative", user(policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: -1, Max: 1}}}), []string{"runAsUser.ranges[0]: "}},
		{"too large", user(policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 1 << 31}}}), []string{"runAsUser.ranges[0]: "}},
		{"overwrite without MustRunAs", user(policy.Strategy{Overwrite: true}), []string{"runAsUser.overwrite: "}},
		{"overwrite and validateOnly", &policy.Policy{RunAsUser: overwrite, ValidateOnly: true}, []string{"validateOnly: "}},
		{"unknown source of ranges", user(policy.Strategy{Rule: policy.MustRunAs, RangesFrom: "Elsewhere"}), []string{"runAsUser.rangesFrom: "}},
		{"ranges from elsewhere without a rule", user(policy.Strategy{RangesFrom: policy.RangesFromOpenShift}), []string{"runAsUser.rangesFrom: "}},
		{"unknown words", &policy.Policy{
			Mode: "x", Placement: "x", Output: "x", Images: policy.Images{Scope: "x", FailurePolicy: "x"},
		}, []string{"mode: ", "placement: ", "images.scope: ", "images.failurePolicy: ", "output: "}},
		{"as many platforms as there may be", &policy.Policy{Images: policy.Images{Platforms: make([]string, 32)}}, nil},
		{"more platforms", &policy.Policy{Images: policy.Images{Platforms: make([]string, 33)}}, []string{"images.platform: must be at most 32 platforms, are 33"}},
		{"no evaluator", &policy.Policy{Evaluators: []policy.Evaluator{nil}}, []string{"evaluators[0]: "}},
	} {
		var got []string
		if err := tt.policy.Validate(); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if len(got) != len(tt.errs) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.errs)
			continue
		}
		for i, want := range tt.errs {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want one of %q", tt.name, got[i], want)
			}
		}
	}
}
