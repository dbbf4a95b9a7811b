package fn_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// TestPodSecurityFixtures sends every pod that the tests of Pod Security
// Admission use through the whole pipeline, under the level and version that it
// was made for, as itself and as each kind that has pods: what the pipeline says
// of users is what the library says of them, before and after mutation.
func TestPodSecurityFixtures(t *testing.T) {
	judge := newPodSecurityJudge(t)
	for level, pods := range podSecurityFixtures(t) {
		t.Run(string(level.Level)+"/"+level.Version.String(), func(t *testing.T) {
			judge.compare(t, level, documentsOf(level.Level, pods))
		})
	}
}

// TestPodSecurityUserCombinations does the same with every combination of the
// values that decide on users, of which the fixtures have few, in the versions
// on both sides of each change of the checks.
func TestPodSecurityUserCombinations(t *testing.T) {
	judge := newPodSecurityJudge(t)
	versions := []string{"v1.22", "v1.23", "v1.34", "v1.35"}
	if testing.Short() {
		versions = []string{versions[0], versions[3]}
	}
	pods := podSecurityCombinations(t)
	var documents []podDocument
	for i, p := range pods {
		documents = append(documents, podKinds[i%len(podKinds)].document("single", p))
	}
	for _, v := range versions {
		level := podSecurityLevel(t, "restricted", v)
		t.Run(v, func(t *testing.T) {
			judge.compare(t, level, documents)
		})
	}
}

