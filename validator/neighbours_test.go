package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// What the policies of other projects are tried with, and what the rules here
// say of it.

// Kubewarden user-group-psp: one container, each rule with its settings, with
// and without validation only.
func TestKubewardenCases(t *testing.T) {
	t.Parallel()
	two := policy.Ranges{{Min: 1000, Max: 2000}, {Min: 4000, Max: 5000}}
	mustTwo := policy.Strategy{Rule: policy.MustRunAs, Ranges: two}
	mustAll := policy.Policy{RunAsUser: mustTwo, RunAsGroup: mustTwo, SupplementalGroups: mustTwo}
	onlyAll := mustAll
	onlyAll.ValidateOnly = true
	overTwo := policy.Strategy{Rule: policy.MustRunAs, Ranges: two, Overwrite: true}
	overAll := policy.Policy{RunAsUser: overTwo, RunAsGroup: overTwo, SupplementalGroups: overTwo}
	adjoining := policy.Strategy{Rule: policy.MayRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1999}, {Min: 2000, Max: 2999}}}
	mayGroups := policy.Policy{RunAsUser: anything, RunAsGroup: adjoining, SupplementalGroups: adjoining}
	nonRootAnyGroup := policy.Policy{RunAsUser: notRoot, RunAsGroup: anything, SupplementalGroups: anything}
	run(t, []row{
		{"MustRunAs: nothing set", mustAll, newPod(ctr("nginx")), []string{
			"error MissingUserID containers[0].runAsUser nginx",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
			"error MissingGroupID containers[0].runAsGroup nginx",
			"  Defaulted containers[0].runAsGroup=1000",
			"  Defaulted pod.runAsGroup=1000",
			"error MissingSupplementalGroupID pod.supplementalGroups",
			"  Defaulted pod.supplementalGroups=[1000]",
		}},
		{"MustRunAs: nothing set, validation only", onlyAll, newPod(ctr("nginx")), []string{
			"error MissingUserID containers[0].runAsUser nginx",
			"error MissingGroupID containers[0].runAsGroup nginx",
			"error MissingSupplementalGroupID pod.supplementalGroups",
		}},
		{"MustRunAs: the second range", onlyAll, newPod(groups(4500, 1000), ctr("nginx", user(4000), group(5000))), nil},
		{"MustRunAs: between the ranges", mustAll, newPod(groups(3000), ctr("nginx", user(2001), group(3999))), []string{
			"error UserIDOutsideRanges containers[0].runAsUser nginx",
			"error GroupIDOutsideRanges containers[0].runAsGroup nginx",
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
		}},
		{"MustRunAs, overwrite: valid values too", overAll, newPod(onPod(user(4000), group(4000)), groups(4000), ctr("nginx", user(1000), group(1000))), []string{
			"error Overwritten pod.runAsUser",
			"  Overwritten pod.runAsUser=1000",
			"error Overwritten pod.runAsGroup",
			"  Overwritten pod.runAsGroup=1000",
			"error Overwritten pod.supplementalGroups",
			"  Overwritten pod.supplementalGroups=[1000]",
		}},
		{"MustRunAsNonRoot: nothing set", nonRootAnyGroup, newPod(initCtr("init"), ctr("nginx")), []string{
			"error ShouldRunAsNonRoot initContainers[0].runAsNonRoot init",
			"  Defaulted initContainers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot nginx",
			"  Defaulted containers[0].runAsNonRoot=true",
		}},
		{"MustRunAsNonRoot: uid 0", nonRootAnyGroup, newPod(ctr("nginx", user(0), group(0))), []string{
			"error CannotUseRootUserID containers[0].runAsUser nginx",
		}},
		{"MustRunAsNonRoot: false", nonRootAnyGroup, newPod(ctr("nginx", nonRoot(false))), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot nginx",
		}},
		{"MayRunAs: unset", mayGroups, newPod(ctr("nginx", user(0))), nil},
		{"MayRunAs: both sides of the seam", mayGroups, newPod(groups(1999, 2000), ctr("nginx", group(1999)), ctr("log", group(2000))), nil},
		{"MayRunAs: outside", mayGroups, newPod(groups(3000), ctr("nginx", group(999))), []string{
			"error GroupIDOutsideRanges containers[0].runAsGroup nginx",
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
		}},
		{"RunAsAny", policy.Policy{RunAsUser: anything, RunAsGroup: anything, SupplementalGroups: anything}, newPod(onPod(user(0), group(0)), groups(0), ctr("nginx")), nil},
	})
}

