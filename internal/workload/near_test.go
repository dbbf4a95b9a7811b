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

// TestLooseNear is TestLoose for what is nearly a security context or a container,
// and for what only just is one.
func TestLooseNear(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"items that are a mapping", "items: {securityContext: {runAsUser: 0}}", []string{"items.securityContext.runAsUser"}},
		{"items that are objects of their own", "items: [{spec: {securityContext: {runAsUser: 0}}}]", nil},
		{"items that are a list", "items: [1]", nil},
		{"metadata within", "spec: {metadata: {securityContext: {runAsUser: 0}}}", []string{"spec.metadata.securityContext.runAsUser"}},
		{"a list by an alias", "g: &g [5]\nx: {supplementalGroups: *g}", []string{"x.supplementalGroups"}},
		{"an element by an alias of what is not looked at", "metadata: {x: &x {securityContext: {runAsUser: 0}}}\nspec: {list: [*x]}", []string{"spec.list[0].securityContext.runAsUser"}},
		{"a merged string under its key", `x: &x {runAsUser: "0"}` + "\nspec: {securityContext: {<<: *x}}", []string{"spec.securityContext.runAsUser"}},
		{"a merge of something else", "spec: {securityContext: {<<: {privileged: true}}}", nil},
		{"a container by its list", "spec: {containers: [{name: a, securityContext: {runAsUser: 0}}], sidecars: [{name: b, securityContext: {runAsUser: 0}}], steps: [{name: c, securityContext: {runAsUser: 0}}]}", []string{
			"spec.containers[0].securityContext.runAsUser of a", "spec.sidecars[0].securityContext.runAsUser of b", "spec.steps[0].securityContext.runAsUser of c",
		}},
		{"without a name in a list of containers", "spec: {sidecars: [{securityContext: {runAsUser: 0}}]}", []string{"spec.sidecars[0].securityContext.runAsUser"}},
		{"a policy's group without a kind", "spec: {apiVersion: kyverno.io/v1, metadata: {name: a}, spec: {securityContext: {runAsUser: 0}}}", []string{"spec.spec.securityContext.runAsUser"}},
		{"a list within without items", "spec: {apiVersion: v1, kind: List, metadata: {name: a}, securityContext: {runAsUser: 0}}", []string{"spec.securityContext.runAsUser"}},
		{"a list at the root", "x: [{runAsUser: 0}]", []string{"x[0].runAsUser"}},
		{"a name in a list of something else", "spec: {extra: [{name: a, securityContext: {runAsUser: 0}}]}", []string{"spec.extra[0].securityContext.runAsUser"}},
		{"a name outside a list", "spec: {container: {name: a, securityContext: {runAsUser: 0}}}", []string{"spec.container.securityContext.runAsUser"}},
		{"a container without an image and a security context", "spec: {sidecars: [{name: a}]}", nil},
		{"a container in a container", "spec: {image: x, inner: {image: y, securityContext: {runAsUser: 0}}}", []string{
			"spec.inner.securityContext.runAsUser of ", "spec of ",
		}},
		{"beside a duplicate key", "spec: {a: {}, a: {}, b: {securityContext: {runAsUser: 0}}}", []string{"spec.b.securityContext.runAsUser"}},
		{"one group", "x: {supplementalGroups: [5]}", []string{"x.supplementalGroups"}},
		{"no group", "x: {supplementalGroups: []}", nil},
		{"a number of groups", "x: {supplementalGroups: 5}", nil},
		{"an id that no type holds", "x: {runAsUser: 99999999999999999999}", []string{"x.runAsUser"}},
		{"an id by alias", "n: &n 5\nx: {runAsUser: *n}", []string{"x.runAsUser"}},
		{"merged into what has another key", "metadata: {m: &m {runAsUser: 0}}\nx: {<<: *m}", []string{"x.runAsUser"}},
		{"a merged pattern", "m: &m {runAsUser: '>0'}\nx: {<<: *m}", nil},
		{"twice in a list", "a: [&x {runAsUser: 0}, *x]", []string{"a[0].runAsUser"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range workload.Builtin().Find(nil, decode(t, tt.text), "example.com/v1", "Unknown", nil).Loose {
				got = append(got, loosePlace(p))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
	for text, want := range map[string]bool{
		"{windowsOptions: {runAsUserName: a}}":                true,
		"{windowsOptions: {runAsUserName: a}, runAsGroup: 5}": false,
		"{runAsNonRoot: false}":                               false,
	} {
		loose := workload.Builtin().Find(nil, decode(t, "spec: {securityContext: "+text+"}"), "example.com/v1", "Unknown", nil).Loose
		if len(loose) != 1 || loose[0].Windows != want {
			t.Errorf("%s: %+v, want windows %v", text, loose, want)
		}
	}
}

// TestWithinNear is about what is nearly an object within an object.
func TestWithinNear(t *testing.T) {
	const pod, outer = "{apiVersion: v1, kind: Pod, metadata: {name: a}}", "apiVersion: example.com/v1\nkind: Outer\n"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"in a status", "status: {x: " + pod + "}", nil},
		{"in items that are a mapping", "items: {x: " + pod + "}", []string{"items.x"}},
		{"in items and elsewhere", "items: [" + pod + "]\nx: " + pod, []string{"items[0]", "x"}},
		{"of scalars", "x: {apiVersion: v1, kind: Pod, metadata: a, spec: b}", nil},
		{"in items, once", "items: [" + pod + "]", []string{"items[0]"}},
		{"without an apiVersion", "x: {kind: Pod, metadata: {name: a}}", nil},
		{"without a kind", "x: {apiVersion: v1, metadata: {name: a}}", nil},
		{"by an alias of what is not looked at", "metadata: {x: &p " + pod + "}\nx: [*p]", []string{"x[0]"}},
	} {
		var got []string
		for _, o := range workload.Builtin().Objects(decode(t, outer+tt.text))[1:] {
			got = append(got, o.Path.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestPlacesOfARow is about rows that know places and no more.
func TestPlacesOfARow(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		row        policy.PodSpecPath
		want       []string
	}{
		{
			"containers, each once", "spec: {initContainers: [&a {name: a}, *a, 5, {name: b, $patch: delete}, {name: c}]}",
			policy.PodSpecPath{Containers: []string{"spec.initContainers[*]"}},
			[]string{"spec.initContainers: init container a0", "spec.initContainers: init container c4"},
		},
		{
			"the security context of a container", "spec: {main: {image: x, securityContext: {runAsUser: 1}}}",
			policy.PodSpecPath{SecurityContexts: []string{"spec.main.securityContext"}},
			[]string{"spec.main: container 0"},
		},
		{
			"security contexts in a list", "spec: {contexts: [&a {runAsUser: 1}, *a, 5, {runAsUser: 2}]}",
			policy.PodSpecPath{SecurityContexts: []string{"spec.contexts[*]"}},
			[]string{"spec.contexts: 1", "spec.contexts: 2"},
		},
		{
			"pods in parts", "spec: {main: {image: x}, more: [{name: a}, 5], template: {securityContext: {runAsUser: 3}}}",
			policy.PodSpecPath{Pods: []policy.PodParts{{Path: "spec", Containers: []string{"main", "more[*]"}, ContainerDefaults: "template.securityContext"}}},
			[]string{"spec: container 0, container a0"},
		},
	} {
		tt.row.Group, tt.row.Kind = "example.com", "Widget"
		table, err := workload.Builtin().With([]policy.PodSpecPath{tt.row})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range table.Pods(decode(t, tt.text), "example.com/v1", "Widget", nil) {
			line := p.Path.String() + ": "
			if len(p.Containers) == 0 {
				line += p.RunAsUser.Raw
			}
			for i, c := range p.Containers {
				if i > 0 {
					line += ", "
				}
				line += fmt.Sprintf("%s %s%d", c.Kind, c.Name, c.Index)
				if c.Inherits && c.RunAsUser.V != 3 {
					t.Errorf("%s: %s runs as %v", tt.name, c.Name, c.RunAsUser)
				}
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestIsSchema: what may hold a CustomResourceDefinition is one, or a list.
func TestIsSchema(t *testing.T) {
	const other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: CustomResourceDefinition}}"
	for text, want := range map[string]bool{
		crd("{}"): true,
		"{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinitionList, items: [" + crd("{}") + "]}": true,
		"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}":               false,
		"{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}":                                       false,
		other: false,
	} {
		if got := workload.IsSchema(items(t, text)[0]); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	// A row of the table says more than a schema, and wins.
	table := workload.Builtin().Learn(items(t, `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: argoproj.io, names: {kind: Rollout},
  validation: {openAPIV3Schema: {properties: {x: {properties: {runAsUser: {type: integer}}}}}}}}`))
	pods := table.Pods(decode(t, "{x: {runAsUser: 1}, spec: {template: {spec: {containers: [{name: a}]}}}}"), "argoproj.io/v1alpha1", "Rollout", nil)
	if len(pods) != 1 || !pods[0].Path.Equal(podspec.Field("spec", "template", "spec")) {
		t.Errorf("a Rollout: %+v", pods)
	}
}

// TestSchemaNear is about what in a schema is nearly a place.
func TestSchemaNear(t *testing.T) {
	const context = `{properties: {runAsUser: {type: integer}}}`
	for _, tt := range []struct {
		name, spec string
		want       []string
	}{
		{"metadata that is a list", `{properties: {metadata: {items: ` + context + `}}}`, []string{"spec.metadata[*]"}},
		{"no mapping", `{properties: {a: 5, b: ` + context + `}}`, []string{"spec.b"}},
		{"elements that are no mapping", `{items: 5, properties: {b: ` + context + `}}`, []string{"spec.b"}},
		{"any values", `{additionalProperties: true, properties: {b: ` + context + `}}`, []string{"spec.b"}},
		{"elements", `{items: ` + context + `}`, []string{"spec[*]"}},
		{"metadata within", `{properties: {metadata: ` + context + `}}`, []string{"spec.metadata"}},
		{"a user that is no schema", `{properties: {a: {properties: {runAsUser: 5}}}}`, nil},
		{"a list of users", `{properties: {a: {properties: {runAsUser: {type: array}}}}}`, nil},
		{"a user without a type", `{properties: {a: {properties: {runAsUser: {x-kubernetes-int-or-string: true}}}}}`, []string{"spec.a"}},
		{"an image and no security context", `{properties: {image: {type: string}, securityContext: {properties: {x: ` + context + `}}}}`, []string{"spec.securityContext.x"}},
		{"a security context and no image", `{properties: {securityContext: ` + context + `}}`, []string{"spec.securityContext"}},
		{"the spec as a container", `{properties: {image: {type: string}, securityContext: ` + context + `, more: ` + context + `}}`, []string{"spec", "spec.more"}},
	} {
		var got []string
		for _, k := range workload.Builtin().Learn(items(t, crd(tt.spec))).Learnt() {
			got = append(got, k.Places()...)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}

	schema := func(group, kind, field string) string {
		version := `{schema: {openAPIV3Schema: {properties: {metadata: ` + context + `, ` + field + `: ` + context + `}}}}`
		return `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: ` + group + `, names: {kind: ` + kind + `}, versions: [` + version + `, ` + version + `]}}`
	}
	list := `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinitionList, items: [` + strings.Replace(schema("example.com", "Widget", "f"), "kind: CustomResourceDefinition", "kind: Other", 1) + `, ` + schema("''", "Widget", "e") + `, ` + schema("example.com", "Widget", "a") + `, ` + schema("example.com", "Gadget", "b") + `, ` + schema("example.org", "Widget", "c") + `]}`
	table := workload.Builtin().Learn(items(t, list)).Learn(items(t, crd(`{properties: {d: `+context+`}}`)))
	const text = "{f: {runAsUser: 7}, metadata: {runAsUser: 6}, e: {runAsUser: 5}, a: {runAsUser: 1}, b: {runAsUser: 2}, c: {runAsUser: 3}, spec: {d: {runAsUser: 4}}}"
	for kind, want := range map[string][]string{
		"example.com/v1 Widget": {"a.runAsUser", "spec.d.runAsUser"},
		"example.com/v1 Gadget": {"b.runAsUser"},
		"example.org/v1 Widget": {"c.runAsUser"},
		"example.org/v1 Gadget": nil,
		"v1 Widget":             nil,
	} {
		for range 2 { // read, and remembered
			var apiVersion, name string
			if _, err := fmt.Sscan(kind, &apiVersion, &name); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range table.Pods(decode(t, text), apiVersion, name, nil) {
				got = append(got, p.RunAsUser.Path.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
		}
	}
	var learnt []string
	for _, k := range table.Learnt() {
		learnt = append(learnt, fmt.Sprint(k.Group, " ", k.Kind, " ", k.Places()))
	}
	if diff := cmp.Diff([]string{" Widget [e]", "example.com Widget [a]", "example.com Gadget [b]", "example.org Widget [c]", "example.com Widget [spec.d]"}, learnt); diff != "" {
		t.Errorf("learnt (-want +got):\n%s", diff)
	}
	for _, text := range []string{
		`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: example.com, validation: {openAPIV3Schema: {properties: {a: ` + context + `}}}}}`,
		crd(`{properties: {runAsUser: {type: object}}}`),
	} {
		if got := workload.Builtin().Learn(items(t, text)).Learnt(); got != nil {
			t.Errorf("%s: learnt %+v", text, got)
		}
	}
	// What is at the root has no place that a row could name, and hides nothing else.
	root := `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: example.com, names: {kind: Widget},
  validation: {openAPIV3Schema: {properties: {runAsUser: {type: integer}, a: ` + context + `}}}}}`
	found := workload.Builtin().Learn(items(t, root)).Pods(decode(t, "{runAsUser: 1, a: {runAsUser: 2}}"), "example.com/v1", "Widget", nil)
	if diff := cmp.Diff([]string{"a.runAsUser = 2"}, said(found)); diff != "" {
		t.Errorf("beside the root (-want +got):\n%s", diff)
	}
	pods := []string{"{apiVersion: v1, kind: Pod, metadata: {name: runAsUser}}"}
	if got := workload.Builtin().Learn(items(t, pods[0])).Learnt(); got != nil {
		t.Errorf("a Pod is no schema: %+v", got)
	}
}

// TestMoreOfAKind is about places that a user adds to a kind of the table.
func TestMoreOfAKind(t *testing.T) {
	row := policy.PodSpecPath{Kind: "Pod", Paths: []string{"more.spec"}}
	table, err := workload.Builtin().With([]policy.PodSpecPath{row})
	if err != nil {
		t.Fatal(err)
	}
	kinds := table.Kinds()
	if k := kinds[len(kinds)-1]; len(kinds) != len(workload.Builtin().Kinds())+1 || k.Kind != "Pod" || k.Source != "podSpecPaths" {
		t.Errorf("the last kind is %+v", k)
	}
	found := table.Find(nil, decode(t, "{spec: {containers: [{name: a, image: x, securityContext: {runAsUser: 1}}]}, more: {spec: {securityContext: {runAsUser: 2}}}}"), "v1", "Pod", nil)
	want := []string{"spec.containers[0].securityContext.runAsUser = 1", "more.spec.securityContext.runAsUser = 2"}
	if diff := cmp.Diff(want, said(found.Pods)); diff != "" || len(found.Loose)+len(found.Templates) > 0 {
		t.Errorf("loose %v, templates %v, pods (-want +got):\n%s", said(found.Loose), found.Templates, diff)
	}

	// What is unset has a place as well, where it is to be written.
	parts := policy.PodSpecPath{Group: "example.com", Kind: "Widget", Pods: []policy.PodParts{{Path: "spec", SecurityContext: "context", Containers: []string{"main"}}}}
	if table, err = workload.Builtin().With([]policy.PodSpecPath{parts}); err != nil {
		t.Fatal(err)
	}
	pods := table.Pods(decode(t, "spec: {main: {image: x}}"), "example.com/v1", "Widget", nil)
	if len(pods) != 1 || pods[0].RunAsUser.Path.String() != "spec.context.runAsUser" || pods[0].FSGroup.Path.String() != "spec.context.fsGroup" {
		t.Errorf("pods in parts: %+v", pods)
	}
}
