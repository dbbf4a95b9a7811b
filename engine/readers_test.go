package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// FuzzFiles fixes any text as a file of manifests. Where nothing is said against it,
// every pod in the result that kubectl or kustomize sees satisfies the policy, and
// neither of them reads anything else in the result than in what was given.
func FuzzFiles(f *testing.F) {
	for _, text := range podFiles {
		f.Add(text)
	}
	for _, object := range hostile.Objects {
		f.Add(object + "\n---\n" + podFiles[0])
	}
	f.Fuzz(func(t *testing.T, text string) { checkFile(t, text) })
}

// TestRandomFiles is a short run of FuzzFiles on files that are broken in a few places,
// always from the same seed unless USERGROUP_FUZZ_SEED names another one.
func TestRandomFiles(t *testing.T) {
	r, rounds := hostile.Random(3, 1500, 100_000)
	compared := 0
	for i := range rounds {
		text := hostile.Mutate(r, podFiles[i%len(podFiles)])
		compared += checkFile(t, text)
		if t.Failed() {
			t.Fatalf("round %d: %q", i, text)
		}
	}
	if compared < rounds/10 {
		t.Errorf("only %d pods were compared", compared)
	}
}

// podFiles are files with pods.
var podFiles = []string{
	"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  securityContext:\n    fsGroup: 5\n  containers:\n  - name: c\n    image: i\n  - name: d\n    securityContext: {runAsUser: 1500, privileged: false}\n",
	"# c\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: 'v'}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\nspec:\n  initContainers: [{name: c, image: i}]\n  containers: [{name: d, image: i, env: [{name: a, value: \"1\"}]}]\n",
	`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"runAsNonRoot": true}}]}}` + "\n",
	"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers:\n    - &c {name: c, image: i}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n  spec:\n    containers: [*c]\n",
	"x: &base {image: i, tty: yes}\napiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {on: \"yes\", n: '1'}}\nspec:\n  containers:\n  - <<: *base\n    name: c\n    args: [a, 0o7, 1_0, ~, !!str 5]\n  - name: d\n    command: |\n      ---\n      kind: Pod\n",
}

// checkFile returns how many pods it has compared with the policy.
func checkFile(t *testing.T, text string) (compared int) {
	t.Helper()
	input, err := manifest.ReadStream("f.yaml", []byte(text))
	if err != nil {
		return 0
	}
	outcome, err := filePipeline(t).Apply(context.Background(), input.Items)
	if err != nil {
		return 0
	}
	for _, r := range outcome.Results {
		if !r.Changed && r.Severity != policy.Info {
			return 0
		}
	}
	var out bytes.Buffer
	if _, err := input.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	for _, reader := range fileReaders {
		before, err := reader.read(text)
		if err != nil {
			continue // it refuses
		}
		after, err := reader.read(out.String())
		if err != nil {
			t.Fatalf("%s does not read the result any more: %v\n%s", reader.name, err, &out)
		}
		for _, doc := range after {
			compared += checkPods(t, reader.name, doc, out.String())
		}
		if diff := cmp.Diff(unjudged(before), unjudged(after)); diff != "" {
			t.Fatalf("%s reads in what is not judged (-before +after):\n%s\n%s", reader.name, diff, &out)
		}
	}
	return compared
}

func filePipeline(t *testing.T) *engine.Pipeline {
	t.Helper()
	p, err := engine.New([]*policy.Policy{{
		Name: "ids", UnknownKinds: policy.FailUnknown,
		RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1999}}},
	}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkPods checks the pods of a document as a reader sees it.
func checkPods(t *testing.T, reader string, doc any, text string) (compared int) {
	t.Helper()
	m, _ := doc.(map[string]any)
	if items, ok := m["items"].([]any); ok && m["apiVersion"] == "v1" && m["kind"] == "List" {
		for _, item := range items {
			compared += checkPods(t, reader, item, text)
		}
		return compared
	}
	if m["apiVersion"] != "v1" || m["kind"] != "Pod" {
		return 0
	}
	data, err := json.Marshal(m)
	var pod corev1.Pod
	if err != nil || kjson.Unmarshal(data, &pod) != nil || pod.Spec.OS != nil && pod.Spec.OS.Name == corev1.Windows {
		return 0 // refused, or not judged
	}
	var user *int64
	if sc := pod.Spec.SecurityContext; sc != nil {
		if user = sc.RunAsUser; sc.WindowsOptions != nil {
			return 0
		}
	}
	for _, c := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
		id := user
		if c.SecurityContext != nil {
			if c.SecurityContext.WindowsOptions != nil {
				return 0
			}
			if c.SecurityContext.RunAsUser != nil {
				id = c.SecurityContext.RunAsUser
			}
		}
		if id == nil || *id < 1000 || *id > 1999 {
			t.Fatalf("%s sees container %q with another user, and nothing was said:\n%s", reader, c.Name, text)
		}
		compared++
	}
	return compared
}

// fileReaders read a file as programs on its way to the cluster do.
var fileReaders = []struct {
	name string
	read func(text string) ([]any, error)
}{
	{"kubectl", func(text string) (docs []any, err error) {
		dec := kyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
		for {
			var v any
			if err := dec.Decode(&v); errors.Is(err, io.EOF) {
				return docs, nil
			} else if err != nil {
				return nil, err
			}
			if v != nil {
				docs = append(docs, v)
			}
		}
	}},
	{"kustomize", func(text string) (docs []any, err error) {
		nodes, err := (&kio.ByteReader{Reader: strings.NewReader(text), OmitReaderAnnotations: true, DisableUnwrapping: true}).Read()
		for _, n := range nodes {
			var v any
			if err := n.YNode().Decode(&v); err != nil {
				return nil, err
			}
			docs = append(docs, v)
		}
		return docs, err
	}},
}

// unjudged is what documents say without the users that the policy writes, as text. It
// takes them out of the documents.
func unjudged(docs []any) []string {
	var out []string
	for _, d := range docs {
		data, err := json.Marshal(withoutUsers(d, ""))
		if err != nil {
			data = fmt.Append(nil, d)
		}
		out = append(out, strings.TrimRight(string(data), "\n"))
	}
	return out
}

func withoutUsers(v any, under string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutUsers(v[i], "")
		}
	case map[any]any: // some keys are not strings
		m := make(map[string]any, len(v))
		for key, value := range v {
			if text, ok := key.(string); ok {
				m[text] = value
			} else {
				m[fmt.Sprintf("%T %v", key, key)] = value
			}
		}
		return withoutUsers(m, under)
	case map[string]any:
		if under == "securityContext" {
			delete(v, "runAsUser")
		}
		for key, value := range v {
			value = withoutUsers(value, key)
			if sc, ok := value.(map[string]any); key == "securityContext" && (value == nil || ok && len(sc) == 0) {
				delete(v, key)
				continue
			}
			v[key] = value
		}
	}
	return v
}
