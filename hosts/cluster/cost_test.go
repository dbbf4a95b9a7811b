package cluster_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/kubernetes/scheme"
)

// gate is the admission policies that a policy is exported as.
type gate struct {
	validating admissionv1.ValidatingAdmissionPolicy
	mutating   *admissionv1.MutatingAdmissionPolicy
	notes      string
}

func exported(t *testing.T, policy object) gate {
	t.Helper()
	out, notes := usergroup(t, "", "convert", "--to", "admission", file(t, policy))
	g := gate{notes: notes}
	for _, o := range objectsOf(t, out) {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		switch o["kind"] {
		case "ValidatingAdmissionPolicy":
			err = json.Unmarshal(text, &g.validating)
		case "MutatingAdmissionPolicy":
			g.mutating = &admissionv1.MutatingAdmissionPolicy{}
			err = json.Unmarshal(text, g.mutating)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// evaluator measures the expressions of one admission policy on one pod.
type evaluator struct {
	*cel.CompositedCompiler
	pod       *corev1.Pod
	variables []admissionv1.Variable
}

func newEvaluator(t *testing.T, variables []admissionv1.Variable, pod *corev1.Pod) *evaluator {
	t.Helper()
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables {
		if r := compiler.CompileAndStoreVariable(&validating.Variable{Name: v.Name, Expression: v.Expression}, declared, environment.StoredExpressions); r.Error != nil {
			t.Fatalf("variable %s: %v", v.Name, r.Error)
		}
	}
	return &evaluator{compiler, pod, variables}
}

// declared is what expressions may ask for.
var declared = cel.OptionalVariableDeclarations{HasAuthorizer: true}

// request is the creation of the pod.
func (e *evaluator) request(t *testing.T) (*admission.VersionedAttributes, metav1.GroupVersionResource, metav1.GroupVersionKind) {
	t.Helper()
	kind, resource := corev1.SchemeGroupVersion.WithKind("Pod"), corev1.SchemeGroupVersion.WithResource("pods")
	attributes := admission.NewAttributesRecord(e.pod, nil, kind, e.pod.Namespace, e.pod.Name, resource, "", admission.Create, &metav1.CreateOptions{}, false, nil)
	versioned, err := admission.NewVersionedAttributes(attributes, kind, admission.NewObjectInterfacesFromScheme(scheme.Scheme))
	if err != nil {
		t.Fatal(err)
	}
	return versioned, metav1.GroupVersionResource(resource), metav1.GroupVersionKind(kind)
}

// conditions evaluates expressions one after the other and returns what all of them
// cost, by the API server's own count, with the variables that they use.
func (e *evaluator) conditions(t *testing.T, expressions ...cel.ExpressionAccessor) int64 {
	t.Helper()
	attributes, resource, kind := e.request(t)
	const budget = 1 << 40
	results, left, err := e.CompileCondition(expressions, declared, environment.StoredExpressions).ForInput(
		t.Context(), attributes, cel.CreateAdmissionRequest(attributes.Attributes, resource, kind), cel.OptionalVariableBindings{}, namespaceOf(e.pod), budget)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Error != nil {
			t.Errorf("%v: %s", r.Error, expressions[i].GetExpression())
		}
	}
	return budget - left
}

// mutation is conditions for the expression of a patch.
func (e *evaluator) mutation(t *testing.T, expression string) int64 {
	t.Helper()
	options := declared
	options.HasPatchTypes = true
	compiled := e.CompileMutatingEvaluator(&patch.JSONPatchCondition{Expression: expression}, options, environment.StoredExpressions)
	attributes, resource, kind := e.request(t)
	const budget = 1 << 40
	result, left, err := compiled.ForInput(e.CreateContext(t.Context()), attributes,
		cel.CreateAdmissionRequest(attributes.Attributes, resource, kind), cel.OptionalVariableBindings{}, namespaceOf(e.pod), budget)
	if err == nil {
		err = result.Error
	}
	if err != nil {
		t.Errorf("%v: %s", err, expression)
	}
	return budget - left
}

func namespaceOf(p *corev1.Pod) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.Namespace, Labels: map[string]string{"env": "prod"}}}
}

