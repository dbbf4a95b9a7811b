package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestMustRunAsNonRoot(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: notRoot}
	only := policy.Policy{RunAsUser: notRoot, ValidateOnly: true}
	run(t, []row{
		{"runAsNonRoot true", p, newPod(ctr("web", nonRoot(true))), nil},
		{"runAsUser above 0", p, newPod(ctr("web", user(1))), nil},
		{"runAsNonRoot inherited", p, newPod(onPod(nonRoot(true)), initCtr("init"), ctr("web"), debugCtr("debug")), nil},
		{"runAsUser inherited", p, newPod(onPod(user(1)), ctr("web")), nil},
		{"each by another field", p, newPod(ctr("web", user(1)), ctr("db", nonRoot(true))), nil},
		{"both unset", p, newPod(ctr("web"), ctr("db", user(1)), initCtr("init")), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
			"error ShouldRunAsNonRoot initContainers[0].runAsNonRoot init",
			"  Defaulted initContainers[0].runAsNonRoot=true",
		}},
		{"both unset, validate only", only, newPod(ctr("web")), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
		}},
		{"false", p, newPod(ctr("web", nonRoot(false))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
		}},
		{"false beside a user that is not root", p, newPod(ctr("web", nonRoot(false), user(1000))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
		}},
		{"false on the pod", p, newPod(onPod(nonRoot(false)), ctr("web"), ctr("db", nonRoot(true)), ctr("log", user(1))), []string{
			"error ShouldRunAsNonRoot pod.runAsNonRoot web log",
		}},
		{"false on the pod, overridden", p, newPod(onPod(nonRoot(false)), ctr("web", nonRoot(true))), nil},
		{"runAsUser 0", p, newPod(ctr("web", user(0))), []string{
			"error CannotUseRootUserID containers[0].runAsUser web",
		}},
		{"runAsUser 0 beside runAsNonRoot true", p, newPod(ctr("web", user(0), nonRoot(true))), []string{
			"error CannotUseRootUserID containers[0].runAsUser web",
		}},
		{"runAsUser 0 on the pod", p, newPod(onPod(user(0), nonRoot(true)), ctr("web"), ctr("db", user(1))), []string{
			"error CannotUseRootUserID pod.runAsUser web",
		}},
		{"runAsUser 0 on the pod, overridden", p, newPod(onPod(user(0)), ctr("web", user(1))), nil},
		{"both wrong", p, newPod(ctr("web", user(0), nonRoot(false))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"error CannotUseRootUserID containers[0].runAsUser web",
		}},
		{"nothing is written where runAsUser cannot be read", p, newPod(ctr("web", badUser(podspec.InvalidID))), []string{
			"error InvalidID containers[0].runAsUser web",
		}},
		{"groups are nothing to it", p, newPod(ctr("web", user(1), group(0))), nil},
		{"no containers", p, newPod(onPod(nonRoot(false), user(0))), []string{
			"error ShouldRunAsNonRoot pod.runAsNonRoot",
			"error CannotUseRootUserID pod.runAsUser",
		}},
	})
}
