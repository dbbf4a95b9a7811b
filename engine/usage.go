package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/usergroup-dev/usergroup/internal/closest"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// usage is what a run made use of. A policy that is for none of the workloads
// passes them all, and nobody would know: it is the silence of a misspelt
// selector. Items are judged concurrently and more than once.
type usage struct {
	workloads atomic.Bool // whether there was any
	policies  map[*policy.Policy]*policyUsage
}

// policyUsage is what a run made use of in one policy.
type policyUsage struct {
	selected   atomic.Bool   // match selected a workload
	unplaced   atomic.Bool   // match would select a workload, but for its namespace, which it does not name
	exclusions []atomic.Bool // by index of Exclude, whether it excluded anything
}

func newUsage(policies []*policy.Policy) *usage {
	u := &usage{policies: make(map[*policy.Policy]*policyUsage, len(policies))}
	for _, p := range policies {
		u.policies[p] = &policyUsage{exclusions: make([]atomic.Bool, len(p.Exclude))}
	}
	return u
}

// set sets a flag without contending for it where it is set already.
func set(b *atomic.Bool) {
	if !b.Load() {
		b.Store(true)
	}
}

// workload notes whether a policy selects a workload with these pods.
func (u *policyUsage) workload(s scope, pods []*podspec.Pod) {
	m := s.policy.Match
	switch {
	case len(pods) == 0 || s.policy.IsSelective(): // see run.evaluate
	case s.matched && (!m.IsContainerScoped() || slices.ContainsFunc(pods, func(pod *podspec.Pod) bool {
		return slices.ContainsFunc(pod.Containers, func(c podspec.Container) bool { return m.MatchContainer(pod, &c) })
	})):
		set(&u.selected)
	case s.object.Namespace == "" && (len(m.Namespaces) > 0 || m.NamespaceSelector != nil):
		m.Namespaces, m.NamespaceSelector = nil, nil
		if m.MatchObject(s.object, nil) {
			set(&u.unplaced)
		}
	}
}

// Usage is what the run has made use of so far.
func (r *Run) Usage() report.Usage {
	out := report.Usage{Workloads: r.run.usage.workloads.Load()}
	for _, p := range r.run.policies {
		of := r.run.usage.policies[p]
		u := report.PolicyUsage{
			Policy: p.Name, File: p.Source.File, Line: p.Source.Line, Empty: p.RulesNothing(),
			Selected: of.selected.Load(), Unplaced: of.unplaced.Load(), Hints: unknownKinds(p.Match.Kinds, r.run.table),
		}
		for i := range of.exclusions {
			u.Exclusions = append(u.Exclusions, report.ExclusionUsage{Line: p.Exclude[i].Line, Used: of.exclusions[i].Load()})
		}
		out.Policies = append(out.Policies, u)
	}
	return out
}

// Unused says which policies, and which parts of them, were for nothing. Where
// there were no workloads that says nothing about the policies.
func Unused(u report.Usage) []report.Result {
	if !u.Workloads {
		return nil
	}
	var out []report.Result
	for _, p := range u.Policies {
		of := unused(p)
		(&policy.Policy{Source: policy.Source{File: p.File, Line: p.Line}}).Attribute(of)
		for _, f := range of {
			out = append(out, report.FromFinding(f, report.Resource{}, report.File{Path: f.PolicyFile, Line: f.PolicyLine}))
		}
	}
	return out
}

// unused says which parts of a policy were for nothing.
func unused(p report.PolicyUsage) []policy.Finding {
	say := func(r policy.Reason, s policy.Severity, line int, format string, args ...any) policy.Finding {
		return policy.Finding{
			Policy: p.Policy, PolicyLine: line, Reason: r, Severity: s,
			Message: fmt.Sprintf("policy %q ", p.Policy) + fmt.Sprintf(format, args...),
		}
	}
	if p.Empty {
		return []policy.Finding{say(policy.NothingMatched, policy.Warning, 0, "has no rules and checks nothing")}
	}
	hints := slices.Clip(p.Hints)
	if !p.Selected {
		if p.Unplaced {
			hints = append(hints, unplaced)
		}
		why := ""
		if len(hints) > 0 {
			why = ": " + strings.Join(hints, ", ")
		}
		return []policy.Finding{say(policy.NothingMatched, policy.Warning, 0, "selects none of the workloads%s", why)}
	}
	var out []policy.Finding
	for _, h := range hints {
		out = append(out, say(policy.NothingMatched, policy.Warning, 0, "selects less than it names: %s", h))
	}
	if p.Unplaced {
		out = append(out, say(policy.NotEvaluated, policy.Warning, 0, "may miss workloads that match is meant for: %s", unplaced))
	}
	for i, e := range p.Exclusions {
		if !e.Used {
			out = append(out, say(policy.NothingMatched, policy.Info, e.Line, "has an exclusion that matches nothing: exclude[%d]", i))
		}
	}
	return out
}

const unplaced = "match selects no workload without a namespace: set defaultNamespace"

// unknownKinds says of each entry of match.kinds that names a kind which the table
// does not know, what it may have meant. A glob names no kind.
func unknownKinds(entries []string, table *workload.Table) []string {
	if len(entries) == 0 {
		return nil
	}
	var out []string
	kinds := table.Kinds()
	known := make([]string, len(kinds))
	for i, k := range kinds {
		known[i] = k.Kind
	}
	for _, entry := range entries {
		if strings.ContainsAny(entry, "*?") || slices.ContainsFunc(kinds, func(k workload.Kind) bool { return names(entry, k) }) {
			continue
		}
		hint := "add it to podSpecPaths"
		kind, _, _ := strings.Cut(entry[strings.LastIndexByte(entry, '/')+1:], ".")
		if meant := closest.To(kind, known); meant != "" && meant != kind {
			hint = fmt.Sprintf("did you mean %q", meant)
		}
		out = append(out, fmt.Sprintf("match.kinds has %q, which is not known to hold pods, %s", entry, hint))
	}
	return out
}

// names reports whether an entry of match.kinds, Kind, Kind.group or
// apiVersion/Kind, is for a kind in any version.
func names(entry string, k workload.Kind) bool {
	kind, group, anyGroup := entry, "", true
	if i := strings.LastIndexByte(entry, '/'); i >= 0 {
		kind, group, anyGroup = entry[i+1:], policy.Object{APIVersion: entry[:i]}.Group(), false
	} else if name, g, ok := strings.Cut(entry, "."); ok {
		kind, group, anyGroup = name, g, false
	}
	return kind == k.Kind && (anyGroup || k.Group == "*" || group == k.Group)
}
