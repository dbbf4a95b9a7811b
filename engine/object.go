package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/internal/podindex"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
	"github.com/usergroup-dev/usergroup/validator"
)

// judged is one object of an item with what the policies find in it.
type judged struct {
	workload.Object
	findings []policy.Finding // before any edit; paths from the object's root
	checked  bool             // whether it has a pod that a policy is for
	edited   bool             // whether its fixes are made
	final    []policy.Finding // what is left to report
}

func (o *judged) resource() report.Resource {
	return report.Resource{
		APIVersion: podspec.Shown(o.APIVersion), Kind: podspec.Shown(o.Kind),
		Namespace: podspec.Shown(o.Namespace), Name: podspec.Shown(cmp.Or(o.Name, o.GenerateName)),
	}
}

// judge evaluates every object of a decoded item; text is what it was decoded from.
func (r *run) judge(ctx context.Context, d *desk, root *manifest.Node, text []byte) []judged {
	objects := r.table.ObjectsWith(&d.pods, root)
	out := d.judged.Take(len(objects))
	for i, o := range objects {
		out[i] = r.object(ctx, d, o, text)
	}
	return out
}

// object evaluates all policies on one object.
func (r *run) object(ctx context.Context, d *desk, o workload.Object, text []byte) judged {
	j := judged{Object: o}
	class := r.table.Classify(o.APIVersion, o.Kind)
	if r.localConfig && o.LocalConfig && len(o.Problems) == 0 {
		if class == workload.Workload {
			j.findings = append(j.findings, policy.Finding{
				Reason: policy.Exempted, Severity: policy.Info,
				Message: "not checked: the annotation config.kubernetes.io/local-config keeps it out of the cluster",
			})
		}
		return j
	}
	if isNamespace(o.Object) && r.namespaces.disagree[o.Name] {
		j.findings = append(j.findings, policy.Finding{
			Reason: policy.DuplicateKey, Severity: r.strictest(),
			Message: fmt.Sprintf("namespace %q is defined more than once, with different labels or annotations", o.Name),
		})
	}
	for _, problem := range o.Problems {
		if !r.matters(o, problem) {
			continue
		}
		f := policy.FromProblem(problem)
		f.Severity = r.strictest()
		j.findings = append(j.findings, f)
	}
	if class == workload.Ignored || class == workload.List {
		return j
	}
	found := r.table.Find(&d.pods, o.Node, o.APIVersion, o.Kind, nil)
	if class == workload.Workload || len(found.Pods) > 0 { // a schema may know what the table does not
		j.enforce(ctx, r, d, found.Pods, text)
	}
	j.findings = append(j.findings, r.unknown(o, found)...)
	return j
}

// enforce evaluates all policies on the pods of the object.
func (o *judged) enforce(ctx context.Context, r *run, d *desk, pods []*podspec.Pod, text []byte) {
	if len(pods) > 0 {
		set(&r.usage.workloads)
	}
	var applied []application
	for _, p := range r.policies {
		findings, on := r.policy(ctx, d, p, o.Object, pods)
		p.Attribute(findings)
		if p.AllowExemptionComments {
			findings = allowed(o.Object, text, findings)
		}
		if len(o.findings) == 0 {
			o.findings = findings
		} else {
			o.findings = append(o.findings, findings...)
		}
		applied = append(applied, on...)
	}
	o.checked = len(applied) > 0
	o.contradict(r.conflicts.among(applied))
}

// contradict adds the contradictions between the policies of an object, which
// is then not changed by any of them.
func (o *judged) contradict(err error) {
	if err == nil {
		return
	}
	for i := range o.findings {
		o.findings[i].Fix = nil
	}
	joined.Each(err, func(err error) {
		o.findings = append(o.findings, policy.Finding{
			Reason: policy.PolicyConflict, Severity: policy.Error, Message: err.Error(),
		})
	})
}

