package workload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func readPod(t *testing.T, text string) *podspec.Pod {
	t.Helper()
	return workload.ReadPod(decode(t, text), podspec.Field("spec"), podspec.Field("metadata"))
}

// TestNodeTerms is about terms that look as if they were about the operating system.
func TestNodeTerms(t *testing.T) {
	const start, end = `{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [`, `]}]}}}`
	const options = `, securityContext: {windowsOptions: {runAsUserName: a}}`
	term := func(key, rest string) string { return "{key: " + key + ", " + rest + "}" }
	for _, tt := range []struct {
		name, expression, more string
		by                     string
	}{
		{"the label", term("kubernetes.io/os", "operator: In, values: [windows]"), "", "values"},
		{"the old label", term("beta.kubernetes.io/os", "operator: In, values: [windows]"), "", "values"},
		{"another label", term("zone", "operator: In, values: [windows]"), "", ""},
		{"what it is not", term("kubernetes.io/os", "operator: NotIn, values: [windows]"), "", ""},
		{"one of two", term("kubernetes.io/os", "operator: In, values: [windows, windows]"), "", ""},
		{"none", term("kubernetes.io/os", "operator: In"), "", ""},
		{"another label says nothing for linux", term("zone", "operator: In, values: [a]"), options, "windowsOptions"},
		{"nor against the node selector", term("zone", "operator: In, values: [a]"), ", nodeSelector: {kubernetes.io/os: windows}", `["kubernetes.io/os"]`},
	} {
		pod := readPod(t, start+tt.expression+end+tt.more+"}")
		if at := pod.OSPath.String(); pod.Windows != (tt.by != "") || !strings.HasSuffix(at, tt.by) || len(pod.Problems) > 0 {
			t.Errorf("%s: windows is %v by %q, problems %v", tt.name, pod.Windows, at, pod.Problems)
		}
	}
}

// TestBothSystems: the message says which place says what, whichever comes first.
func TestBothSystems(t *testing.T) {
	for text, want := range map[string]string{
		`{os: {name: windows}, nodeSelector: {kubernetes.io/os: linux}}`: `is windows by spec.os.name and linux by spec.nodeSelector["kubernetes.io/os"]`,
		`{os: {name: linux}, nodeSelector: {kubernetes.io/os: windows}}`: `is windows by spec.nodeSelector["kubernetes.io/os"] and linux by spec.os.name`,
	} {
		pod := readPod(t, text)
		if len(pod.Problems) != 1 || !strings.HasSuffix(pod.Problems[0].Detail, want) {
			t.Errorf("%s: %+v, want %s", text, pod.Problems, want)
		}
	}
}

func TestReadPodCorners(t *testing.T) {
	pod := readPod(t, `{containers: [{name: a, securityContext: &sc {runAsUser: 5}, restartPolicy: Always}, &b {name: b, securityContext: *sc}, *b]}`)
	var got []string
	for _, c := range pod.Containers {
		got = append(got, fmt.Sprint(c.Name, c.Index, c.Sidecar, c.RunAsUser.V))
	}
	if diff := cmp.Diff([]string{"a0 false 5", "b1 false 5", "b2 false 5"}, got); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if pod := readPod(t, `{containers: [5, {name: a}]}`); len(pod.Containers) != 1 || pod.Containers[0].Index != 1 || len(pod.Problems) != 1 {
		t.Errorf("a number among the containers: %+v", pod)
	}
	aliased := decode(t, "{x: &x {hostUsers: true}, spec: *x}").Fields[1].Value
	if pod := workload.ReadPod(aliased, podspec.Field("spec"), podspec.Field("metadata")); !pod.HostUsers.V {
		t.Errorf("a pod by an alias: %+v", pod)
	}
	both := readPod(t, `{securityContext: {windowsOptions: {runAsUserName: a}}, containers: [{securityContext: {windowsOptions: {runAsUserName: b}}}]}`)
	if at := both.OSPath.String(); at != "spec.securityContext.windowsOptions" {
		t.Errorf("the first windowsOptions are at %s", at)
	}
	twice := readPod(t, `{securityContext: {runAsUser: 5, runAsUser: 5}}`).RunAsUser
	if twice.Raw != "5" || twice.Problem == nil || twice.Problem.Raw != "5" {
		t.Errorf("a duplicate key: %+v", twice)
	}
	for _, value := range []string{"{a: 5}", "[5]"} {
		if user := readPod(t, `{securityContext: {runAsUser: `+value+`}}`).RunAsUser; user.State != podspec.Invalid || user.Raw != "" {
			t.Errorf("%s has no text of its own: %+v", value, user)
		}
	}
	groups := readPod(t, `{securityContext: {fsGroup: &g 5, supplementalGroups: [*g, 6]}}`).SupplementalGroups
	if groups.Raw != "[5, 6]" || groups.Items[0].V != 5 {
		t.Errorf("groups by alias: %+v", groups)
	}
}

