package v1alpha1

import (
	"regexp"
	"strings"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Fail takes an error about the field at path, counted from the spec.
type Fail func(path podspec.Path, format string, args ...any)

// Text is the text that a spec was decoded from. Paths are counted from the
// spec.
type Text struct {
	Fail Fail
	// Line returns the line of the field at path, 0 where it is unknown.
	Line func(path podspec.Path) int
}

// TextOf returns the text behind a decoder, in which original gives the place of
// a path of the spec.
func TextOf(d *strict.Decoder, original func(podspec.Path) podspec.Path) Text {
	return Text{
		Fail: func(path podspec.Path, format string, args ...any) { d.Failf(original(path), format, args...) },
		Line: func(path podspec.Path) int { return d.LineAt(original(path)) },
	}
}

// check reports everything that decoding alone does not find wrong with a spec.
func (s *Spec) check(fail Fail) {
	for _, st := range s.strategies() {
		st.check(fail)
	}
	s.checkOverwrite(fail)
	s.Images.check(fail)
	s.Match.check(podspec.Field("match"), fail)
	for i := range s.Exclude {
		s.Exclude[i].check(podspec.Field("exclude").Index(i), fail)
	}
	for i, p := range s.PodSpecPaths {
		p.check(podspec.Field("podSpecPaths").Index(i), fail)
	}
}

// checkOverwrite refuses to overwrite and to leave everything as it is.
func (s *Spec) checkOverwrite(fail Fail) {
	for _, st := range s.strategies() {
		if !st.Overwrite {
			continue
		}
		if s.ValidateOnly {
			fail(podspec.Field("validateOnly"), "must not be true together with %s.overwrite", st.field)
		}
		if s.Output == "none" {
			fail(podspec.Field("output"), "must not be none together with %s.overwrite: nothing is written", st.field)
		}
	}
}

// strategy is what the rules of all fields have in common.
type strategy struct {
	policy.Strategy
	field  string
	given  bool
	ranges []Range // as written
}

// strategies lists the strategies of all fields in the order of the spec.
func (s *Spec) strategies() []strategy {
	return []strategy{
		s.RunAsUser.strategy(),
		s.RunAsGroup.strategy(),
		s.SupplementalGroups.strategy(),
		s.FSGroup.strategy(),
	}
}

// given is the strategy of a field that is written, as far as all fields have it
// in common.
func given(field, rule string, ranges []Range, overwrite bool, from RangesFrom) strategy {
	return strategy{
		field: field, given: true, ranges: ranges,
		Strategy: policy.Strategy{
			Rule: policy.Rule(rule), Ranges: toRanges(ranges), Overwrite: overwrite, RangesFrom: policy.RangesFrom(from),
		},
	}
}

func (s *UserStrategy) strategy() strategy {
	const field = "runAsUser"
	if s == nil {
		return strategy{field: field}
	}
	out := given(field, string(s.Rule), s.Ranges, s.Overwrite, s.RangesFrom)
	out.DefaultFrom = policy.DefaultFrom(s.DefaultFrom)
	return out
}

func (s *GroupStrategy) strategy() strategy {
	const field = "runAsGroup"
	if s == nil {
		return strategy{field: field}
	}
	out := given(field, string(s.Rule), s.Ranges, s.Overwrite, s.RangesFrom)
	out.DefaultFrom = policy.DefaultFrom(s.DefaultFrom)
	return out
}

func (s *SupplementalGroupsStrategy) strategy() strategy {
	const field = "supplementalGroups"
	if s == nil {
		return strategy{field: field}
	}
	out := given(field, string(s.Rule), s.Ranges, s.Overwrite, s.RangesFrom)
	out.RequireStrict = s.RequireStrict
	return out
}

func (s *FSGroupStrategy) strategy() strategy {
	const field = "fsGroup"
	if s == nil {
		return strategy{field: field}
	}
	return given(field, string(s.Rule), s.Ranges, s.Overwrite, s.RangesFrom)
}

func (s strategy) check(fail Fail) {
	at := podspec.Field(s.field)
	for i, r := range s.ranges {
		r.check(at.Key("ranges").Index(i), fail)
	}
	if s.Rule == "" {
		// Only requireStrict means something without a rule. Anything else left
		// alone would be a rule that its author believes in and nobody applies.
		if s.given && !s.RequireStrict || len(s.ranges) > 0 || s.Overwrite || s.RangesFrom != "" {
			fail(at.Key("rule"), "is required")
		}
		return
	}
	bounded := s.Rule == policy.MustRunAs || s.Rule == policy.MayRunAs
	switch {
	case s.RangesFrom != "" && !bounded:
		fail(at.Key("rangesFrom"), "needs a rule with ranges, the rule is %s", s.Rule)
	case s.RangesFrom != "" && len(s.ranges) > 0:
		fail(at.Key("rangesFrom"), "must not be given with ranges")
	case s.RangesFrom == "" && bounded && len(s.ranges) == 0:
		fail(at.Key("ranges"), "must hold at least one range for %s", s.Rule)
	}
	if s.Overwrite && s.Rule != policy.MustRunAs {
		fail(at.Key("overwrite"), "needs the rule MustRunAs, the rule is %s", s.Rule)
	}
	if s.DefaultFrom != "" && s.Rule != policy.MustRunAs {
		fail(at.Key("defaultFrom"), "needs the rule MustRunAs, the rule is %s", s.Rule)
	}
}

func (r Range) check(at podspec.Path, fail Fail) {
	for _, b := range []struct {
		key   string
		bound *int64
	}{{"min", r.Min}, {"max", r.Max}} {
		switch {
		case b.bound == nil:
			fail(at.Key(b.key), "is required")
		case *b.bound < 0 || *b.bound > podspec.MaxID:
			fail(at.Key(b.key), "must be in 0-%d, is %d", podspec.MaxID, *b.bound)
		}
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		fail(at.Key("min"), "must not be above max, is %d and max is %d", *r.Min, *r.Max)
	}
}

// platform is os/arch or os/arch/variant.
var platform = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?$`) })

func (i *Images) check(fail Fail) {
	if i == nil {
		return
	}
	if n := len(i.Platform); n > policy.MaxPlatforms {
		fail(podspec.Field("images", "platform"), "must be at most %d platforms, are %d", policy.MaxPlatforms, n)
		return
	}
	for n, p := range i.Platform {
		if platform().MatchString(p) {
			continue
		}
		at := podspec.Field("images", "platform")
		if len(i.Platform) > 1 {
			at = at.Index(n)
		}
		fail(at, "must be os/arch or os/arch/variant, is %q", p)
	}
}

func (s *Selector) check(at podspec.Path, fail Fail) {
	if s == nil {
		return
	}
	s.LabelSelector.Check(at.Key("labelSelector"), fail)
	s.NamespaceSelector.Check(at.Key("namespaceSelector"), fail)
}

func (e *Exclusion) check(at podspec.Path, fail Fail) {
	e.Selector.check(at, fail)
	if e.Selector.empty() {
		fail(at, "must select something: an exclusion of everything switches the policy off")
	}
	if strings.TrimSpace(e.Reason) == "" {
		fail(at.Key("reason"), "is required: it makes the exemption visible")
	}
}

// empty reports whether the selector holds for everything.
func (s *Selector) empty() bool {
	return len(s.Kinds)+len(s.Namespaces)+len(s.Names)+len(s.Annotations)+len(s.Images)+len(s.Containers)+len(s.ContainerKinds) == 0 &&
		s.HostUsers == nil &&
		s.LabelSelector.empty() && s.NamespaceSelector.empty()
}

// podSpecPath is a dotted path; a step is a key, or * for every value of a
// mapping, and may be followed by [*] for every element of a list, or by a key in
// brackets and quotes.
var podSpecPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(` + pathKey + `|` + pathBracket + `)(` + pathBracket + `)*(\.` + pathKey + `(` + pathBracket + `)*)*$`)
})

