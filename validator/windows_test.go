package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestWindows(t *testing.T) {
	t.Parallel()
	nonRootOnly := policy.Policy{RunAsUser: notRoot}
	all := policy.Policy{RunAsUser: must, RunAsGroup: must, SupplementalGroups: must, FSGroup: must}
	skipped := "info WindowsSkipped pod.os.name"
	structural := newPod(windows, ctr("web"))
	structural.Problems = []podspec.Problem{{Code: podspec.DuplicateKey, Path: podspec.Field("spec", "securityContext"), Detail: "must be set once"}}
	run(t, []row{
		{"ids are not written", all, newPod(windows, ctr("web"), ctr("db")), []string{skipped}},
		{"ids are not judged", all, newPod(windows, onPod(user(0)), fsGroup(0), ctr("web", badUser(podspec.InvalidType))), []string{skipped}},
		{"no containers", all, newPod(windows), []string{skipped}},
		{"ids are not removed", policy.Policy{RunAsUser: unset}, newPod(windows, ctr("web", user(0))), []string{skipped}},
		{"supplementalGroupsPolicy is not written", policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}, newPod(windows), []string{skipped}},
		{"overwrite", policy.Policy{RunAsUser: overwrite}, newPod(windows, ctr("web", user(0))), []string{skipped}},
		{"runAsNonRoot true", nonRootOnly, newPod(windows, ctr("web", nonRoot(true))), nil},
		{"runAsNonRoot unset", nonRootOnly, newPod(windows, ctr("web")), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
		}},
		{"runAsNonRoot false", nonRootOnly, newPod(windows, onPod(nonRoot(false)), ctr("web")), []string{
			"error ShouldRunAsNonRoot pod.runAsNonRoot web",
		}},
		{"a runAsUser proves nothing", nonRootOnly, newPod(windows, ctr("web", user(1000))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
		}},
		{"nor does runAsUser 0", nonRootOnly, newPod(windows, ctr("web", user(0), nonRoot(true))), nil},
		{"another user name proves nothing", nonRootOnly, newPod(windows, ctr("web", name("ContainerUser"))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
		}},
		{"ContainerAdministrator", nonRootOnly, newPod(windows, ctr("web", name("ContainerAdministrator"), nonRoot(true))), []string{
			"error CannotUseRootUserID containers[0].windowsOptions.runAsUserName web",
		}},
		{"in any case, inherited", nonRootOnly, newPod(windows, onPod(name("containeradministrator")), ctr("web"), ctr("db", name("ContainerUser"), nonRoot(true))), []string{
			"error CannotUseRootUserID pod.windowsOptions.runAsUserName web",
		}},
		{"not on Linux", nonRootOnly, newPod(ctr("web", name("ContainerAdministrator"), nonRoot(true))), nil},
		{"non-root and another rule", policy.Policy{RunAsUser: notRoot, FSGroup: may}, newPod(windows, ctr("web", nonRoot(true))), []string{skipped}},
		{"non-root and images", policy.Policy{RunAsUser: notRoot, Images: policy.Images{Check: true}}, newPod(windows, ctr("web", nonRoot(true))), []string{skipped}},
		{"a name that cannot be read", nonRootOnly, newPod(windows, ctr("web", func(sc *podspec.SecurityContext) { spoil(&sc.RunAsUserName, podspec.AmbiguousValue) })), []string{
			"error AmbiguousValue containers[0].windowsOptions.runAsUserName web",
		}},
		{"a name that cannot be read is nothing to other rules", policy.Policy{FSGroup: may}, newPod(windows, ctr("web", func(sc *podspec.SecurityContext) { spoil(&sc.RunAsUserName, podspec.AmbiguousValue) })), []string{skipped}},
		{"structure", all, structural, []string{"error DuplicateKey pod.securityContext", skipped}},
	})
}