// TestPodSecurityUnderModes: the mode of the policy bounds what a level says, so
// that a level can be tried before it is enforced.
func TestPodSecurityUnderModes(t *testing.T) {
	tests := []struct {
		mode, level string
		want        policy.Severity
	}{
		{"Enforce", "enforce", policy.Error},
		{"Enforce", "warn", policy.Warning},
		{"Enforce", "audit", policy.Info},
		{"Warn", "enforce", policy.Warning},
		{"Warn", "warn", policy.Warning},
		{"Warn", "audit", policy.Info},
		{"Audit", "enforce", policy.Info},
		{"Audit", "warn", policy.Info},
		{"Audit", "audit", policy.Info},
	}
	for _, tt := range tests {
		t.Run(tt.mode+"/"+tt.level, func(t *testing.T) {
			ps := policies(t, fmt.Sprintf(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: pss}
spec:
  mode: %s
  podSecurity:
    %s: {level: restricted}
`, tt.mode, tt.level))
			outcome, out := apply(t, ps, strings.Replace(rootPod, "spec:\n", "spec:\n  securityContext: {runAsNonRoot: true}\n", 1))
			if len(outcome.Results) != 1 || outcome.Results[0].Severity != tt.want {
				t.Errorf("results %+v, want one of severity %s", outcome.Results, tt.want)
			}
			if strings.Count(out, "runAs") != 2 {
				t.Errorf("changed:\n%s", out)
			}
		})
	}
}

// podSecurityJudge is the library's evaluator of its checks of users.
type podSecurityJudge struct{ psa.Evaluator }

func newPodSecurityJudge(t *testing.T) podSecurityJudge {
	t.Helper()
	e, err := psa.NewEvaluator([]psa.Check{psa.CheckRunAsNonRoot(), psa.CheckRunAsUser()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return podSecurityJudge{e}
}

func (j podSecurityJudge) allows(level api.LevelVersion, pod podOf) bool {
	return psa.AggregateCheckResults(j.EvaluatePod(level, pod.meta, pod.spec)).Allowed
}

// compare demands that the pipeline has an error for exactly the objects whose
// pods the library disallows: as they are where it only validates, and as they
// are written where it mutates.
func (j podSecurityJudge) compare(t *testing.T, level api.LevelVersion, documents []podDocument) {
	t.Helper()
	in := joinDocuments(documents)
	for _, validateOnly := range []bool{true, false} {
		text := fmt.Sprintf(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: pss}
spec:
  validateOnly: %t
  podSecurity:
    enforce: {level: %s, version: %s}
`, validateOnly, level.Level, level.Version)
		outcome, out := apply(t, policies(t, text), in)
		if validateOnly && out != in {
			t.Errorf("validateOnly changes what it judges")
		}
		if fixed := outcome.Summary.Changed > 0; fixed != (!validateOnly && level.Level == api.LevelRestricted) {
			t.Errorf("validateOnly %t: %s", validateOnly, outcome.Summary)
		}
		broken := withErrors(outcome.Results)
		if (len(broken) > 0) != (level.Level == api.LevelRestricted) {
			t.Errorf("validateOnly %t: %s", validateOnly, outcome.Summary)
		}
		written := strings.Split(out, separator)
		if len(written) != len(documents) {
			t.Fatalf("%d documents went in, %d came out", len(documents), len(written))
		}
		for i, d := range documents {
			pods := d.pods
			if written[i] != d.text {
				pods = readPods(t, written[i])
			}
			if len(pods) != len(d.pods) {
				t.Fatalf("%d objects instead of %d in\n%s", len(pods), len(d.pods), written[i])
			}
			for resource, pod := range pods {
				if broken[resource] && len(pods) == 1 && written[i] != d.text {
					t.Errorf("%s has errors and is changed all the same:\n%s", resource, written[i])
				}
				if allowed := j.allows(level, pod); allowed == broken[resource] {
					t.Errorf("validateOnly %t: %s: library allows it: %t, pipeline has errors: %t\n%s",
						validateOnly, resource, allowed, broken[resource], written[i])
				}
			}
		}
	}
}

// withErrors names the objects that have errors.
func withErrors(results []report.Result) map[report.Resource]bool {
	found := map[report.Resource]bool{}
	for _, r := range results {
		if r.Severity == policy.Error {
			found[r.Resource] = true
		}
	}
	return found
}

// podOf is what the library looks at in an object: its pod or pod template.
type podOf struct {
	meta *metav1.ObjectMeta
	spec *corev1.PodSpec
}

// podText is a pod as YAML from its metadata on, and as its type.
type podText struct {
	name, text string
	pod        *corev1.Pod
}

// podDocument is a YAML document with the objects in it.
type podDocument struct {
	text string
	pods map[report.Resource]podOf
}

// separator is between the documents of a stream.
const separator = "---\n"

func joinDocuments(documents []podDocument) string {
	texts := make([]string, len(documents))
	for i, d := range documents {
		texts[i] = d.text
	}
	return strings.Join(texts, separator)
}

// documentsOf writes each pod as each kind, and then once more in a List, the
// kinds in turn. Baseline asks nothing of users, whatever the kind, so that there
// the List is enough.
func documentsOf(level api.Level, pods []podText) []podDocument {
	var documents []podDocument
	var items strings.Builder
	listed := map[report.Resource]podOf{}
	for i, p := range pods {
		for _, k := range podKinds {
			if level != api.LevelBaseline {
				documents = append(documents, k.document("single", p))
			}
		}
		item := podKinds[i%len(podKinds)].document("listed", p)
		items.WriteString("- " + strings.TrimPrefix(indent(item.text, 2), "  "))
		maps.Copy(listed, item.pods)
	}
	return append(documents, podDocument{listHead + "items:\n" + items.String(), listed})
}

const listHead = "apiVersion: v1\nkind: List\n"

// podKind is a kind with a pod or a pod template in it.
type podKind struct {
	apiVersion, kind string
	above            string // the lines between metadata and template
	depth            int    // of what is below template:
	newObject        func() runtime.Object
}

var podKinds = []podKind{
	{"v1", "Pod", "", 0, func() runtime.Object { return new(corev1.Pod) }},
	{"v1", "PodTemplate", "template:\n", 2, func() runtime.Object { return new(corev1.PodTemplate) }},
	{"v1", "ReplicationController", inSpec, 4, func() runtime.Object { return new(corev1.ReplicationController) }},
	{"apps/v1", "Deployment", inSpec, 4, func() runtime.Object { return new(appsv1.Deployment) }},
	{"apps/v1", "ReplicaSet", inSpec, 4, func() runtime.Object { return new(appsv1.ReplicaSet) }},
	{"apps/v1", "StatefulSet", inSpec, 4, func() runtime.Object { return new(appsv1.StatefulSet) }},
	{"apps/v1", "DaemonSet", inSpec, 4, func() runtime.Object { return new(appsv1.DaemonSet) }},
	{"batch/v1", "Job", inSpec, 4, func() runtime.Object { return new(batchv1.Job) }},
	{"batch/v1", "CronJob", inJobTemplate, 8, func() runtime.Object { return new(batchv1.CronJob) }},
}

const (
	inSpec        = "spec:\n  template:\n"
	inJobTemplate = "spec:\n  schedule: '@daily'\n  jobTemplate:\n    spec:\n      template:\n"
)

// document writes a pod as an object of the kind.
func (k podKind) document(namespace string, p podText) podDocument {
	head := fmt.Sprintf("apiVersion: %s\nkind: %s\n", k.apiVersion, k.kind)
	meta := "metadata:\n  namespace: " + namespace + "\n"
	if k.above == "" {
		head += strings.Replace(p.text, "metadata:\n", meta, 1)
	} else {
		head += meta + "  name: " + p.name + "\n" + k.above + indent(p.text, k.depth)
	}
	resource := report.Resource{APIVersion: k.apiVersion, Kind: k.kind, Namespace: namespace, Name: p.name}
	return podDocument{head, map[report.Resource]podOf{resource: {&p.pod.ObjectMeta, &p.pod.Spec}}}
}

func indent(text string, n int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Repeat(" ", n) + line)
	}
	return b.String()
}

// readPods decodes a document, strictly, and returns the pods in it.
func readPods(t *testing.T, text string) map[report.Resource]podOf {
	t.Helper()
	var list struct {
		metav1.TypeMeta
		Items []runtime.RawExtension `json:"items"`
	}
	if !strings.HasPrefix(text, listHead) {
		resource, pod := readPod(t, text)
		return map[report.Resource]podOf{resource: pod}
	}
	if err := yaml.UnmarshalStrict([]byte(text), &list); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	pods := map[report.Resource]podOf{}
	for _, item := range list.Items {
		resource, pod := readPod(t, string(item.Raw))
		pods[resource] = pod
	}
	return pods
}