const (
	pathKey     = `[^.\[\]\s"]+`
	pathBracket = `\[\*\]|\["([^"\\]|\\.)+"\]`
)

func (p PodSpecPath) check(at podspec.Path, fail Fail) {
	if p.Kind == "" {
		fail(at.Key("kind"), "is required")
	}
	if len(p.Paths)+len(p.Pods)+len(p.Containers)+len(p.SecurityContexts)+len(p.Below) == 0 {
		fail(at.Key("paths"), "must hold at least one path")
	}
	checkPaths(p.Paths, at.Key("paths"), fail)
	checkPaths(p.Containers, at.Key("containers"), fail)
	checkPaths(p.SecurityContexts, at.Key("securityContexts"), fail)
	checkPaths(p.Below, at.Key("below"), fail)
	for i, pod := range p.Pods {
		pod.check(at.Key("pods").Index(i), fail)
	}
}

func (p PodParts) check(at podspec.Path, fail Fail) {
	if len(p.Containers) == 0 {
		fail(at.Key("containers"), "must hold at least one path")
	}
	checkPath(p.Path, at.Key("path"), fail)
	checkPaths(p.Containers, at.Key("containers"), fail)
	if p.SecurityContext != "" {
		checkPath(p.SecurityContext, at.Key("securityContext"), fail)
	}
	if p.ContainerDefaults != "" {
		checkPath(p.ContainerDefaults, at.Key("containerDefaults"), fail)
	}
}

func checkPaths(paths []string, at podspec.Path, fail Fail) {
	for i, path := range paths {
		checkPath(path, at.Index(i), fail)
	}
}

func checkPath(path string, at podspec.Path, fail Fail) {
	if !podSpecPath().MatchString(path) {
		fail(at, "must be a dotted path such as spec.jobs[*].template.spec, is %q", path)
	}
}

// toRanges converts what check has found to be whole; a bound that is missing
// counts as 0, in a policy that is not used.
func toRanges(rs []Range) policy.Ranges {
	var out policy.Ranges
	for _, r := range rs {
		out = append(out, policy.Range{Min: deref(r.Min), Max: deref(r.Max)})
	}
	return out
}

func deref(i *int64) int64 {
	if i == nil {
		return 0
	}
	return *i
}
