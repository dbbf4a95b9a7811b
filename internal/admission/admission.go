// Package admission writes a policy as the admission policies that the API server
// itself applies, so that what reaches a cluster another way than through Git
// meets the same rules, without a controller:
//
//	gate, err := admission.Export(policy, admission.Options{})
//
// A Gate is a ValidatingAdmissionPolicy and its binding, which refuse what
// usergroup check reports, and, for a policy that writes, a
// MutatingAdmissionPolicy and its binding, which write what usergroup fix writes.
// Their rules are in CEL, the language of the API server:
//
//	kinds.go        which requests, and where the pods of an object are
//	selection.go    match and exclude
//	variables.go    the pod and its containers, for both policies
//	validations.go  what breaks a rule, and the message
//	mutations.go    what is written
//	cost.go         for how many containers the API server has the budget
//	unsaid.go       what of a policy cannot be said there
//
// The rules are those of package validator. That both decide alike is what the
// tests in hosts/cluster show on a real API server.
package admission

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/usergroup-dev/usergroup/policy"
)

// Options of an export.
type Options struct {
	// Kinds are custom resources that are judged as well, each Kind or
	// Kind.group. Their pods are judged in any case, as Pods.
	Kinds []string
	// AllowWeaker exports a policy also where the gate cannot hold all of it.
	AllowWeaker bool
}

// Gate is one policy as objects of the API server.
type Gate struct {
	Validating        *admissionv1.ValidatingAdmissionPolicy
	ValidatingBinding *admissionv1.ValidatingAdmissionPolicyBinding
	// Mutating and its binding are nil where the policy writes nothing.
	Mutating        *admissionv1.MutatingAdmissionPolicy
	MutatingBinding *admissionv1.MutatingAdmissionPolicyBinding
	// Notes say what of the policy the gate does not hold.
	Notes []string
}

// ErrWeaker is wrapped by the error for a policy of which the gate cannot hold
// all.
var ErrWeaker = errors.New("the gate would be weaker than the policy")

// managedBy marks the objects, for kubectl get -l and for pruning.
const managedBy = "app.kubernetes.io/managed-by"

// maxRanges is how many ranges of one field an expression can compare with the ids
// of a hundred containers at half of what it may cost.
const maxRanges = 800

// generator writes one policy.
type generator struct {
	policy *policy.Policy
	kinds  []kind
}

// Export returns the policy as admission policies. The error wraps ErrWeaker where
// the gate would be weaker and Options do not allow that.
func Export(p *policy.Policy, o Options) (*Gate, error) {
	if problems := validation.IsDNS1123Subdomain(p.Name); len(problems) > 0 {
		return nil, fmt.Errorf("policy %q: its name cannot name an object of the API server: %s", p.Name, problems[0])
	}
	g, err := newGenerator(p, o)
	if err != nil {
		return nil, fmt.Errorf("policy %q: %w", p.Name, err)
	}
	gate := &Gate{}
	for _, u := range g.unsaid() {
		if u.weaker && !o.AllowWeaker {
			return nil, fmt.Errorf("policy %q: %w: %s", p.Name, ErrWeaker, u.text)
		}
		gate.Notes = append(gate.Notes, u.text)
	}
	gate.Validating, gate.ValidatingBinding = g.validatingPolicy()
	if p.Mutates() {
		gate.Mutating, gate.MutatingBinding = g.mutatingPolicy()
	}
	if n := gate.longest(); n > maxExpression {
		return nil, fmt.Errorf("policy %q: match and exclude name so much that an expression has %d characters: the API server takes at most %d", p.Name, n, maxExpression)
	}
	return gate, nil
}

// maxExpression is how many characters an expression of CEL may have.
const maxExpression = 100_000

// longest is the length of the longest expression.
func (g *Gate) longest() int {
	n := 0
	measure := func(conditions []admissionv1.MatchCondition, variables []admissionv1.Variable) {
		for _, c := range conditions {
			n = max(n, utf8.RuneCountInString(c.Expression))
		}
		for _, v := range variables {
			n = max(n, utf8.RuneCountInString(v.Expression))
		}
	}
	measure(g.Validating.Spec.MatchConditions, g.Validating.Spec.Variables)
	if g.Mutating != nil {
		measure(g.Mutating.Spec.MatchConditions, g.Mutating.Spec.Variables)
	}
	return n
}

// ExportAll exports several policies, whose names must differ. All errors are
// returned at once.
func ExportAll(policies []*policy.Policy, o Options) ([]*Gate, error) {
	var gates []*Gate
	var errs []error
	names := map[string]bool{}
	for _, p := range policies {
		gate, err := Export(p, o)
		if err == nil && names[p.Name] {
			err = fmt.Errorf("policy %q: the name is defined more than once", p.Name)
		}
		names[p.Name] = true
		gates, errs = append(gates, gate), append(errs, err)
	}
	return gates, errors.Join(errs...)
}