// Gatekeeper's users constraint: it judges only, so validateOnly.
func TestGatekeeperUsersCases(t *testing.T) {
	t.Parallel()
	hundred := policy.Ranges{{Min: 100, Max: 200}}
	mustHundred := policy.Strategy{Rule: policy.MustRunAs, Ranges: hundred}
	mayHundred := policy.Strategy{Rule: policy.MayRunAs, Ranges: hundred}
	only := func(p policy.Policy) policy.Policy { p.ValidateOnly = true; return p }
	userIn := only(policy.Policy{RunAsUser: mustHundred})
	groupIn := only(policy.Policy{RunAsGroup: mustHundred})
	groupMay := only(policy.Policy{RunAsGroup: mayHundred})
	suppIn := only(policy.Policy{SupplementalGroups: mustHundred})
	suppMay := only(policy.Policy{SupplementalGroups: mayHundred})
	fsIn := only(policy.Policy{FSGroup: mustHundred})
	fsMay := only(policy.Policy{FSGroup: mayHundred})
	root := only(policy.Policy{RunAsUser: notRoot})
	groupWarning := "warning PodGroupWithoutUser pod.runAsGroup"
	run(t, []row{
		{"user: in", userIn, newPod(ctr("c", user(150))), nil},
		{"user: out", userIn, newPod(ctr("c", user(50))), []string{"error UserIDOutsideRanges containers[0].runAsUser c"}},
		{"user: missing", userIn, newPod(ctr("c")), []string{"error MissingUserID containers[0].runAsUser c"}},
		{"user: the pod in", userIn, newPod(onPod(user(150)), ctr("c")), nil},
		{"user: the pod in, the container out", userIn, newPod(onPod(user(150)), ctr("c", user(50))), []string{"error UserIDOutsideRanges containers[0].runAsUser c"}},
		{"user: the pod out, the container in", userIn, newPod(onPod(user(50)), ctr("c", user(150))), nil},
		{"user: two containers, one out", userIn, newPod(ctr("c", user(150)), ctr("d", user(0))), []string{"error UserIDOutsideRanges containers[1].runAsUser d"}},
		{"user: an init container out", userIn, newPod(initCtr("i", user(0)), ctr("c", user(150))), []string{"error UserIDOutsideRanges initContainers[0].runAsUser i"}},
		{"non-root: user set", root, newPod(ctr("c", user(1))), nil},
		{"non-root: user 0", root, newPod(ctr("c", user(0))), []string{"error CannotUseRootUserID containers[0].runAsUser c"}},
		{"non-root: flag", root, newPod(ctr("c", nonRoot(true))), nil},
		{"non-root: flag of the pod", root, newPod(onPod(nonRoot(true)), ctr("c")), nil},
		{"non-root: flag of the pod, the container false", root, newPod(onPod(nonRoot(true)), ctr("c", nonRoot(false))), []string{"error ShouldRunAsNonRoot containers[0].runAsNonRoot c"}},
		{"non-root: nothing", root, newPod(ctr("c")), []string{"error ShouldRunAsNonRoot containers[0].runAsNonRoot c"}},
		{"group: in", groupIn, newPod(ctr("c", group(150))), nil},
		{"group: missing", groupIn, newPod(ctr("c")), []string{"error MissingGroupID containers[0].runAsGroup c"}},
		{"group: may, missing", groupMay, newPod(ctr("c")), nil},
		{"group: may, out", groupMay, newPod(ctr("c", group(250))), []string{"error GroupIDOutsideRanges containers[0].runAsGroup c"}},
		{"group: the pod in", groupIn, newPod(onPod(group(150)), ctr("c")), []string{groupWarning}},
		{"supplementalGroups: in", suppIn, newPod(groups(150, 200), ctr("c")), nil},
		{"supplementalGroups: one out", suppIn, newPod(groups(150, 250), ctr("c")), []string{"error GroupIDOutsideRanges pod.supplementalGroups[1]"}},
		{"supplementalGroups: missing", suppIn, newPod(ctr("c")), []string{"error MissingSupplementalGroupID pod.supplementalGroups"}},
		{"supplementalGroups: may, missing", suppMay, newPod(ctr("c")), nil},
		{"fsGroup: in", fsIn, newPod(fsGroup(100), ctr("c")), nil},
		{"fsGroup: out", fsIn, newPod(fsGroup(201), ctr("c")), []string{"error GroupIDOutsideRanges pod.fsGroup"}},
		{"fsGroup: missing", fsIn, newPod(ctr("c")), []string{"error MissingFSGroup pod.fsGroup"}},
		{"fsGroup: may, missing", fsMay, newPod(ctr("c")), nil},
	})
}

