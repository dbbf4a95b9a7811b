package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
)

func TestMayRunAs(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsGroup: may, SupplementalGroups: may, FSGroup: may}
	run(t, []row{
		{"unset is fine", p, newPod(ctr("web")), nil},
		{"an empty list is fine", p, newPod(groups(), ctr("web")), nil},
		{"inside", p, newPod(onPod(user(0), group(1000)), groups(3999), fsGroup(1999), ctr("web"), ctr("db", group(3000))), nil},
		{"outside", p, newPod(groups(1000, 5), fsGroup(0), ctr("web", group(0)), ctr("db")), []string{
			"error GroupIDOutsideRanges containers[0].runAsGroup web",
			"error GroupIDOutsideRanges pod.supplementalGroups[1]",
			"error GroupIDOutsideRanges pod.fsGroup",
		}},
		{"inherited", p, newPod(onPod(user(0), group(0)), initCtr("init"), ctr("web"), ctr("db", group(1000))), []string{
			"error GroupIDOutsideRanges pod.runAsGroup init web",
		}},
		{"not inherited", p, newPod(onPod(user(0), group(0)), ctr("web", group(1000))), nil},
	})
	users := policy.Policy{RunAsUser: may}
	run(t, []row{
		{"an unset user is fine", users, newPod(ctr("web")), nil},
		{"also where runAsNonRoot is false", users, newPod(ctr("web", nonRoot(false))), nil},
		{"a user inside", users, newPod(onPod(user(3000)), ctr("web"), ctr("db", user(1999))), nil},
		{"a user outside", users, newPod(ctr("web", user(0)), ctr("db", user(1000))), []string{
			"error UserIDOutsideRanges containers[0].runAsUser web",
		}},
		{"a user inherited", users, newPod(onPod(user(0)), ctr("web"), ctr("db", user(1000))), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
		}},
	})
}

func TestRunAsAny(t *testing.T) {
	t.Parallel()
	pod := newPod(onPod(user(0), nonRoot(false)), groups(0), fsGroup(0), groupsPolicy("Merge"),
		ctr("web", user(0), group(0), badNonRoot("AmbiguousValue")), ctr("db", badUser("InvalidType")))
	pod.Problems = append(pod.Problems, *pod.Containers[1].RunAsUser.Problem)
	run(t, []row{
		{"named", policy.Policy{RunAsUser: anything, RunAsGroup: anything, SupplementalGroups: anything, FSGroup: anything}, pod, nil},
		{"absent", policy.Policy{}, pod, nil},
		{"absent, with images", policy.Policy{Images: policy.Images{Check: true}}, pod, nil},
	})
}
