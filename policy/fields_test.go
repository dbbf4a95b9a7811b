package policy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// fields are the strategies of a policy, by name.
var fields = []struct {
	name string
	of   func(*policy.Policy) *policy.Strategy
}{
	{"runAsUser", func(p *policy.Policy) *policy.Strategy { return &p.RunAsUser }},
	{"runAsGroup", func(p *policy.Policy) *policy.Strategy { return &p.RunAsGroup }},
	{"supplementalGroups", func(p *policy.Policy) *policy.Strategy { return &p.SupplementalGroups }},
	{"fsGroup", func(p *policy.Policy) *policy.Strategy { return &p.FSGroup }},
}

// only returns a policy with one strategy.
func only(field func(*policy.Policy) *policy.Strategy, s policy.Strategy) *policy.Policy {
	var p policy.Policy
	*field(&p) = s
	return &p
}

// TestEachField: what Validate demands of a strategy, it demands of all four, and
// names the field.
func TestEachField(t *testing.T) {
	t.Parallel()
	ranges := policy.Ranges{{Min: 0, Max: podspec.MaxID}}
	for _, f := range fields {
		for _, tt := range []struct {
			name     string
			strategy policy.Strategy
			want     string // of the error, "" for none
		}{
			{"all ids", policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges}, ""},
			{"a single id", policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 5, Max: 5}}}, ""},
			{"default from the range", policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromRange}, ""},
			{"default from the image", policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromImage}, ""},
			{"no ranges", policy.Strategy{Rule: policy.MustRunAs}, ".ranges: must hold at least one range for MustRunAs"},
			{"unknown rule", policy.Strategy{Rule: "x"}, ".rule: "},
			{"unknown default", policy.Strategy{DefaultFrom: "x"}, ".defaultFrom: "},
			{"past the last id", policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Max: podspec.MaxID + 1}}}, ".ranges[0]: must be in 0-2147483647, is 2147483648"},
			{"before the first id", policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: -1}}}, ".ranges[0]: must be in 0-2147483647, is -1"},
		} {
			err := only(f.of, tt.strategy).Validate()
			if tt.want == "" {
				if err != nil {
					t.Errorf("%s: %s: %v", f.name, tt.name, err)
				}
				continue
			}
			if err == nil || !strings.HasPrefix(err.Error(), f.name+tt.want) {
				t.Errorf("%s: %s: %v, want %s%s", f.name, tt.name, err, f.name, tt.want)
			}
		}
		overwrite := only(f.of, policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, Overwrite: true})
		if err := overwrite.Validate(); err != nil {
			t.Errorf("%s: overwrite: %v", f.name, err)
		}
		judged := only(f.of, policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges})
		judged.ValidateOnly = true
		if err := judged.Validate(); err != nil {
			t.Errorf("%s: validateOnly: %v", f.name, err)
		}
		overwrite.ValidateOnly = true
		if err := overwrite.Validate(); err == nil || !strings.HasPrefix(err.Error(), "validateOnly: ") {
			t.Errorf("%s: overwrite beside validateOnly: %v", f.name, err)
		}
	}
}

// TestValidateRanges: a namespace that gives no ranges leaves a rule without them.
func TestValidateRanges(t *testing.T) {
	t.Parallel()
	for _, f := range fields {
		for rule, needs := range map[policy.Rule]bool{policy.MustRunAs: true, policy.MayRunAs: true, policy.RunAsAny: false, policy.MustBeUnset: false, "": false} {
			want := ""
			if needs {
				want = fmt.Sprintf("%s.ranges: must hold at least one range for %s", f.name, rule)
			}
			got := ""
			if err := only(f.of, policy.Strategy{Rule: rule}).ValidateRanges(); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s: %s: %q, want %q", f.name, rule, got, want)
			}
			if err := only(f.of, policy.Strategy{Rule: rule, Ranges: policy.Ranges{{}}}).ValidateRanges(); err != nil {
				t.Errorf("%s: %s with a range: %v", f.name, rule, err)
			}
		}
	}
}