// Kyverno's require-run-as-nonroot, require-run-as-non-root-user and
// check-supplemental-groups. Where Kyverno denies a value of the pod that every
// container overrides, the containers decide here; where it passes an unset
// runAsUser, that is missing here.
func TestKyvernoCases(t *testing.T) {
	t.Parallel()
	root := policy.Policy{RunAsUser: notRoot, ValidateOnly: true}
	above := policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: podspec.MaxID}}}, ValidateOnly: true}
	supp := policy.Policy{SupplementalGroups: policy.Strategy{Rule: policy.MayRunAs, Ranges: policy.Ranges{{Min: 100, Max: 200}, {Min: 500, Max: 600}}}, ValidateOnly: true}
	run(t, []row{
		{"nonroot: of the pod", root, newPod(onPod(nonRoot(true)), initCtr("i"), ctr("c")), nil},
		{"nonroot: of each container", root, newPod(initCtr("i", nonRoot(true)), ctr("c", nonRoot(true)), debugCtr("d", nonRoot(true))), nil},
		{"nonroot: the pod's false, overridden", root, newPod(onPod(nonRoot(false)), ctr("c", nonRoot(true))), nil},
		{"nonroot: one container false", root, newPod(onPod(nonRoot(true)), ctr("c", nonRoot(true)), ctr("d", nonRoot(false))), []string{"error ShouldRunAsNonRoot containers[1].runAsNonRoot d"}},
		{"nonroot: an init container without", root, newPod(initCtr("i"), ctr("c", nonRoot(true))), []string{"error ShouldRunAsNonRoot initContainers[0].runAsNonRoot i"}},
		{"user: above 0", above, newPod(onPod(user(1000)), ctr("c")), nil},
		{"user: 0", above, newPod(onPod(user(0)), ctr("c")), []string{"error UserIDOutsideRanges pod.runAsUser c"}},
		{"user: the pod's 0, overridden", above, newPod(onPod(user(0)), ctr("c", user(1))), nil},
		{"user: unset", above, newPod(ctr("c")), []string{"error MissingUserID containers[0].runAsUser c"}},
		{"groups: in", supp, newPod(groups(150, 555), ctr("c")), nil},
		{"groups: out", supp, newPod(groups(150, 1000), ctr("c")), []string{"error GroupIDOutsideRanges pod.supplementalGroups[1]"}},
		{"groups: none", supp, newPod(ctr("c")), nil},
	})
}

// Pod Security Admission's restricted checks, where the rules here decide
// otherwise: containers decide, and a runAsUser above 0 proves as much as
// runAsNonRoot.
func TestPodSecurityCases(t *testing.T) {
	t.Parallel()
	root := policy.Policy{RunAsUser: notRoot, ValidateOnly: true}
	run(t, []row{
		{"the pod's false, overridden", root, newPod(onPod(nonRoot(false)), ctr("c", nonRoot(true))), nil},
		{"the pod's uid 0, overridden", root, newPod(onPod(user(0)), ctr("c", user(1))), nil},
		{"a user instead of the flag", root, newPod(ctr("c", user(1))), nil},
		{"no containers", root, newPod(), nil},
		{"an ephemeral container with uid 0", root, newPod(onPod(nonRoot(true)), ctr("c"), debugCtr("d", user(0))), []string{
			"error CannotUseRootUserID ephemeralContainers[0].runAsUser d",
		}},
	})
}
