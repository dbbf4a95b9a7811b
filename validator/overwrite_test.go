package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestOverwriteUser(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: overwrite}
	run(t, []row{
		{
			"every container and the pod", p,
			newPod(onPod(user(1500)), initCtr("init", user(0)), ctr("web"), ctr("db", user(3000))),
			[]string{
				"error Overwritten pod.runAsUser web",
				"  Overwritten pod.runAsUser=1000",
				"  Defaulted containers[0].runAsUser=1000",
				"error UserIDOutsideRanges initContainers[0].runAsUser init",
				"  Overwritten initContainers[0].runAsUser=1000",
				"error Overwritten containers[1].runAsUser db",
				"  Overwritten containers[1].runAsUser=1000",
			},
		},
		{"the default everywhere", p, newPod(onPod(user(1000)), ctr("web", user(1000))), nil},
		{"the default on the pod, a container inherits it", p, newPod(onPod(user(1000)), ctr("web")), []string{
			"error Overwritten pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"the default on the container alone", p, newPod(ctr("web", user(1000))), []string{
			"error Defaulted pod.runAsUser",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"nothing set", p, newPod(ctr("web"), ctr("db", user(1000))), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"a bad value of the pod", p, newPod(onPod(user(0)), ctr("web")), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Overwritten pod.runAsUser=1000",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"a bad value of the pod that no container inherits", p, newPod(onPod(user(0)), ctr("web", user(1000))), []string{
			"error Overwritten pod.runAsUser",
			"  Overwritten pod.runAsUser=1000",
		}},
		{
			"values that cannot be read", p,
			newPod(onPod(badUser(podspec.InvalidType)), ctr("web"), ctr("db", badUser(podspec.InvalidID))),
			[]string{
				"error InvalidType pod.runAsUser web",
				"  Overwritten pod.runAsUser=1000",
				"  Defaulted containers[0].runAsUser=1000",
				"error InvalidID containers[1].runAsUser db",
				"  Overwritten containers[1].runAsUser=1000",
			},
		},
		{"a duplicate key is not mended", p, newPod(onPod(user(1000)), ctr("web", badUser(podspec.DuplicateKey))), []string{
			"error DuplicateKey containers[0].runAsUser web",
		}},
		{"a duplicate key on the pod is not mended", p, newPod(onPod(badUser(podspec.DuplicateKey)), ctr("web")), []string{
			"error DuplicateKey pod.runAsUser web",
		}},
		{"no containers", p, newPod(onPod(user(0))), []string{
			"error UserIDOutsideRanges pod.runAsUser",
			"  Overwritten pod.runAsUser=1000",
		}},
		{"no containers, never on the pod", policy.Policy{RunAsUser: overwrite, Placement: policy.PlaceContainers}, newPod(onPod(user(0))), []string{
			"error UserIDOutsideRanges pod.runAsUser",
		}},
	})
}

func TestOverwriteGroup(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsGroup: overwrite}
	both := policy.Policy{RunAsUser: overwrite, RunAsGroup: overwrite}
	run(t, []row{
		{"the pod has no runAsUser", p, newPod(ctr("web", group(0))), []string{
			"error GroupIDOutsideRanges containers[0].runAsGroup web",
			"  Overwritten containers[0].runAsGroup=1000",
		}},
		{"the pod has a group and no user: it stays, with a warning", p, newPod(onPod(group(0)), ctr("web")), []string{
			"error GroupIDOutsideRanges pod.runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
			"warning PodGroupWithoutUser pod.runAsGroup",
		}},
		{"the pod is given a user", both, newPod(onPod(group(0)), ctr("web", user(1000))), []string{
			"error Defaulted pod.runAsUser",
			"  Defaulted pod.runAsUser=1000",
			"error GroupIDOutsideRanges pod.runAsGroup web",
			"  Overwritten pod.runAsGroup=1000",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
	})
}

func TestOverwriteGroupsOfThePod(t *testing.T) {
	t.Parallel()
	p := policy.Policy{SupplementalGroups: overwrite, FSGroup: overwrite}
	badElement := func(p *podspec.Pod) {
		groups(1000, 1500)(p)
		spoil(&p.SupplementalGroups.Items[1], podspec.InvalidType)
	}
	badFSGroup := func(p *podspec.Pod) { spoil(&p.FSGroup, podspec.InvalidType) }
	twiceFSGroup := func(p *podspec.Pod) { spoil(&p.FSGroup, podspec.DuplicateKey) }
	twiceGroups := func(p *podspec.Pod) { spoilGroups(&p.SupplementalGroups, podspec.DuplicateKey) }
	typeGroups := func(p *podspec.Pod) { spoilGroups(&p.SupplementalGroups, podspec.InvalidType) }
	run(t, []row{
		{"the default", p, newPod(groups(1000), fsGroup(1000)), nil},
		{"unset", p, newPod(), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
			"  Defaulted pod.supplementalGroups=[1000]",
			"error MissingFSGroup pod.fsGroup",
			"  Defaulted pod.fsGroup=1000",
		}},
		{"an empty list", p, newPod(groups(), fsGroup(1000)), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
		}},
		{"others, all in the ranges", p, newPod(groups(1000, 1500), fsGroup(1500)), []string{
			"error Overwritten pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
			"error Overwritten pod.fsGroup",
			"  Overwritten pod.fsGroup=1000",
		}},
		{"others, outside", p, newPod(groups(1000, 0), fsGroup(0)), []string{
			"error GroupIDOutsideRanges pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
			"error GroupIDOutsideRanges pod.fsGroup",
			"  Overwritten pod.fsGroup=1000",
		}},
		{"values that cannot be read", p, newPod(badElement, badFSGroup), []string{
			"error InvalidType pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
			"error InvalidType pod.fsGroup",
			"  Overwritten pod.fsGroup=1000",
		}},
		{"a list of another type", p, newPod(typeGroups, fsGroup(1000)), []string{
			"error InvalidType pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
		}},
		{"duplicate keys are not mended", p, newPod(twiceGroups, twiceFSGroup), []string{
			"error DuplicateKey pod.supplementalGroups",
			"error DuplicateKey pod.fsGroup",
		}},
	})
}
