package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
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

// itemOutcome is what happened to one item.
type itemOutcome struct {
	results   []report.Result
	rendered  []byte
	summary   report.Summary
	reencoded string
	workloads []report.Workload
}

// AppliedAnnotation names the policies that changed an object, where a policy
// asks for it.
const AppliedAnnotation = "usergroup.dev/applied"

// item judges and, where it may, changes one item.
func (r *run) item(ctx context.Context, it *manifest.Item) (itemOutcome, error) {
	if !r.concerns(it) {
		out := itemOutcome{summary: report.Summary{Objects: 1}}
		if head, err := it.Head(); err == nil && head.IsNothing() {
			out.summary.Objects = 0
		}
		return out, nil
	}
	desk := r.desks.get()
	defer r.desks.put(desk)
	root, err := it.DecodeWith(&desk.memory.Decoder)
	if err != nil {
		return itemOutcome{}, err
	}
	where := &details{
		locator: &locator{item: it, text: it.Bytes(), root: r.root, origins: r.origins}, memory: &desk.memory, root: root, wanted: r.details,
	}
	objects := r.judge(ctx, desk, root, it.Bytes())
	why := r.edit(ctx, desk, it, root, objects)
	out := itemOutcome{reencoded: why, summary: report.Summary{Objects: len(objects)}}
	rep := reporter{itemOutcome: &out, desk: desk, render: r.render}
	for i := range objects {
		rep.add(where, &objects[i])
		if r.workloads {
			out.workloads = append(out.workloads, r.workloadsOf(where.locator, &objects[i])...)
		}
	}
	out.rendered = desk.taken()
	return out, nil
}

// reporter reports on the objects of an item.
type reporter struct {
	*itemOutcome
	desk   *desk
	render func(b []byte, r *report.Result) []byte
}

// add reports one object: the changes made, and what is left to say of it.
func (r *reporter) add(where *details, o *judged) {
	ref := o.resource()
	if o.checked {
		r.summary.Checked++
	}
	if o.edited {
		r.summary.Changed++
		made := r.desk.editSet() // two policies may ask for the same
		for _, f := range o.findings {
			for _, c := range f.Fix {
				if made.add(c.Edit) {
					r.reportOf(o, report.FromChange(c, f, ref, where.file(o, c.Edit.Path)))
				}
			}
		}
	}
	for _, f := range o.final {
		res := report.FromFinding(f, ref, where.file(o, f.Path))
		res.Detail = where.of(o, f, res.File)
		r.reportOf(o, res)
		for _, c := range f.Foretold {
			would := report.FromChange(c, f, ref, where.file(o, c.Edit.Path))
			would.Changed = false
			r.reportOf(o, would)
		}
	}
}

// reportOf is report for a result on an object. What is within another object has
// its path in the outermost.
func (r *reporter) reportOf(o *judged, res report.Result) {
	if len(o.Within) > 0 && res.Path != nil {
		res.Path = o.Path.Join(res.Path)
	}
	r.report(res)
}

// maxMessage is how many bytes of a message are reported: it may hold names and values
// of any length, or name thousands of containers.
const maxMessage = 10_000

// report counts a result and keeps it, rendered or as it is.
func (r *reporter) report(res report.Result) {
	r.summary.Add(res)
	res.Path = res.Path.Shown()
	if len(res.Message) > maxMessage {
		res.Message = strings.ToValidUTF8(res.Message[:maxMessage], "") + "…"
	}
	if r.render != nil {
		r.desk.render(r.render, res)
		if res.Severity == policy.Info {
			return
		}
	}
	r.results = append(r.results, kept(res))
}

// concerns reports, without decoding where that is safe, whether an item can
// hold anything to judge or to warn of.
func (r *run) concerns(it *manifest.Item) bool {
	head, err := it.Head()
	if err != nil || head.Ambiguous {
		return true
	}
	if head.IsNothing() {
		return false
	}
	switch class := r.table.Classify(head.APIVersion, head.Kind); {
	case class == workload.Ignored:
		return head.Items
	case head.Kind == "Namespace" && r.namespaces.byName != nil:
		return true // what is wrong with it decides on others
	case class == workload.Unknown || class == workload.List:
		return saysUsers(it) || it.Mentions("Secret") // whose data are in base64
	case r.table.Sparse(head.APIVersion, head.Kind):
		return saysUsers(it) || r.judgesImages
	}
	return true
}

// saysUsers reports whether an item may hold anything about users and groups:
// there is no pod without containers, initContainers or ephemeralContainers.
func saysUsers(it *manifest.Item) bool {
	return it.MentionsKey("ontainers") || workload.SaysUsers(it)
}

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
	for _, a := range on {
		pod := a.pod
		said := validator.Evaluate(forNS, validator.Subject{Pod: pod, Images: r.images[p], Excluded: s.excludedIn(pod), Room: d.room()})
		if len(o.Within) > 0 {
			unsettle(p, said)
		}
		all.join(said)
		if len(p.Evaluators) > 0 {
			all.add(r.evaluate(ctx, s, o, pod))
		}
	}
	return all.findings, on
}

// evaluate runs the evaluators of a policy on one pod.
func (r *run) evaluate(ctx context.Context, s scope, o workload.Object, pod *podspec.Pod) []policy.Finding {
	p := s.policy
	if pod.MetadataPath == nil || pod.Partial {
		return []policy.Finding{{
			Policy: p.Name, Reason: policy.NotEvaluated, Severity: policy.Info,
			Message: fmt.Sprintf("policy %q needs whole pods, and kind %q holds only parts of them: not checked", p.Name, podspec.Shown(o.Kind)),
		}}
	}
	subject := policy.Subject{
		Object: s.object, Namespace: s.ns, Pod: pod, Images: r.images[p], Mutate: p.Mutates(),
		JSON:    sync.OnceValues(func() (map[string]any, error) { return objectJSON(o) }),
		PodJSON: sync.OnceValues(func() (map[string]any, error) { return podJSON(o, pod) }),
	}
	var findings []policy.Finding
	for _, e := range p.Evaluators {
		findings = append(findings, e.Evaluate(ctx, subject)...)
	}
	for i := range findings { // an evaluator has modes of its own; the policy's is the worst
		findings[i].Severity = milder(findings[i].Severity, p.Mode.Severity())
	}
	in := podindex.New(pod)
	return slices.DeleteFunc(findings, func(f policy.Finding) bool {
		c := in.At(f.Path)
		return c != nil && s.excluded(pod, c)
	})
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