// crowd is a pod of n containers with long images. Half of them say whom they
// run as, which is in no range, so that all ranges are looked at; the others are
// written to.
func crowd(n int) *corev1.Pod {
	p := &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
	p.Name, p.Namespace, p.Labels, p.Annotations = "crowd", "shop", map[string]string{"tier": "front"}, map[string]string{"owner": "team-a"}
	p.Spec.SecurityContext = &corev1.PodSecurityContext{}
	id := int64(1)
	for i := range n {
		var sc *corev1.SecurityContext
		if i%2 == 0 {
			sc = &corev1.SecurityContext{RunAsUser: &id, RunAsGroup: &id}
		}
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{
			SecurityContext: sc,
			Name:            fmt.Sprintf("container-with-a-name-of-some-length-%d", i),
			Image:           fmt.Sprintf("registry.example:5000/platform/team-with-a-name/application-%d:v1.27.3-build.20260715@sha256:%s", i, digest),
		})
	}
	return p
}

// manyRanges are n ranges, of which none has an id of crowd.
func manyRanges(n int) []any {
	var out []any
	for i := range n {
		out = append(out, object{"min": 10000 + 10*i, "max": 10000 + 10*i + 5})
	}
	return out
}

// manyExclusions are n exemptions of every sort, of which none is for crowd.
func manyExclusions(n int) []any {
	var out []any
	for i := range n {
		e := object{"reason": fmt.Sprintf("exemption number %d", i)}
		switch i % 5 {
		case 0:
			e["images"] = []any{fmt.Sprintf("registry.example:5000/*/legacy-application-%d", i)}
		case 1:
			e["images"], e["containers"] = []any{fmt.Sprintf("*/agent-%d", i)}, []any{"*-agent"}
		case 2:
			e["containers"], e["kinds"] = []any{fmt.Sprintf("istio-*-%d", i)}, []any{"*Set"}
		case 3:
			e["names"], e["namespaces"] = []any{fmt.Sprintf("w*b-%d", i)}, []any{"kube-*"}
		case 4:
			e["containers"] = []any{fmt.Sprintf("debugger-%d", i)}
			e["namespaceSelector"] = object{"matchLabels": object{"env": fmt.Sprintf("dev-%d", i)}}
		}
		out = append(out, e)
	}
	return out
}

// manyImages are n exemptions of the sort that costs most.
func manyImages(n int) []any {
	var out []any
	for i := range n {
		out = append(out, object{"reason": "legacy", "images": []any{fmt.Sprintf("registry.example:5000/*/team-with-a-name/*/legacy-application-%d", i)}})
	}
	return out
}

// imageGlobsOf are the images of exclusions.
func imageGlobsOf(exclusions []any) []any {
	var out []any
	for _, e := range exclusions {
		out = append(out, e.(object)["images"].([]any)...)
	}
	return out
}

// namesOf are n globs.
func namesOf(n int, format string) []any {
	var out []any
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return out
}

