package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	duplicate := newPod(ctr("web", user(1000)))
	duplicate.Problems = []podspec.Problem{{
		Code: podspec.DuplicateKey, Path: podspec.Field("spec", "securityContext"), Detail: "must be set once, is set twice",
	}}
	badFSGroup := func(p *podspec.Pod) { spoil(&p.FSGroup, podspec.InvalidID) }
	badGroups := func(p *podspec.Pod) { spoilGroups(&p.SupplementalGroups, podspec.InvalidType) }
	badElement := func(p *podspec.Pod) {
		groups(1000, 1500)(p)
		spoil(&p.SupplementalGroups.Items[1], podspec.InvalidID)
	}
	run(t, []row{
		{"of the user", policy.Policy{RunAsUser: must}, newPod(ctr("web", badUser(podspec.InvalidType))), []string{
			"error InvalidType containers[0].runAsUser web",
		}},
		{"of the user, no rule on it", policy.Policy{RunAsGroup: may}, newPod(ctr("web", badUser(podspec.InvalidType))), nil},
		{"of the group", policy.Policy{RunAsGroup: may}, newPod(ctr("web", badGroup(podspec.InvalidID))), []string{
			"error InvalidID containers[0].runAsGroup web",
		}},
		{"of the pod, inherited", policy.Policy{RunAsUser: must}, newPod(onPod(badUser(podspec.InvalidType)), ctr("web"), ctr("db", user(1000)), initCtr("init")), []string{
			"error InvalidType pod.runAsUser web init",
		}},
		{"of the pod, not inherited: the cluster refuses it all the same", policy.Policy{RunAsUser: must}, newPod(onPod(badUser(podspec.InvalidType)), ctr("web", user(1000))), []string{
			"error InvalidType pod.runAsUser",
		}},
		{"non-root looks at both fields", policy.Policy{RunAsUser: notRoot}, newPod(ctr("web", badUser(podspec.InvalidType)), ctr("db", badNonRoot(podspec.AmbiguousValue))), []string{
			"error AmbiguousValue containers[1].runAsNonRoot db",
			"error InvalidType containers[0].runAsUser web",
		}},
		{"only non-root looks at runAsNonRoot", policy.Policy{RunAsUser: must}, newPod(ctr("web", user(1000), badNonRoot(podspec.AmbiguousValue))), nil},
		{"a bad user beside runAsNonRoot true", policy.Policy{RunAsUser: notRoot}, newPod(ctr("web", nonRoot(true), badUser(podspec.InvalidType))), []string{
			"error InvalidType containers[0].runAsUser web",
		}},
		{"of what only the pod has", policy.Policy{SupplementalGroups: may, FSGroup: may}, newPod(badGroups, badFSGroup), []string{
			"error InvalidType pod.supplementalGroups",
			"error InvalidID pod.fsGroup",
		}},
		{"of an element", policy.Policy{SupplementalGroups: must}, newPod(badElement), []string{
			"error InvalidID pod.supplementalGroups[1]",
		}},
		{"of a list, only its policy is ruled", policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}, newPod(groupsPolicy("Strict"), badGroups), nil},
		{"of the structure, for any policy", policy.Policy{FSGroup: may}, duplicate, []string{"error DuplicateKey pod.securityContext"}},
		{"of the structure, for a policy of requireStrict alone", policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}, ValidateOnly: true}, duplicate, []string{
			"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy",
			"error DuplicateKey pod.securityContext",
		}},
		{"by the mode", policy.Policy{RunAsUser: must, Mode: policy.Warn}, newPod(ctr("web", badUser(podspec.DuplicateKey))), []string{
			"warning DuplicateKey containers[0].runAsUser web",
		}},
	})
}
