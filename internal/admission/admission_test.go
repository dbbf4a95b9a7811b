package admission_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/admission"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// decode reads the spec of a policy with the name ids.
func decode(t *testing.T, spec string) *policy.Policy {
	t.Helper()
	text := []byte("{apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: ids}, spec: " + spec + "}")
	node, err := manifest.Decode(text, 0)
	if err != nil {
		t.Fatal(err)
	}
	ps, err := config.Decode(node, config.Options{Data: text, Line: 1})
	if err != nil {
		t.Fatal(err)
	}
	return ps[0]
}

// export exports a policy that a gate holds.
func export(t *testing.T, spec string, o admission.Options) *admission.Gate {
	t.Helper()
	g, err := admission.Export(decode(t, spec), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// globs are n globs that need a regular expression.
func globs(n int) string { return strings.Repeat("'registry.example/*/x/*/application-name', ", n) }

const mustRunAs = "runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}"

// What becomes of a violation, and whether anything is written, is the policy's
// mode.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, spec string
		action     admissionv1.ValidationAction
		mutates    bool
	}{
		{"the default", "{" + mustRunAs + "}", admissionv1.Deny, true},
		{"Enforce", "{mode: Enforce, " + mustRunAs + "}", admissionv1.Deny, true},
		{"Warn", "{mode: Warn, " + mustRunAs + "}", admissionv1.Warn, false},
		{"Audit", "{mode: Audit, " + mustRunAs + "}", admissionv1.Audit, false},
		{"validateOnly", "{validateOnly: true, " + mustRunAs + "}", admissionv1.Deny, false},
		{"a rule that writes nothing", "{fsGroup: {rule: MayRunAs, ranges: [{min: 1, max: 2}]}}", admissionv1.Deny, false},
		{"removal", "{fsGroup: {rule: MustBeUnset}}", admissionv1.Deny, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := export(t, tt.spec, admission.Options{})
			if got := g.ValidatingBinding.Spec.ValidationActions; !slices.Equal(got, []admissionv1.ValidationAction{tt.action}) {
				t.Errorf("actions %v, want %s", got, tt.action)
			}
			if mutates := g.Mutating != nil; mutates != tt.mutates || mutates != (g.MutatingBinding != nil) {
				t.Errorf("mutates: %v, want %v", mutates, tt.mutates)
			}
			if g.Validating.Name != "ids" || g.ValidatingBinding.Spec.PolicyName != "ids" {
				t.Error("the binding is for another policy")
			}
		})
	}
}

// A gate that would let through what the policy forbids is an error, unless it is
// asked for.
func TestWeaker(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, spec, note string
		weaker           bool
	}{
		{"all of it", "{" + mustRunAs + "}", "", false},
		{"images", "{validateContainerImageConfiguration: true, " + mustRunAs + "}", "validateContainerImageConfiguration", true},
		{"Pod Security", "{podSecurity: {enforce: {level: restricted}}, " + mustRunAs + "}", "Pod Security", true},
		{"a custom resource alone", "{match: {kinds: [Rollout, Pod]}, " + mustRunAs + "}", "['Rollout']", true},
		{"kinds that are served no more", "{match: {kinds: [Deployment.extensions, Pod]}, " + mustRunAs + "}", "", false},
		{"defaults from images", "{runAsUser: {rule: MustRunAs, ranges: [{min: 1, max: 2}], defaultFrom: Image}}", "runAsUser.defaultFrom", false},
		{
			"images that overwrite", "{runAsUser: {rule: MustRunAs, ranges: [{min: 1, max: 2}], defaultFrom: Image, overwrite: true}}",
			"runAsUser.defaultFrom", true,
		},
		{"custom resources of the user", "{podSpecPaths: [{kind: X, paths: [spec]}], " + mustRunAs + "}", "podSpecPaths", false},
		{"controllers alone", "{match: {kinds: ['*Set', Deployment]}, " + mustRunAs + "}", "CloneSet.apps.kruise.io", false},
		{"all kinds but pods", "{exclude: [{kinds: [Pod], reason: x}], " + mustRunAs + "}", "Rollout.argoproj.io", false},
		{"controllers of a group", "{match: {kinds: [Deployment.apps]}, " + mustRunAs + "}", "", false},
		{"an exclusion of the others", "{match: {kinds: [StatefulSet]}, exclude: [{kinds: [StatefulSet.apps.kruise.io], reason: x}], " + mustRunAs + "}", "", false},
		{"names", "{match: {names: [web], kinds: [Rollout, Pod, Deployment]}, " + mustRunAs + "}", "['Rollout']", true},
		{"labels", "{match: {labelSelector: {matchLabels: {a: b}}, kinds: ['*Set', Pod]}, " + mustRunAs + "}", "their pods may lack the name, labels or annotations", false},
		{"namespaces", "{match: {namespaces: [a]}, " + mustRunAs + "}", "", false},
		{"comments", "{allowExemptionComments: true, " + mustRunAs + "}", "allowExemptionComments", false},
		{"many regular expressions", "{exclude: [{reason: x, images: [" + globs(180) + "]}], " + mustRunAs + "}", "more than about 86 containers", false},
		{"fewer", "{exclude: [{reason: x, images: [" + globs(120) + "]}], " + mustRunAs + "}", "", false},
		{"annotate", "{annotate: true, " + mustRunAs + "}", "annotate", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := decode(t, tt.spec)
			_, err := admission.Export(p, admission.Options{})
			if errors.Is(err, admission.ErrWeaker) != tt.weaker {
				t.Fatalf("error %v, want ErrWeaker: %v", err, tt.weaker)
			}
			if tt.weaker && !strings.Contains(err.Error(), tt.note) {
				t.Errorf("error %q does not say %q", err, tt.note)
			}
			g, err := admission.Export(p, admission.Options{AllowWeaker: true})
			if err != nil {
				t.Fatal(err)
			}
			if (len(g.Notes) > 0) != (tt.note != "") || !strings.Contains(strings.Join(g.Notes, "\n"), tt.note) {
				t.Errorf("notes %q, want %q", g.Notes, tt.note)
			}
			text, err := g.YAML()
			if err != nil {
				t.Fatal(err)
			}
			if tt.note != "" && !bytes.Contains(text, []byte("\n# - "+g.Notes[0]+"\n")) {
				t.Errorf("no comment says %q", g.Notes[0])
			}
		})
	}
}

