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
	tests := []struct {
		name  string
		a, b  policy.Policy
		apart bool // whether they are for different containers
		want  []string
	}{
		{
			"different defaults",
			policy.Policy{RunAsUser: must(1000)},
			policy.Policy{RunAsUser: must(2000)},
			false,
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1000, "b" would write 2000`},
		},
		{"the same default of different ranges", policy.Policy{RunAsUser: must(1000)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1000}}}}, false, nil},
		{"the same default, one overwrites", policy.Policy{RunAsUser: must(1000)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1000}}, Overwrite: true}}, false, nil},
		{
			"write and remove",
			policy.Policy{FSGroup: must(1000)},
			policy.Policy{FSGroup: unset},
			false,
			[]string{`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1000, "b" would remove it`},
		},
		{"both remove", policy.Policy{RunAsGroup: unset}, policy.Policy{RunAsGroup: unset}, false, nil},
		{"several fields", policy.Policy{RunAsGroup: must(1), SupplementalGroups: must(1)}, policy.Policy{RunAsGroup: must(2), SupplementalGroups: unset}, false, []string{
			`policies "a" and "b" both match and disagree on runAsGroup: "a" would write 1, "b" would write 2`,
			`policies "a" and "b" both match and disagree on supplementalGroups: "a" would write 1, "b" would remove it`,
		}},
		{"different fields", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsGroup: must(2)}, false, nil},
		{"one only judges", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: must(2), ValidateOnly: true}, false, nil},
		{"one only warns", policy.Policy{RunAsUser: must(1), Mode: policy.Warn}, policy.Policy{RunAsUser: must(2)}, false, nil},
		{"rules that write nothing", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.RunAsAny}, RunAsGroup: policy.Strategy{Rule: policy.MayRunAs, Ranges: oneRange}}, false, nil},
		{"non-root writes another field", policy.Policy{RunAsUser: must(1)}, policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}, false, nil},
		{
			"default from the image",
			policy.Policy{RunAsUser: must(1)},
			policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 2}}, DefaultFrom: policy.DefaultFromImage}},
			false,
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write the image's own, else 1`},
		},
		{
			"ranges of the namespace",
			policy.Policy{FSGroup: must(1)},
			policy.Policy{FSGroup: policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}},
			false,
			[]string{`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1, "b" would write the first id of the Namespace's range`},
		},
		{
			"different containers, both on the pod",
			policy.Policy{RunAsUser: must(1)},
			policy.Policy{RunAsUser: must(2)},
			true,
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write 2`},
		},
		{"different containers, one not on the pod", policy.Policy{RunAsUser: must(1), Placement: policy.PlaceContainers}, policy.Policy{RunAsUser: must(2)}, true, nil},
		{"different containers, the other not on the pod", policy.Policy{RunAsGroup: must(1)}, policy.Policy{RunAsGroup: unset, Placement: policy.PlaceContainers}, true, nil},
		{
			"the same container, one not on the pod",
			policy.Policy{RunAsUser: must(1), Placement: policy.PlaceContainers},
			policy.Policy{RunAsUser: must(2)},
			false,
			[]string{`policies "a" and "b" both match and disagree on runAsUser: "a" would write 1, "b" would write 2`},
		},
		{
			"different containers, fields of the pod",
			policy.Policy{FSGroup: must(1), SupplementalGroups: must(1), Placement: policy.PlaceContainers},
			policy.Policy{FSGroup: must(2), SupplementalGroups: must(2)},
			true,
			[]string{
				`policies "a" and "b" both match and disagree on supplementalGroups: "a" would write 1, "b" would write 2`,
				`policies "a" and "b" both match and disagree on fsGroup: "a" would write 1, "b" would write 2`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.a.Name, tt.b.Name = "a", "b"
			err := config.Conflicts(&tt.a, &tt.b, tt.apart)
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err != nil && !errors.Is(err, config.ErrConfig) {
				t.Errorf("error is not ErrConfig")
			}
		})
	}
}
