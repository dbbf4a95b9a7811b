package workload_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestClassify(t *testing.T) {
	table, err := workload.Builtin().With([]policy.PodSpecPath{
		{Group: "batch.example.com", Kind: "Pipeline", Paths: []string{"spec.stages[*].template.spec"}},
		{Group: "*", Kind: "Anywhere", Paths: []string{"spec"}},
		{Group: "batch.example.com", Kind: "PodList", Paths: []string{"spec"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		apiVersion, kind string
		want             workload.Class
	}{
		{"v1", "Pod", workload.Workload},
		{"", "Pod", workload.Workload}, // refused by the cluster, but not overlooked
		{"apps/v1", "Deployment", workload.Workload},
		{"apps/v1beta2", "Deployment", workload.Workload},
		{"extensions/v1beta1", "DaemonSet", workload.Workload},
		{"batch/v2alpha1", "CronJob", workload.Workload},
		{"example.com/v1", "Deployment", workload.Unknown},
		{"apps/v1", "deployment", workload.Unknown}, // kinds are case-sensitive
		{"v1", "ConfigMap", workload.Unknown},
		{"", "", workload.Unknown},
		{"v1", "List", workload.List},
		{"apps/v1", "DeploymentList", workload.List},
		{"kpt.dev/v1", "Kptfile", workload.Ignored},
		{"kustomize.config.k8s.io/v1beta1", "Kustomization", workload.Ignored},
		{"", "Kustomization", workload.Ignored},
		{"kustomize.config.k8s.io/v1alpha1", "Component", workload.Ignored},
		{"dapr.io/v1alpha1", "Component", workload.Unknown},
		{"kustomize.toolkit.fluxcd.io/v1", "Kustomization", workload.Unknown},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", workload.Ignored},
		{"usergroup.dev/v1alpha1", "UserGroupPolicyList", workload.Ignored},
		{"policies.kubewarden.io/v1", "ClusterAdmissionPolicy", workload.Ignored},
		{"policy/v1beta1", "PodSecurityPolicy", workload.Ignored},
		{"policy.sigstore.dev/v1beta1", "ClusterImagePolicy", workload.Ignored},

		{"batch.example.com/v3", "Pipeline", workload.Workload},
		{"example.com/v3", "Pipeline", workload.Unknown},
		{"v1", "Anywhere", workload.Workload},
		{"example.com/v3", "Anywhere", workload.Workload},
		{"batch.example.com/v1", "PodList", workload.Workload}, // the user knows better
	} {
		if got := table.Classify(tt.apiVersion, tt.kind); got != tt.want {
			t.Errorf("Classify(%q, %q) = %v, want %v", tt.apiVersion, tt.kind, got, tt.want)
		}
	}
}

func TestWith(t *testing.T) {
	before := workload.Builtin()
	table, err := before.With([]policy.PodSpecPath{
		{Group: "apps", Kind: "Deployment", Paths: []string{"spec.template.spec", "spec.extra.spec", `spec["a.b/c"][*].*`}},
		{Group: "*", Kind: "Deployment", Paths: []string{"spec.extra.spec"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	obj := decode(t, `
apiVersion: apps/v1
kind: Deployment
spec:
  template: {spec: {hostUsers: true}}
  extra: {spec: {hostUsers: true}}
  a.b/c: [{y: {hostUsers: true}, x: {hostUsers: true}}]
`)
	want := []string{"spec.template.spec", "spec.extra.spec", `spec["a.b/c"][0].y`, `spec["a.b/c"][0].x`}
	if diff := cmp.Diff(want, podPaths(table.Pods(obj, "apps/v1", "Deployment", nil))); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], podPaths(before.Pods(obj, "apps/v1", "Deployment", nil))); diff != "" {
		t.Errorf("With changed its receiver: paths (-want +got):\n%s", diff)
	}
}

func TestWithErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		path policy.PodSpecPath
		want string
	}{
		{"no kind", policy.PodSpecPath{Paths: []string{"spec"}}, `podSpecPaths[1].kind: must not be empty`},
		{"no paths", policy.PodSpecPath{Kind: "A"}, `podSpecPaths[1].paths: must not be empty`},
		{"empty", path(""), `podSpecPaths[1].paths[1]: must not be empty`},
		{"an empty key", path("spec..x"), `podSpecPaths[1].paths[1]: "spec..x": must have a key at "..x"`},
		{"a dot first", path(".spec"), `podSpecPaths[1].paths[1]: ".spec": must have a key at ".spec"`},
		{"a dot last", path("spec."), `podSpecPaths[1].paths[1]: "spec.": must have a key at "."`},
		{"an index", path("spec[0].x"), `podSpecPaths[1].paths[1]: "spec[0].x": must have [*] or ["key"] at "[0].x"`},
		{"an open bracket", path("spec["), `podSpecPaths[1].paths[1]: "spec[": must have [*] or ["key"] at "["`},
		{"an open quote", path(`spec["x`), `podSpecPaths[1].paths[1]: "spec[\"x": must have [*] or ["key"] at "[\"x"`},
		{"an empty quoted key", path(`spec[""]`), `podSpecPaths[1].paths[1]: "spec[\"\"]": must have [*] or ["key"] at "[\"\"]"`},
		{"no dot", path("spec[*]x"), `podSpecPaths[1].paths[1]: "spec[*]x": must have a dot at "x"`},
		{"half a star", path("spec.a*"), `podSpecPaths[1].paths[1]: "spec.a*": must have a key, * or [*], has "a*", at ".a*"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			good := policy.PodSpecPath{Kind: "Good", Paths: []string{"spec"}}
			_, err := workload.Builtin().With([]policy.PodSpecPath{good, tt.path})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error = %v\nwant    %s", err, tt.want)
			}
		})
	}
	_, err := workload.Builtin().With([]policy.PodSpecPath{{}, {Kind: "A"}})
	if want := "podSpecPaths[0].kind: must not be empty\npodSpecPaths[1].paths: must not be empty"; err == nil || err.Error() != want {
		t.Errorf("error = %v, want both:\n%s", err, want)
	}
}

// path is a row with a good path and the one given.
func path(p string) policy.PodSpecPath {
	return policy.PodSpecPath{Kind: "A", Paths: []string{"spec", p}}
}

// TestPattern goes from the path of a pod to what podSpecPaths takes and back.
func TestPattern(t *testing.T) {
	for _, tt := range []struct {
		path podspec.Path
		want string
	}{
		{podspec.Field("spec"), "spec"},
		{podspec.Field("spec", "template", "spec"), "spec.template.spec"},
		{podspec.Field("spec", "jobs").Index(3).Key("template"), "spec.jobs[*].template"},
		{podspec.Field("spec").Index(0).Index(1), "spec[*][*]"},
		{podspec.Field("a.b/c", "*", "d e"), `["a.b/c"]["*"]["d e"]`},
	} {
		got := workload.Pattern(tt.path)
		if got != tt.want {
			t.Errorf("Pattern(%s) = %s, want %s", tt.path, got, tt.want)
		}
		if _, err := workload.Builtin().With([]policy.PodSpecPath{path(got)}); err != nil {
			t.Errorf("Pattern(%s) is not a path: %v", tt.path, err)
		}
	}
}

// TestPods is about the way from an object to its pod specs.
func TestPods(t *testing.T) {
	const (
		deployment = "apps/v1 Deployment"
		jobSet     = "jobset.x-k8s.io/v1alpha2 JobSet"
		pyTorchJob = "kubeflow.org/v1 PyTorchJob"
	)
	at := podspec.Field("items").Index(0)
	for _, tt := range []struct {
		name, kind, text string
		pods             []string  // their paths below at
		problems         []problem // of all pods
	}{
		{"a pod", "v1 Pod", "spec: {}", []string{"spec"}, nil},
		{"a deployment", deployment, "spec: {template: {spec: {}}}", []string{"spec.template.spec"}, nil},
		{"no template", deployment, "spec: {replicas: 1}", nil, nil},
		{"a null template", "v1 ReplicationController", "spec: {template: null}", nil, nil},
		{"a null spec", deployment, "spec:", nil, nil},
		{"no spec", "v1 Pod", "metadata: {name: x}", nil, nil},
		{
			"several", jobSet, "spec: {replicatedJobs: [{template: {spec: {template: {spec: {}}}}}, {name: x}, null, {template: {spec: {template: {spec: {}}}}}]}",
			[]string{"spec.replicatedJobs[0].template.spec.template.spec", "spec.replicatedJobs[3].template.spec.template.spec"},
			nil,
		},
		{"through an alias", deployment, "x: &x {spec: {}}\nspec: {template: *x}", []string{"spec.template.spec"}, nil},
		{"through a merge key", deployment, "x: &x {template: {spec: {}}}\nspec: {<<: *x}", []string{"spec.template.spec"}, nil},
		{
			"values through a merge key", pyTorchJob, "x: &x {Worker: {template: {spec: {}}}}\nspec: {pytorchReplicaSpecs: {<<: *x, Master: {template: {spec: {}}}}}",
			[]string{"spec.pytorchReplicaSpecs.Master.template.spec", "spec.pytorchReplicaSpecs.Worker.template.spec"},
			nil,
		},

		{
			"spec twice", deployment, "spec: {template: {spec: {}}}\nspec: {template: {spec: {}}}",
			[]string{"spec.template.spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec", twice}},
		},
		{
			"spec twice, the first empty", deployment, "spec:\nspec: {template: {spec: {}}}",
			[]string{"spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec", twice}},
		},
		{
			"template twice", deployment, "spec: {template: {spec: {}}, template: {}}",
			[]string{"spec.template.spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec.template", twice}},
		},
		{
			"template's spec twice", deployment, "spec: {template: {spec: {}, spec: {}}}",
			[]string{"spec.template.spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec.template.spec", twice}},
		},
		{
			"spec with a tag", "v1 Pod", "!x spec: {}",
			[]string{"spec"},
			[]problem{{podspec.InvalidType, "items[0].spec", tagged}},
		},
		{
			"spec merged after", "v1 Pod", "x: &x {spec: {hostUsers: true}}\nspec: {}\n<<: *x",
			[]string{"spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec", merged}},
		},
		{
			"spec a list", deployment, "spec: []",
			[]string{"spec"},
			[]problem{{podspec.InvalidType, "items[0].spec", "must be a mapping, is a list"}},
		},
		{
			"a pod's spec a string", "v1 Pod", "spec: none",
			[]string{"spec"},
			[]problem{{podspec.InvalidType, "items[0].spec", `must be a mapping, is the string "none"`}},
		},
		{
			"a mapping for a list", jobSet, "spec: {replicatedJobs: {a: {}}}",
			[]string{"spec.replicatedJobs"},
			[]problem{{podspec.InvalidType, "items[0].spec.replicatedJobs", "must be a list, is a mapping"}},
		},
		{
			"one problem, several pods", jobSet, "spec: {}\nspec: {}",
			[]string{"spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec", twice}},
		},
		{
			"one problem, several paths", "ray.io/v1 RayCluster", "spec: {headGroupSpec: {template: {spec: {}}}, workerGroupSpecs: [{template: {spec: {}}}]}\nspec: {}",
			[]string{"spec.headGroupSpec.template.spec", "spec.workerGroupSpecs[0].template.spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec", twice}},
		},
		{
			"a value twice", pyTorchJob, "spec: {pytorchReplicaSpecs: {Worker: {template: {spec: {}}}, Worker: {template: {spec: {}}}}}",
			[]string{"spec.pytorchReplicaSpecs.Worker.template.spec"},
			[]problem{{podspec.DuplicateKey, "items[0].spec.pytorchReplicaSpecs.Worker", twice}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			apiVersion, kind, _ := strings.Cut(tt.kind, " ")
			var want []string
			for _, p := range tt.pods {
				want = append(want, "items[0]."+p)
			}
			pods := workload.Builtin().Pods(decode(t, tt.text), apiVersion, kind, at)
			if diff := cmp.Diff(want, podPaths(pods)); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			var ps []podspec.Problem
			for _, p := range pods {
				ps = append(ps, p.Problems...)
			}
			if diff := cmp.Diff(tt.problems, problems(ps)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func podPaths(pods []*podspec.Pod) []string {
	var out []string
	for _, p := range pods {
		out = append(out, p.Path.String())
	}
	return out
}

func TestMetadataPath(t *testing.T) {
	for kind, want := range map[string]string{"Pod": "metadata", "PodTemplate": "template.metadata", "ReplicationController": "spec.template.metadata"} {
		obj := decode(t, "spec: {template: {spec: {}}}\ntemplate: {spec: {}}")
		pods := workload.Builtin().Pods(obj, "v1", kind, nil)
		if len(pods) != 1 || pods[0].MetadataPath.String() != want {
			t.Errorf("%s: pods = %+v, want one with metadata at %s", kind, pods, want)
		}
	}
	// A problem on the way to pods is where a pod might be.
	pods := workload.Builtin().Pods(decode(t, "spec: {template: {spec: null, spec: null}}"), "apps/v1", "Deployment", nil)
	if len(pods) != 1 || len(pods[0].Problems) != 1 || pods[0].MetadataPath.String() != "spec.template.metadata" {
		t.Errorf("a duplicate key: %+v", pods)
	}
	table, err := workload.Builtin().With([]policy.PodSpecPath{{Group: "example.com", Kind: "Probe", Paths: []string{"[*].spec"}}})
	if err != nil {
		t.Fatal(err)
	}
	pods = table.Pods(decode(t, "spec: {}"), "example.com/v1", "Probe", nil)
	if len(pods) != 1 || len(pods[0].Problems) != 1 || pods[0].Path != nil || pods[0].MetadataPath.String() != "metadata" {
		t.Errorf("a mapping in the place of a list: %+v", pods)
	}
}

// TestTemplates is about pod specs in kinds that no table knows.
func TestTemplates(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"none", "spec: {replicas: 1}", nil},
		{"a pod template", "spec: {template: {spec: {containers: [{name: a, image: b}]}}}", []string{"items[0].spec.template.spec"}},
		{
			"in lists", "spec: {jobs: [{spec: {containers: [{image: b}]}}, {name: x}, {spec: {containers: [{name: a}, {image: b}]}}]}",
			[]string{"items[0].spec.jobs[0].spec", "items[0].spec.jobs[2].spec"},
		},
		{"the object itself", "containers: [{image: b}]", []string{"items[0]"}},
		{"not inside of one", "spec: {containers: [{image: b}], x: {containers: [{image: b}]}}", []string{"items[0].spec"}},
		{"patches of containers, as in a Prometheus", "spec: {containers: [{name: prometheus, args: []}]}", nil},
		{"an object within", "spec: {x: {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: b}]}}}", nil},
		{"a null image", "spec: {containers: [{image: }]}", nil},
		{"a schema, as in a CustomResourceDefinition", "properties: {containers: {type: array, items: {properties: {image: {type: string}}}}}", nil},
		{"names of containers", "spec: {containers: [a, b]}", nil},
		{"through an alias", "x: &x [{image: b}]\nspec: {containers: *x}", []string{"items[0].spec"}},
		{"one anchor, several aliases", "spec: {a: &x {containers: [{image: b}]}, b: *x}", []string{"items[0].spec.a"}},
		{"merged", "x: &x [{image: b}]\nspec: {<<: {containers: *x}}", []string{"items[0].spec"}},
		{"merged from a list", "spec: {<<: [{a: 1}, {containers: [{image: b}]}]}", []string{"items[0].spec"}},
		{"a duplicate key", "spec: {}\nspec: {containers: [], containers: [{image: b}]}", []string{"items[0].spec"}},
		{"a key in base64", "spec: {!!binary Y29udGFpbmVycw==: [{image: b}]}", []string{"items[0].spec"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			found := workload.Builtin().Find(nil, decode(t, tt.text), "example.com/v1", "Unknown", podspec.Field("items").Index(0))
			for _, p := range found.Templates {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}
