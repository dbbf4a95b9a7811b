package validator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// The known differences from the ancestors, one test each. Those on kinds and
// on configuration are tested where kinds and configuration are.

func TestDifferenceValidateOnlyAcceptsWhatComplies(t *testing.T) {
	t.Parallel()
	ids := policy.Policy{RunAsUser: must, RunAsGroup: must, SupplementalGroups: must, ValidateOnly: true}
	flag := policy.Policy{RunAsUser: notRoot, ValidateOnly: true}
	run(t, []row{
		{"ids", ids, newPod(groups(1000), ctr("web", user(1000), group(3000))), nil},
		{"runAsNonRoot", flag, newPod(ctr("web", nonRoot(true))), nil},
	})
}

func TestDifferenceContainersInheritFromThePod(t *testing.T) {
	t.Parallel()
	run(t, []row{
		{"a valid value", policy.Policy{RunAsUser: must, RunAsGroup: must}, newPod(onPod(user(1500), group(1500)), ctr("web")), nil},
		{"a bad value", policy.Policy{RunAsUser: must}, newPod(onPod(user(0)), ctr("web")), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
		}},
	})
}

func TestDifferenceAllContainersAndAllViolations(t *testing.T) {
	t.Parallel()
	run(t, []row{{
		"every kind of container, every field",
		policy.Policy{RunAsUser: must, RunAsGroup: must, SupplementalGroups: must, FSGroup: must},
		newPod(groups(0), fsGroup(0), initCtr("i", user(0), group(0)), ctr("a", user(0), group(0)), debugCtr("d", user(0), group(0))),
		[]string{
			"error UserIDOutsideRanges initContainers[0].runAsUser i",
			"error UserIDOutsideRanges containers[0].runAsUser a",
			"error UserIDOutsideRanges ephemeralContainers[0].runAsUser d",
			"error GroupIDOutsideRanges initContainers[0].runAsGroup i",
			"error GroupIDOutsideRanges containers[0].runAsGroup a",
			"error GroupIDOutsideRanges ephemeralContainers[0].runAsGroup d",
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error GroupIDOutsideRanges pod.fsGroup",
		},
	}})
}

func TestDifferenceNonRootIsWrittenOnlyWhereBothAreUnset(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: notRoot}
	run(t, []row{
		{"beside a user", p, newPod(ctr("web", user(1000))), nil},
		{"beside the pod's user", p, newPod(onPod(user(1000)), ctr("web")), nil},
	})
}

func TestDifferenceNoPodGroupWithoutPodUser(t *testing.T) {
	t.Parallel()
	for _, placement := range []policy.Placement{policy.PlaceBoth, policy.PlacePod, policy.PlaceContainers} {
		for _, s := range []policy.Strategy{must, overwrite} {
			p := policy.Policy{RunAsGroup: s, Placement: placement}
			pod := newPod(ctr("web"), ctr("db", group(0)))
			for _, e := range editsOf(validator.Evaluate(&p, validator.Subject{Pod: pod})) {
				if e.Path.Equal(pod.RunAsGroup.Path) {
					t.Errorf("placement %s, overwrite %v: runAsGroup is written on the pod", placement, s.Overwrite)
				}
			}
		}
	}
}

func TestDifferenceModesReportWhatWouldBeMutated(t *testing.T) {
	t.Parallel()
	enforce := policy.Policy{RunAsUser: notRoot, RunAsGroup: must, SupplementalGroups: must}
	pod := newPod(onPod(user(1000)), ctr("web"), ctr("db", user(0)))
	want := map[string]any{}
	for _, e := range editsOf(validator.Evaluate(&enforce, validator.Subject{Pod: pod})) {
		want[e.Path.String()] = e.Value
	}
	if len(want) != 4 {
		t.Fatalf("Enforce changes %v, want a group on the pod and each container, and a supplemental group", want)
	}
	for _, m := range []policy.Mode{policy.Warn, policy.Audit} {
		p := enforce
		p.Mode = m
		got := map[string]any{}
		for _, f := range validator.Evaluate(&p, validator.Subject{Pod: pod}) {
			if f.Proposed != nil {
				got[f.Path.String()] = f.Proposed
			}
			for _, c := range f.Foretold {
				got[c.Edit.Path.String()] = c.Edit.Value
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", m, d)
		}
	}
}

// A policy that only judges foretells nothing.
func TestValidateOnlyForetellsNothing(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: must, ValidateOnly: true, Mode: policy.Audit}
	for _, f := range validator.Evaluate(&p, validator.Subject{Pod: newPod(ctr("web"))}) {
		if len(f.Foretold) > 0 {
			t.Errorf("foretold %v", f.Foretold)
		}
	}
}

// A policy on pods is applied to a template as to the pod it will become: only
// the paths differ.
func TestDifferenceTemplatesAreJudgedAsPods(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}
	rows := []row{
		{"a missing securityContext", p, newPod(ctr("web")), nil},
		{"uid 0 of the pod", p, newPod(onPod(user(0)), ctr("web")), nil},
		{"uid 0 of a container", p, newPod(ctr("web", user(0))), nil},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			got := validator.Evaluate(&r.policy, validator.Subject{Pod: r.pod})
			if !hasErrors(got) {
				t.Error("no error")
			}
			template := validator.Evaluate(&r.policy, validator.Subject{Pod: below(r.pod, "spec", "template")})
			for i := range got {
				got[i].Path = podspec.Field("spec", "template").Join(got[i].Path)
				for j := range got[i].Fix {
					got[i].Fix[j].Edit.Path = podspec.Field("spec", "template").Join(got[i].Fix[j].Edit.Path)
				}
			}
			diff(t, got, template)
		})
	}
}

// below moves what the test above looks at to a template's place.
func below(p *podspec.Pod, keys ...string) *podspec.Pod {
	p = clone(p)
	contexts := []*podspec.SecurityContext{&p.SecurityContext}
	for i := range p.Containers {
		contexts = append(contexts, &p.Containers[i].SecurityContext)
	}
	for _, sc := range contexts {
		sc.RunAsUser.Path = podspec.Field(keys...).Join(sc.RunAsUser.Path)
		sc.RunAsNonRoot.Path = podspec.Field(keys...).Join(sc.RunAsNonRoot.Path)
	}
	return p
}

func TestDifferenceGroupsAreRuled(t *testing.T) {
	t.Parallel()
	zero := policy.Strategy{Rule: policy.MayRunAs, Ranges: policy.Ranges{{Min: 1, Max: podspec.MaxID}}}
	run(t, []row{{
		"group 0 of a pod that is restricted otherwise",
		policy.Policy{RunAsUser: notRoot, RunAsGroup: zero, SupplementalGroups: zero, FSGroup: zero},
		newPod(onPod(user(1000), group(0), nonRoot(true)), groups(0), fsGroup(0), ctr("web")),
		[]string{
			"error GroupIDOutsideRanges pod.runAsGroup web",
			"error GroupIDOutsideRanges pod.supplementalGroups[0]",
			"error GroupIDOutsideRanges pod.fsGroup",
		},
	}})
}
