package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

func TestPlaceContainers(t *testing.T) {
	t.Parallel()
	at := func(p policy.Policy) policy.Policy { p.Placement = policy.PlaceContainers; return p }
	run(t, []row{
		{"ids", at(policy.Policy{RunAsUser: must, RunAsGroup: must}), newPod(ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
		{"runAsNonRoot", at(policy.Policy{RunAsUser: notRoot}), newPod(ctr("web"), ctr("db")), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"error ShouldRunAsNonRoot containers[1].runAsNonRoot db",
			"  Defaulted containers[1].runAsNonRoot=true",
		}},
		{"overwrite leaves the pod", at(policy.Policy{RunAsUser: overwrite}), newPod(onPod(user(0)), ctr("web"), ctr("db", user(0))), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"error UserIDOutsideRanges containers[1].runAsUser db",
			"  Overwritten containers[1].runAsUser=1000",
		}},
		{"overwrite leaves an unreadable pod, an error", at(policy.Policy{RunAsUser: overwrite}), newPod(onPod(badUser(podspec.InvalidType)), ctr("web")), []string{
			"error InvalidType pod.runAsUser web",
		}},
		{"what only the pod has goes there", at(policy.Policy{FSGroup: must}), newPod(ctr("web")), []string{
			"error MissingFSGroup pod.fsGroup",
			"  Defaulted pod.fsGroup=1000",
		}},
	})
}

func TestPlacePod(t *testing.T) {
	t.Parallel()
	at := func(p policy.Policy) policy.Policy { p.Placement = policy.PlacePod; return p }
	run(t, []row{
		{"ids", at(policy.Policy{RunAsUser: must, RunAsGroup: must}), newPod(ctr("web"), ctr("db")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted pod.runAsUser=1000",
			"error MissingUserID containers[1].runAsUser db",
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted pod.runAsGroup=1000",
			"error MissingGroupID containers[1].runAsGroup db",
		}},
		{"the group where the pod has no user goes on the containers", at(policy.Policy{RunAsUser: must, RunAsGroup: must}), newPod(ctr("web", user(1000))), []string{
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
		}},
		{"runAsNonRoot", at(policy.Policy{RunAsUser: notRoot}), newPod(ctr("web"), ctr("db"), ctr("log", user(1))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted pod.runAsNonRoot=true",
			"error ShouldRunAsNonRoot containers[1].runAsNonRoot db",
		}},
		{"overwrite changes the pod and own values", at(policy.Policy{RunAsUser: overwrite}), newPod(onPod(user(0)), ctr("web"), ctr("db", user(1500))), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Overwritten pod.runAsUser=1000",
			"error Overwritten containers[1].runAsUser db",
			"  Overwritten containers[1].runAsUser=1000",
		}},
		{"overwrite, the pod has the default", at(policy.Policy{RunAsUser: overwrite}), newPod(onPod(user(1000)), ctr("web")), nil},
		{"overwrite of a group that the pod may not have", at(policy.Policy{RunAsGroup: overwrite}), newPod(onPod(group(0)), ctr("web"), ctr("db", group(1000))), []string{
			"error GroupIDOutsideRanges pod.runAsGroup web",
			"  Defaulted containers[0].runAsGroup=1000",
			"warning PodGroupWithoutUser pod.runAsGroup",
		}},
		{"overwrite, the pod has the default group and no user", at(policy.Policy{RunAsGroup: overwrite}), newPod(onPod(group(1000)), ctr("web")), []string{
			"warning PodGroupWithoutUser pod.runAsGroup",
		}},
	})
}

