package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// unknown says what of an object no row of the table knows, so that nothing
// passes in silence: evident pod specs, and security contexts with a value that
// breaks a policy that is for the object. Where all policies exclude the object,
// it says that.
func (r *run) unknown(o workload.Object, found workload.Found) []policy.Finding {
	if len(found.Templates)+len(found.Loose) == 0 {
		return nil
	}
	var exemptions []policy.Finding
	var all podFindings
	for _, p := range r.policies {
		s := r.scopeOf(p, o)
		var said []policy.Finding
		switch {
		case p.UnknownKinds == policy.IgnoreUnknown:
			continue
		case s.exempt != nil:
			exemptions = append(exemptions, *s.exempt)
			p.Attribute(exemptions[len(exemptions)-1:])
			continue
		case s.applies:
			said = append(r.unknownTemplates(p, o, found.Templates), r.unknownContexts(s, o, found.Loose)...)
		}
		p.Attribute(said)
		all.add(said)
	}
	if len(r.policies) == 0 {
		return r.unknownTemplates(&policy.Policy{}, o, found.Templates)
	}
	if len(all.findings) == 0 && len(found.Templates) > 0 {
		return exemptions
	}
	return all.findings
}

// unknownSeverity is the severity of what a policy cannot judge.
func unknownSeverity(p *policy.Policy) policy.Severity {
	if p.UnknownKinds == policy.FailUnknown {
		return p.Mode.Severity()
	}
	return milder(policy.Warning, p.Mode.Severity())
}

// unknownTemplates warns of evident pod specs.
func (r *run) unknownTemplates(p *policy.Policy, o workload.Object, templates []podspec.Path) []policy.Finding {
	var findings []policy.Finding
	for _, at := range templates {
		findings = append(findings, policy.Finding{
			Reason: policy.UncheckedKind, Severity: unknownSeverity(p), Path: at,
			Message: fmt.Sprintf("kind %q is not known to hold pods, but %s looks like a pod spec and was not checked: add it to spec.podSpecPaths as %q",
				podspec.Shown(o.Kind), at.Shown(), workload.Pattern(at.Shown())),
		})
	}
	return findings
}

// violations are the reasons of findings on a value that is written and that
// all parsers read alike.
var violations = []policy.Reason{
	policy.UserIDOutsideRanges, policy.GroupIDOutsideRanges, policy.ShouldRunAsNonRoot, policy.CannotUseRootUserID,
	policy.MissingSupplementalGroupID, policy.UnsetRequired, policy.SupplementalGroupsNotStrict, policy.InvalidID,
}

// unknownContexts warns of security contexts that break a policy.
func (r *run) unknownContexts(s scope, o workload.Object, loose []*podspec.Pod) []policy.Finding {
	p, err := r.forNamespace(s.policy, s.ns)
	if err != nil || len(loose) == 0 {
		return nil
	}
	check := *p
	check.ValidateOnly, check.Images = true, policy.Images{}
	for _, st := range []*policy.Strategy{&check.RunAsUser, &check.RunAsGroup, &check.SupplementalGroups, &check.FSGroup} {
		st.Overwrite, st.DefaultFrom = false, ""
	}
	var findings []policy.Finding
	for _, pod := range loose {
		if _, ok := s.containers(pod); !ok {
			continue
		}
		for _, f := range validator.Evaluate(&check, validator.Subject{Pod: pod, Excluded: s.excludedIn(pod)}) {
			if !slices.Contains(violations, f.Reason) {
				continue
			}
			findings = append(findings, policy.Finding{
				Policy: f.Policy, Rule: f.Rule, PolicyLine: f.PolicyLine,
				Reason: policy.UncheckedKind, Severity: unknownSeverity(s.policy),
				Message: r.unknownPlace(o, f.Path) + " is set: " + f.Message,
				Path:    f.Path, Current: f.Current, Containers: f.Containers,
			})
		}
	}
	return findings
}

// unknownPlace begins the message on a value at a place that no row names.
func (r *run) unknownPlace(o workload.Object, at podspec.Path) string {
	at, kind := at.Shown(), podspec.Shown(o.Kind)
	if r.table.Knows(o.APIVersion, o.Kind) {
		return fmt.Sprintf("%s is not a known field of kind %q, but", at, kind)
	}
	return fmt.Sprintf("kind %q is not known to set the users of its pods, but %s", kind, at)
}

// unsettle makes of what a template is still to fill in what is not known: an
// object within another may hold expressions in place of values.
func unsettle(p *policy.Policy, findings []policy.Finding) {
	for i := range findings {
		f := &findings[i]
		if text, ok := f.Current.(string); ok && f.Reason == policy.InvalidType && isExpression(text) {
			f.Reason, f.Severity = policy.UncheckedKind, unknownSeverity(p)
		}
	}
}

// isExpression reports whether a text is to be replaced by another: ${UID} of an
// OpenShift Template, ${schema.spec.uid} of kro, {{ .uid }}.
func isExpression(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "{{") || strings.Contains(text, "$(")
}