func newGenerator(p *policy.Policy, o Options) (*generator, error) {
	if p.UsesNamespaceRanges() {
		return nil, fmt.Errorf("rangesFrom: %s: the ranges of a namespace are held by OpenShift's own security context constraints, not by a gate", policy.RangesFromOpenShift)
	}
	kinds := builtin
	for _, name := range o.Kinds {
		more, err := customKinds(name)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds[:len(kinds):len(kinds)], more...)
	}
	g := &generator{policy: p}
	kinds = g.notExcluded(matching(kinds, p.Match))
	if len(kinds) == 0 {
		return nil, errors.New("selects none of the kinds that a gate judges: Pods, the workloads of Kubernetes, and those given by --kinds")
	}
	for _, f := range []policy.Strategy{p.RunAsUser, p.RunAsGroup, p.SupplementalGroups, p.FSGroup} {
		if n := len(f.Ranges); n > maxRanges {
			return nil, fmt.Errorf("has %d ranges for one field: the API server limits what an expression costs, so that a gate holds at most %d", n, maxRanges)
		}
	}
	g.kinds = kinds
	if g.mostContainers() < fewContainers {
		return nil, errors.New(g.tooCostly())
	}
	if !g.judgesIDs() && p.RunAsUser.Rule != policy.MustRunAsNonRoot {
		return nil, errors.New("has no rule on users and groups that a gate could hold")
	}
	return g, nil
}

// notExcluded returns the kinds without those that are excluded as a whole.
func (g *generator) notExcluded(kinds []kind) []kind {
	for _, e := range g.policy.Exclude {
		if byKindAlone(e) {
			excluded := policy.Selector{Kinds: e.Kinds}
			kinds = slices.DeleteFunc(kinds, func(k kind) bool { return excluded.MatchObject(k.object(), nil) })
		}
	}
	return kinds
}

// meta is the metadata of all objects of a policy.
func (g *generator) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: g.policy.Name, Labels: map[string]string{managedBy: "usergroup"}}
}

// actions are what becomes of a violation.
func (g *generator) actions() []admissionv1.ValidationAction {
	switch g.policy.Mode {
	case policy.Warn:
		return []admissionv1.ValidationAction{admissionv1.Warn}
	case policy.Audit:
		return []admissionv1.ValidationAction{admissionv1.Audit}
	}
	return []admissionv1.ValidationAction{admissionv1.Deny}
}

// typeMeta is that of the admission API.
func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: admissionv1.SchemeGroupVersion.String(), Kind: kind}
}

func (g *generator) validatingPolicy() (*admissionv1.ValidatingAdmissionPolicy, *admissionv1.ValidatingAdmissionPolicyBinding) {
	var v variables
	g.pod(&v, entry{excluded: g.overwrites()})
	validations := g.validations(&v, g.validating(&v))
	fail := admissionv1.Fail
	p := &admissionv1.ValidatingAdmissionPolicy{
		TypeMeta:   typeMeta("ValidatingAdmissionPolicy"),
		ObjectMeta: g.meta(),
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			FailurePolicy:    &fail,
			MatchConstraints: g.constraints(g.validatedOn),
			MatchConditions:  g.conditions(),
			Variables:        v,
			Validations:      validations,
		},
	}
	return p, &admissionv1.ValidatingAdmissionPolicyBinding{
		TypeMeta:   typeMeta("ValidatingAdmissionPolicyBinding"),
		ObjectMeta: g.meta(),
		Spec:       admissionv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: g.policy.Name, ValidationActions: g.actions()},
	}
}

// mutatingPolicy returns nil where nothing is ever written.
func (g *generator) mutatingPolicy() (*admissionv1.MutatingAdmissionPolicy, *admissionv1.MutatingAdmissionPolicyBinding) {
	var v variables
	g.pod(&v, entry{indexed: true, excluded: true})
	mutations := g.mutations(&v)
	if len(mutations) == 0 {
		return nil, nil
	}
	fail := admissionv1.Fail
	p := &admissionv1.MutatingAdmissionPolicy{
		TypeMeta:   typeMeta("MutatingAdmissionPolicy"),
		ObjectMeta: g.meta(),
		Spec: admissionv1.MutatingAdmissionPolicySpec{
			FailurePolicy:      &fail,
			ReinvocationPolicy: admissionv1.IfNeededReinvocationPolicy,
			MatchConstraints:   g.constraints(writtenOn),
			MatchConditions:    append(g.conditions(), notMadeByController),
			Variables:          v,
			Mutations:          mutations,
		},
	}
	return p, &admissionv1.MutatingAdmissionPolicyBinding{
		TypeMeta:   typeMeta("MutatingAdmissionPolicyBinding"),
		ObjectMeta: g.meta(),
		Spec:       admissionv1.MutatingAdmissionPolicyBindingSpec{PolicyName: g.policy.Name},
	}
}

// notMadeByController leaves alone what a controller compares with its own
// template: a Deployment that is older than the gate would make ReplicaSets
// without end. Their pods are written to in any case.
var notMadeByController = admissionv1.MatchCondition{
	Name:       "not-made-by-controller",
	Expression: "request.kind.kind != 'ReplicaSet' || !object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false))",
}

// judgesCustom reports whether a kind is a custom resource.
func (g *generator) judgesCustom() bool {
	return slices.ContainsFunc(g.kinds, func(k kind) bool { return k.version == anyVersion })
}

// byKindAlone reports whether an exclusion is for whole kinds.
func byKindAlone(e policy.Exclusion) bool {
	s := e.Selector
	return len(s.Kinds) > 0 && len(s.Namespaces)+len(s.Names)+len(s.Annotations) == 0 &&
		s.LabelSelector == nil && s.NamespaceSelector == nil && !e.IsContainerScoped()
}

// oneLine makes one line of a text, without what is not to be seen of it.
func oneLine(text string) string {
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	return strings.Join(strings.Fields(printable), " ")
}
