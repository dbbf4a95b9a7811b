package engine_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/internal/readers"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// FuzzFiles fixes any text as a file of manifests. Where nothing is an error,
// every pod in the result that a reader sees satisfies the policy. Whatever is said,
// none of them reads anything else in the result than in what was given.
func FuzzFiles(f *testing.F) {
	for _, text := range podFiles {
		f.Add(text)
	}
	for _, object := range hostile.Objects {
		f.Add(object + "\n---\n" + podFiles[0])
	}
	r, _ := hostile.Random(4, 0, 0)
	for range 100 {
		f.Add(hostile.Manifests(r))
	}
	f.Fuzz(func(t *testing.T, text string) { checkFile(t, text) })
}

// TestRandomFiles is a short run of FuzzFiles on files that are broken in a few places,
// and on such as readers disagree on, always from the same seed unless USERGROUP_FUZZ_SEED names another one.
func TestRandomFiles(t *testing.T) {
	r, rounds := hostile.Random(3, 1000, 100_000)
	compared := 0
	for i := range rounds {
		text := hostile.Manifests(r)
		if i%2 == 0 {
			text = hostile.Mutate(r, podFiles[i/2%len(podFiles)])
		}
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

// checkFile returns how many containers it has compared with the policies.
func checkFile(t *testing.T, text string) (compared int) {
	t.Helper()
	for _, overwrite := range []bool{false, true} {
		compared += checkFixed(t, text, overwrite)
	}
	return compared
}

func checkFixed(t *testing.T, text string, overwrite bool) (compared int) {
	t.Helper()
	input, err := manifest.ReadStream("f.yaml", []byte(text))
	if err != nil {
		return 0
	}
	outcome, err := filePipeline(t, overwrite).Apply(context.Background(), input.Items)
	if err != nil {
		return 0
	}
	var b bytes.Buffer
	if _, err := input.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, reader := range readers.OfFiles {
		after, err := reader.Read(out)
		if !slices.ContainsFunc(outcome.Results, isError) {
			outside, n := readers.OutsideUsers(after, 1000, 1999)
			if compared += n; len(outside) > 0 {
				t.Fatalf("%s sees containers %q with other users, and that is no error:\n%s", reader.Name, outside, out)
			}
		}
		if out == text {
			continue
		}
		before, refused := reader.Read(text)
		if refused != nil {
			continue
		}
		if err != nil {
			t.Fatalf("%s does not read the result any more: %v\n%s", reader.Name, err, out)
		}
		if diff := readers.Differences(before, after); diff != "" {
			t.Fatalf("%s reads in what is not judged (-before +after):\n%s\n%s", reader.Name, diff, out)
		}
	}
	return compared
}

func isError(r report.Result) bool { return r.Severity == policy.Error }

func filePipeline(t *testing.T, overwrite bool) *engine.Pipeline {
	t.Helper()
	p, err := engine.New([]*policy.Policy{{
		Name:      "ids",
		RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1999}}, Overwrite: overwrite},
	}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