// strictest returns the severity of what is wrong with an object whatever the
// policies are for: that of the strictest among them.
func (r *run) strictest() policy.Severity {
	worst := policy.Info
	for _, p := range r.policies {
		switch p.Mode.Severity() {
		case policy.Error:
			return policy.Error
		case policy.Warning:
			worst = policy.Warning
		}
	}
	return worst
}

// policy evaluates one policy on all pods of an object. It returns what it finds
// and the pods that the policy is for.
func (r *run) policy(ctx context.Context, d *desk, p *policy.Policy, o workload.Object, pods []*podspec.Pod) (findings []policy.Finding, on []application) {
	s := r.scopeOf(p, o)
	s.used.workload(s, pods)
	if s.exempt != nil {
		return []policy.Finding{*s.exempt}, nil
	}
	if !s.applies {
		return nil, nil
	}
	for _, pod := range pods {
		findings = append(findings, s.exemptions(pod)...)
		if cs, ok := s.containers(pod); ok {
			on = append(on, application{p, pod, cs})
		}
	}
	if len(on) == 0 {
		return findings, nil
	}
	forNS, err := r.forNamespace(p, s.ns)
	if err != nil {
		return append(findings, policy.Finding{
			Policy: p.Name, Rule: string(policy.RangesFromOpenShift), Reason: policy.NotEvaluated,
			Severity: p.Mode.Severity(), Message: err.Error(),
		}), on
	}
	all := podFindings{findings: findings}
	selected := on[:0]
	for _, a := range on {
		pod := a.pod
		said := validator.Evaluate(forNS, validator.Subject{Pod: pod, Images: r.images[p], Excluded: s.excludedIn(pod), Room: d.room()})
		if len(o.Within) > 0 {
			unsettle(p, said)
		}
		all.join(said)
		isFor := true
		if len(p.Evaluators) > 0 {
			said, isFor = r.evaluate(ctx, s, o, pod)
			all.add(said)
		}
		if isFor {
			selected = append(selected, a)
		}
	}
	return all.findings, selected
}

// evaluate runs the evaluators of a policy on one pod. isFor is whether one of them
// is for the pod.
func (r *run) evaluate(ctx context.Context, s scope, o workload.Object, pod *podspec.Pod) (findings []policy.Finding, isFor bool) {
	p := s.policy
	if pod.MetadataPath == nil || pod.Partial {
		set(&s.used.selected) // the finding says why nothing is checked
		return []policy.Finding{{
			Policy: p.Name, Reason: policy.NotEvaluated, Severity: policy.Info,
			Message: fmt.Sprintf("policy %q needs whole pods, and kind %q holds only parts of them: not checked", p.Name, podspec.Shown(o.Kind)),
		}}, true
	}
	subject := policy.Subject{
		Object: s.object, Namespace: s.ns, Pod: pod, Images: r.images[p], Mutate: p.Mutates(),
		JSON:    sync.OnceValues(func() (map[string]any, error) { return objectJSON(o) }),
		PodJSON: sync.OnceValues(func() (map[string]any, error) { return podJSON(o, pod) }),
	}
	for _, e := range p.Evaluators {
		if choosy, ok := e.(policy.Selective); ok {
			said, selected := choosy.EvaluateSelected(ctx, subject)
			findings, isFor = append(findings, said...), isFor || selected
			continue
		}
		isFor = true
		findings = append(findings, e.Evaluate(ctx, subject)...)
	}
	if isFor {
		set(&s.used.selected)
	}
	for i := range findings { // an evaluator has modes of its own; the policy's is the worst
		findings[i].Severity = milder(findings[i].Severity, p.Mode.Severity())
	}
	in := podindex.New(pod)
	return slices.DeleteFunc(findings, func(f policy.Finding) bool {
		c := in.At(f.Path)
		return c != nil && s.excluded(pod, c)
	}), isFor
}

// milder returns the severity that is the less of the two.
func milder(a, b policy.Severity) policy.Severity {
	for _, s := range []policy.Severity{policy.Info, policy.Warning} {
		if a == s || b == s {
			return s
		}
	}
	return policy.Error
}
