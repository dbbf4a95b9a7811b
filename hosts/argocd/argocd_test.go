// Package argocd tests the plugins with Argo CD's own code: its plugin server runs
// as a process of its own, as in the sidecar, and its repo-server's manifest
// generation decides what an application is and asks the plugin over its socket.
//
// It is a module of its own, because Argo CD needs versions of the Kubernetes
// libraries that the project does not.
package argocd_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	log "github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/api/resource"
)

// server is the name under which the test's own program is Argo CD's plugin server,
// as Argo CD's program is several by name.
const server = "argocd-cmp-server"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == server {
		if err := commands.NewCommand().Execute(); err != nil {
			os.Exit(1)
		}
		return
	}
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// bin makes a folder with the programs of the sidecar's image.
func bin(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{
		server:             self,
		"kustomize":        filepath.Join(root, "tools/bin/kustomize"),
		"helm":             filepath.Join(root, "tools/bin/helm3"),
		"usergroup-plugin": filepath.Join(root, "hosts/argocd/usergroup-plugin"),
	} {
		if _, err := os.Stat(from); err != nil {
			if os.Getenv("USERGROUP_HOSTS") == "required" {
				t.Fatal(err)
			}
			t.Skipf("SKIPPED: %v: run make e2e-argocd", err)
		}
		if err := os.Symlink(from, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, root, "go", "build", "-o", filepath.Join(dir, "usergroup"), ".")
	return dir
}

// sidecars starts a plugin server for each plugin file and has the repo-server look
// for them.
func sidecars(t *testing.T, plugins ...string) {
	t.Helper()
	// The path of a socket must be short.
	sockets, err := os.MkdirTemp("", "cmp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	programs := bin(t)
	policy, err := filepath.Abs("policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("ARGOCD_PLUGINSOCKFILEPATH", sockets)
	for _, plugin := range plugins {
		config, tmp := t.TempDir(), t.TempDir()
		write(t, filepath.Join(config, "plugin.yaml"), read(t, plugin))
		c := exec.Command(filepath.Join(programs, server), "--config-dir-path", config)
		c.Env = append(os.Environ(), "TMPDIR="+tmp, "USERGROUP_POLICY="+policy)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			c.Process.Kill()
			c.Wait()
			// Nothing of an application stays behind.
			if left, err := filepath.Glob(filepath.Join(tmp, "tmp.*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(sockets, "*.sock")); len(found) == len(plugins) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the plugin servers did not start")
		}
	}
}

// application is a repository and what an Application says of it.
type application struct {
	files  map[string]string
	path   string // of the application in the repository, by default its root
	source v1alpha1.ApplicationSource
}

// answer is what the repo-server makes of an application.
type answer struct {
	kind      string // as which type Argo CD rendered it
	manifests string
	err       error
}

func named(plugin string, parameters ...v1alpha1.ApplicationSourcePluginParameter) v1alpha1.ApplicationSource {
	return v1alpha1.ApplicationSource{Plugin: &v1alpha1.ApplicationSourcePlugin{Name: plugin, Parameters: parameters}}
}

// generate renders an application as the repo-server does.
func (a application) generate(t *testing.T) answer {
	t.Helper()
	repo := t.TempDir()
	for name, content := range a.files {
		path := filepath.Join(repo, name)
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, path, content)
	}
	a.source.Path = a.path
	if a.path == "" {
		a.source.Path = "."
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := repository.GenerateManifests(ctx, filepath.Join(repo, a.path), repo, "0123456789", &apiclient.ManifestRequest{
		Repo:              &v1alpha1.Repository{Repo: "https://git.example/shop"},
		AppName:           "shop",
		Namespace:         "shop",
		ApplicationSource: &a.source,
		KubeVersion:       "1.34.0",
		ApiVersions:       []string{"v1", "apps/v1"},
	}, false, &git.NoopCredsStore{}, resource.MustParse("0"), nil)
	if err != nil {
		return answer{err: err}
	}
	return answer{kind: r.SourceType, manifests: strings.Join(r.Manifests, "\n")}
}

// refused demands that an error begins, after what Argo CD itself says, with a
// finding or a reason.
func (a answer) refused(t *testing.T, reason string) {
	t.Helper()
	if a.err == nil {
		t.Fatalf("rendered as %s:\n%s", a.kind, a.manifests)
	}
	if _, message, ok := strings.Cut(a.err.Error(), "`usergroup-plugin` failed exit status 1: "); !ok || !strings.HasPrefix(message, reason) {
		t.Errorf("want %q after the name of the script, got:\n%v", reason, a.err)
	}
}

// failed demands an error that has a text in it.
func (a answer) failed(t *testing.T, text string) {
	t.Helper()
	if a.err == nil {
		t.Fatalf("rendered as %s:\n%s", a.kind, a.manifests)
	}
	if !strings.Contains(a.err.Error(), text) {
		t.Errorf("want %q in:\n%v", text, a.err)
	}
}

// rendered demands a number of manifests by a type, each text in them.
func (a answer) rendered(t *testing.T, kind string, count int, texts ...string) {
	t.Helper()
	if a.err != nil {
		t.Fatal(a.err)
	}
	if n := len(strings.Split(a.manifests, "\n")); a.kind != kind || n != count {
		t.Errorf("%d manifests as %s, want %d as %s", n, a.kind, count, kind)
	}
	for _, text := range texts {
		if !strings.Contains(a.manifests, text) {
			t.Errorf("no %s in:\n%s", text, a.manifests)
		}
	}
}

const (
	kustomization = "resources: [pod.yaml]\n"
	barePod       = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n"
	rootPod       = barePod + "      securityContext: {runAsUser: 0}\n"
	chart         = "apiVersion: v2\nname: web\nversion: 1.0.0\n"

	fixed   = `"runAsUser":10000`
	finding = "stdin:10:7: error: v1/Pod/web spec.containers[0].securityContext.runAsUser: container \"web\": runAsUser must be in 10000-19999, is 0 [UserIDOutsideRanges]"
)

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, args, err, out)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
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

// files merges sets of files.
func files(sets ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, set := range sets {
		for name, content := range set {
			all[name] = content
		}
	}
	return all
}

func one(name, content string) map[string]string { return map[string]string{name: content} }
