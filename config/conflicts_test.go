package config_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestConflicts(t *testing.T) {
	must := func(min int64) policy.Strategy {
		return policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: min, Max: 9999}}}
	}
	unset := policy.Strategy{Rule: policy.MustBeUnset}
	containers := func(names ...string) policy.Selector { return policy.Selector{Containers: names} }
	tests := []struct {
		name string
		a, b policy.Policy
		want []string
	}{
		{
			"different defaults",
			policy.Policy{RunAsUser: must(1000)},
			policy.Policy{RunAsUser: must(2000)},
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1000, "b" would write 2000`},
		},
		{"the same default of different ranges", policy.Policy{RunAsUser: must(1000)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1000}}}}, nil},
		{"the same default, one overwrites", policy.Policy{RunAsUser: must(1000)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1000}}, Overwrite: true}}, nil},
		{
			"write and remove",
			policy.Policy{FSGroup: must(1000)},
			policy.Policy{FSGroup: unset},
			[]string{`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1000, "b" would remove it`},
		},
		{"both remove", policy.Policy{RunAsGroup: unset}, policy.Policy{RunAsGroup: unset}, nil},
		{"several fields", policy.Policy{RunAsGroup: must(1), SupplementalGroups: must(1)}, policy.Policy{RunAsGroup: must(2), SupplementalGroups: unset}, []string{
			`policies "a" and "b" both match and disagree on runAsGroup: "a" would write 1, "b" would write 2`,
			`policies "a" and "b" both match and disagree on supplementalGroups: "a" would write 1, "b" would remove it`,
		}},
		{"different fields", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsGroup: must(2)}, nil},
		{"one only judges", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: must(2), ValidateOnly: true}, nil},
		{"one only warns", policy.Policy{RunAsUser: must(1), Mode: policy.Warn}, policy.Policy{RunAsUser: must(2)}, nil},
		{"rules that write nothing", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.RunAsAny}, RunAsGroup: policy.Strategy{Rule: policy.MayRunAs, Ranges: oneRange}}, nil},
		{"non-root writes another field", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}, nil},
		{
			"default from the image",
			policy.Policy{RunAsUser: must(1)},
			policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 2}}, DefaultFrom: policy.DefaultFromImage}},
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write the image's own, else 1`},
		},
		{
			"ranges of the namespace",
			policy.Policy{FSGroup: must(1)},
			policy.Policy{FSGroup: policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}},
			[]string{`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1, "b" would write the first id of the Namespace's range`},
		},
		{
			"different containers, both on the pod",
			policy.Policy{RunAsUser: must(1), Match: containers("x")},
			policy.Policy{RunAsUser: must(2), Match: containers("y")},
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write 2`},
		},
		{"different containers, one not on the pod", policy.Policy{RunAsUser: must(1), Match: containers("x"), Placement: policy.PlaceContainers}, policy.Policy{RunAsUser: must(2), Match: containers("y")}, nil},
		{
			"different containers, a field of the pod",
			policy.Policy{FSGroup: must(1), Match: containers("x"), Placement: policy.PlaceContainers},
			policy.Policy{FSGroup: must(2), Match: containers("y")},
			[]string{`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1, "b" would write 2`},
		},
		{
			"containers that the other excludes",
			policy.Policy{RunAsUser: must(1), Match: containers("x"), Placement: policy.PlaceContainers},
			policy.Policy{RunAsUser: must(2), Exclude: []policy.Exclusion{{Selector: containers("w", "x"), Reason: "r"}}},
			nil,
		},
		{
			"containers that the other excludes in some objects",
			policy.Policy{RunAsUser: must(1), Match: containers("x"), Placement: policy.PlaceContainers},
			policy.Policy{RunAsUser: must(2), Exclude: []policy.Exclusion{{Selector: policy.Selector{Containers: []string{"x"}, Names: []string{"n"}}, Reason: "r"}}},
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write 2`},
		},
		{
			"containers by glob",
			policy.Policy{RunAsUser: must(1), Match: containers("x*"), Placement: policy.PlaceContainers},
			policy.Policy{RunAsUser: must(2), Match: containers("y")},
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write 2`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.a.Name, tt.b.Name = "a", "b"
			err := config.Conflicts([]*policy.Policy{&tt.a, {Name: "bystander"}, &tt.b})
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err != nil && !errors.Is(err, config.ErrConfig) {
				t.Errorf("error is not ErrConfig")
			}
		})
	}
}
