package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/policy"
)

const (
	uidRange   = "openshift.io/sa.scc.uid-range"
	suppGroups = "openshift.io/sa.scc.supplemental-groups"
)

// fromNamespace is a policy whose every field has its ranges from the namespace.
func fromNamespace() *policy.Policy {
	s := policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift}
	return &policy.Policy{Name: "scc", RunAsUser: s, RunAsGroup: s, SupplementalGroups: s, FSGroup: s}
}

func TestForNamespace(t *testing.T) {
	t.Parallel()
	type ranges = policy.Ranges
	tests := []struct {
		name                   string
		annotations            map[string]string
		user, group, supp, fsg ranges
	}{
		{
			"start/size",
			map[string]string{uidRange: "1000620000/10000", suppGroups: "1000620000/10000"},
			ranges{{Min: 1000620000, Max: 1000629999}},
			ranges{{Min: 1000620000, Max: 1000629999}},
			ranges{{Min: 1000620000, Max: 1000629999}},
			ranges{{Min: 1000620000, Max: 1000620000}},
		},
		{
			"first-last",
			map[string]string{uidRange: "1000-10999", suppGroups: "2000-2999"},
			ranges{{Min: 1000, Max: 10999}},
			ranges{{Min: 1000, Max: 10999}},
			ranges{{Min: 2000, Max: 2999}},
			ranges{{Min: 2000, Max: 2000}},
		},
		{
			"several blocks of groups, in both spellings",
			map[string]string{uidRange: "1000/10000", suppGroups: "1/3, 10-20,5/1"},
			ranges{{Min: 1000, Max: 10999}},
			ranges{{Min: 1000, Max: 10999}},
			ranges{{Min: 1, Max: 3}, {Min: 10, Max: 20}, {Min: 5, Max: 5}},
			ranges{{Min: 1, Max: 1}},
		},
		{
			"no annotation of groups",
			map[string]string{uidRange: "1000/10"},
			ranges{{Min: 1000, Max: 1009}},
			ranges{{Min: 1000, Max: 1009}},
			ranges{{Min: 1000, Max: 1009}},
			ranges{{Min: 1000, Max: 1000}},
		},
		{
			"up to the last id",
			map[string]string{uidRange: "2147483647/1", suppGroups: "0-2147483647"},
			ranges{{Min: 2147483647, Max: 2147483647}},
			ranges{{Min: 2147483647, Max: 2147483647}},
			ranges{{Min: 0, Max: 2147483647}},
			ranges{{}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := fromNamespace()
			got, err := p.ForNamespace(&policy.Namespace{Name: "shop", Annotations: tt.annotations})
			if err != nil {
				t.Fatal(err)
			}
			want := *fromNamespace()
			want.RunAsUser.Ranges, want.RunAsGroup.Ranges = tt.user, tt.group
			want.SupplementalGroups.Ranges, want.FSGroup.Ranges = tt.supp, tt.fsg
			if d := cmp.Diff(&want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if d := cmp.Diff(fromNamespace(), p); d != "" {
				t.Errorf("the policy itself was changed:\n%s", d)
			}
		})
	}
}

func TestForNamespaceNotNeeded(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 2}}}}
	if got, err := p.ForNamespace(nil); got != p || err != nil {
		t.Errorf("got %+v, %v, want the policy itself", got, err)
	}
}

func TestForNamespaceErrors(t *testing.T) {
	t.Parallel()
	const good = "1000/10"
	namespace := func(uids, groups string) *policy.Namespace {
		return &policy.Namespace{Name: "shop", Annotations: map[string]string{uidRange: uids, suppGroups: groups}}
	}
	tests := []struct {
		name string
		ns   *policy.Namespace
		want []string // parts of the message
	}{
		{"no namespace", nil, []string{"runAsUser: the Namespace must be among the items", "fsGroup: the Namespace"}},
		{"no annotations", &policy.Namespace{Name: "shop"}, []string{`runAsUser: namespace "shop": annotation ` + uidRange, "supplementalGroups: ", suppGroups}},
		{"only groups", &policy.Namespace{Name: "shop", Annotations: map[string]string{suppGroups: good}}, []string{"runAsUser", "runAsGroup"}},
		{"empty uids", namespace("", good), []string{`is ""`}},
		{"empty groups", namespace(good, ""), []string{"supplementalGroups", `is ""`}},
		{"one number", namespace("1000", good), []string{`is "1000"`}},
		{"size 0", namespace("1000/0", good), []string{`is "1000/0"`}},
		{"no size", namespace("1000/", good), []string{`is "1000/"`}},
		{"too large", namespace("2147483647/2", good), []string{`is "2147483647/2"`}},
		{"too large a start", namespace("2147483648/1", good), []string{`is "2147483648/1"`}},
		{"backwards", namespace("2000-1000", good), []string{`is "2000-1000"`}},
		{"negative", namespace("-5/10", good), []string{`is "-5/10"`}},
		{"something behind it", namespace("1000/10x", good), []string{`is "1000/10x"`}},
		{"spaces within", namespace("1000 /10", good), []string{`is "1000 /10"`}},
		{"several blocks of uids", namespace("1000/10,2000/10", good), []string{`is "1000/10,2000/10"`}},
		{"a bad block among groups", namespace(good, "1000/10,x"), []string{`is "x"`}},
		{"an empty block among groups", namespace(good, "1000/10,"), []string{`is ""`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fromNamespace().ForNamespace(tt.ns)
			if got != nil || !errors.Is(err, policy.ErrNamespaceRanges) {
				t.Fatalf("got %+v, %v", got, err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}
