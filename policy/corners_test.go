package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestNameCorners has the objects and patterns for which a selection is a near
// thing, and what an exclusion makes of them.
func TestNameCorners(t *testing.T) {
	t.Parallel()
	generated := policy.Object{APIVersion: "batch/v1", Kind: "Job", GenerateName: "before-"}
	both := policy.Object{APIVersion: "batch/v1", Kind: "Job", Name: "web", GenerateName: "before-"}
	nameless := policy.Object{APIVersion: "batch/v1", Kind: "Job"}
	for _, tt := range []struct {
		name              string
		object            policy.Object
		pattern           string
		selects, excludes bool
	}{
		{"a name goes before a generateName", both, "before-*", false, false},
		{"and is what is compared", both, "web", true, true},
		{"an object without a name gets none of five characters", nameless, "?????", false, false},
		{"it has the empty name", nameless, "", true, true},
		{"five characters are added, not four", generated, "before-????", false, false},
		{"the last four of five", generated, "before-*abcd", true, false},
		{"an exclusion of names that end as the generateName does", generated, "*-", true, false},
	} {
		s := policy.Selector{Names: []string{tt.pattern}}
		if got := s.MatchObject(tt.object, nil); got != tt.selects {
			t.Errorf("%s: %q selects: %v", tt.name, tt.pattern, got)
		}
		if got := (policy.Exclusion{Selector: s}).MatchObject(tt.object, nil); got != tt.excludes {
			t.Errorf("%s: %q excludes: %v", tt.name, tt.pattern, got)
		}
	}
}

func TestMatchCorners(t *testing.T) {
	t.Parallel()
	pod := policy.Object{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Annotations: map[string]string{"owner": "team-a"}}
	said := &policy.Namespace{Name: "shop", Labels: map[string]string{"kubernetes.io/metadata.name": "shop", "env": "prod"}}
	forged := &policy.Namespace{Name: "shop", Labels: map[string]string{"kubernetes.io/metadata.name": "kube-system", "env": "prod"}}
	for _, tt := range []struct {
		name     string
		selector policy.Selector
		ns       *policy.Namespace
		want     bool
	}{
		{"the core group has no name to match", policy.Selector{Kinds: []string{"Pod.*"}}, nil, false},
		{"another value of the annotation", policy.Selector{Annotations: map[string]string{"owner": "team-b"}}, nil, false},
		{"labels of a Namespace that says its name", policy.Selector{NamespaceSelector: selector(t, "env=prod")}, said, true},
		{"labels of a Namespace that says another name", policy.Selector{NamespaceSelector: selector(t, "env=prod")}, forged, true},
		{"a Namespace cannot say another name", policy.Selector{NamespaceSelector: selector(t, "kubernetes.io/metadata.name=kube-system")}, forged, false},
	} {
		if got := tt.selector.MatchObject(pod, tt.ns); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	unreadable := &podspec.Pod{HostUsers: podspec.Value[bool]{State: podspec.Invalid}}
	if !(policy.Exclusion{}).MatchContainer(unreadable, &podspec.Container{}) {
		t.Error("an exclusion that does not ask for hostUsers is for every pod")
	}
	if got := (policy.Ranges{{Min: 7, Max: 9}}).Default(); got != 7 {
		t.Errorf("the default of one range is %d", got)
	}
	if !policy.Glob("*a?x", "aaéx") {
		t.Error("a star gives back one character at a time, however wide the next one is")
	}
}

// TestNamespaceRangesOfOneField: each field takes its own ranges from the namespace,
// and only where it is told to.
func TestNamespaceRangesOfOneField(t *testing.T) {
	t.Parallel()
	own := policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 2}}}
	ns := &policy.Namespace{Name: "shop", Annotations: map[string]string{uidRange: "1000/10", suppGroups: "2000-2009"}}
	bad := &policy.Namespace{Name: "shop", Annotations: map[string]string{uidRange: "x", suppGroups: "x"}}
	want := map[string]policy.Range{
		"runAsUser": {Min: 1000, Max: 1009}, "runAsGroup": {Min: 1000, Max: 1009},
		"supplementalGroups": {Min: 2000, Max: 2009}, "fsGroup": {Min: 2000, Max: 2000},
	}
	plain := &policy.Policy{RunAsUser: own, RunAsGroup: own, SupplementalGroups: own, FSGroup: own}
	if got, err := plain.ForNamespace(nil); got != plain || err != nil || plain.UsesNamespaceRanges() {
		t.Errorf("a policy with ranges of its own needs a namespace: %v", err)
	}
	for _, f := range fields {
		p := *plain
		*f.of(&p) = policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}
		if !p.UsesNamespaceRanges() {
			t.Errorf("%s: the ranges are the namespace's", f.name)
		}
		got, err := p.ForNamespace(ns)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		for _, g := range fields {
			ranges := own.Ranges
			if g.name == f.name {
				ranges = policy.Ranges{want[f.name]}
			}
			if diff := cmp.Diff(ranges, g.of(got).Ranges); diff != "" {
				t.Errorf("%s: %s: %s", f.name, g.name, diff)
			}
		}
		for name, ns := range map[string]*policy.Namespace{"bad": bad, "absent": nil} {
			if got, err := p.ForNamespace(ns); got != nil || !errors.Is(err, policy.ErrNamespaceRanges) || !strings.HasPrefix(err.Error(), f.name+": ") {
				t.Errorf("%s: a namespace that is %s: %v, %v", f.name, name, got, err)
			}
		}
	}
}

// TestBlocks has what is just a block of ids, and what is just none.
func TestBlocks(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]policy.Ranges{
		"5-5":            {{Min: 5, Max: 5}},
		"0-2147483647":   {{Min: 0, Max: 2147483647}},
		"0/2147483647":   {{Min: 0, Max: 2147483646}},
		"0-2147483648":   nil,
		"0/4294967296":   nil,
		"2147483647/2":   nil,
		"x-5":            nil,
		"0-x":            nil,
		"x/5":            nil,
		"6-5":            nil,
		"2147483648-1":   nil,
		"99999999999-99": nil,
	} {
		p := policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}}
		got, err := p.ForNamespace(&policy.Namespace{Name: "shop", Annotations: map[string]string{uidRange: block}})
		switch {
		case want == nil && (err == nil || !strings.Contains(err.Error(), "with ids in 0-2147483647, is ")):
			t.Errorf("%s: %v", block, err)
		case want != nil && err != nil:
			t.Errorf("%s: %v", block, err)
		case want != nil:
			if diff := cmp.Diff(want, got.RunAsUser.Ranges); diff != "" {
				t.Errorf("%s: %s", block, diff)
			}
		}
	}
}