// The gate holds each rule of each field, in words that name the field.
func TestEveryRule(t *testing.T) {
	t.Parallel()
	users, groups := v1alpha1.UserRule("").Values(), v1alpha1.GroupRule("").Values()
	for field, rules := range map[string][]string{"runAsUser": users, "runAsGroup": groups, "supplementalGroups": groups, "fsGroup": groups} {
		for _, rule := range rules {
			spec, must := "{"+field+": {rule: "+rule, ": "+field+" must be "
			switch policy.Rule(rule) {
			case policy.RunAsAny:
				continue
			case policy.MustRunAs, policy.MayRunAs:
				spec += ", ranges: [{min: 1, max: 2}]"
			case policy.MustRunAsNonRoot:
				must = ": runAsNonRoot must be "
			}
			g := export(t, spec+"}}", admission.Options{})
			text, err := g.YAML()
			if err != nil || !bytes.Contains(text, []byte(must)) {
				t.Errorf("no expression of the gate for %s of %s says %q (%v)", rule, field, must, err)
			}
		}
	}
}

// A rule that the gate has no expressions for is one that it does not hold.
func TestUnknownRule(t *testing.T) {
	t.Parallel()
	_, err := admission.Export(&policy.Policy{Name: "ids", FSGroup: policy.Strategy{Rule: "MustBeEven"}}, admission.Options{})
	if !errors.Is(err, admission.ErrWeaker) || !strings.Contains(err.Error(), "fsGroup.rule: the gate does not judge MustBeEven") {
		t.Errorf("error %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, spec string
		kinds      []string
		want       string
	}{
		{"no rule", "{runAsUser: {rule: RunAsAny}}", nil, "no rule"},
		{"too many ranges", "{runAsUser: {rule: MustRunAs, ranges: [" + strings.Repeat("{min: 1, max: 2}, ", 801) + "]}}", nil, "801 ranges"},
		{"too many names", "{match: {names: [" + strings.Repeat("a-name-of-twenty-two-c, ", 5000) + "]}, " + mustRunAs + "}", nil, "at most 100000"},
		{"too many images", "{exclude: [{reason: x, images: [" + strings.Repeat("a-name-of-twenty-two-c, ", 5000) + "]}], " + mustRunAs + "}", nil, "at most 100000"},
		{"too many regular expressions", "{exclude: [{reason: x, images: [" + globs(2000) + "]}], " + mustRunAs + "}", nil, "more than about 7 containers"},
		{"no kind", "{match: {kinds: [Rollout]}, " + mustRunAs + "}", nil, "none of the kinds"},
		{"no kind left", "{exclude: [{kinds: ['*'], reason: x}], " + mustRunAs + "}", nil, "none of the kinds"},
		{"an unknown kind", "{" + mustRunAs + "}", []string{"Wonder"}, `kind "Wonder"`},
		{"a kind with many pods", "{" + mustRunAs + "}", []string{"JobSet"}, `kind "JobSet"`},
		{"a kind whose pods an operator makes", "{" + mustRunAs + "}", []string{"Prometheus"}, `kind "Prometheus"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := admission.Export(decode(t, tt.spec), admission.Options{Kinds: tt.kinds, AllowWeaker: true})
			if err == nil || !strings.Contains(err.Error(), `policy "ids": `) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	p := decode(t, "{"+mustRunAs+"}")
	if _, err := admission.ExportAll([]*policy.Policy{p, p}, admission.Options{}); err == nil || !strings.Contains(err.Error(), "more than once") {
		t.Errorf("two policies of one name: %v", err)
	}
	q := *p
	q.Name = "No Name"
	if _, err := admission.Export(&q, admission.Options{}); err == nil {
		t.Error("a name that the API server refuses is exported")
	}
}

// What a policy of another dialect says that has no counterpart is said again.
func TestNotesOfThePolicy(t *testing.T) {
	t.Parallel()
	p := decode(t, "{"+mustRunAs+"}")
	p.Notes = []policy.Finding{{Message: "privileged: not covered"}}
	g, err := admission.Export(p, admission.Options{})
	if err != nil || !slices.Equal(g.Notes, []string{"privileged: not covered"}) {
		t.Errorf("notes %q, error %v", g.Notes, err)
	}
}

// resources are those of all rules, with their operations.
func resources(rules []admissionv1.NamedRuleWithOperations) map[string]string {
	out := map[string]string{}
	for _, r := range rules {
		for _, name := range r.Resources {
			var ops []string
			for _, op := range r.Operations {
				ops = append(ops, string(op))
			}
			out[r.APIGroups[0]+"/"+r.APIVersions[0]+"/"+name] = strings.Join(ops, " ")
		}
	}
	return out
}

// A gate must not get in the way of what cannot be changed any more: the fields of
// a pod, the template of a job.
func TestOperations(t *testing.T) {
	t.Parallel()
	g := export(t, "{"+mustRunAs+"}", admission.Options{Kinds: []string{"Rollout"}})
	for _, tt := range []struct {
		resource             string
		validating, mutating string
	}{
		{"/v1/pods", "CREATE", "CREATE"},
		{"/v1/pods/ephemeralcontainers", "UPDATE", "UPDATE"},
		{"apps/v1/deployments", "CREATE UPDATE", "CREATE UPDATE"},
		{"batch/v1/cronjobs", "CREATE UPDATE", "CREATE UPDATE"},
		{"batch/v1/jobs", "CREATE UPDATE", "CREATE"},
		{"argoproj.io/*/rollouts", "CREATE UPDATE", "CREATE UPDATE"},
	} {
		if got := resources(g.Validating.Spec.MatchConstraints.ResourceRules)[tt.resource]; got != tt.validating {
			t.Errorf("%s is validated on %q, want %q", tt.resource, got, tt.validating)
		}
		if got := resources(g.Mutating.Spec.MatchConstraints.ResourceRules)[tt.resource]; got != tt.mutating {
			t.Errorf("%s is mutated on %q, want %q", tt.resource, got, tt.mutating)
		}
	}
	// Where its image decides, a pod can leave an exclusion.
	g = export(t, "{exclude: [{images: ['agent'], reason: x}], "+mustRunAs+"}", admission.Options{})
	if got := resources(g.Validating.Spec.MatchConstraints.ResourceRules)["/v1/pods"]; got != "CREATE UPDATE" {
		t.Errorf("pods are validated on %q, although their images can change", got)
	}
}

// What the API server can decide without CEL, it does.
func TestConstraints(t *testing.T) {
	t.Parallel()
	g := export(t, `{
		match: {namespaces: [shop, tools], labelSelector: {matchLabels: {tier: front}}, kinds: ["*Set", Job]},
		exclude: [{namespaces: [kube-system], reason: x}, {kinds: [DaemonSet], reason: x}], `+mustRunAs+`}`, admission.Options{})
	m := g.Validating.Spec.MatchConstraints
	if got := resources(m.ResourceRules); len(got) != 3 || got["apps/v1/daemonsets"] != "" || got["batch/v1/jobs"] == "" {
		t.Errorf("resources %v", got)
	}
	if got, want := metav1.FormatLabelSelector(m.NamespaceSelector), "kubernetes.io/metadata.name in (shop,tools),kubernetes.io/metadata.name notin (kube-system)"; got != want {
		t.Errorf("namespaces %s, want %s", got, want)
	}
	if got, want := metav1.FormatLabelSelector(m.ObjectSelector), "tier in (front)"; got != want {
		t.Errorf("labels %s, want %s", got, want)
	}
	// Of an update, the API server asks the objectSelector of the object before as well.
	if got := g.Validating.Spec.MatchConditions; len(got) != 2 || got[0].Name != "changed" || !strings.Contains(got[1].Expression, "labels[?'tier']") {
		t.Errorf("conditions %v", got)
	}
}

// The same policy gives the same bytes.
func TestStable(t *testing.T) {
	t.Parallel()
	spec := `{match: {annotations: {a: "1", b: "2", c: "3"}, labelSelector: {matchLabels: {x: "1", y: "2", z: "3"}}},
		exclude: [{namespaces: [b, a], reason: x}, {annotations: {d: "4", e: "5"}, images: [x], reason: y}], ` + mustRunAs + "}"
	var first []byte
	for range 20 {
		text, err := export(t, spec, admission.Options{}).YAML()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(first, text) {
			t.Fatalf("differs:\n%s\n%s", first, text)
		}
	}
}
