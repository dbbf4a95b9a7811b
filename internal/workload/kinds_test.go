package workload_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// example returns the name of the file that shows a kind: the kinds of an
// operator's group share one.
func example(k workload.Kind) string {
	if k.Operator {
		return "operators/" + k.Group + ".yaml"
	}
	group := k.Group
	if group == "" {
		group = "core"
	}
	return group + "_" + k.Kind + ".yaml"
}

// TestKindsHaveExamples reads for every row its example, whose first lines say
// where its pods are, and for every example its row.
func TestKindsHaveExamples(t *testing.T) {
	table := workload.Builtin()
	var want []string
	for _, k := range table.Kinds() {
		want = append(want, example(k))
		t.Run(k.Group+"/"+k.Kind, func(t *testing.T) {
			if k.Operator {
				testOperatorExample(t, table, k)
			} else {
				testExample(t, table, k)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("testdata/operators/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range append(files, more...) {
		got = append(got, strings.TrimPrefix(filepath.ToSlash(f), "testdata/"))
	}
	slices.Sort(want)
	want = slices.Compact(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("examples in testdata (-of the rows +there):\n%s", diff)
	}
}

func testExample(t *testing.T, table *workload.Table, k workload.Kind) {
	data, err := os.ReadFile(filepath.Join("testdata", example(k)))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(data)) {
		if path, ok := strings.CutPrefix(line, "# pod: "); ok {
			want = append(want, strings.TrimSpace(path))
		}
	}
	objects := table.Objects(decode(t, string(data)))
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	o := objects[0]
	if o.Group() != k.Group || o.Kind != k.Kind {
		t.Errorf("the example is a %s of %q", o.Kind, o.Group())
	}
	if got := table.Classify(o.APIVersion, o.Kind); got != workload.Workload {
		t.Errorf("Classify(%q, %q) = %v, want Workload", o.APIVersion, o.Kind, got)
	}
	var got []string
	for _, p := range table.Pods(o.Node, o.APIVersion, o.Kind, o.Path) {
		got = append(got, p.Path.String())
		if len(p.Problems) > 0 {
			t.Errorf("%s: problems: %+v", p.Path, p.Problems)
		}
		switch {
		case p.Partial && p.RunAsUser.V != 1000:
			t.Errorf("%s: user = %v, want 1000", p.Path, p.RunAsUser.V)
		case !p.Partial && (len(p.Containers) != 1 || p.Containers[0].RunAsUser.V != 1000):
			t.Errorf("%s: containers = %+v, want one with runAsUser 1000", p.Path, p.Containers)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths of pods (-want +got):\n%s", diff)
	}
	for _, path := range k.Paths {
		if pods := podsAt(t, o.Node, path); len(pods) == 0 {
			t.Errorf("the example has no pod at %s", path)
		}
	}
}

// testOperatorExample reads the example of a kind of an operator, whose first
// lines say where its security contexts are.
func testOperatorExample(t *testing.T, table *workload.Table, k workload.Kind) {
	data, err := os.ReadFile(filepath.Join("testdata", example(k)))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := manifest.ReadStream(example(k), data)
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Split(string(data), "---\n")
	i := slices.IndexFunc(stream.Items, func(it *manifest.Item) bool {
		head, err := it.Head()
		return err == nil && head.Kind == k.Kind && strings.HasPrefix(head.APIVersion, k.Group+"/")
	})
	if i < 0 {
		t.Fatalf("%s has no %s", example(k), k.Kind)
	}
	var want, got []string
	for line := range strings.Lines(docs[i]) {
		if path, ok := strings.CutPrefix(line, "# at: "); ok {
			if path = strings.TrimSpace(path); !strings.HasSuffix(strings.ToLower(path), "runasuser") && !strings.HasSuffix(path, "UID") {
				path += ".runAsUser"
			}
			want = append(want, path)
		}
	}
	found := table.Find(nil, decode(t, docs[i]), k.Group+"/v1", k.Kind, nil)
	for _, p := range found.Pods {
		user := p.RunAsUser
		if len(p.Containers) == 1 {
			user = p.Containers[0].RunAsUser
		}
		if got = append(got, user.Path.String()); user.V != 1000 || !p.Partial || len(p.Problems) > 0 {
			t.Errorf("%s: pod = %+v, want a partial one with runAsUser 1000", user.Path, p)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if len(found.Loose)+len(found.Templates) > 0 {
		t.Errorf("not judged: %+v %v", found.Loose, found.Templates)
	}
}

// podsAt returns the pods at one path of podSpecPaths.
func podsAt(t *testing.T, obj *manifest.Node, path string) []*podspec.Pod {
	t.Helper()
	table, err := workload.Builtin().With([]policy.PodSpecPath{{Group: "example.com", Kind: "Probe", Paths: []string{path}}})
	if err != nil {
		t.Fatal(err)
	}
	return table.Pods(obj, "example.com/v1", "Probe", nil)
}

// TestKindsAreDocumented compares the table in docs/kinds.md with the rows.
func TestKindsAreDocumented(t *testing.T) {
	const doc = "../../docs/kinds.md"
	data, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, "](../internal/workload/testdata/") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	for _, k := range workload.Builtin().Kinds() {
		want = append(want, docRow(k))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows of %s (-of the table +there):\n%s", doc, diff)
	}
}

// docRow is the row of a kind in docs/kinds.md.
func docRow(k workload.Kind) string {
	return fmt.Sprintf("| [%s](../internal/workload/testdata/%s) | %s | %s | %s |", k.Kind, example(k), k.Group, places(k), k.Project)
}

// places says where the pods of a kind are, in Markdown.
func places(k workload.Kind) string {
	out := k.Places()
	for i, p := range out {
		words := strings.Split(p, " ")
		words[len(words)-1] = "`" + words[len(words)-1] + "`"
		out[i] = strings.Join(words, " ")
	}
	return strings.Join(out, "<br>")
}

// typedKinds are the Go types of the kinds that Kubernetes itself has.
var typedKinds = map[string]reflect.Type{
	"/Pod":                   reflect.TypeFor[corev1.Pod](),
	"/PodTemplate":           reflect.TypeFor[corev1.PodTemplate](),
	"/ReplicationController": reflect.TypeFor[corev1.ReplicationController](),
	"apps/Deployment":        reflect.TypeFor[appsv1.Deployment](),
	"apps/ReplicaSet":        reflect.TypeFor[appsv1.ReplicaSet](),
	"apps/StatefulSet":       reflect.TypeFor[appsv1.StatefulSet](),
	"apps/DaemonSet":         reflect.TypeFor[appsv1.DaemonSet](),
	"extensions/Deployment":  reflect.TypeFor[extensionsv1beta1.Deployment](),
	"extensions/ReplicaSet":  reflect.TypeFor[extensionsv1beta1.ReplicaSet](),
	"extensions/DaemonSet":   reflect.TypeFor[extensionsv1beta1.DaemonSet](),
	// Never served, but SEMANTICS lists the four together.
	"extensions/StatefulSet": reflect.TypeFor[appsv1.StatefulSet](),
	"batch/Job":              reflect.TypeFor[batchv1.Job](),
	"batch/CronJob":          reflect.TypeFor[batchv1.CronJob](),
}

// TestKindsAgreeWithTypes follows the paths of Kubernetes' own kinds through
// its Go types.
func TestKindsAgreeWithTypes(t *testing.T) {
	n := 0
	for _, k := range workload.Builtin().Kinds() {
		if k.Project != "Kubernetes" {
			continue
		}
		n++
		typ, ok := typedKinds[k.Group+"/"+k.Kind]
		if !ok {
			t.Errorf("%s/%s: no Go type to compare with", k.Group, k.Kind)
			continue
		}
		for _, path := range k.Paths {
			if got := fieldAt(typ, strings.Split(path, ".")); got != reflect.TypeFor[corev1.PodSpec]() {
				t.Errorf("%s/%s: the type at %s is %v, want PodSpec", k.Group, k.Kind, path, got)
			}
		}
	}
	if n != len(typedKinds) {
		t.Errorf("%d rows are Kubernetes' own, want %d", n, len(typedKinds))
	}
}

// fieldAt returns the type of a field by the names in JSON; nil where there is
// none.
func fieldAt(typ reflect.Type, path []string) reflect.Type {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if len(path) == 0 {
		return typ
	}
	if typ.Kind() == reflect.Slice {
		return fieldAt(typ.Elem(), path)
	}
	for f := range typ.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == path[0] {
			return fieldAt(f.Type, path[1:])
		}
	}
	return nil
}

// TestFieldsAgreeWithTypes asks Kubernetes' Go types for every field that a pod
// spec is read for.
func TestFieldsAgreeWithTypes(t *testing.T) {
	int64Type, boolType, stringType := reflect.TypeFor[int64](), reflect.TypeFor[bool](), reflect.TypeFor[string]()
	for _, tt := range []struct {
		path string
		want reflect.Type
	}{
		{"os.name", reflect.TypeFor[corev1.OSName]()},
		{"hostUsers", boolType},
		{"hostNetwork", boolType},
		{"hostPID", boolType},
		{"hostIPC", boolType},
		{"runtimeClassName", stringType},
		{"securityContext.runAsUser", int64Type},
		{"securityContext.runAsGroup", int64Type},
		{"securityContext.runAsNonRoot", boolType},
		{"securityContext.fsGroup", int64Type},
		{"securityContext.supplementalGroups", reflect.TypeFor[[]int64]()},
		{"securityContext.supplementalGroupsPolicy", reflect.TypeFor[corev1.SupplementalGroupsPolicy]()},
		{"securityContext.fsGroupChangePolicy", reflect.TypeFor[corev1.PodFSGroupChangePolicy]()},
		{"securityContext.windowsOptions.runAsUserName", stringType},
		{"initContainers", reflect.TypeFor[[]corev1.Container]()},
		{"containers", reflect.TypeFor[[]corev1.Container]()},
		{"ephemeralContainers", reflect.TypeFor[[]corev1.EphemeralContainer]()},
		{"containers.name", stringType},
		{"containers.image", stringType},
		{"containers.securityContext.runAsUser", int64Type},
		{"containers.securityContext.runAsGroup", int64Type},
		{"containers.securityContext.runAsNonRoot", boolType},
		{"containers.securityContext.windowsOptions.runAsUserName", stringType},
	} {
		if got := fieldAt(reflect.TypeFor[corev1.PodSpec](), strings.Split(tt.path, ".")); got != tt.want {
			t.Errorf("the type of %s is %v, want %v", tt.path, got, tt.want)
		}
	}
}