func TestPodGroupWithoutUser(t *testing.T) {
	t.Parallel()
	pod := newPod(onPod(group(1000)), ctr("web", user(1000)))
	run(t, []row{
		{"a rule on the group", policy.Policy{RunAsGroup: may}, pod, []string{"warning PodGroupWithoutUser pod.runAsGroup"}},
		{"a rule on the user", policy.Policy{RunAsUser: notRoot}, pod, []string{"warning PodGroupWithoutUser pod.runAsGroup"}},
		{"a rule on neither", policy.Policy{FSGroup: may}, pod, nil},
		{"with a user", policy.Policy{RunAsGroup: may}, newPod(onPod(user(0), group(1000)), ctr("web")), nil},
		{"the user is written", policy.Policy{RunAsUser: must}, newPod(onPod(group(1000)), ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"the user would be written", policy.Policy{RunAsUser: must, Mode: policy.Warn}, newPod(onPod(group(1000)), ctr("web")), []string{
			"warning MissingUserID containers[0].runAsUser web",
		}},
		{"the user is not written, validate only", policy.Policy{RunAsUser: must, ValidateOnly: true}, newPod(onPod(group(1000)), ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"warning PodGroupWithoutUser pod.runAsGroup",
		}},
		{"a user that cannot be read is reported itself", policy.Policy{RunAsUser: must}, newPod(onPod(badUser(podspec.InvalidType), group(1000))), []string{
			"error InvalidType pod.runAsUser",
		}},
		{"the group is removed", policy.Policy{RunAsGroup: unset}, pod, []string{
			"error MustBeUnset pod.runAsGroup web",
			"  Removed pod.runAsGroup",
		}},
		{"under Audit all is info", policy.Policy{RunAsGroup: may, Mode: policy.Audit}, pod, []string{"info PodGroupWithoutUser pod.runAsGroup"}},
	})
}

func TestExcluded(t *testing.T) {
	t.Parallel()
	proxy := func(c *podspec.Container) bool { return c.Name == "proxy" }
	all := func(*podspec.Container) bool { return true }
	inProxy := podspec.Problem{Code: podspec.DuplicateKey, Path: podspec.Field("spec", "containers").Index(1).Key("securityContext"), Detail: "must be set once"}
	structural := newPod(ctr("web", user(1000)), ctr("proxy"))
	structural.Problems = []podspec.Problem{inProxy}
	tests := []struct {
		name     string
		policy   policy.Policy
		pod      *podspec.Pod
		excluded func(*podspec.Container) bool
		want     []string
	}{
		{"not judged", policy.Policy{RunAsUser: must}, newPod(ctr("web", user(1000)), ctr("proxy", user(0))), proxy, nil},
		{"not a problem", policy.Policy{RunAsUser: must}, newPod(ctr("web", user(1000)), ctr("proxy", badUser(podspec.InvalidType))), proxy, nil},
		{"not a problem of its structure", policy.Policy{RunAsUser: must}, structural, proxy, nil},
		{"the pod is not written, as it would inherit", policy.Policy{RunAsUser: must}, newPod(ctr("web"), ctr("proxy")), proxy, []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"the pod is written, as it has its own", policy.Policy{RunAsUser: must}, newPod(ctr("web"), ctr("proxy", user(0))), proxy, []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"runAsNonRoot likewise", policy.Policy{RunAsUser: notRoot}, newPod(ctr("web"), ctr("proxy", user(0))), proxy, []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
		}},
		{"placement Pod goes on the containers", policy.Policy{RunAsUser: must, Placement: policy.PlacePod}, newPod(ctr("web"), ctr("proxy")), proxy, []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"overwrite leaves what it inherits", policy.Policy{RunAsUser: overwrite}, newPod(onPod(user(0)), ctr("web"), ctr("proxy")), proxy, []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"what it inherits is not removed, an error", policy.Policy{RunAsUser: unset}, newPod(onPod(user(5)), ctr("web"), ctr("proxy")), proxy, []string{
			"error MustBeUnset pod.runAsUser web",
		}},
		{"all of them", policy.Policy{RunAsUser: must, FSGroup: may}, newPod(onPod(user(0)), fsGroup(0), ctr("web")), all, []string{
			"error GroupIDOutsideRanges pod.fsGroup",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := validator.Evaluate(&tt.policy, validator.Subject{Pod: tt.pod, Excluded: tt.excluded})
			diff(t, tt.want, summary(got))
		})
	}
}
