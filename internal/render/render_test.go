package render_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/usergroup-dev/usergroup/internal/render"
)

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - image: web
    name: web
`

func TestKustomize(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, `-- app/base/kustomization.yaml --
resources: [pod.yaml]
-- app/base/pod.yaml --
`+pod+`-- app/overlay/kustomization.yaml --
namePrefix: my-
resources: [../base]
patches:
- patch: |
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec: {securityContext: {runAsUser: 0}}
buildMetadata: [managedByLabel]
`)
	out, err := render.Kustomize(filepath.Join("app", "overlay"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name: my-web", "runAsUser: 0", "path: app/base/pod.yaml", "managed-by"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

// TestKustomizeStaysHere: nothing is fetched and nothing is started, whatever a
// kustomization says.
func TestKustomizeStaysHere(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write([]byte(pod))
	}))
	defer server.Close()
	started := filepath.Join(t.TempDir(), "started")
	program := func(t *testing.T, dir, name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n: > "+started+"\nexit 1\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, kustomization := range map[string]string{
		"a file at a URL":         "resources: [" + server.URL + "/pod.yaml]",
		"a patch at a URL":        "resources: [pod.yaml]\npatches: [{path: " + server.URL + "/pod.yaml}]",
		"data at a URL":           "configMapGenerator: [{name: x, files: [" + server.URL + "/pod.yaml]}]",
		"a transformer's URL":     "resources: [pod.yaml]\ntransformers: [patch.yaml]",
		"a base in a repository":  "resources: [github.com/example/app]",
		"a base behind ssh":       "resources: ['git@example.com:app/app.git']",
		"a base in a local clone": "resources: ['file:///tmp/app.git']",
		"a folder named as one":   "components: [github.com/example/app/here]",
		"a chart":                 "helmCharts: [{name: x, repo: " + server.URL + "}]",
		"a program":               "resources: [pod.yaml]\ntransformers: [exec.yaml]",
		"a file above":            "resources: [../secret.yaml]",
	} {
		t.Run(name, func(t *testing.T) {
			asked = 0
			t.Chdir(t.TempDir())
			bin := t.TempDir()
			program(t, bin, "git")
			program(t, bin, "helm")
			t.Setenv("PATH", bin)
			write(t, "-- secret.yaml --\n"+pod+"-- k/pod.yaml --\n"+pod+"-- k/kustomization.yaml --\n"+kustomization+"\n"+`-- k/github.com/example/app/here/kustomization.yaml --
kind: Component
-- k/patch.yaml --
apiVersion: builtin
kind: PatchTransformer
metadata: {name: x}
path: `+server.URL+`/pod.yaml
-- k/exec.yaml --
apiVersion: example.com/v1
kind: X
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: "exec: {path: ./program}"
`)
			program(t, "k", "program")
			out, err := render.Kustomize("k", 1<<20)
			if err == nil {
				t.Errorf("rendered:\n%s", out)
			}
			if asked > 0 {
				t.Error("a connection was opened")
			}
			if _, err := os.Stat(started); err == nil {
				t.Error("a program was started")
			}
		})
	}
}

func write(t *testing.T, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
