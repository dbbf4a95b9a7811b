package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestMustBeUnset(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: unset, RunAsGroup: unset, SupplementalGroups: unset, FSGroup: unset}
	only := p
	only.ValidateOnly = true
	badElement := func(p *podspec.Pod) {
		groups(1000)(p)
		spoil(&p.SupplementalGroups.Items[0], podspec.InvalidType)
	}
	full := newPod(onPod(user(1), group(2)), groups(3), fsGroup(4), ctr("web", user(5)), ctr("db", group(6)))
	run(t, []row{
		{"unset", p, newPod(onPod(nonRoot(true)), ctr("web", nonRoot(true))), nil},
		{"everything set", p, full, []string{
			"error MustBeUnset pod.runAsUser db",
			"  Removed pod.runAsUser",
			"error MustBeUnset containers[0].runAsUser web",
			"  Removed containers[0].runAsUser",
			"error MustBeUnset pod.runAsGroup web",
			"  Removed pod.runAsGroup",
			"error MustBeUnset containers[1].runAsGroup db",
			"  Removed containers[1].runAsGroup",
			"error MustBeUnset pod.supplementalGroups",
			"  Removed pod.supplementalGroups",
			"error MustBeUnset pod.fsGroup",
			"  Removed pod.fsGroup",
		}},
		{"everything set, validate only", only, full, []string{
			"error MustBeUnset pod.runAsUser db",
			"error MustBeUnset containers[0].runAsUser web",
			"error MustBeUnset pod.runAsGroup web",
			"error MustBeUnset containers[1].runAsGroup db",
			"error MustBeUnset pod.supplementalGroups",
			"error MustBeUnset pod.fsGroup",
		}},
		{"the pod's, which containers inherit once theirs are gone", policy.Policy{RunAsUser: unset}, newPod(onPod(user(1)), ctr("web", user(1))), []string{
			"error MustBeUnset pod.runAsUser",
			"  Removed pod.runAsUser",
			"error MustBeUnset containers[0].runAsUser web",
			"  Removed containers[0].runAsUser",
		}},
		{"no containers", policy.Policy{RunAsUser: unset}, newPod(onPod(user(1))), []string{
			"error MustBeUnset pod.runAsUser",
			"  Removed pod.runAsUser",
		}},
		{"an empty list is set", p, newPod(groups()), []string{
			"error MustBeUnset pod.supplementalGroups",
			"  Removed pod.supplementalGroups",
		}},
		{"what cannot be read stays", p, newPod(badElement, ctr("web", badUser(podspec.InvalidType))), []string{
			"error InvalidType containers[0].runAsUser web",
			"error InvalidType pod.supplementalGroups[0]",
		}},
		{"the pod keeps a group without its user", policy.Policy{RunAsUser: unset}, newPod(onPod(user(1), group(1)), ctr("web")), []string{
			"error MustBeUnset pod.runAsUser web",
			"  Removed pod.runAsUser",
			"warning PodGroupWithoutUser pod.runAsGroup",
		}},
		{"no group is given to a pod whose user goes", policy.Policy{RunAsUser: unset, RunAsGroup: must}, newPod(onPod(user(1)), ctr("web")), []string{
			"error MustBeUnset pod.runAsUser web",
			"  Removed pod.runAsUser",
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
	})
}
