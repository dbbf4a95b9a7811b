// Package policylint looks for what is probably a mistake in policies that are
// valid.
package policylint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Advice is one thing to look at.
type Advice struct {
	Check   string // the name of the check
	Message string
	File    string // of the policy; "" where unknown
	Line    int    // 0 where unknown
}

// String is the advice as a line: "policy.yaml:4: message [check]".
func (a Advice) String() string {
	var b strings.Builder
	if a.File != "" {
		b.WriteString(a.File)
		if a.Line > 0 {
			fmt.Fprintf(&b, ":%d", a.Line)
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s [%s]", a.Message, a.Check)
	return b.String()
}

// Check is a row of the table of checks.
type Check struct {
	Name, Doc string
	// find returns messages on a field of a policy, or on the policy as a whole
	// where the field is "".
	find func(p *policy.Policy, field string, s policy.Strategy) []string
}

// Checks returns the table of checks.
func Checks() []Check {
	return []Check{
		{"rules-nothing", "a policy without rules accepts everything", rulesNothing},
		{"root-in-ranges", "a user range that includes 0 allows root", rootInRanges},
		{"default-is-root", "the default (the min of the first range) is 0", defaultIsRoot},
		{"ranges-overlap", "overlapping or adjacent ranges can be merged", rangesOverlap},
		{"range-is-everything", "a range of all ids is the same as RunAsAny", rangeIsEverything},
		{"groups-not-strict", "groups of the image bypass the rule for supplementalGroups unless requireStrict is set", groupsNotStrict},
		{"image-not-checked", "MayRunAs leaves an unset user to the image, and the image is not checked", imageNotChecked},
	}
}

// Lint returns what the checks find, in the order of the policies.
func Lint(policies []*policy.Policy) []Advice {
	var out []Advice
	for _, p := range policies {
		for _, c := range Checks() {
			out = append(out, c.advice(p)...)
		}
	}
	return out
}

// advice is what the check finds in a policy.
func (c Check) advice(p *policy.Policy) []Advice {
	var out []Advice
	for _, f := range fields(p) {
		line := cmp.Or(f.strategy.Line, p.Source.Line)
		for _, m := range c.find(p, f.name, f.strategy) {
			out = append(out, Advice{c.Name, fmt.Sprintf("policy %q: %s", p.Name, m), p.Source.File, line})
		}
	}
	return out
}

type field struct {
	name     string
	strategy policy.Strategy
}

// fields are the policy as a whole and its strategies.
func fields(p *policy.Policy) []field {
	return []field{
		{},
		{"runAsUser", p.RunAsUser},
		{"runAsGroup", p.RunAsGroup},
		{"supplementalGroups", p.SupplementalGroups},
		{"fsGroup", p.FSGroup},
	}
}

func rulesNothing(p *policy.Policy, field string, _ policy.Strategy) []string {
	if field != "" || !p.RulesNothing() {
		return nil
	}
	return []string{"there are no rules, so everything passes"}
}

func rootInRanges(_ *policy.Policy, field string, s policy.Strategy) []string {
	i := slices.IndexFunc(s.Ranges, func(r policy.Range) bool { return r.Min == 0 })
	if field != "runAsUser" || i < 0 {
		return nil
	}
	return []string{"runAsUser: the range " + s.Ranges[i].String() + " includes 0, which is root"}
}

func defaultIsRoot(p *policy.Policy, field string, s policy.Strategy) []string {
	if !p.Mutates() || s.Rule != policy.MustRunAs || len(s.Ranges) == 0 || s.Ranges.Default() != 0 {
		return nil
	}
	return []string{field + ": unset ids default to 0, the min of the first range"}
}

func rangesOverlap(_ *policy.Policy, field string, s policy.Strategy) []string {
	order := make([]int, len(s.Ranges)) // by their Min
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(s.Ranges[i].Min, s.Ranges[j].Min) })
	var out []string
	widest := 0 // of those so far, the one that ends last
	for n, i := range order {
		switch {
		case n == 0:
			widest = i
			continue
		case s.Ranges[i].Min <= s.Ranges[widest].Max+1:
			out = append(out, fmt.Sprintf("%s: the ranges %s and %s can be merged", field, s.Ranges[min(i, widest)], s.Ranges[max(i, widest)]))
		}
		if len(out) == maxOverlaps {
			break
		}
		if s.Ranges[i].Max > s.Ranges[widest].Max {
			widest = i
		}
	}
	return out
}

// maxOverlaps is how many overlaps of one field are said.
const maxOverlaps = 5

func rangeIsEverything(_ *policy.Policy, field string, s policy.Strategy) []string {
	for _, r := range s.Ranges {
		if r.Min == 0 && r.Max == podspec.MaxID {
			return []string{field + ": a range of all ids accepts every id"}
		}
	}
	return nil
}

func groupsNotStrict(_ *policy.Policy, field string, s policy.Strategy) []string {
	if field != "supplementalGroups" || s.RequireStrict || s.Rule != policy.MustRunAs && s.Rule != policy.MayRunAs {
		return nil
	}
	return []string{"supplementalGroups: groups in an image's /etc/group are added whatever the rule says: set requireStrict"}
}

func imageNotChecked(p *policy.Policy, field string, s policy.Strategy) []string {
	if field != "runAsUser" || s.Rule != policy.MayRunAs || p.Images.Check {
		return nil
	}
	return []string{"runAsUser: MayRunAs leaves an unset user to the image: set validateContainerImageConfiguration"}
}
