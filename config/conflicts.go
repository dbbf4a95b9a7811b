package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/policy"
)

// fields are the fields that two policies may both write.
var fields = []struct {
	name string
	of   func(*policy.Policy) policy.Strategy
	pod  bool // whether the field is the pod's alone
}{
	{"runAsUser", func(p *policy.Policy) policy.Strategy { return p.RunAsUser }, false},
	{"runAsGroup", func(p *policy.Policy) policy.Strategy { return p.RunAsGroup }, false},
	{"supplementalGroups", func(p *policy.Policy) policy.Strategy { return p.SupplementalGroups }, true},
	{"fsGroup", func(p *policy.Policy) policy.Strategy { return p.FSGroup }, true},
}

// Conflicts returns an error for every field that two of the policies would
// write differently, or nil. ps are the policies that match one and the same
// object, since policies for different objects cannot disagree.
//
// Two policies are in conflict over a field where both mutate and the one would
// write another value than the other, or the one would write a value and the
// other remove it; whichever came last would win, and what it wrote the other
// would change again in the next run. It does not matter whether the object at
// hand has a value already that suits both: the next one may not. Policies that
// write the same are not in conflict, nor is one that writes with one that only
// judges: what it finds, it reports.
//
// Policies for different containers of an object are in conflict over
// runAsUser and runAsGroup only if both write on the pod, whose value all
// containers inherit: placement Containers on one of them resolves it. That
// they are for different containers is recognised where each entry of the
// one's match.containers, without globs, is not among the other's, or is
// excluded by an entry of its exclude that says nothing but containers.
func Conflicts(ps []*policy.Policy) error {
	var errs Errors
	for i, p := range ps {
		for _, q := range ps[i+1:] {
			errs = append(errs, conflicts(p, q)...)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// conflicts returns the conflicts of two policies.
func conflicts(p, q *policy.Policy) Errors {
	if !p.Mutates() || !q.Mutates() {
		return nil
	}
	apart := containersApart(p, q) && (p.Placement == policy.PlaceContainers || q.Placement == policy.PlaceContainers)
	var errs Errors
	for _, f := range fields {
		a, b := writes(f.of(p)), writes(f.of(q))
		if a == "" || b == "" || a == b || apart && !f.pod {
			continue
		}
		errs = append(errs, &strict.Error{Msg: fmt.Sprintf(
			"policies %q and %q both match and disagree on %s: %q would %s, %q would %s",
			p.Name, q.Name, f.name, p.Name, a, q.Name, b)})
	}
	return errs
}

// writes says what a strategy does to an unset field or to one that is in its
// way, "" for nothing.
func writes(s policy.Strategy) string {
	switch {
	case s.Rule == policy.MustBeUnset:
		return "remove it"
	case s.Rule != policy.MustRunAs:
		return ""
	}
	value := "the first id of the Namespace's range"
	if len(s.Ranges) > 0 {
		value = fmt.Sprint(s.Ranges.Default())
	}
	if s.DefaultFrom == policy.DefaultFromImage {
		value = "the image's own, else " + value
	}
	return "write " + value
}

// containersApart reports whether no container is matched by both policies, as
// far as their selectors show.
func containersApart(p, q *policy.Policy) bool {
	return apart(p.Match.Containers, q) || apart(q.Match.Containers, p)
}

// apart reports whether the containers, all of them literal names, are none of
// those that p is for.
func apart(containers []string, p *policy.Policy) bool {
	if len(containers) == 0 {
		return false
	}
	literal := func(names []string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return strings.ContainsAny(n, "*?") })
	}
	if !literal(containers) {
		return false
	}
	others := p.Match.Containers
	for _, c := range containers {
		elsewhere := len(others) > 0 && literal(others) && !slices.Contains(others, c)
		if !elsewhere && !excludes(p, c) {
			return false
		}
	}
	return true
}

// excludes reports whether an exclusion leaves out every container of this
// name.
func excludes(p *policy.Policy, container string) bool {
	return slices.ContainsFunc(p.Exclude, func(e policy.Exclusion) bool {
		s := e.Selector
		return slices.Contains(s.Containers, container) &&
			len(s.Kinds)+len(s.Namespaces)+len(s.Names)+len(s.Annotations)+len(s.Images) == 0 &&
			s.LabelSelector == nil && s.NamespaceSelector == nil
	})
}
