package validator

import (
	"slices"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// problems reports what cannot be judged: the cluster refuses it, or parsers
// disagree on it. A field is reported if a rule of the policy judges it, whether
// or not a container inherits it; what is wrong with the structure is reported
// by every policy. Nothing is mended but what overwrite replaces.
func problems(e *evaluation) {
	e.structural()
	nonRoot := e.policy.RunAsUser.Rule == policy.MustRunAsNonRoot
	if nonRoot {
		inheritedProblems(e, rulingOf(e.policy.RunAsUser), "runAsNonRoot", runAsNonRootOf)
	}
	if e.pod.Windows {
		if nonRoot {
			inheritedProblems(e, rulingOf(e.policy.RunAsUser), "windowsOptions.runAsUserName", runAsUserNameOf)
		}
		return
	}
	for _, f := range idFields {
		if s := f.strategy(e.policy); s.Active() {
			inheritedProblems(e, rulingOf(*s), f.name, f.of)
		}
	}
	e.groupsProblems()
	if s := e.policy.FSGroup; s.Active() {
		e.podProblem(rulingOf(s), fsGroupName, e.pod.FSGroup.Problem, e.pod.FSGroup.Raw)
	}
}

// structural reports what is wrong on the way to the fields, which concerns all
// of them, but for the excluded containers.
func (e *evaluation) structural() {
	for _, p := range e.pod.Problems {
		if slices.ContainsFunc(e.excluded, func(c *podspec.Container) bool { return p.Path.Within(c.Path) }) {
			continue
		}
		fd := policy.FromProblem(p)
		by := e.anyRuling()
		fd.Rule, fd.PolicyLine = by.rule, by.line
		e.report(fd)
	}
}

// inheritedProblems reports a field of the pod and of its containers.
func inheritedProblems[T any](
	e *evaluation, by ruling, field string, of func(*podspec.SecurityContext) *podspec.Value[T],
) {
	pod := of(&e.pod.SecurityContext)
	e.problem(by, pod.Problem, pod.Raw, field, inheriting(e.containers, of), podspec.FromPod)
	for i, c := range e.containers {
		own := of(&c.SecurityContext)
		if c.Inherits && slices.ContainsFunc(e.findings, func(f policy.Finding) bool { return f.Path.Equal(own.Path) }) {
			continue // in a template of containers, and said of another one
		}
		e.problem(by, own.Problem, own.Raw, field, e.containers[i:i+1], podspec.FromContainer)
	}
}

// groupsProblems reports supplementalGroups, its elements, and its policy.
func (e *evaluation) groupsProblems() {
	s, g := e.policy.SupplementalGroups, e.pod.SupplementalGroups
	if _, replaced := e.planned(g.Path); !replaced && s.Rule != "" && s.Rule != policy.RunAsAny {
		e.podProblem(rulingOf(s), groupsName, g.Problem, g.Raw)
		for _, v := range g.Items {
			e.podProblem(rulingOf(s), groupsName, v.Problem, v.Raw)
		}
	}
	if v := e.pod.SupplementalGroupsPolicy; s.RequireStrict {
		e.podProblem(ruling{requireStrictName, s.Line}, "supplementalGroupsPolicy", v.Problem, v.Raw)
	}
}

func (e *evaluation) podProblem(by ruling, field string, p *podspec.Problem, raw string) {
	e.problem(by, p, raw, field, nil, podspec.FromPod)
}

// problem reports one problem, if there is one and no edit replaces the value.
// raw is the text that is there; the problem's own wins.
func (e *evaluation) problem(
	by ruling, p *podspec.Problem, raw, field string, cs []*podspec.Container, from podspec.Origin,
) {
	if p == nil {
		return
	}
	if _, replaced := e.planned(p.Path); replaced {
		return
	}
	fd := policy.Finding{
		Rule:       by.rule,
		PolicyLine: by.line,
		Reason:     policy.Reason(p.Code),
		Message:    saysProblem(cs, field, p, from),
		Path:       p.Path,
		Containers: names(cs),
		Origin:     from,
	}
	if p.Raw != "" {
		raw = p.Raw
	}
	if raw != "" {
		fd.Current = raw
	}
	e.report(fd)
}

// ruling is a rule of the policy as a finding names it.
type ruling struct {
	rule string
	line int // in the policy's file
}

func rulingOf(s policy.Strategy) ruling { return ruling{ruleOf(s), s.Line} }

// anyRuling is the first rule of the policy, for what every policy reports.
func (e *evaluation) anyRuling() ruling {
	p := e.policy
	for _, s := range []policy.Strategy{p.RunAsUser, p.RunAsGroup, p.SupplementalGroups, p.FSGroup} {
		if s.Active() {
			return rulingOf(s)
		}
	}
	return ruling{}
}

// ruleOf names what a strategy demands that judges something.
func ruleOf(s policy.Strategy) string {
	if s.Rule == "" || s.Rule == policy.RunAsAny {
		return requireStrictName
	}
	return string(s.Rule)
}