// readPod decodes an object into its type, strictly.
func readPod(t *testing.T, text string) (report.Resource, podOf) {
	t.Helper()
	var head metav1.PartialObjectMetadata
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	i := slices.IndexFunc(podKinds, func(k podKind) bool { return k.apiVersion == head.APIVersion && k.kind == head.Kind })
	if i < 0 {
		t.Fatalf("no such kind: %s", text)
	}
	object := podKinds[i].newObject()
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return report.Resource{APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Namespace, Name: head.Name}, podIn(t, object)
}

// podIn finds the pod in an object, as the admission plugin finds it.
func podIn(t *testing.T, object runtime.Object) podOf {
	t.Helper()
	template := func(p *corev1.PodTemplateSpec) podOf { return podOf{&p.ObjectMeta, &p.Spec} }
	switch o := object.(type) {
	case *corev1.Pod:
		return podOf{&o.ObjectMeta, &o.Spec}
	case *corev1.PodTemplate:
		return template(&o.Template)
	case *corev1.ReplicationController:
		return template(o.Spec.Template)
	case *appsv1.Deployment:
		return template(&o.Spec.Template)
	case *appsv1.ReplicaSet:
		return template(&o.Spec.Template)
	case *appsv1.StatefulSet:
		return template(&o.Spec.Template)
	case *appsv1.DaemonSet:
		return template(&o.Spec.Template)
	case *batchv1.Job:
		return template(&o.Spec.Template)
	case *batchv1.CronJob:
		return template(&o.Spec.JobTemplate.Spec.Template)
	}
	t.Fatalf("%T has no pod", object)
	return podOf{}
}

// podName finds the name of a fixture, which is not unique in its version.
var podName = regexp.MustCompile(`(?m)^  name: .*$`)

// podSecurityFixtures reads test/testdata/LEVEL/VERSION/{pass,fail}/*.yaml of
// the module; under -short only a few versions.
func podSecurityFixtures(t *testing.T) map[api.LevelVersion][]podText {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		t.Skipf("SKIPPED: the module's directory is not to be found: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "test", "testdata", "*", "*", "*", "*.yaml"))
	if err != nil || len(files) < 4000 {
		t.Fatalf("%d fixtures in %s: %v", len(files), dir, err)
	}
	found := map[api.LevelVersion][]podText{}
	for _, file := range files {
		parts := strings.Split(filepath.ToSlash(file), "/")
		level, version, verdict := parts[len(parts)-4], parts[len(parts)-3], parts[len(parts)-2]
		if testing.Short() && !slices.Contains([]string{"v1.0", "v1.23", "v1.37"}, version) {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := verdict + "-" + strings.TrimSuffix(filepath.Base(file), ".yaml")
		lv := podSecurityLevel(t, level, version)
		found[lv] = append(found[lv], newPodText(t, name, string(data)))
	}
	return found
}

// newPodText gives a pod its name.
func newPodText(t *testing.T, name, text string) podText {
	t.Helper()
	text = strings.Replace(text, podName.FindString(text), "  name: "+name, 1)
	pod := new(corev1.Pod)
	if err := yaml.UnmarshalStrict([]byte(text), pod); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	_, body, found := strings.Cut(text, "kind: Pod\n")
	if !found || !strings.HasPrefix(body, "metadata:\n") || pod.Name != name {
		t.Fatalf("not the text that a fixture was:\n%s", text)
	}
	return podText{name, body, pod}
}

func podSecurityLevel(t *testing.T, level, version string) api.LevelVersion {
	t.Helper()
	v, err := api.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return api.LevelVersion{Level: api.Level(level), Version: v}
}

// podSecurityCombinations makes a pod of each combination of runAsNonRoot and
// runAsUser on the pod and two containers, and of hostUsers. The second
// container is an init container in one half of the pods, and an ephemeral one
// in the other.
func podSecurityCombinations(t *testing.T) []podText {
	t.Helper()
	var contexts []string
	for _, nonRoot := range []string{"", "runAsNonRoot: true", "runAsNonRoot: false"} {
		for _, user := range []string{"", "runAsUser: 0", "runAsUser: 1000"} {
			contexts = append(contexts, strings.Trim(nonRoot+", "+user, ", "))
		}
	}
	var pods []podText
	for _, pod := range contexts {
		for _, web := range contexts {
			for _, other := range contexts {
				for _, hostUsers := range []string{"", "  hostUsers: true\n", "  hostUsers: false\n"} {
					list := []string{"initContainers", "ephemeralContainers"}[len(pods)%2]
					text := fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata:
  name: name
spec:
%s  securityContext: {%s}
  %s:
  - {name: other, image: registry.example/other, securityContext: {%s}}
  containers:
  - name: web
    image: registry.example/web
    securityContext: {%s}
`, hostUsers, pod, list, other, web)
					pods = append(pods, newPodText(t, fmt.Sprintf("pod%d", len(pods)), text))
				}
			}
		}
	}
	return pods
}