// TestRulesNothing has a policy for each thing that makes it one.
func TestRulesNothing(t *testing.T) {
	t.Parallel()
	if !(&policy.Policy{ValidateOnly: true, Match: policy.Selector{Kinds: []string{"Pod"}}}).RulesNothing() {
		t.Error("a mode and a selector are not a rule")
	}
	rules := map[string]*policy.Policy{
		"an evaluator": {Evaluators: []policy.Evaluator{asks("")}},
		"a path":       {PodSpecPaths: []policy.PodSpecPath{{}}},
		"other items":  {PoliciesFromItems: true},
	}
	for _, f := range fields {
		rules[f.name] = only(f.of, policy.Strategy{Rule: policy.RunAsAny})
	}
	rules["strict groups"] = &policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}
	for name, p := range rules {
		if p.RulesNothing() {
			t.Errorf("%s is nothing", name)
		}
	}
}

// asks is an evaluator that asks for the images of one repository, or for none.
type asks string

func (asks) Evaluate(context.Context, policy.Subject) []policy.Finding { return nil }

func (a asks) NeedsImages(ref string) bool { return a != "" && (ref == "" || ref == string(a)) }

func TestNeedsImages(t *testing.T) {
	t.Parallel()
	fromImage := policy.Strategy{DefaultFrom: policy.DefaultFromImage}
	for _, tt := range []struct {
		name          string
		policy        policy.Policy
		judges, needs bool
	}{
		{"nothing", policy.Policy{}, false, false},
		{"defaults from ranges", policy.Policy{RunAsUser: policy.Strategy{DefaultFrom: policy.DefaultFromRange}}, false, false},
		{"image checks", policy.Policy{Images: policy.Images{Check: true}}, true, true},
		{"the user of the image", policy.Policy{RunAsUser: fromImage}, true, true},
		{"the group of the image", policy.Policy{RunAsGroup: fromImage}, true, true},
		{"an evaluator that asks", policy.Policy{Evaluators: []policy.Evaluator{asks(""), asks("app")}}, false, true},
		{"an evaluator that does not", policy.Policy{Evaluators: []policy.Evaluator{asks("")}}, false, false},
	} {
		if got := tt.policy.JudgesImages(); got != tt.judges {
			t.Errorf("%s: judges images: %v", tt.name, got)
		}
		if got := tt.policy.NeedsImages(); got != tt.needs {
			t.Errorf("%s: needs images: %v", tt.name, got)
		}
	}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	file := &policy.Policy{Source: policy.Source{File: "policy.yaml", Line: 7}}
	findings := []policy.Finding{{}, {PolicyLine: 1}, {PolicyLine: 12}}
	file.Attribute(findings)
	want := []policy.Finding{
		{PolicyFile: "policy.yaml", PolicyLine: 7},
		{PolicyFile: "policy.yaml", PolicyLine: 1},
		{PolicyFile: "policy.yaml", PolicyLine: 12},
	}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Error(diff)
	}
	nowhere := []policy.Finding{{}}
	(&policy.Policy{Source: policy.Source{Line: 7}}).Attribute(nowhere)
	if diff := cmp.Diff([]policy.Finding{{}}, nowhere); diff != "" {
		t.Errorf("a line of no file: %s", diff)
	}
}

func TestFromProblem(t *testing.T) {
	t.Parallel()
	at := podspec.Field("spec", "containers")
	for raw, current := range map[string]any{"": nil, "web": "web"} {
		got := policy.FromProblem(podspec.Problem{Code: podspec.InvalidType, Path: at, Raw: raw, Detail: "must be a list"})
		want := policy.Finding{Reason: policy.InvalidType, Message: "spec.containers must be a list", Path: at, Current: current}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", raw, diff)
		}
	}
}
