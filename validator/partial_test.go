package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// partial makes the pod one of which an operator fills in the rest.
func partial(p *podspec.Pod) { p.Partial = true }

// contextAt says what place the pod's securityContext has.
func contextAt(c podspec.ContextPlace) podTweak { return func(p *podspec.Pod) { p.Context = c } }

// TestPartial is about pods of which an operator fills in the rest: only what is
// written is judged.
func TestPartial(t *testing.T) {
	t.Parallel()
	all := policy.Policy{
		RunAsUser: must, RunAsGroup: must, FSGroup: must,
		SupplementalGroups: policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, RequireStrict: true},
	}
	overwriting := policy.Policy{RunAsUser: overwrite, FSGroup: overwrite}
	nonRootOnly := policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}
	run(t, []row{
		{"nothing is written", all, newPod(partial, ctr("web")), nil},
		{"nothing is written about root", nonRootOnly, newPod(partial, ctr("web")), nil},
		{"nothing to overwrite", overwriting, newPod(partial, ctr("web")), nil},
		{"a group without a user, which the operator may add", all, newPod(partial, onPod(group(1000))), nil},
		{"a bad value that a container overrides", all, newPod(partial, onPod(user(0)), ctr("web", user(1000))), []string{
			"error UserIDOutsideRanges pod.runAsUser",
		}},
		{"bad values", all, newPod(partial, fsGroup(0), groups(0), groupsPolicy("Merge"), ctr("web", user(0))), []string{
			"error UserIDOutsideRanges containers[0].runAsUser web",
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error GroupIDOutsideRanges pod.fsGroup",
			"error SupplementalGroupsNotStrict pod.supplementalGroupsPolicy",
		}},
		{"overwrite replaces what is written", overwriting, newPod(partial, onPod(user(0)), ctr("web"), ctr("db", user(1))), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Overwritten pod.runAsUser=1000",
			"error UserIDOutsideRanges containers[1].runAsUser db",
			"  Overwritten containers[1].runAsUser=1000",
		}},
	})
}

// TestContextPlaces is about pods whose securityContext is not their own.
func TestContextPlaces(t *testing.T) {
	t.Parallel()
	refused, none, shared := contextAt(podspec.RefusedContext), contextAt(podspec.NoContext), contextAt(podspec.SharedContext)
	users, groupsOnly := policy.Policy{RunAsUser: must}, policy.Policy{FSGroup: must, SupplementalGroups: must}
	run(t, []row{
		{"ids go on the containers", users, newPod(refused, ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"also where the pod is asked for", policy.Policy{RunAsUser: must, Placement: policy.PlacePod}, newPod(shared, ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"overwrite, too", policy.Policy{RunAsUser: overwrite}, newPod(refused, onPod(user(0)), ctr("web")), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
		}},
		{"refused groups are reported and not written", groupsOnly, newPod(refused, ctr("web")), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
			"error MissingFSGroup pod.fsGroup",
		}},
		{"nor overwritten", policy.Policy{FSGroup: overwrite, SupplementalGroups: overwrite}, newPod(refused, fsGroup(0), groups(0), ctr("web")), []string{
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error GroupIDOutsideRanges pod.fsGroup",
		}},
		{"groups of a kind without a place for them", groupsOnly, newPod(none, ctr("web")), nil},
		{"groups of a shared place", policy.Policy{FSGroup: must}, newPod(shared, ctr("web")), []string{
			"error MissingFSGroup pod.fsGroup",
			"  Defaulted pod.fsGroup=1000",
		}},
	})
}
