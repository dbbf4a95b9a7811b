package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/corpus"
)

// corpusPolicy gives every workload of the corpus a user and a group, and demands
// both, the same for kustomize (with annotations) and kpt (without).
const corpusPolicy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: corpus%s
  annotations:
    config.kubernetes.io/function: |
      exec: {path: usergroup}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 65535}]}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 65535}]}
%s`

// corpora are the folders of real manifests, each with the number of workloads in
// it that the function has to change at least: fewer would mean that it was not
// run. All of microservices-demo obeys the policy as it is, and must stay so.
var corpora = map[string]int{
	"kube-prometheus":     1,
	"microservices-demo":  0,
	"kubernetes-examples": 50,
}

// corpusFiles lists the manifests of a corpus, without what belongs to a tool.
func corpusFiles(t *testing.T, name string) []string {
	t.Helper()
	dir := filepath.Join(corpus.TestDir(t), name)
	var files []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(p) == ".yaml" && d.Name() != "kustomization.yaml" {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCorpusKustomize sends real manifests through kustomize with and without the
// policy.
func TestCorpusKustomize(t *testing.T) {
	need(t, kustomize)
	for name, changes := range corpora {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			app := kustomizeApp(t, filepath.Join(dir, "app"), corpusFiles(t, name))
			before := kustomizeBuild(t, app)
			after := kustomizeBuild(t, kustomizeWrap(t, dir, "fixed", "../app", "transformers", ""))
			compareObjects(t, before, after, changes)

			writeFile(t, filepath.Join(dir, "again", "after.yaml"), after)
			again := kustomizeBuild(t, kustomizeWrap(t, dir, "again", "after.yaml", "transformers", ""))
			if diff := cmp.Diff(after, again); diff != "" {
				t.Errorf("a second run changes the output (-first +second):\n%s", diff)
			}
			checked := kustomizeBuild(t, kustomizeWrap(t, dir, "checked", "../again", "validators", "  validateOnly: true\n  output: none\n"))
			if diff := cmp.Diff(after, checked); diff != "" {
				t.Errorf("a check changes the output (-before +after):\n%s", diff)
			}
		})
	}
}

// kustomizeApp makes a kustomization of all files that kustomize itself can load.
// Each is a kustomization of its own with a prefix of its own, because the files
// of a corpus were not written to be side by side.
func kustomizeApp(t *testing.T, dir string, files []string) string {
	t.Helper()
	var resources []string
	for i, f := range files {
		sub := fmt.Sprintf("f%d", i)
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, sub, "manifest.yaml"), string(data))
		writeFile(t, filepath.Join(dir, sub, "kustomization.yaml"), "resources: [manifest.yaml]\nnamePrefix: "+sub+"-\n")
		if r := run(t, command{args: []string{kustomize, "build", filepath.Join(dir, sub)}}); r.code == 0 {
			resources = append(resources, sub)
		}
	}
	if len(resources) < len(files)*9/10 {
		t.Fatalf("kustomize loads only %d of %d files", len(resources), len(files))
	}
	writeFile(t, filepath.Join(dir, "kustomization.yaml"), "resources: ["+strings.Join(resources, ", ")+"]\n")
	return dir
}

// kustomizeWrap makes a kustomization dir/name around a resource, with the corpus
// policy under the given field.
func kustomizeWrap(t *testing.T, dir, name, resource, field, spec string) string {
	t.Helper()
	dir = filepath.Join(dir, name)
	writeFile(t, filepath.Join(dir, "policy.yaml"), fmt.Sprintf(corpusPolicy, "-"+name, spec))
	writeFile(t, filepath.Join(dir, "kustomization.yaml"), fmt.Sprintf("resources: [%s]\n%s: [policy.yaml]\n", resource, field))
	return dir
}

func kustomizeBuild(t *testing.T, dir string) string {
	t.Helper()
	return must(t, command{args: []string{kustomize, "build", "--enable-alpha-plugins", "--enable-exec", dir}})
}

// TestCorpusKpt sends real manifests through kpt. kpt formats what it reads, so
// what counts is the difference to a function that does nothing.
func TestCorpusKpt(t *testing.T) {
	need(t, kustomize, kpt)
	for name, changes := range corpora {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			policy := filepath.Join(dir, "policy.yaml")
			writeFile(t, policy, fmt.Sprintf(corpusPolicy, "", ""))
			check := filepath.Join(dir, "check.yaml")
			writeFile(t, check, fmt.Sprintf(corpusPolicy, "", "  validateOnly: true\n"))
			pkg := filepath.Join(dir, "pkg")
			kptPackage(t, pkg, corpusFiles(t, name))

			// Twice, because kpt's own formatting needs two runs to settle.
			for range 2 {
				must(t, command{args: []string{kpt, "fn", "eval", pkg, "--exec", "cat"}})
			}
			before := readTree(t, pkg)
			must(t, command{args: []string{kpt, "fn", "eval", pkg, "--exec", usergroup, "--fn-config", policy}})
			after := readTree(t, pkg)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))); diff != "" {
				t.Fatalf("files (-before +after):\n%s", diff)
			}
			compareObjects(t, join(before), join(after), changes)

			must(t, command{args: []string{kpt, "fn", "eval", pkg, "--exec", usergroup, "--fn-config", policy}})
			if diff := cmp.Diff(after, readTree(t, pkg)); diff != "" {
				t.Errorf("a second run changes files (-first +second):\n%s", diff)
			}
			must(t, command{args: []string{kpt, "fn", "eval", pkg, "--exec", usergroup, "--fn-config", check, "-o", "unwrap"}})
		})
	}
}

// kptPackage copies the files that a YAML parser of Kubernetes reads.
func kptPackage(t *testing.T, dir string, files []string) {
	t.Helper()
	for i, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if loads(string(data)) {
			writeFile(t, filepath.Join(dir, fmt.Sprintf("f%d", i), filepath.Base(f)), string(data))
		}
	}
}

// loads reports whether every document of a file is an object with a name, which
// is what kpt demands of a package.
func loads(stream string) bool {
	for _, doc := range documents(stream) {
		var object struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if yaml.Unmarshal([]byte(doc), &object) != nil || object.Metadata.Name == "" || object.Kind == "List" {
			return false
		}
	}
	return true
}

// compareObjects demands that after holds the objects of before in the same order;
// that what differs is a workload that the Kubernetes API accepts as strictly as
// before, and runs every container as an id that the policy allows; and that at
// least so many differ.
func compareObjects(t *testing.T, before, after string, changes int) {
	t.Helper()
	b, a := documents(before), documents(after)
	if len(b) != len(a) {
		t.Fatalf("%d objects went in, %d came out", len(b), len(a))
	}
	changed := 0
	for i := range b {
		if b[i] == a[i] {
			continue
		}
		changed++
		compareWorkload(t, b[i], a[i])
	}
	if changed < changes {
		t.Errorf("%d of %d objects changed, want at least %d", changed, len(b), changes)
	}
	t.Logf("%d objects, %d changed", len(b), changed)
}

// documents splits a stream. A line of three dashes within a block scalar is
// indented, so that it cannot be taken for a separator.
func documents(stream string) []string {
	var docs []string
	for doc := range strings.SplitSeq("\n"+stream, "\n---\n") {
		if isObject(doc) {
			docs = append(docs, doc)
		}
	}
	return docs
}

// isObject reports whether a document holds more than comments.
func isObject(doc string) bool {
	for line := range strings.Lines(doc) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return true
		}
	}
	return false
}

func join(files map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "---\n%s\n", strings.TrimSuffix(files[name], "\n"))
	}
	return b.String()
}

func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		files[p] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
