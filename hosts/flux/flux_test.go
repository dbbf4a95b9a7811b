// Package flux tests the way to Flux: an overlay is rendered by the scripts in
// this folder, as CI would do, and what they commit or push is built by Flux's own
// library, which must give back the same objects.
//
// It is a module of its own, because Flux needs versions of the Kubernetes
// libraries that the project does not.
package flux_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/kustomize"
	"github.com/google/go-containerregistry/pkg/registry"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1
`
	policy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: ids
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 10000, max: 10999}]}
  fsGroup: {rule: MustRunAs, ranges: [{min: 10000, max: 10999}]}
`
)

// need puts usergroup and the pinned tools first on PATH.
func need(t *testing.T) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, tool := range []string{"kustomize", "crane"} {
		from := filepath.Join(root, "tools", "bin", tool)
		if _, err := os.Stat(from); err != nil {
			if os.Getenv("USERGROUP_HOSTS") == "required" {
				t.Fatal(err)
			}
			t.Skipf("SKIPPED: %s is not built: run make tools/bin/%s", tool, tool)
		}
		if err := os.Symlink(from, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, root, "go", "build", "-o", filepath.Join(bin, "usergroup"), ".")
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// try runs a program and returns all that it said.
func try(dir, program string, args ...string) (string, error) {
	c := exec.Command(program, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_AUTHOR_NAME=ci", "GIT_AUTHOR_EMAIL=ci@example.com",
		"GIT_COMMITTER_NAME=ci", "GIT_COMMITTER_EMAIL=ci@example.com")
	out, err := c.CombinedOutput()
	return string(out), err
}

func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	out, err := try(dir, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, args, err, out)
	}
	return out
}

func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// repository makes a clone with an application and a policy.
func repository(t *testing.T) (clone, origin string) {
	t.Helper()
	origin = filepath.Join(t.TempDir(), "origin.git")
	clone = filepath.Join(t.TempDir(), "clone")
	run(t, ".", "git", "init", "-q", "--bare", origin)
	run(t, ".", "git", "clone", "-q", origin, clone)
	write(t, filepath.Join(clone, "app", "deployment.yaml"), deployment)
	write(t, filepath.Join(clone, "app", "kustomization.yaml"), "resources: [deployment.yaml]\n")
	write(t, filepath.Join(clone, "policy.yaml"), policy)
	run(t, clone, "git", "add", ".")
	run(t, clone, "git", "commit", "-q", "-m", "the application")
	run(t, clone, "git", "push", "-q", "origin", "HEAD")
	return clone, origin
}

// fluxBuild builds a folder as Flux's kustomize-controller does for a
// Kustomization that points at it.
func fluxBuild(t *testing.T, dir string) string {
	t.Helper()
	resource := unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
		"metadata": map[string]any{"name": "shop", "namespace": "flux-system"},
		"spec":     map[string]any{"path": "./", "prune": true},
	}}
	if _, err := kustomize.NewGenerator(dir, resource).WriteFile(dir); err != nil {
		t.Fatal(err)
	}
	objects, err := kustomize.SecureBuild(dir, dir, false)
	if err != nil {
		t.Fatal(err)
	}
	out, err := objects.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// same demands that Flux builds what render.sh wrote, key order apart.
func same(t *testing.T, rendered, built string) {
	t.Helper()
	for _, want := range []string{"runAsUser: 10000", "fsGroup: 10000"} {
		if !strings.Contains(rendered, want) {
			t.Errorf("no %s in:\n%s", want, rendered)
		}
	}
	r, err := yaml.YAMLToJSON([]byte(rendered))
	if err != nil {
		t.Fatal(err)
	}
	b, err := yaml.YAMLToJSON([]byte(built))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r, b) {
		t.Errorf("Flux builds\n%s\nfrom\n%s", built, rendered)
	}
}

