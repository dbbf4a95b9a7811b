package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// apply applies policies to manifests and returns what came of it. Both are
// streams of YAML.
func apply(t *testing.T, policies, manifests string) (out string, results []report.Result) {
	t.Helper()
	configs, input := stream(t, policies), stream(t, manifests)
	ps, err := engine.Policies(configs.Items, input.Items)
	if err != nil {
		t.Fatal(err)
	}
	return applyTo(t, ps, input)
}

// applyTo applies policies to a stream and returns what came of it.
func applyTo(t *testing.T, ps []*policy.Policy, input *manifest.Stream) (out string, results []report.Result) {
	t.Helper()
	outcome := outcomeOf(t, ps, input)
	var b strings.Builder
	if _, err := input.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), outcome.Results
}

// outcomeOf applies policies to a stream.
func outcomeOf(t *testing.T, ps []*policy.Policy, input *manifest.Stream) engine.Outcome {
	t.Helper()
	p, err := engine.New(ps, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := p.Apply(context.Background(), input.Items)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func stream(t *testing.T, text string) *manifest.Stream {
	t.Helper()
	s, err := manifest.ReadStream("input.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// said lists what results say: "severity reason".
func said(results []report.Result) []string {
	var out []string
	for _, r := range results {
		if !r.Changed {
			out = append(out, fmt.Sprintf("%s %s", r.Severity, r.Reason))
		}
	}
	return out
}

// twoContainers is a pod that breaks, or is changed by, each of everyRule, in its
// own fields and in those of both containers.
const twoContainers = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  securityContext: {supplementalGroups: [0], fsGroup: 0}
  initContainers:
  - {name: out, image: "out.example/app:1", restartPolicy: Always, securityContext: {runAsUser: 0, runAsGroup: 0}}
  containers:
  - {name: in, image: "in.example/app:1", securityContext: {runAsUser: 0, runAsGroup: 0}}
`

// everyRule are specs of which each says something on twoContainers.
var everyRule = []string{
	"runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}",
	"runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], overwrite: true}",
	"runAsUser: {rule: MustRunAsNonRoot}",
	"runAsUser: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}",
	"runAsUser: {rule: MustBeUnset}",
	"runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}",
	"runAsGroup: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}",
	"runAsGroup: {rule: MustBeUnset}",
	"supplementalGroups: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}",
	"supplementalGroups: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], overwrite: true}",
	"supplementalGroups: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}",
	"supplementalGroups: {rule: MustBeUnset}",
	"supplementalGroups: {requireStrict: true}",
	"fsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}",
	"fsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], overwrite: true}",
	"fsGroup: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}",
	"fsGroup: {rule: MustBeUnset}",
	"podSecurity: {enforce: {level: restricted}, scope: All}",
}

// selectors leave the container in to a policy and the container out not.
var selectors = []string{
	`match: {images: ["in.example/*"]}`,
	`match: {containers: [in]}`,
	`exclude: [{images: ["out.example/*"], reason: r}]`,
	`exclude: [{containers: [out], reason: r}]`,
	`match: {containerKinds: [Regular]}`,
	`exclude: [{containerKinds: [Sidecar, Init], reason: r}]`,
}

func policyOf(name string, spec ...string) string {
	return "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: " + name + "}\nspec:\n  " +
		strings.Join(spec, "\n  ") + "\n"
}

// A policy whose selectors leave none of a pod's containers is not for the pod:
// it says nothing on the pod's own fields and changes none of them. One that is
// left one container speaks of the pod's own fields and of that container.
func TestSelectedContainers(t *testing.T) {
	t.Parallel()
	only := func(name string) string {
		var b strings.Builder
		for line := range strings.Lines(twoContainers) {
			if !strings.HasPrefix(line, "  - ") || strings.Contains(line, "name: "+name) {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	for _, rule := range everyRule {
		for _, mode := range []string{"Enforce", "Warn", "Audit"} {
			for _, selector := range selectors {
				t.Run(rule+" "+mode+" "+selector, func(t *testing.T) {
					t.Parallel()
					p := policyOf("a", rule, "mode: "+mode, selector)
					out, results := apply(t, p, only("out"))
					for _, r := range results {
						if r.Reason != policy.Exempted && r.Reason != policy.NothingMatched {
							t.Errorf("without a container: %s: %s", r.Reason, r.Message)
						}
					}
					if out != only("out") {
						t.Errorf("without a container the pod is changed:\n%s", out)
					}
					_, results = apply(t, p, twoContainers)
					judged := slices.ContainsFunc(results, func(r report.Result) bool { return r.Reason != policy.Exempted })
					if !judged {
						t.Error("with one of two containers nothing is said")
					}
					for _, r := range results {
						if r.Reason != policy.Exempted && slices.Contains(r.Containers, "out") {
							t.Errorf("%s speaks of the container that is left out: %s", r.Reason, r.Message)
						}
					}
				})
			}
		}
	}
}

// A policy that excludes user namespaces does not judge pods in one, of which root
// is not the host's root, and judges all others.
func TestHostUsers(t *testing.T) {
	t.Parallel()
	const rule = "runAsUser: {rule: MustRunAsNonRoot}"
	pod := func(field string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  " + field + "\n  containers: [{name: c, image: i, securityContext: {runAsUser: 0}}]\n"
	}
	const exclude = "exclude: [{hostUsers: false, reason: root is not the host's}]"
	tests := []struct {
		name, field, selector string
		want                  []string
	}{
		{"excluded", "hostUsers: false", exclude, []string{"info Exempted"}},
		{"on the host", "hostUsers: true", exclude, []string{"error CannotUseRootUserID", "info NothingMatched"}},
		{"unset", "restartPolicy: Never", exclude, []string{"error CannotUseRootUserID", "info NothingMatched"}},
		{"unreadable", "hostUsers: 'false'", exclude, []string{"error CannotUseRootUserID", "error InvalidType", "info NothingMatched"}},
		{"matched", "hostUsers: false", "match: {hostUsers: false}", []string{"error CannotUseRootUserID"}},
		{"not matched", "hostUsers: true", "match: {hostUsers: false}", []string{"warning NothingMatched"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, results := apply(t, policyOf("a", rule, tt.selector), pod(tt.field))
			if diff := cmp.Diff(tt.want, said(results)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Policies for different images of a repository may rule the same field of a
// pod, as long as no pod has both images.
func TestConflictsBetweenContainers(t *testing.T) {
	t.Parallel()
	pod := func(images ...string) string {
		s := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
		for i, image := range images {
			s += fmt.Sprintf("  - {name: c%d, image: %s}\n", i, image)
		}
		return s
	}
	policies := func(rule string) string {
		text := func(name string, id int) string {
			return policyOf(name, fmt.Sprintf("%s: {rule: MustRunAs, ranges: [{min: %d, max: %d}]}", rule, id, id+99),
				"match: {images: ["+name+"]}", "placement: Containers")
		}
		return text("one", 1000) + "---\n" + text("two", 2000)
	}
	conflict := []string{"error PolicyConflict"}
	tests := []struct {
		name, rule, pod string
		want            []string
		writes          string
	}{
		{"one image", "fsGroup", pod("one"), []string{"warning NothingMatched"}, "fsGroup: 1000"},
		{"the other image", "fsGroup", pod("two"), []string{"warning NothingMatched"}, "fsGroup: 2000"},
		{"both in one pod", "fsGroup", pod("one", "two"), conflict, ""},
		{"both in one pod, groups", "supplementalGroups", pod("one", "two"), conflict, ""},
		{"each its own field", "runAsUser", pod("one", "two"), nil, "runAsUser: 2000"},
		{"in different pods", "fsGroup", pod("one") + "---\n" + pod("two"), nil, "fsGroup: 2000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, results := apply(t, policies(tt.rule), tt.pod)
			var got []string
			for _, s := range said(results) {
				if !strings.Contains(s, "Missing") {
					got = append(got, s)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !strings.Contains(out, tt.writes) || tt.writes == "" && out != tt.pod {
				t.Errorf("unexpected output:\n%s", out)
			}
		})
	}
}

// A policy that is for none of the workloads says so, with what it may have meant.
func TestNothingMatched(t *testing.T) {
	t.Parallel()
	const (
		nonRoot = "runAsUser: {rule: MustRunAsNonRoot}"
		pod     = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: zz, securityContext: {runAsUser: 1}}]}\n"
		service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n"
		pattern = "apiVersion: patterns.example.com/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {pattern: {spec: {containers: [{image: zz}]}}}\n"
	)
	tests := []struct {
		name, input string
		spec        []string
		want        []string // severity, reason and message
	}{
		{
			"a misspelt kind", pod,
			[]string{nonRoot, "match: {kinds: [pod]}"},
			[]string{`warning NothingMatched policy "a" selects none of the workloads: match.kinds has "pod", which is not known to hold pods, did you mean "Pod"`},
		},
		{
			"a misspelt kind with its group", pod,
			[]string{nonRoot, "match: {kinds: [Deploymet.apps]}"},
			[]string{`warning NothingMatched policy "a" selects none of the workloads: match.kinds has "Deploymet.apps", which is not known to hold pods, did you mean "Deployment"`},
		},
		{"a kind of another group", pod, []string{nonRoot, "match: {kinds: [Pod.apps, apps/v1/Pod]}"}, []string{
			`warning NothingMatched policy "a" selects none of the workloads: match.kinds has "Pod.apps", which is not known to hold pods, add it to podSpecPaths, ` +
				`match.kinds has "apps/v1/Pod", which is not known to hold pods, add it to podSpecPaths`,
		}},
		{
			"one of two kinds", pod,
			[]string{nonRoot, "match: {kinds: [Pod, deployments]}"},
			[]string{`warning NothingMatched policy "a" selects less than it names: match.kinds has "deployments", which is not known to hold pods, did you mean "Deployment"`},
		},
		{"kinds in every spelling", pod, []string{nonRoot, "match: {kinds: [Pod, v1/Pod, Deployment.apps, apps/v1/StatefulSet, apps/v1beta9/StatefulSet, '*Set', Widget]}", "podSpecPaths: [{group: '*', kind: Widget, paths: [spec]}]"}, nil},
		{
			"a name", pod,
			[]string{nonRoot, "match: {names: [b]}"},
			[]string{`warning NothingMatched policy "a" selects none of the workloads`},
		},
		{
			"an image", pod,
			[]string{nonRoot, "match: {images: [other]}"},
			[]string{`warning NothingMatched policy "a" selects none of the workloads`},
		},
		{
			"a namespace, of a workload that names none", pod,
			[]string{nonRoot, "match: {namespaces: [prod]}"},
			[]string{`warning NothingMatched policy "a" selects none of the workloads: match selects no workload without a namespace: set defaultNamespace`},
		},
		{
			"a namespace, of one workload that names none", pod + "---\n" + strings.Replace(pod, "{name: a}", "{name: a, namespace: prod}", 1),
			[]string{nonRoot, "match: {namespaces: [prod]}"},
			[]string{`warning NotEvaluated policy "a" may miss workloads that match is meant for: match selects no workload without a namespace: set defaultNamespace`},
		},
		{"the default namespace", pod, []string{nonRoot, "match: {namespaces: [prod]}", "defaultNamespace: prod"}, nil},
		{
			"no rule", pod,
			[]string{"validateOnly: true"},
			[]string{`warning NothingMatched policy "a" has no rules and checks nothing`},
		},
		{"RunAsAny is a rule", pod, []string{"fsGroup: {rule: RunAsAny}"}, nil},
		{"no rule and no workload", service, []string{"validateOnly: true"}, nil},
		{"no workload", service, []string{nonRoot, "match: {kinds: [pod]}"}, nil},
		{"an exclusion of nothing", pod, []string{nonRoot, "exclude: [{names: [b], reason: r}, {images: [zz], containers: [d], reason: r}]"}, []string{
			`info NothingMatched policy "a" has an exclusion that matches nothing: exclude[0]`,
			`info NothingMatched policy "a" has an exclusion that matches nothing: exclude[1]`,
		}},
		{
			"two exclusions of one container", pod,
			[]string{nonRoot, "exclude: [{images: [zz], reason: r}, {containers: [c], reason: s}]"},
			[]string{`info Exempted container "c": exempt from policy "a" by the policy: r`},
		},
		{
			"two exclusions of one object", pod,
			[]string{nonRoot, "exclude: [{names: [a], reason: r}, {kinds: [Pod], reason: s}]"},
			[]string{`info Exempted exempt from policy "a" by the policy: r`},
		},
		{
			"a pattern that is excluded", pattern,
			[]string{nonRoot, "exclude: [{kinds: [ClusterPolicy.patterns.example.com], reason: patterns}]"},
			[]string{`info Exempted exempt from policy "a" by the policy: patterns`},
		},
		{"a pattern that is not selected", pattern, []string{nonRoot, "match: {kinds: [Pod]}"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, results := apply(t, policyOf("a", tt.spec...), tt.input)
			var got []string
			for _, r := range results {
				got = append(got, fmt.Sprintf("%s %s %s", r.Severity, r.Reason, r.Message))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A ClusterImagePolicy selects by its own match and globs of images.
func TestNothingMatchedOfImagePolicy(t *testing.T) {
	t.Parallel()
	const (
		pod     = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: one.example/c}]}\n"
		deploy  = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec: {template: {spec: {containers: [{name: c, image: two.example/c}]}}}\n"
		service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n"
		kafka   = "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: k}\nspec: {kafka: {template: {pod: {securityContext: {runAsUser: 0}}}}}\n"
		unread  = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: \"not an image\"}]}\n"
		nothing = "warning NothingMatched"
		refused = "error ImagePolicyViolation"
	)
	tests := []struct {
		name, spec, input string
		want              []string
		checked           int
	}{
		{"every object", "images: [{glob: '**'}]", pod + "---\n" + deploy, []string{refused, refused}, 2},
		{"one of two objects", "images: [{glob: '**'}], match: [{group: apps, version: v1, resource: deployments}]", pod + "---\n" + deploy, []string{refused}, 1},
		{"another resource", "images: [{glob: '**'}], match: [{group: apps, version: v1, resource: deployments}]", pod, []string{nothing}, 0},
		{"another group", "images: [{glob: '**'}], match: [{group: apps, version: v1, resource: pods}]", pod, []string{nothing}, 0},
		{"another version", "images: [{glob: '**'}], match: [{version: v2, resource: pods}]", pod, []string{nothing}, 0},
		{"other labels", "images: [{glob: '**'}], match: [{version: v1, resource: pods, selector: {matchLabels: {a: b}}}]", pod, []string{nothing}, 0},
		{"other images", "images: [{glob: other.example/**}]", pod + "---\n" + deploy, []string{nothing}, 0},
		{"one of two images", "images: [{glob: two.example/**}]", pod + "---\n" + deploy, []string{refused}, 1},
		{"an image that is none", "images: [{glob: other.example/**}]", unread, []string{refused}, 1},
		{"no workload", "images: [{glob: other.example/**}]", service, nil, 0},
		{"parts of a pod", "images: [{glob: '**'}]", kafka, []string{"info NotEvaluated"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			policies, input := stream(t, "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\n"+
				"spec: {"+tt.spec+", authorities: [{static: {action: fail, message: refused}}]}\n"), stream(t, tt.input)
			ps, err := engine.Policies(policies.Items, input.Items)
			if err != nil {
				t.Fatal(err)
			}
			got := outcomeOf(t, ps, input)
			if diff := cmp.Diff(tt.want, said(got.Results)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.Summary.Checked != tt.checked {
				t.Errorf("%d checked, want %d", got.Summary.Checked, tt.checked)
			}
		})
	}
}

// What is said of a policy is said at its place.
func TestNothingMatchedPlace(t *testing.T) {
	t.Parallel()
	_, results := apply(t, policyOf("a", "runAsUser: {rule: MustRunAsNonRoot}", "exclude:", "- names: [b]", "  reason: r"),
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, securityContext: {runAsUser: 1}}]}\n")
	want := report.File{Path: "input.yaml", Line: 7}
	if len(results) != 1 || results[0].File != want || results[0].PolicyFile != want.Path || results[0].PolicyLine != want.Line {
		t.Errorf("got %+v", results)
	}
}
