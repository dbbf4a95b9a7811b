package admission

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/policy"
)

// unsaid is something of a policy that its gate does not hold.
type unsaid struct {
	text string
	// weaker is whether the gate admits for that what the policy forbids.
	weaker bool
}

// unsaid lists what the gate does not hold.
func (g *generator) unsaid() []unsaid {
	p := g.policy
	var out []unsaid
	add := func(weaker bool, text string) { out = append(out, unsaid{text, weaker}) }
	for _, n := range p.Notes {
		add(false, n.Message)
	}
	if p.Images.Check {
		add(true, "validateContainerImageConfiguration: the API server does not read images, so their USER is not judged")
	}
	if len(p.Evaluators) > 0 {
		add(true, "Pod Security levels and image policies are not judged: label the namespaces with pod-security.kubernetes.io/enforce instead")
	}
	for _, f := range g.inherited() {
		if f.strategy.DefaultFrom != policy.DefaultFromImage {
			continue
		}
		text := f.name + ".defaultFrom: Image: the API server does not read images, so a container without an id is refused and not given its image's"
		add(f.strategy.Overwrite, text)
	}
	for _, f := range slices.Concat(g.inherited(), g.podFields()) {
		if !f.held() {
			add(true, f.name+".rule: the gate does not judge "+string(f.strategy.Rule))
		}
	}
	var missing []string
	for _, k := range p.Match.Kinds {
		only := policy.Selector{Kinds: []string{k}}
		if len(matching(builtin, only)) == 0 && len(matching(g.kinds, only)) == 0 && !servedNoMore(only) {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		add(true, "match.kinds: "+list(missing)+" is none of the kinds that the gate judges: name custom resources with --kinds")
	}
	if text := g.unjudged(); text != "" {
		add(false, text)
	}
	if len(p.PodSpecPaths) > 0 {
		add(false, "podSpecPaths: the custom resources are not judged, their pods are")
	}
	if p.UnknownKinds == policy.FailUnknown {
		add(false, "unknownKinds: objects of kinds that the gate does not judge are admitted, their pods are judged")
	}
	if p.AllowExemptionComments {
		add(false, "allowExemptionComments: comments do not reach the API server, so what they exempt is refused")
	}
	if text := g.tooCostly(); text != "" {
		add(false, text)
	}
	if p.Annotate {
		add(false, "annotate: what the API server writes to is not annotated")
	}
	return out
}

// unjudged says which custom resources that the policy selects are judged neither
// themselves nor by their pods; "" where there are none.
func (g *generator) unjudged() string {
	match := g.policy.Match
	why := "their pods may lack the name, labels or annotations by which the policy selects"
	switch {
	case !g.judgesPods():
		why = "the policy is not for Pods"
	case len(match.Names)+len(match.Annotations) == 0 && match.LabelSelector == nil:
		return ""
	}
	var names []string
	for _, row := range workload.Builtin().Kinds() {
		if row.Project == "Kubernetes" || slices.ContainsFunc(g.kinds, func(k kind) bool { return k.group == row.Group && k.kind == row.Kind }) {
			continue
		}
		custom := []kind{{group: row.Group, version: anyVersion, kind: row.Kind}}
		if len(matching(custom, match)) > 0 && len(g.notExcluded(custom)) > 0 {
			names = append(names, strings.TrimSuffix(row.Kind+"."+row.Group, "."))
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n > maxUnjudged:
		names = append(names[:maxUnjudged], fmt.Sprintf("%d more", n-maxUnjudged))
	}
	return fmt.Sprintf("custom resources are not judged (%s), and %s: name those that you have with --kinds", strings.Join(names, ", "), why)
}

// maxUnjudged is how many kinds a note lists.
const maxUnjudged = 4

// held reports whether expressions hold the rule of the field: those of validations.go.
func (f idField) held() bool {
	switch f.strategy.Rule {
	case "", policy.RunAsAny, policy.MustRunAs, policy.MayRunAs, policy.MustBeUnset:
		return true
	case policy.MustRunAsNonRoot:
		return f.name == "runAsUser"
	}
	return false
}

// servedNoMore reports whether a selector is for workloads of Kubernetes in a
// group that today's API server does not serve, such as Deployment.extensions.
func servedNoMore(s policy.Selector) bool {
	return slices.ContainsFunc(workload.Builtin().Kinds(), func(row workload.Kind) bool {
		return row.Project == "Kubernetes" && s.MatchObject(policy.Object{APIVersion: row.Group + "/v1beta1", Kind: row.Kind}, nil)
	})
}