// TestCommit renders and commits three times, each time in a fresh clone as CI
// has it, with changes in between that Flux must see and nothing else on the
// branch that it follows.
func TestCommit(t *testing.T) {
	need(t)
	_, origin := repository(t)
	publish := func(out string) (clone, said string) {
		t.Helper()
		clone = filepath.Join(t.TempDir(), "clone")
		run(t, ".", "git", "clone", "-q", "--depth", "1", "file://"+origin, clone)
		run(t, clone, script(t, "render.sh"), "app", "policy.yaml", out)
		said = run(t, clone, script(t, "commit.sh"), out, "rendered")
		if status := run(t, clone, "git", "status", "--short"); status != "?? rendered/\n" {
			t.Errorf("the checkout changed:\n%s", status)
		}
		return clone, said
	}
	// change commits to the application as its team does.
	change := func(file, content string) {
		t.Helper()
		clone := filepath.Join(t.TempDir(), "team")
		run(t, ".", "git", "clone", "-q", origin, clone)
		write(t, filepath.Join(clone, file), content)
		run(t, clone, "git", "add", ".")
		run(t, clone, "git", "commit", "-q", "-m", file)
		run(t, clone, "git", "push", "-q", "origin", "HEAD")
	}
	flux := func() string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "flux")
		run(t, ".", "git", "clone", "-q", "--branch", "rendered", origin, dir)
		return dir
	}

	for i, image := range []string{"registry.example/web:2", "registry.example/web:3", "registry.example/web:4"} {
		change("app/deployment.yaml", strings.ReplaceAll(deployment, "registry.example/web:1", image))
		clone, said := publish("rendered/shop")
		if said != "" {
			t.Errorf("run %d says %q", i+1, said)
		}
		dir := flux()
		same(t, read(t, filepath.Join(clone, "rendered/shop/manifests.yaml")), fluxBuild(t, filepath.Join(dir, "rendered/shop")))
		if got := read(t, filepath.Join(dir, "rendered/shop/manifests.yaml")); !strings.Contains(got, image) {
			t.Errorf("run %d: no %s in:\n%s", i+1, image, got)
		}
		if got := run(t, dir, "git", "ls-tree", "-r", "--name-only", "HEAD"); got != "rendered/shop/manifests.yaml\n" {
			t.Errorf("run %d: on the branch are\n%s", i+1, got)
		}
		if got := run(t, dir, "git", "rev-list", "--count", "HEAD"); got != fmt.Sprintf("%d\n", i+1) {
			t.Errorf("run %d: %s commits", i+1, got)
		}
	}
	if _, said := publish("rendered/shop"); said != "nothing changed in rendered/shop\n" {
		t.Errorf("a run without changes says %q", said)
	}
	publish("rendered/staging")
	if got := run(t, flux(), "git", "ls-tree", "-r", "--name-only", "HEAD"); got != "rendered/shop/manifests.yaml\nrendered/staging/manifests.yaml\n" {
		t.Errorf("with a second folder there are\n%s", got)
	}
}

func TestPublish(t *testing.T) {
	need(t)
	clone, _ := repository(t)
	images, tagged := registry.New(registry.Logger(log.New(io.Discard, "", 0))), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/production") {
			tagged++
		}
		images.ServeHTTP(w, r)
	}))
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/shop:production"

	run(t, clone, script(t, "render.sh"), "app", "policy.yaml", "rendered")
	const revision = `a "branch" \ @sha1:0123456`
	run(t, clone, script(t, "publish.sh"), "rendered", ref, "https://ci:secret@git.example/shop", revision)
	if tagged != 1 {
		t.Errorf("the tag was pushed %d times: Flux may read what is not complete", tagged)
	}
	var manifest struct{ Annotations map[string]string }
	if err := json.Unmarshal([]byte(run(t, clone, "crane", "manifest", ref)), &manifest); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"revision": revision, "source": "https://git.example/shop"} {
		if got := manifest.Annotations["org.opencontainers.image."+name]; got != want {
			t.Errorf("the %s is %q, want %q", name, got, want)
		}
	}
	run(t, clone, "crane", "validate", "--remote", ref)
	before := run(t, clone, "crane", "digest", ref)
	run(t, clone, script(t, "publish.sh"), "rendered", ref, "https://git.example/shop", revision)
	if after := run(t, clone, "crane", "digest", ref); after != before {
		t.Errorf("the same manifests are another artifact: %s, then %s", before, after)
	}
	flux := t.TempDir()
	run(t, flux, "sh", "-c", fmt.Sprintf("crane export %s layer.tar && tar -xf layer.tar && rm layer.tar", ref))
	same(t, read(t, filepath.Join(clone, "rendered/manifests.yaml")), fluxBuild(t, flux))
}

// TestRenderFails demands that a finding, or a typing error, writes nothing.
func TestRenderFails(t *testing.T) {
	need(t)
	for _, tt := range []struct{ name, file, content, want string }{
		{"a finding", "app/deployment.yaml", strings.Replace(deployment, "    spec:\n", "    spec:\n      securityContext: {runAsUser: 0}\n", 1), "[UserIDOutsideRanges]"},
		{"a variable of Flux", "app/deployment.yaml", strings.Replace(deployment, "    spec:\n", "    spec:\n      securityContext: {runAsUser: \"${UID}\"}\n", 1), "[InvalidType]"},
		{"nothing rendered", "app/kustomization.yaml", "resources: []\n", "rendered nothing"},
		{"a bad policy", "policy.yaml", strings.Replace(policy, "MustRunAs", "MustRun", 1), "MustRun"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clone, _ := repository(t)
			write(t, filepath.Join(clone, tt.file), tt.content)
			// Settings of the repository do not make a success of it.
			write(t, filepath.Join(clone, ".usergroup.yaml"), "failOn: never\n")
			out, err := try(clone, script(t, "render.sh"), "app", "policy.yaml", "rendered")
			if err == nil || !strings.Contains(out, tt.want) {
				t.Errorf("error %v, output:\n%s", err, out)
			}
			if _, err := os.Stat(filepath.Join(clone, "rendered")); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// TestRenderSays compares what render.sh says with its page.
func TestRenderSays(t *testing.T) {
	need(t)
	out := run(t, "../..", script(t, "render.sh"), "hosts/kustomize/app", "hosts/argocd/policy.yaml", t.TempDir())
	if page := read(t, "../../docs/hosts/flux.md"); out == "" || !strings.Contains(page, "\n```\n"+out+"```\n") {
		t.Errorf("the page does not show\n%s", out)
	}
}
