package policy_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	rs := policy.Ranges{{Min: 1000, Max: 1999}, {Min: 3000, Max: 3000}, {Min: 0, Max: 0}}
	for id, want := range map[int64]bool{
		-1: false, 0: true, 1: false, 999: false, 1000: true, 1999: true, 2000: false, 2999: false, 3000: true, 3001: false,
		podspec.MaxID: false,
	} {
		if got := rs.Contain(id); got != want {
			t.Errorf("contain %d: got %v", id, got)
		}
	}
	if got := rs.Default(); got != 1000 {
		t.Errorf("default is %d, want the first range's min", got)
	}
	if got, want := rs.String(), "1000-1999, 3000, 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if policy.Ranges(nil).Contain(0) {
		t.Error("no range contains an id")
	}
}

func TestStrategyActive(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		strategy policy.Strategy
		want     bool
	}{
		{policy.Strategy{}, false},
		{policy.Strategy{Rule: policy.RunAsAny}, false},
		{policy.Strategy{Rule: policy.RunAsAny, RequireStrict: true}, true},
		{policy.Strategy{RequireStrict: true}, true},
		{policy.Strategy{Rule: policy.MustRunAs}, true},
		{policy.Strategy{Rule: policy.MustRunAsNonRoot}, true},
		{policy.Strategy{Rule: policy.MayRunAs}, true},
		{policy.Strategy{Rule: policy.MustBeUnset}, true},
	} {
		if got := tt.strategy.Active(); got != tt.want {
			t.Errorf("%+v: got %v", tt.strategy, got)
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		policy   policy.Policy
		severity policy.Severity
		mutates  bool
	}{
		{policy.Policy{}, policy.Error, true},
		{policy.Policy{Mode: policy.Enforce}, policy.Error, true},
		{policy.Policy{Mode: policy.Warn}, policy.Warning, false},
		{policy.Policy{Mode: policy.Audit}, policy.Info, false},
		{policy.Policy{ValidateOnly: true}, policy.Error, false},
		{policy.Policy{Mode: policy.Warn, ValidateOnly: true}, policy.Warning, false},
	} {
		if got := tt.policy.Mode.Severity(); got != tt.severity {
			t.Errorf("mode %q: severity %q", tt.policy.Mode, got)
		}
		if got := tt.policy.Mutates(); got != tt.mutates {
			t.Errorf("mode %q, validateOnly %v: mutates %v", tt.policy.Mode, tt.policy.ValidateOnly, got)
		}
	}
}

func TestObjectGroup(t *testing.T) {
	t.Parallel()
	for apiVersion, want := range map[string]string{"v1": "", "": "", "apps/v1": "apps", "argoproj.io/v1alpha1": "argoproj.io"} {
		if got := (policy.Object{APIVersion: apiVersion}).Group(); got != want {
			t.Errorf("%q: got %q, want %q", apiVersion, got, want)
		}
	}
}
