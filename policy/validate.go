package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Validate reports everything for which the policy cannot be followed, joined, each
// with its field: "runAsUser.ranges: must hold at least one range for MustRunAs".
// The policies that package config decodes are valid; one that a program makes itself
// may not be.
func (p *Policy) Validate() error {
	if p == nil {
		return errors.New("the policy is nil")
	}
	var v validation
	v.strategy("runAsUser", p.RunAsUser, MustRunAs, MustRunAsNonRoot, MayRunAs, RunAsAny, MustBeUnset)
	v.strategy("runAsGroup", p.RunAsGroup, groupRules...)
	v.strategy("supplementalGroups", p.SupplementalGroups, groupRules...)
	v.strategy("fsGroup", p.FSGroup, groupRules...)
	if p.ValidateOnly && (p.RunAsUser.Overwrite || p.RunAsGroup.Overwrite || p.SupplementalGroups.Overwrite || p.FSGroup.Overwrite) {
		v.fail("validateOnly", "must not be true together with overwrite")
	}
	oneOf(&v, "mode", p.Mode, Enforce, Warn, Audit)
	oneOf(&v, "placement", p.Placement, PlaceBoth, PlaceContainers, PlacePod)
	oneOf(&v, "images.scope", p.Images.Scope, ScopeAll, ScopeEffective)
	oneOf(&v, "images.failurePolicy", p.Images.FailurePolicy, FailureFail, FailureWarn, FailureIgnore)
	if n := len(p.Images.Platforms); n > MaxPlatforms {
		v.fail("images.platform", "must be at most %d platforms, are %d", MaxPlatforms, n)
	}
	oneOf(&v, "output", p.Output, OutputItems, OutputNone)
	for i, e := range p.Evaluators {
		if e == nil {
			v.fail(fmt.Sprintf("evaluators[%d]", i), "must not be nil")
		}
	}
	return errors.Join(v.errs...)
}

// ValidateRanges reports the rules that have no ranges and need them. It is what is
// left of Validate for a policy that ForNamespace has returned.
func (p *Policy) ValidateRanges() error {
	var v validation
	v.bounded("runAsUser", p.RunAsUser)
	v.bounded("runAsGroup", p.RunAsGroup)
	v.bounded("supplementalGroups", p.SupplementalGroups)
	v.bounded("fsGroup", p.FSGroup)
	return errors.Join(v.errs...)
}

// groupRules are the rules that groups can have.
var groupRules = []Rule{MustRunAs, MayRunAs, RunAsAny, MustBeUnset}

// validation collects what is wrong.
type validation struct{ errs []error }

func (v *validation) fail(field, format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf(field+": "+format, args...))
}

func (v *validation) strategy(field string, s Strategy, rules ...Rule) {
	oneOf(v, field+".rule", s.Rule, rules...)
	oneOf(v, field+".defaultFrom", s.DefaultFrom, DefaultFromRange, DefaultFromImage)
	oneOf(v, field+".rangesFrom", s.RangesFrom, RangesFromOpenShift)
	if s.RangesFrom == "" {
		v.bounded(field, s)
	} else if !s.needsRanges() {
		v.fail(field+".rangesFrom", "needs a rule with ranges, the rule is %q", s.Rule)
	}
	if s.Overwrite && s.Rule != MustRunAs {
		v.fail(field+".overwrite", "needs the rule MustRunAs, the rule is %q", s.Rule)
	}
	for i, r := range s.Ranges {
		at := fmt.Sprintf("%s.ranges[%d]", field, i)
		for _, bound := range []int64{r.Min, r.Max} {
			if bound < 0 || bound > podspec.MaxID {
				v.fail(at, "must be in 0-%d, is %d", podspec.MaxID, bound)
			}
		}
		if r.Min > r.Max {
			v.fail(at+".min", "must not be above max, is %d and max is %d", r.Min, r.Max)
		}
	}
}

// bounded fails where a rule has no ranges and needs them.
func (v *validation) bounded(field string, s Strategy) {
	if s.needsRanges() && len(s.Ranges) == 0 {
		v.fail(field+".ranges", "must hold at least one range for %s", s.Rule)
	}
}

func (s Strategy) needsRanges() bool { return s.Rule == MustRunAs || s.Rule == MayRunAs }

// oneOf fails where a value is neither zero nor one of those allowed.
func oneOf[T ~string](v *validation, field string, value T, allowed ...T) {
	if value == "" || slices.Contains(allowed, value) {
		return
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	v.fail(field, "must be one of %s, is %q", strings.Join(names, ", "), value)
}
