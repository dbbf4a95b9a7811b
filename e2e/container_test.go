package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// These settings let podman run where there is no systemd and no overlay file
// system, as in most CI.
const (
	containersConf = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
`
	storageConf = `[storage]
driver = "vfs"
graphroot = %q
runroot = %q
`
)

// loadImage loads dist/usergroup.tar into a podman of the test's own, under the
// name that kustomize calls its engine, and returns the image's name.
func loadImage(t *testing.T) string {
	t.Helper()
	need(t, kustomize, kpt)
	image := os.Getenv("USERGROUP_IMAGE")
	if image == "" {
		t.Skip("SKIPPED: no container image: run make e2e-container")
	}
	podman, err := exec.LookPath("podman")
	if err != nil {
		skip(t, "podman is not installed")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "containers.conf"), containersConf)
	writeFile(t, filepath.Join(dir, "storage.conf"), fmt.Sprintf(storageConf, filepath.Join(dir, "graph"), filepath.Join(dir, "run")))
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(podman, filepath.Join(dir, "bin", "docker")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_CONF", filepath.Join(dir, "containers.conf"))
	t.Setenv("CONTAINERS_STORAGE_CONF", filepath.Join(dir, "storage.conf"))
	t.Setenv("KRM_FN_RUNTIME", "podman")
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	must(t, command{args: []string{"podman", "load", "-q", "-i", filepath.Join(root, "dist", "usergroup.tar")}})
	return image
}

// TestContainer runs the image by hand, through kpt and through kustomize.
func TestContainer(t *testing.T) {
	image := loadImage(t)
	const ids = "          securityContext:\n            runAsUser: 10000\n            runAsGroup: 10000\n"

	t.Run("nothing but the image", func(t *testing.T) {
		input := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " +
			strings.ReplaceAll(strings.TrimSuffix(barePod, "\n"), "\n", "\n  ") +
			"\nfunctionConfig:\n  " + strings.ReplaceAll(strings.TrimSuffix(nonRootPolicy, "\n"), "\n", "\n  ") + "\n"
		out := must(t, command{stdin: input, args: []string{
			"podman", "run", "--rm", "-i", "--read-only", "--cap-drop", "ALL", "--network", "none",
			"--user", "nobody", "--security-opt", "no-new-privileges", image,
		}})
		if !strings.Contains(out, "runAsNonRoot: true") || !strings.Contains(out, "\nresults:\n") {
			t.Errorf("got\n%s", out)
		}
	})
	t.Run("command line", func(t *testing.T) {
		dir := checkout(t, rootPod)
		r := run(t, command{args: []string{
			"podman", "run", "--rm", "--read-only", "--network", "none", "-v", dir + ":/work:ro", "-w", "/work",
			image, "check", "--policy", "policy.yaml", "manifests",
		}})
		if r.code != 1 || !strings.Contains(r.stdout+r.stderr, "manifests/pod.yaml") {
			t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	})
	t.Run("fix in a mounted folder", func(t *testing.T) {
		dir := checkout(t, barePod)
		pod := filepath.Join(dir, "manifests", "pod.yaml")
		fix := []string{image, "fix", "--policy", "policy.yaml", "manifests/pod.yaml"}
		mounted := []string{"podman", "run", "--rm", "--network", "none", "-v", dir + ":/work", "-w", "/work"}

		// The image's own user owns nothing there.
		r := run(t, command{args: slices.Concat(mounted, fix)})
		if r.code != 2 || !strings.Contains(r.stderr, "permission denied") || read(t, pod) != barePod {
			t.Errorf("as nobody: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		must(t, command{args: slices.Concat(mounted, []string{"--user", fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())}, fix)})
		if got := read(t, pod); !strings.Contains(got, "runAsNonRoot: true") {
			t.Errorf("got\n%s", got)
		}
		info, err := os.Stat(pod)
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Getuid() {
			t.Errorf("the file belongs to %d", owner)
		}
	})
	t.Run("kpt fn eval", func(t *testing.T) {
		dir := copyHostFolder(t, "kpt/shop")
		must(t, command{args: []string{
			kpt, "fn", "eval", dir, "--image", image, "--image-pull-policy", "never", "--fn-config", filepath.Join(dir, "policy.yaml"),
		}})
		if got := read(t, filepath.Join(dir, "deployment.yaml")); !strings.Contains(got, ids) {
			t.Errorf("got\n%s", got)
		}
	})
	t.Run("kpt fn render", func(t *testing.T) {
		dir := copyHostFolder(t, "kpt/shop")
		edit(t, filepath.Join(dir, "Kptfile"), "exec: usergroup", "image: "+image)
		must(t, command{args: []string{kpt, "fn", "render", "--image-pull-policy", "never", dir}})
		if got := read(t, filepath.Join(dir, "deployment.yaml")); !strings.Contains(got, ids) {
			t.Errorf("got\n%s", got)
		}
	})
	t.Run("kpt fn doc", func(t *testing.T) {
		out := must(t, command{args: []string{kpt, "fn", "doc", "--image", image}})
		if !strings.Contains(out, "apiVersion: usergroup.dev/v1alpha1") {
			t.Errorf("got\n%s", out)
		}
	})
	t.Run("kustomize", func(t *testing.T) {
		dir := copyHostFolder(t, "kustomize")
		build := command{args: []string{kustomize, "build", "--enable-alpha-plugins", "--enable-exec", filepath.Join(dir, "production")}}
		want := must(t, build)
		for _, policy := range []string{"guard/functions-run.yaml", "production/policy.yaml"} {
			edit(t, filepath.Join(dir, policy), "exec: {path: usergroup}", "container: {image: "+image+"}")
		}
		build.args = []string{kustomize, "build", "--enable-alpha-plugins", filepath.Join(dir, "production")}
		if got := must(t, build); got != want {
			t.Errorf("the container gives\n%s\nthe binary\n%s", got, want)
		}
	})
}

// TestContainerPage runs the commands of the page with podman as docker. The image is
// there already, and gets the name that the page gives it.
func TestContainerPage(t *testing.T) {
	image := loadImage(t)
	must(t, command{args: []string{"podman", "tag", image, "registry.example/usergroup:v1"}})
	dir := checkout(t, barePod)
	const list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n  "
	input := list + strings.ReplaceAll(strings.TrimSuffix(nonRootPolicy, "\n"), "\n", "\n  ") + "\n"
	writeFile(t, filepath.Join(dir, "resourcelist.yaml"), input)
	var codes []int
	for _, line := range commandsOf(read(t, filepath.Join(root, "docs/hosts/container.md"))) {
		if strings.HasPrefix(line, "make ") || strings.HasPrefix(line, "docker load ") {
			continue
		}
		r := run(t, command{dir: dir, stdin: input, args: []string{"bash", "-c", line}})
		codes = append(codes, r.code)
		if r.code > 1 {
			t.Errorf("%s: exit code %d\n%s%s", line, r.code, r.stdout, r.stderr)
		}
	}
	if want := []int{0, 1, 0, 0}; !slices.Equal(codes, want) {
		t.Errorf("exit codes %v, want %v", codes, want)
	}
	if got := read(t, filepath.Join(dir, "manifests", "pod.yaml")); !strings.Contains(got, "runAsNonRoot: true") {
		t.Errorf("fix left\n%s", got)
	}
}

func copyHostFolder(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "hosts", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit replaces every occurrence of a text in a file, of which there must be one.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	data := read(t, path)
	if !strings.Contains(data, from) {
		t.Fatalf("%s has no %q", path, from)
	}
	writeFile(t, path, strings.ReplaceAll(data, from, to))
}