// TestShortened: a text of up to 64 bytes is shown whole, and a list of up to 1024.
func TestShortened(t *testing.T) {
	for n, cut := range map[int]string{64: "", 65: "…"} {
		text, shown := strings.Repeat("7", n), strings.Repeat("7", 64)+cut
		for spelling, want := range map[string]string{
			text:                  "is " + shown,
			`"` + text + `"`:      `is the string "` + shown + `"`,
			"!x " + text:          `is "` + shown + `" with the tag !x`,
			"!" + text[1:] + " a": `is "a" with the tag !` + shown[1:],
		} {
			v := readPod(t, "securityContext: {runAsUser: "+spelling+"}").RunAsUser
			if v.Problem == nil || !strings.HasSuffix(v.Problem.Detail, want) {
				t.Errorf("%s: %+v, want %s", spelling, v.Problem, want)
			}
		}
		quoted := readPod(t, `securityContext: {runAsUser: "`+text+`"}`).RunAsUser
		if want := `"` + shown + `"`; quoted.Raw != want {
			t.Errorf("raw is %s, want %s", quoted.Raw, want)
		}
	}
	for n, cut := range map[int]string{1022: "", 1023: "…"} { // with the brackets
		list := "[" + strings.Repeat("1, ", (n-1)/3-1)
		list += strings.Repeat("1", n+1-len(list)) + "]"
		want := list
		if cut != "" {
			want = list[:1024] + cut
		}
		if got := readPod(t, "securityContext: {supplementalGroups: "+list+"}").SupplementalGroups.Raw; got != want {
			t.Errorf("a list of %d bytes: %d bytes are shown, want %d", len(list), len(got), len(want))
		}
	}
}

