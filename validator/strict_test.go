package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestRequireStrict(t *testing.T) {
	t.Parallel()
	p := policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}
	only := policy.Policy{SupplementalGroups: p.SupplementalGroups, ValidateOnly: true}
	ranged := policy.Policy{SupplementalGroups: policy.Strategy{Rule: policy.MayRunAs, Ranges: ranges, RequireStrict: true}}
	unreadable := func(p *podspec.Pod) { spoil(&p.SupplementalGroupsPolicy, podspec.InvalidType) }
	run(t, []row{
		{"Strict", p, newPod(groupsPolicy("Strict")), nil},
		{"unset", p, newPod(), []string{
			"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy",
			"  Defaulted pod.supplementalGroupsPolicy=Strict",
		}},
		{"unset, validate only", only, newPod(), []string{"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy"}},
		{"Merge", p, newPod(groupsPolicy("Merge")), []string{"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy"}},
		{"case matters", p, newPod(groupsPolicy("strict")), []string{"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy"}},
		{"empty is not unset", p, newPod(groupsPolicy("")), []string{"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy"}},
		{"what cannot be read", p, newPod(unreadable), []string{"error InvalidType pod.supplementalGroupsPolicy"}},
		{"the groups are judged besides", ranged, newPod(groups(0)), []string{
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy",
			"  Defaulted pod.supplementalGroupsPolicy=Strict",
		}},
		{"not demanded", policy.Policy{SupplementalGroups: may}, newPod(groupsPolicy("Merge")), nil},
	})
}