// TestCost measures the largest policies on the largest pods: what an expression
// costs beyond the API server's limits, the gate refuses whatever the object is.
func TestCost(t *testing.T) {
	ranges := manyRanges(100)
	for _, tt := range []struct {
		name string
		spec object
	}{
		{"100 ranges", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges}, "runAsGroup": object{"rule": "MustRunAs", "ranges": ranges},
			"supplementalGroups": object{"rule": "MustRunAs", "ranges": ranges, "requireStrict": true}, "fsGroup": object{"rule": "MustRunAs", "ranges": ranges},
		}},
		{"100 ranges and 50 exclusions", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges}, "runAsGroup": object{"rule": "MustRunAs", "ranges": ranges},
			"supplementalGroups": object{"rule": "MustRunAs", "ranges": ranges, "requireStrict": true}, "fsGroup": object{"rule": "MustRunAs", "ranges": ranges},
			"exclude": manyExclusions(50),
		}},
		{"overwrite and 50 exclusions", object{
			"runAsUser":  object{"rule": "MustRunAs", "ranges": ranges, "overwrite": true},
			"runAsGroup": object{"rule": "MustRunAs", "ranges": ranges, "overwrite": true},
			"placement":  "Pod", "exclude": manyExclusions(50),
		}},
		{"800 ranges", object{"runAsUser": object{"rule": "MustRunAs", "ranges": manyRanges(800)}}},
		{"50 exclusions by regular expressions", object{"runAsUser": object{"rule": "MustRunAs", "ranges": ranges}, "exclude": manyImages(50)}},
		{"700 images with one * each", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges},
			"exclude":   withoutImages(700, "registry.example:5000/platform/*/legacy-application-%d"),
		}},
		{"one exclusion of 50 images", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges},
			"exclude":   []any{object{"reason": "legacy", "images": imageGlobsOf(manyImages(50))}},
		}},
		{"a match of 50 images", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges},
			"match":     object{"images": append(imageGlobsOf(manyImages(49)), "registry.example:5000/*:v1.27.3*")},
		}},
		{"an exclusion of 100 names of containers", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges},
			"exclude":   []any{object{"reason": "legacy", "containers": namesOf(100, "*-container-*-name-%d")}},
		}},
		{"500 names of objects", object{
			"runAsUser": object{"rule": "MustRunAs", "ranges": ranges},
			"match":     object{"names": append(namesOf(500, "*-name-*-long-%d"), "crowd")},
			"exclude":   []any{object{"reason": "legacy", "names": namesOf(500, "*-exempt-*-long-%d")}},
		}},
		{"MustRunAsNonRoot and 50 exclusions", object{"runAsUser": object{"rule": "MustRunAsNonRoot"}, "exclude": manyExclusions(50)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := exported(t, object{"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": "large"}, "spec": tt.spec})
			pod := crowd(100)
			v := newEvaluator(t, g.validating.Spec.Variables, pod)
			within(t, "the match conditions", v.conditions(t, matchConditions(g.validating.Spec.MatchConditions)...), celconfig.RuntimeCELCostBudgetMatchConditions)
			within(t, "judging and its message", v.judging(t, g), celconfig.RuntimeCELCostBudget)
			v.each(t)
			m := newEvaluator(t, g.mutating.Spec.Variables, pod)
			for _, mutation := range g.mutating.Spec.Mutations {
				within(t, "the mutation "+mutation.JSONPatch.Expression[:60], m.mutation(t, mutation.JSONPatch.Expression), celconfig.RuntimeCELCostBudget)
			}
			m.each(t)
		})
	}
}

// judging is what the validation of a gate costs with its message.
func (e *evaluator) judging(t *testing.T, g gate) int64 {
	t.Helper()
	v := g.validating.Spec.Validations[0]
	return e.conditions(t, &validating.ValidationCondition{Expression: v.Expression}) +
		e.conditions(t, &validating.MessageExpressionCondition{MessageExpression: v.MessageExpression})
}

