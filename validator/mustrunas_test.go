package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
)

func TestMustRunAsUser(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: must}
	run(t, []row{
		{"in the first range", p, newPod(ctr("web", user(1000))), nil},
		{"in a later range", p, newPod(ctr("web", user(3999))), nil},
		{"inherited", p, newPod(onPod(user(1500)), initCtr("init"), ctr("web"), debugCtr("debug")), nil},
		{"a bad value of the pod that no container inherits", p, newPod(onPod(user(0)), ctr("web", user(1000))), nil},
		{"no containers", p, newPod(), nil},
		{"no containers, a bad value on the pod", p, newPod(onPod(user(0))), []string{"error UserIDOutsideRanges pod.runAsUser"}},
		{"unset", p, newPod(ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"unset on every kind of container", p, newPod(initCtr("init"), ctr("web"), ctr("db"), debugCtr("debug")), []string{
			"error MissingUserID initContainers[0].runAsUser init",
			"  Defaulted initContainers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"error MissingUserID containers[1].runAsUser db",
			"  Defaulted containers[1].runAsUser=1000",
			"error MissingUserID ephemeralContainers[0].runAsUser debug",
			"  Defaulted ephemeralContainers[0].runAsUser=1000",
		}},
		{"unset on one of two", p, newPod(ctr("web", user(1500)), ctr("db")), []string{
			"error MissingUserID containers[1].runAsUser db",
			"  Defaulted containers[1].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"below, between and above the ranges", p, newPod(ctr("a", user(999)), ctr("b", user(2000)), ctr("c", user(4000))), []string{
			"error UserIDOutsideRanges containers[0].runAsUser a",
			"error UserIDOutsideRanges containers[1].runAsUser b",
			"error UserIDOutsideRanges containers[2].runAsUser c",
		}},
		{"a bad value of the pod is one finding", p, newPod(onPod(user(0)), initCtr("init"), ctr("web"), ctr("db", user(1000))), []string{
			"error UserIDOutsideRanges pod.runAsUser init web",
		}},
		{"nothing is inherited where the pod's is bad, and nothing repaired", p, newPod(onPod(user(0)), ctr("web"), ctr("db", user(0))), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"error UserIDOutsideRanges containers[1].runAsUser db",
		}},
		{"runAsNonRoot is nothing to it", p, newPod(ctr("web", nonRoot(true))), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
	})
}

func TestMustRunAsGroup(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsGroup: must}
	withUser := policy.Policy{RunAsUser: must, RunAsGroup: must}
	run(t, []row{
		{"set", p, newPod(ctr("web", group(1000))), nil},
		{"inherited", p, newPod(onPod(user(5), group(1000)), ctr("web")), nil},
		{"outside", p, newPod(ctr("web", group(0))), []string{
			"error GroupIDOutsideRanges containers[0].runAsGroup web",
		}},
		{"unset, the pod has no runAsUser", p, newPod(ctr("web")), []string{
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
		{"unset, the pod has a runAsUser", p, newPod(onPod(user(5)), ctr("web")), []string{
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
			"  Defaulted pod.runAsGroup=1000",
		}},
		{"unset, the pod is given a runAsUser", withUser, newPod(ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
			"  Defaulted pod.runAsGroup=1000",
		}},
		{"unset, no container needs a runAsUser", withUser, newPod(ctr("web", user(1000))), []string{
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
	})
}

func TestMustRunAsFSGroup(t *testing.T) {
	t.Parallel()
	p := policy.Policy{FSGroup: must}
	run(t, []row{
		{"set", p, newPod(fsGroup(1999), ctr("web")), nil},
		{"unset", p, newPod(ctr("web")), []string{
			"error MissingFSGroup pod.fsGroup",
			"  Defaulted pod.fsGroup=1000",
		}},
		{"unset, no containers", p, newPod(), []string{
			"error MissingFSGroup pod.fsGroup",
			"  Defaulted pod.fsGroup=1000",
		}},
		{"outside", p, newPod(fsGroup(0), ctr("web")), []string{"error GroupIDOutsideRanges pod.fsGroup"}},
	})
}

func TestMustRunAsSupplementalGroups(t *testing.T) {
	t.Parallel()
	p := policy.Policy{SupplementalGroups: must}
	only := policy.Policy{SupplementalGroups: must, ValidateOnly: true}
	run(t, []row{
		{"set", p, newPod(groups(1000, 3000), ctr("web")), nil},
		{"unset", p, newPod(ctr("web")), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
			"  Defaulted pod.supplementalGroups=[1000]",
		}},
		{"empty is not unset", p, newPod(groups(), ctr("web")), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
		}},
		{"empty, validate only", only, newPod(groups(), ctr("web")), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
		}},
		{"each one outside, at its index", p, newPod(groups(0, 1000, 2000), ctr("web")), []string{
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error GroupIDOutsideRanges pod.supplementalGroups[2]",
		}},
	})
}
