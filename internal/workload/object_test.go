package workload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// object is an Object as the tables below write it.
type object struct {
	APIVersion, Kind, Name, Path string
	Problems                     []problem
}

func objects(os []workload.Object) []object {
	var out []object
	for _, o := range os {
		out = append(out, object{o.APIVersion, o.Kind, o.Name, o.Path.String(), problems(o.Problems)})
	}
	return out
}

func TestObjects(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []object
	}{
		{"one", "{apiVersion: v1, kind: Pod, metadata: {name: a}}", []object{{"v1", "Pod", "a", "", nil}}},
		{"nothing", "null", nil},
		{
			"a list", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, {apiVersion: apps/v1, kind: Deployment}]}",
			[]object{{"v1", "Pod", "a", "items[0]", nil}, {"apps/v1", "Deployment", "", "items[1]", nil}},
		},
		{
			"lists in a list", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}]}, {apiVersion: v1, kind: PodList, items: [{apiVersion: v1, kind: Pod}]}]}",
			[]object{{"v1", "Pod", "", "items[0].items[0]", nil}, {"v1", "Pod", "", "items[1].items[0]", nil}},
		},
		{
			"a typed list", "{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: a}}]}",
			[]object{{"apps/v1", "Deployment", "a", "items[0]", nil}},
		},
		{"an empty list", "{apiVersion: v1, kind: List, items: []}", nil},
		{"a list with null items", "{apiVersion: v1, kind: List, items: }", []object{{"v1", "List", "", "", nil}}},
		{"a kind that is not a list", "{apiVersion: example.com/v1, kind: AllowList, spec: {}}", []object{{"example.com/v1", "AllowList", "", "", nil}}},
		{
			"items through aliases", "{apiVersion: v1, x: &x {apiVersion: v1, kind: Pod}, kind: List, items: [*x, *x]}",
			[]object{{"v1", "Pod", "", "items[0]", nil}, {"v1", "Pod", "", "items[1]", nil}},
		},
		{
			"items of another kind", "{apiVersion: v1, kind: ConfigMap, items: [{apiVersion: v1, kind: Pod}]}",
			[]object{{"v1", "ConfigMap", "", "", nil}, {"v1", "Pod", "", "items[0]", nil}},
		},
		{"items that are not objects", "{apiVersion: v1, kind: Basket, items: [apple, [pear]]}", []object{{"v1", "Basket", "", "", nil}}},
		{
			"items of a kind alone", "{apiVersion: v1, kind: Basket, items: [{kind: apple}]}",
			[]object{{"v1", "Basket", "", "", nil}, {"", "apple", "", "items[0]", nil}},
		},
		{
			"items that inherit", "{apiVersion: v1, kind: Pod, items: [{metadata: {name: a}}]}",
			[]object{{"v1", "Pod", "", "", nil}, {"v1", "Pod", "a", "items[0]", nil}},
		},
		{
			"items twice, the first null", "{apiVersion: v1, kind: Pod, items: , items: [{apiVersion: v1, kind: Pod}]}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.DuplicateKey, "items", twice}}}},
		},
		{
			"an empty tag on a merge key", `{apiVersion: v1, kind: ConfigMap, ! "<<": {kind: Pod}}`,
			[]object{{"v1", "ConfigMap", "", "", []problem{{podspec.InvalidType, "kind", odd}}}},
		},
		{
			"a verbatim empty tag on a merge key", `{apiVersion: v1, kind: ConfigMap, !<!> "<<": {kind: Pod}}`,
			[]object{{"v1", "ConfigMap", "", "", []problem{{podspec.InvalidType, "kind", odd}}}},
		},
		{
			"an alias of a merge key", `{apiVersion: v1, kind: ConfigMap, x: {&m <<: {}}, *m : {items: [{kind: Pod}]}}`,
			[]object{{"v1", "ConfigMap", "", "", []problem{{podspec.InvalidType, "items", odd}}}},
		},
		{
			"an odd merge key below a merge key", `{apiVersion: v1, kind: Pod, <<: [{! "<<": {metadata: {}}}]}`,
			[]object{{"v1", "Pod", "", "", []problem{{podspec.InvalidType, "metadata", odd}}}},
		},
		{
			"an odd merge key of labels", `{apiVersion: v1, kind: Pod, metadata: {labels: {a: b, ! "<<": {a: c}}}}`,
			[]object{{"v1", "Pod", "", "", []problem{{podspec.InvalidType, "metadata.labels.a", odd}, {podspec.InvalidType, "metadata.labels.<<", odd}}}},
		},
		{
			"labels merged late", `{apiVersion: v1, kind: Pod, metadata: {labels: {a: b, <<: {a: c}}}}`,
			[]object{{"v1", "Pod", "", "", []problem{{podspec.DuplicateKey, "metadata.labels.a", "must be set once, is set here and by a merge key after it, and parsers disagree which one wins"}}}},
		},
		{
			"labels merged early", `{apiVersion: v1, kind: Pod, metadata: {labels: {<<: [{a: c}, {a: d, e: f}], a: b}}}`,
			[]object{{"v1", "Pod", "", "", nil}},
		},
		{"a merge key in quotes", `{apiVersion: v1, kind: Pod, "<<": {kind: ConfigMap}}`, []object{{"v1", "Pod", "", "", nil}}},
		{
			"a long value", "{apiVersion: v1, kind: Pod, metadata: [], items: " + strings.Repeat("é", 1<<20) + "}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.InvalidType, "metadata", "must be a mapping, is a list"}}}},
		},
		{
			"a long kind", "{apiVersion: v1, kind: !x " + strings.Repeat("é", 1<<20) + "}",
			[]object{{"v1", "", "", "", []problem{{podspec.InvalidType, "kind", `must be a string, is "` + strings.Repeat("é", 32) + `…" with the tag !x`}}}},
		},

		{"a JSON patch", "[{op: replace, path: /spec/template/spec/containers/0/image, value: a}]", nil},
		{"text", "containers", nil},
		{"values of a chart", "{containers: [{image: a}], metadata: {name: a}}", nil},
		{"items without a list", "{items: [{apiVersion: v1, kind: Pod}]}", nil},
		{"a patch that deletes an object", "{apiVersion: v1, kind: Pod, $patch: delete}", nil},
		{"a patch that deletes an object, and more", "{apiVersion: v1, kind: Pod, $patch: delete, spec: {}}", []object{{"v1", "Pod", "", "", nil}}},
		{"no kind, but not without doubt", "{!x kind: Pod}", []object{{"", "Pod", "", "", []problem{{podspec.InvalidType, "kind", tagged}}}}},
		{
			"kind in capitals", "{apiVersion: v1, KIND: Pod}",
			[]object{{"v1", "", "", "", []problem{{podspec.AmbiguousValue, "KIND", otherCase}}}},
		},
		{
			"kind in capitals beside another", "{apiVersion: v1, kind: ConfigMap, <<: {Kind: Pod}}",
			[]object{{"v1", "ConfigMap", "", "", []problem{{podspec.AmbiguousValue, "Kind", otherCase}}}},
		},
		{
			"kind with a letter that folds", "{APIVERSION: v1, \u212aind: Pod}",
			[]object{{"", "", "", "", []problem{
				{podspec.AmbiguousValue, "APIVERSION", strings.Replace(otherCase, "kind", "apiVersion", 1)},
				{podspec.AmbiguousValue, "\u212aind", otherCase},
			}}},
		},
		{"kind in capitals alone", "{KIND: Pod, name: a}", nil},
		{
			"items of a kind that is not certain", "{apiVersion: v1, kind: PodList, kind: ConfigMapList, items: [{metadata: {name: a}}, {apiVersion: v1, kind: Pod}]}",
			[]object{
				{"v1", "PodList", "", "", []problem{{podspec.DuplicateKey, "kind", twice}}},
				{"v1", "Pod", "a", "items[0]", []problem{{podspec.DuplicateKey, "kind", twice}}},
				{"v1", "Pod", "", "items[1]", nil},
			},
		},
		{
			"kind twice", "{apiVersion: v1, kind: ConfigMap, kind: Pod}",
			[]object{{"v1", "ConfigMap", "", "", []problem{{podspec.DuplicateKey, "kind", twice}}}},
		},
		{
			"kind twice, alike", "{apiVersion: v1, kind: Pod, kind: Pod}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.DuplicateKey, "kind", twice}}}},
		},
		{
			"apiVersion twice", "{apiVersion: v1, apiVersion: v2, kind: Pod}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.DuplicateKey, "apiVersion", twice}}}},
		},
		{
			"kind with a tag", "{apiVersion: v1, kind: !x Pod}",
			[]object{{"v1", "", "", "", []problem{{podspec.InvalidType, "kind", `must be a string, is "Pod" with the tag !x`}}}},
		},
		{
			"metadata twice", "{apiVersion: v1, kind: Pod, metadata: {name: a}, metadata: {name: b}}",
			[]object{{"v1", "Pod", "a", "", []problem{{podspec.DuplicateKey, "metadata", twice}}}},
		},
		{
			"metadata a list", "{apiVersion: v1, kind: Pod, metadata: []}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.InvalidType, "metadata", "must be a mapping, is a list"}}}},
		},
		{
			"namespace and name twice", "{apiVersion: v1, kind: Pod, metadata: {name: a, name: b, namespace: c, namespace: d}}",
			[]object{{"v1", "Pod", "a", "", []problem{{podspec.DuplicateKey, "metadata.name", twice}, {podspec.DuplicateKey, "metadata.namespace", twice}}}},
		},
		{
			"a label twice", "{apiVersion: v1, kind: Pod, metadata: {labels: {a/b: c, a/b: d}}}",
			[]object{{"v1", "Pod", "", "", []problem{{podspec.DuplicateKey, `metadata.labels["a/b"]`, twice}}}},
		},
		{
			"items twice", "{apiVersion: v1, kind: List, items: [], items: [{apiVersion: v1, kind: Pod}]}",
			[]object{{"v1", "List", "", "", []problem{{podspec.DuplicateKey, "items", twice}}}},
		},
		{
			"items a mapping", "{apiVersion: v1, kind: List, items: {a: {}}}",
			[]object{{"v1", "List", "", "", []problem{{podspec.InvalidType, "items", "must be a list, is a mapping"}}}},
		},
		{
			"an item that is not an object", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}, x, null]}",
			[]object{
				{"v1", "List", "", "", []problem{{podspec.InvalidType, "items[1]", `must be a mapping, is the string "x"`}}},
				{"v1", "Pod", "", "items[0]", nil},
			},
		},
		{
			"kind twice in a list", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, kind: Pod}]}",
			[]object{{"v1", "Pod", "", "items[0]", []problem{{podspec.DuplicateKey, "kind", twice}}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, objects(workload.Builtin().Objects(decode(t, tt.text)))); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

const odd = "must be set by a plain key, is set below a key << with a tag or an alias, and parsers disagree whether that merges"

// TestObjectsManyLabels guards against work for each label that grows with their
// number, which would take minutes.
func TestObjectsManyLabels(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nx: &a\n")
	for i := range 60_000 {
		fmt.Fprintf(&b, "  k%d: v\n", i)
	}
	b.WriteString("metadata: {labels: {<<: *a, k0: w}}\n")
	objects := workload.Builtin().Objects(decode(t, b.String()))
	if len(objects) != 1 || len(objects[0].Labels) != 60_000 || objects[0].Labels["k0"] != "w" {
		t.Errorf("%d objects", len(objects))
	}
}

// TestObjectsAgreeWithKubectl asks apimachinery's own decoder, which kubectl
// uses, what is in a list.
func TestObjectsAgreeWithKubectl(t *testing.T) {
	for _, text := range []string{
		"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, {apiVersion: apps/v1, kind: Deployment}]}",
		"{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: a}}, {apiVersion: v1, kind: Pod}]}",
		"{apiVersion: v1, kind: ConfigMap, items: [{apiVersion: v1, kind: Pod}]}",
		"{apiVersion: v1, kind: Pod, items: [{metadata: {name: a}}]}",
	} {
		data, err := sigsyaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		decoded, _, err := unstructured.UnstructuredJSONScheme.Decode(data, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []object
		err = decoded.(*unstructured.UnstructuredList).EachListItem(func(o runtime.Object) error {
			u := o.(*unstructured.Unstructured)
			want = append(want, object{u.GetAPIVersion(), u.GetKind(), u.GetName(), fmt.Sprintf("items[%d]", len(want)), nil})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects(workload.Builtin().Objects(decode(t, text))) {
			if o.Path != "" {
				got = append(got, o)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: objects (-kubectl's +ours):\n%s", text, diff)
		}
	}
}

// TestObjectsAreBounded expands lists of aliases of lists, and lists in lists.
func TestObjectsAreBounded(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("apiVersion: v1\nkind: List\nx0: &x0 {apiVersion: v1, kind: Pod}\n")
	for i := range 4 { // to 14,641 Pods
		fmt.Fprintf(&bomb, "x%d: &x%d {apiVersion: v1, kind: List, items: [%s]}\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*x%d, ", i), 11))
	}
	bomb.WriteString("items: [*x4]\n")
	got := workload.Builtin().Objects(decode(t, bomb.String()))
	if len(got) > 10_001 {
		t.Errorf("%d objects", len(got))
	}
	var said int
	for _, o := range got {
		for _, p := range o.Problems {
			if p.Detail == "must expand to at most 10000 objects by aliases" {
				said++
			}
		}
	}
	if said != 1 {
		t.Errorf("said %d times that there are too many, want 1", said)
	}

	const list = "{apiVersion: v1, kind: List, items: ["
	deep := strings.Repeat(list, 40) + "{apiVersion: v1, kind: Pod}" + strings.Repeat("]}", 40)
	want := []object{{
		"v1", "List", "", strings.TrimPrefix(strings.Repeat(".items[0]", 16), "."),
		[]problem{{podspec.InvalidType, "items", "must be nested at most 16 deep"}},
	}}
	if diff := cmp.Diff(want, objects(workload.Builtin().Objects(decode(t, deep)))); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}

	deepest := strings.Repeat(list, 16) + "{apiVersion: v1, kind: Pod}" + strings.Repeat("]}", 16)
	if got := workload.Builtin().Objects(decode(t, deepest)); len(got) != 1 || got[0].Kind != "Pod" || len(got[0].Problems) > 0 {
		t.Errorf("a Pod in 16 lists: %+v", got)
	}
	const outer = "{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: a, name: b}, spec: {x: "
	within := strings.Repeat(outer, 40) + "{}" + strings.Repeat("}}", 40)
	got = workload.Builtin().Objects(decode(t, within))
	if len(got) != 1+16+1 {
		t.Fatalf("%d objects within one another, want %d and a problem", len(got), 1+16)
	}
	problems := got[17].Problems
	if len(got[16].Problems) != 1 || len(problems) != 1 || problems[0].Path.String() != "spec.x" || problems[0].Detail != "must be nested at most 16 deep" {
		t.Errorf("a 17th object: %+v", problems)
	}
	// Each is searched as itself and for what is not its own, which must not double at each.
	for _, o := range got {
		workload.Builtin().Find(nil, o.Node, o.APIVersion, o.Kind, nil)
	}
}

func TestObjectMetadata(t *testing.T) {
	root := decode(t, `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web, tier: 1}
  annotations:
    example.com/a: b
    example.com/null:
`)
	got := workload.Builtin().Objects(root)[0]
	want := policy.Object{
		APIVersion: "apps/v1", Kind: "Deployment", Name: "web", Namespace: "shop",
		Labels:      map[string]string{"app": "web", "tier": "1"},
		Annotations: map[string]string{"example.com/a": "b", "example.com/null": ""},
	}
	if diff := cmp.Diff(want, got.Object); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	if got.Node != root || got.Path != nil || got.LocalConfig || got.File != (workload.File{}) || got.Problems != nil {
		t.Errorf("got %+v", got)
	}
}

// annotated is a Pod with annotations.
const annotated = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, annotations: {%s}}}"

func TestLocalConfig(t *testing.T) {
	const name = "config.kubernetes.io/local-config"
	for _, tt := range []struct {
		annotations string
		want        bool
	}{
		{name + `: "true"`, true},
		{name + `: 'true'`, true},
		{name + `: !!str true`, true},
		{name + `: true`, false}, // not a string: no host takes the object for local
		{name + `: "True"`, false},
		{name + `: "false"`, false},
		{name + `: "true", ` + name + `: "false"`, false},
		{`!x ` + name + `: "true"`, false},
		{"", false},
	} {
		got := workload.Builtin().Objects(decode(t, fmt.Sprintf(annotated, tt.annotations)))[0]
		if got.LocalConfig != tt.want {
			t.Errorf("{%s}: LocalConfig = %v, want %v", tt.annotations, got.LocalConfig, tt.want)
		}
	}
	list := `{apiVersion: v1, kind: List, metadata: {annotations: {` + name + `: "true"}}, items: [{apiVersion: v1, kind: Pod}]}`
	if workload.Builtin().Objects(decode(t, list))[0].LocalConfig {
		t.Error("the annotation of a list holds for its elements")
	}
}

func TestFile(t *testing.T) {
	const (
		path   = "internal.config.kubernetes.io/path: a/b.yaml, internal.config.kubernetes.io/index: '2'"
		legacy = "config.kubernetes.io/path: c.yaml, config.kubernetes.io/index: '3'"
		origin = `config.kubernetes.io/origin: "path: base/pod.yaml\n"`
		remote = `config.kubernetes.io/origin: "path: base/pod.yaml\nrepo: https://git.example/base\nref: v1\n"`
	)
	for _, tt := range []struct {
		annotations string
		want        workload.File
	}{
		{"", workload.File{}},
		{path, workload.File{Path: "a/b.yaml", Index: 2}},
		{legacy, workload.File{Path: "c.yaml", Index: 3}},
		{legacy + ", " + path, workload.File{Path: "a/b.yaml", Index: 2}},
		{"config.kubernetes.io/path: c.yaml", workload.File{Path: "c.yaml"}},
		{path + ", internal.config.kubernetes.io/package-path: /work/shop/db", workload.File{Path: "a/b.yaml", Index: 2, Package: "/work/shop/db"}},
		{"config.kubernetes.io/path: c.yaml, config.kubernetes.io/index: first", workload.File{Path: "c.yaml"}},
		{"config.kubernetes.io/index: '3'", workload.File{}},
		{origin, workload.File{Path: "base/pod.yaml"}},
		{remote, workload.File{Path: "base/pod.yaml", Repo: "https://git.example/base", Ref: "v1"}},
		{origin + ", " + path, workload.File{Path: "a/b.yaml", Index: 2}},
		// kustomize invents a path between two functions; no file is there.
		{origin + ", internal.config.kubernetes.io/path: shop/pod_web.yaml", workload.File{Path: "base/pod.yaml"}},
		{"internal.config.kubernetes.io/path: shop/pod_web.yaml", workload.File{Path: "shop/pod_web.yaml"}},
		{`config.kubernetes.io/origin: "]"`, workload.File{}},
		{`config.kubernetes.io/origin: "text"`, workload.File{}},
	} {
		got := workload.Builtin().Objects(decode(t, fmt.Sprintf(annotated, tt.annotations)))[0]
		if diff := cmp.Diff(tt.want, got.File); diff != "" {
			t.Errorf("{%s}: file (-want +got):\n%s", tt.annotations, diff)
		}
	}
	list := "{apiVersion: v1, kind: List, metadata: {annotations: {" + path + "}}, items: [{apiVersion: v1, kind: Pod}]}"
	if diff := cmp.Diff(workload.File{Path: "a/b.yaml", Index: 2}, workload.Builtin().Objects(decode(t, list))[0].File); diff != "" {
		t.Errorf("an element of a list: file (-want +got):\n%s", diff)
	}
}

// TestManyAnnotations has more keys than are compared one by one.
func TestManyAnnotations(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "k%d: v%d, ", i, i)
	}
	got := workload.Builtin().Objects(decode(t, fmt.Sprintf(annotated, b.String()+"k3: x, k39: x")))[0]
	if len(got.Annotations) != 40 || got.Annotations["k39"] != "v39" {
		t.Errorf("annotations = %v", got.Annotations)
	}
	want := []problem{{podspec.DuplicateKey, "metadata.annotations.k3", twice}, {podspec.DuplicateKey, "metadata.annotations.k39", twice}}
	if diff := cmp.Diff(want, problems(got.Problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