// TestMostContainers: convert says from how many containers on the API server would
// refuse a pod because of what the policy costs.
func TestMostContainers(t *testing.T) {
	said := regexp.MustCompile(`more than about (\d+) containers`)
	for _, tt := range []struct {
		name string
		note bool
		spec object
	}{
		{"one * each", false, object{"exclude": withoutImages(1000, "registry.example:5000/platform/*/legacy-application-%d")}},
		{"90 regular expressions", false, object{"exclude": withoutImages(90, "registry.example:5000/*/team-with-a-name/*/legacy-application-%d")}},
		{"150 regular expressions", true, object{"exclude": withoutImages(150, "registry.example:5000/*/team-with-a-name/*/legacy-application-%d")}},
		{"800 regular expressions", true, object{"exclude": withoutImages(800, "registry.example:5000/*/team-with-a-name/*/legacy-application-%d")}},
		{"short regular expressions", true, object{"exclude": withoutImages(600, "*-%d-*-x")}},
		{"a match", true, object{"match": object{"images": append(namesOf(300, "registry.example:5000/*/team-with-a-name/*/legacy-%d"), "*application*")}}},
		{"parts of images", true, object{"exclude": withoutImages(1000, "*/team-with-a-name/legacy-application-%d*")}},
		{"names of containers", true, object{"exclude": []any{object{"reason": "legacy", "containers": namesOf(2500, "*-container-*-name-%d")}}}},
		{"ranges as well", true, object{
			"runAsGroup": object{"rule": "MustRunAs", "ranges": manyRanges(800)},
			"exclude":    withoutImages(120, "registry.example:5000/*/team-with-a-name/*/legacy-application-%d"),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec["runAsUser"] = object{"rule": "MustRunAs", "ranges": manyRanges(100)}
			g := exported(t, object{"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": "large"}, "spec": tt.spec})
			most := 100
			if number := said.FindStringSubmatch(g.notes); (number != nil) != tt.note {
				t.Fatalf("notes %q, want one: %v", g.notes, tt.note)
			} else if tt.note {
				most, _ = strconv.Atoi(number[1])
			}
			pod := crowd(most)
			v := newEvaluator(t, g.validating.Spec.Variables, pod)
			cost := v.judging(t, g)
			t.Logf("%d containers cost %d", most, cost)
			if cost > celconfig.RuntimeCELCostBudget {
				t.Error("the budget does not suffice")
			}
			if tt.note && cost < celconfig.RuntimeCELCostBudget*2/3 {
				t.Error("the budget suffices for many more")
			}
			m := newEvaluator(t, g.mutating.Spec.Variables, pod)
			for _, mutation := range g.mutating.Spec.Mutations {
				if cost := m.mutation(t, mutation.JSONPatch.Expression); cost > celconfig.RuntimeCELCostBudget/2 {
					t.Errorf("a mutation costs %d", cost)
				}
			}
		})
	}
}

// withoutImages is an exclusion of n images.
func withoutImages(n int, format string) []any {
	return []any{object{"reason": "legacy", "images": namesOf(n, format)}}
}

// within reports a cost, and fails where less than half of the limit is left:
// servers may count otherwise tomorrow.
func within(t *testing.T, what string, cost, limit int64) {
	t.Helper()
	t.Logf("%9d of %9d: %s", cost, limit, strings.ReplaceAll(what, "\n", " "))
	if cost > limit/2 {
		t.Errorf("%s costs %d, of %d", what, cost, limit)
	}
}

// each measures every variable for itself, which has a limit of its own.
func (e *evaluator) each(t *testing.T) {
	t.Helper()
	var before []cel.ExpressionAccessor
	total := int64(0)
	for _, v := range e.variables {
		before = append(before, &validating.ValidationCondition{Expression: "dyn(variables." + v.Name + ") == null"})
		sum := e.conditions(t, before...)
		within(t, "the variable "+v.Name, sum-total, celconfig.PerCallLimit)
		total = sum
	}
}

func matchConditions(conditions []admissionv1.MatchCondition) []cel.ExpressionAccessor {
	var out []cel.ExpressionAccessor
	for _, c := range conditions {
		out = append(out, (*matchconditions.MatchCondition)(&c))
	}
	return out
}

// TestOldServers compiles the validating policies as Kubernetes 1.30 does, the
// first version that has them, and the mutating ones as 1.36 does.
func TestOldServers(t *testing.T) {
	r := newRandom(1)
	for i := range 50 {
		compileGate(t, exported(t, r.policy(fmt.Sprintf("p%d", i))))
	}
	compileGate(t, exported(t, object{
		"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": "globs"},
		"spec": object{"runAsUser": object{"rule": "MustRunAsNonRoot"}, "match": object{"images": imageGlobsOf(manyImages(300)), "containers": namesOf(30, "*-a-%d")}},
	}))
}