// TestPartsCorners is about pods in parts: which containers there are, and what they
// and their pod take from the defaults.
func TestPartsCorners(t *testing.T) {
	workflow := func(text string) []*podspec.Pod {
		return workload.Builtin().Pods(decode(t, text), "argoproj.io/v1alpha1", "Workflow", nil)
	}
	pods := workflow(`spec: {templates: [{initContainers: [{name: i, image: x}], container: {image: x}, sidecars: [{name: s, image: x}, {name: d, $patch: delete}, {name: u, image: x}]}]}`)
	if len(pods) != 1 || pods[0].Context != podspec.SharedContext || pods[0].RunAsUser.Path.String() != "spec.securityContext.runAsUser" {
		t.Fatalf("a workflow without a security context: %+v", pods)
	}
	var got []string
	for _, c := range pods[0].Containers {
		got = append(got, fmt.Sprint(c.Kind, " ", c.Name, c.Index))
	}
	want := []string{"init container i0", "container 0", "container s0", "container u2"}
	sortStrings := cmp.Transformer("set", func(s []string) map[string]bool {
		out := map[string]bool{}
		for _, x := range s {
			out[x] = true
		}
		return out
	})
	if diff := cmp.Diff(want, got, sortStrings); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}

	const all = `{runAsUser: 1, runAsGroup: 2, runAsNonRoot: true, fsGroup: 3, supplementalGroups: [4], supplementalGroupsPolicy: Strict, windowsOptions: {runAsUserName: a}}`
	show := func(p *podspec.Pod) string {
		return strings.Join([]string{
			p.RunAsUser.Path.String(), p.RunAsGroup.Path.String(), p.RunAsNonRoot.Path.String(), p.RunAsUserName.Path.String(),
			p.FSGroup.Path.String(), p.SupplementalGroups.Path.String(), p.SupplementalGroupsPolicy.Path.String(),
		}, "\n")
	}
	places := func(at string) string {
		return strings.Join([]string{
			at + ".runAsUser", at + ".runAsGroup", at + ".runAsNonRoot", at + ".windowsOptions.runAsUserName",
			at + ".fsGroup", at + ".supplementalGroups", at + ".supplementalGroupsPolicy",
		}, "\n")
	}
	const own, defaults = "spec.templates[0].securityContext", "spec.templateDefaults.securityContext"
	for _, tt := range []struct{ name, own, defaults, from string }{
		{"all from the defaults", "{}", all, defaults},
		{"nothing from the defaults", all, all, own},
		{"nothing anywhere", "{}", "{}", own},
	} {
		pods := workflow(`spec: {templateDefaults: {securityContext: ` + tt.defaults + `}, templates: [{securityContext: ` + tt.own + `, container: {image: x}}]}`)
		if len(pods) != 1 {
			t.Fatalf("%s: %d pods", tt.name, len(pods))
		}
		if diff := cmp.Diff(places(tt.from), show(pods[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}

	run := workload.Builtin().Pods(decode(t, `spec: {pipelineSpec: {tasks: [{taskSpec: {stepTemplate: {securityContext: {runAsUser: 1, runAsGroup: 2, runAsNonRoot: true}}, steps: [{image: x}]}}]}}`), "tekton.dev/v1", "PipelineRun", nil)
	if len(run) != 1 || len(run[0].Containers) != 1 {
		t.Fatalf("a pipeline run: %+v", run)
	}
	const template = "spec.pipelineSpec.tasks[0].taskSpec.stepTemplate.securityContext"
	if c := run[0].Containers[0]; c.RunAsUser.Path.String() != template+".runAsUser" || c.RunAsGroup.V != 2 || !c.RunAsNonRoot.V || !c.Inherits {
		t.Errorf("a step of a task: %+v", c)
	}
}

// TestRowOfEverything: a row may name any of the kinds of places, and several.
func TestRowOfEverything(t *testing.T) {
	paths := []string{"spec.a"}
	rows := []policy.PodSpecPath{
		{Paths: paths},
		{Containers: paths},
		{SecurityContexts: paths},
		{Below: paths},
		{Pods: []policy.PodParts{{Path: "spec.b", Containers: []string{"c"}}}},
	}
	for i, a := range rows {
		for _, b := range rows[i:] {
			k := policy.PodSpecPath{Group: "example.com", Kind: "Widget"}
			for _, r := range []policy.PodSpecPath{a, b} {
				k.Paths = append(k.Paths, r.Paths...)
				k.Containers = append(k.Containers, r.Containers...)
				k.SecurityContexts = append(k.SecurityContexts, r.SecurityContexts...)
				k.Below = append(k.Below, r.Below...)
				k.Pods = append(k.Pods, r.Pods...)
			}
			table, err := workload.Builtin().With([]policy.PodSpecPath{k})
			if err != nil {
				t.Fatalf("%+v: %v", k, err)
			}
			if sparse := len(k.Paths)+len(k.Pods) == 0; !table.Knows("example.com/v1", "Widget") || table.Sparse("example.com/v1", "Widget") != sparse {
				t.Errorf("%+v: sparse is %v", k, !sparse)
			}
		}
	}
	table, err := workload.Builtin().With([]policy.PodSpecPath{{Group: "example.com", Kind: "Widget", Paths: paths, Operator: true}})
	if err != nil {
		t.Fatal(err)
	}
	pods := table.Pods(decode(t, "{spec: {a: {containers: [{name: x}]}}}"), "example.com/v1", "Widget", nil)
	if len(pods) != 1 || !pods[0].Partial {
		t.Errorf("an operator fills in the rest: %+v", pods)
	}
	knative := workload.Builtin().Pods(decode(t, "{spec: {template: {spec: {containers: [{name: x}]}}}}"), "serving.knative.dev/v1", "Service", nil)
	if len(knative) != 1 || knative[0].Context != podspec.RefusedContext {
		t.Errorf("Knative refuses the pod's securityContext: %+v", knative)
	}
	if sparse := workload.Builtin().Sparse("apps/v1", "Deployment"); sparse {
		t.Error("a Deployment is sparse")
	}
}

// TestObjectCorners is about what an object says of itself.
func TestObjectCorners(t *testing.T) {
	one := func(text string) workload.Object {
		t.Helper()
		objects := workload.Builtin().Objects(decode(t, text))
		if len(objects) == 0 {
			t.Fatalf("no object: %s", text)
		}
		return objects[len(objects)-1]
	}
	if o := one("{apiVersion: batch/v1, kind: Job, metadata: {generateName: a-}}"); o.GenerateName != "a-" || o.Name != "" {
		t.Errorf("generateName: %+v", o.Object)
	}
	if o := one("{apiVersion: batch/v1, kind: Job, metadata: {name: b, generateName: a-}}"); o.GenerateName != "" || o.Name != "b" {
		t.Errorf("a name, and a generateName that is not read: %+v", o.Object)
	}
	if o := one("{apiVersion: v1, kind: Pod, metadata: {labels: {}, annotations: {}}}"); o.Labels != nil || o.Annotations != nil {
		t.Errorf("no labels: %#v %#v", o.Labels, o.Annotations)
	}
	if o := one("{apiVersion: example.com/v1, spec: {}}"); o.APIVersion != "example.com/v1" || o.Kind != "" {
		t.Errorf("an object without a kind: %+v", o.Object)
	}
	if o := one("{apiVersion: [], kind: []}"); len(o.Problems) != 2 {
		t.Errorf("a kind that is a list may hide one: %+v", o.Problems)
	}
	const outer = `{apiVersion: example.com/v1, kind: Outer, metadata: {annotations: {config.kubernetes.io/local-config: %s}}, spec: {x: {apiVersion: v1, kind: Pod, metadata: {name: a}}}}`
	for value, want := range map[string]bool{`"true"`: true, `"false"`: false} {
		if o := one(fmt.Sprintf(outer, value)); o.Kind != "Pod" || o.LocalConfig != want {
			t.Errorf("within local configuration %s: %+v", value, o)
		}
	}
}

// TestAliasedObjects: aliases of lists are followed up to 10 000 objects.
func TestAliasedObjects(t *testing.T) {
	const pod = "{apiVersion: v1, kind: Pod}"
	list := func(items ...string) string {
		return "{apiVersion: v1, kind: List, items: [" + strings.Join(items, ", ") + "]}"
	}
	hundred := list(strings.Fields(strings.Repeat("*p ", 100))...)
	for _, tt := range []struct {
		name             string
		text             string
		objects, refused int
	}{
		// The first list has 100 aliases, and each of the others is an alias with 100 below.
		{"objects below an alias of a list", list("&l "+list(strings.Fields(strings.Repeat(`{"kind":"Pod","apiVersion":"v1"} `, 6000))...), "*l", "*l"), 6000 + 9998, 1},
		{"within bounds", list(append([]string{"&p " + pod, "&l " + hundred}, strings.Fields(strings.Repeat("*l ", 98))...)...), 1 + 99*100, 0},
		{"too many", list(append([]string{"&p " + pod, "&l " + hundred}, strings.Fields(strings.Repeat("*l ", 99))...)...), 1 + 10_000 - 99, 1},
	} {
		var objects, refused int
		for _, o := range workload.Builtin().Objects(decode(t, tt.text)) {
			if len(o.Problems) == 0 {
				objects++
				continue
			}
			refused++
			if d := o.Problems[len(o.Problems)-1].Detail; len(o.Problems) != 1 || d != "must expand to at most 10000 objects by aliases" {
				t.Errorf("%s: %+v", tt.name, o.Problems)
			}
		}
		if objects != tt.objects || refused != tt.refused {
			t.Errorf("%s: %d objects and %d refusals, want %d and %d", tt.name, objects, refused, tt.objects, tt.refused)
		}
	}
	if got := workload.Builtin().Objects(nil); len(got) > 0 {
		t.Errorf("nothing holds %+v", got)
	}
	// A problem of the list itself is said once.
	text := list(append([]string{"&p " + pod}, strings.Fields(strings.Repeat("*p ", 10_001))...)...)
	for _, o := range workload.Builtin().Objects(decode(t, strings.Replace(text, "kind:", "metadata: {name: a, name: b}, kind:", 1))) {
		if len(o.Problems) > 1 {
			t.Errorf("%s %s: %+v", o.Kind, o.Path, o.Problems)
		}
	}
}