// TestStrings compiles policies whose strings are of another language.
func TestStrings(t *testing.T) {
	hostile := []any{
		"'", `"`, `'"`, `\`, `\'`, `\"`, `'\`, `\\`, "a\nb", "\t", "\r", "\u2028", "\u0085", "\u0001", "\ufffd*", "\U0001f600?",
		`*'*"*`, `?\*`, `*\E*`, `\Q*\E?`, "(?i)*?*", "[a-*", "${x}*y", "`*`", "//", "/* */*x", "", "*", "**", "?*", "*?*",
	}
	for _, spec := range []object{
		{"match": object{"images": hostile, "containers": hostile}},
		{"match": object{"names": hostile, "namespaces": hostile, "annotations": object{`a'b"c\`: `x'"\*y`, "\u2028": "*'", `\`: `\`}}},
		{"exclude": []any{
			object{"reason": "*/ ' \" \n // \u2028 x", "images": hostile},
			object{"reason": "\r\u0085x\ufeff", "containers": hostile},
			object{"reason": "\n)", "names": hostile},
			object{"reason": "x", "namespaces": hostile, "annotations": object{`'`: `\`}},
		}},
	} {
		spec["runAsUser"] = object{"rule": "MustRunAs", "ranges": []any{object{"min": 1, "max": 2}}}
		compileGate(t, exported(t, object{"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": "p"}, "spec": spec}))
	}
}

// compileGate compiles a gate with the oldest versions that take it.
func compileGate(t *testing.T, g gate) {
	t.Helper()
	compile(t, g.validating.Spec.Variables, 30, func(c *cel.CompositedCompiler, of func(cel.ExpressionAccessor, cel.OptionalVariableDeclarations)) {
		for _, m := range matchConditions(g.validating.Spec.MatchConditions) {
			of(m, declared)
		}
		for _, v := range g.validating.Spec.Validations {
			of(&validating.ValidationCondition{Expression: v.Expression}, declared)
			of(&validating.MessageExpressionCondition{MessageExpression: v.MessageExpression}, cel.OptionalVariableDeclarations{})
		}
	})
	if g.mutating == nil {
		return
	}
	compile(t, g.mutating.Spec.Variables, 36, func(c *cel.CompositedCompiler, of func(cel.ExpressionAccessor, cel.OptionalVariableDeclarations)) {
		for _, m := range matchConditions(g.mutating.Spec.MatchConditions) {
			of(m, declared)
		}
		options := declared
		options.HasPatchTypes = true
		for _, m := range g.mutating.Spec.Mutations {
			of(&patch.JSONPatchCondition{Expression: m.JSONPatch.Expression}, options)
		}
	})
}

// compile compiles variables and expressions with what a minor version of
// Kubernetes has.
func compile(t *testing.T, variables []admissionv1.Variable, minor uint,
	each func(*cel.CompositedCompiler, func(cel.ExpressionAccessor, cel.OptionalVariableDeclarations)),
) {
	t.Helper()
	c, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, minor)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables {
		if r := c.CompileAndStoreVariable(&validating.Variable{Name: v.Name, Expression: v.Expression}, declared, environment.NewExpressions); r.Error != nil {
			t.Errorf("1.%d: variable %s: %v\n%s", minor, v.Name, r.Error, v.Expression)
		}
	}
	each(c, func(e cel.ExpressionAccessor, o cel.OptionalVariableDeclarations) {
		if r := c.CompileCELExpression(e, o, environment.NewExpressions); r.Error != nil {
			t.Errorf("1.%d: %v\n%s", minor, r.Error, e.GetExpression())
		}
	})
}
