package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// notRun are commands of pages that no test here can run, by what they begin with,
// with the reason.
var notRun = []struct{ begins, because string }{
	{"go install ", "needs a network"},
	{"git clone ", "needs a network"},
	{"brew install ", "needs Homebrew and a release"},
	{"kubectl ", "needs a cluster, or krew"},
	{"sha256sum ", "needs a release; internal/release tests its checksums"},
	{"tar -xzf ", "needs a release"},
	{"sudo ", "installs on the machine"},
	{"make ", "builds the project, or is what CI runs"},
	{"go build ", "builds the project, as TestMain does"},
	{"go run ", "measures, for minutes"},
	{"USERGROUP_INPUT=", "measures, for minutes"},
	{"go tool pprof ", "reads what was measured"},
	{"time usergroup ", "measures, on 20,000 files"},
	{"git tag ", "makes a release"},
	{"helm ", "needs Helm; make e2e-helm runs it"},
	{"docker ", "needs a container engine; make e2e-container runs the image"},
	{"kpt fn render manifests/", "its functions are containers; make e2e-container runs them"},
	{"hosts/flux/publish.sh ", "needs a registry; the tests of hosts/flux have one"},
	{"usergroup images ", "asks the registries of the images; internal/cmd tests it with one of its own"},
	{"kustomize build . | usergroup images ", "asks the registries of the images"},
	{"diff gate.yaml ", "is for the gate that the page has made before"},
}

// ends are the exit codes of commands that do not end with 0: what the manifests of
// TestPageBlocks lack is what check reports, and fix writes.
var ends = []struct {
	page, begins string
	code         int
}{
	{"docs/commands/usergroup_init.md", "usergroup check ", 0},         // the policy is made of them
	{"docs/scale.md", "usergroup check ", 0},                           // has --fail-on never
	{"docs/commands/usergroup_report_merge.md", "usergroup check ", 0}, // the pod is in another part
	{"", "usergroup check ", 1},
	{"", "bin/usergroup check ", 1},
	{"", "usergroup report merge ", 1},
}

// world is what the blocks of the pages name.
const world = `
-- policy.yaml --
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: app-ids}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}
-- policies/policy.yaml --
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: non-root}
spec:
  runAsUser: {rule: MustRunAsNonRoot}
-- policies/tests/usergroup-test.yaml --
apiVersion: usergroup.dev/v1alpha1
kind: PolicyTest
policies: [../policy.yaml]
tests:
- name: root
  manifests: [root.yaml]
  results:
  - {severity: error, reason: CannotUseRootUserID, resource: Pod/web}
-- policies/tests/root.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: app, image: a, securityContext: {runAsUser: 0}}]}
-- kustomization.yaml --
resources: [manifests/pod.yaml]
-- overlays/production/kustomization.yaml --
resources: [pod.yaml]
-- crds/widgets.yaml --
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              securityContext:
                type: object
                properties: {runAsUser: {type: integer}, runAsNonRoot: {type: boolean}, fsGroup: {type: integer}}
-- psp.yaml --
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: restricted}
spec:
  runAsUser: {rule: MustRunAsNonRoot}
  seLinux: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
-- user-group-psp.yaml --
apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: psp-user-group}
spec:
  module: registry://ghcr.io/kubewarden/policies/user-group-psp:v0.5.0
  mutating: true
  rules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
  settings: {run_as_user: {rule: MustRunAsNonRoot}}
`

// unset is a pod for the manifests: check finds what it lacks, and fix writes it.
const unset = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: a}]}\n"

// TestPageBlocks runs the blocks of commands of the pages that no other test runs
// whole, as they are written, each page in a folder that has the files they name.
func TestPageBlocks(t *testing.T) {
	need(t, kustomize, kpt)
	commands, used := 0, map[string]bool{}
	for _, page := range pagesWithBlocks(t) {
		t.Run(page, func(t *testing.T) {
			dir := pageFolder(t, page)
			if strings.HasSuffix(page, "merge.md") { // of the machines that judge the other parts
				for _, k := range []string{"2", "3"} {
					run(t, command{dir: dir, args: []string{usergroup, "check", "-p", "policy.yaml", "--shard", k + "/3", "-o", "json=shard-" + k + ".json", "manifests"}})
				}
			}
			for _, line := range commandsOf(read(t, filepath.Join(root, page))) {
				line = runnable(line, used)
				if line == "" {
					continue
				}
				commands++
				r := run(t, command{dir: dir, env: pageEnv(dir), args: []string{"bash", "-o", "pipefail", "-c", line}})
				if want := endOf(page, line); r.code != want {
					t.Errorf("%s: exit code %d, want %d\n%s%s", line, r.code, want, r.stdout, r.stderr)
				}
			}
		})
	}
	if commands < 60 {
		t.Errorf("only %d commands were run", commands)
	}
	for _, n := range notRun {
		if !used[n.begins] {
			t.Errorf("no page has a command that begins with %q any more", n.begins)
		}
	}
}

// pageFolder makes a repository that has what the blocks of a page name: the files
// of world, for a host the folder of that name in hosts, and the files that the page
// itself shows.
func pageFolder(t *testing.T, page string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(world)).Files {
		writeFile(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	for _, name := range []string{
		"manifests/pod.yaml", "rendered.yaml", "rendered/pod.yaml", "overlays/production/pod.yaml",
		"path/to/manifests/pod.yaml", "images.tar", "DIR/pod.yaml",
	} {
		writeFile(t, filepath.Join(dir, name), unset)
	}
	writeFile(t, filepath.Join(dir, "examples/default/policy.yaml"), read(t, filepath.Join(root, "examples/default/policy.yaml")))
	writeFile(t, filepath.Join(dir, ".local/bin/README"), "for programs\n")
	for link, target := range map[string]string{"bin": bin, "hosts": filepath.Join(root, "hosts")} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if host := strings.TrimSuffix(page, ".md"); host == "docs/hosts/kpt" || host == "docs/hosts/kustomize" {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "hosts", filepath.Base(host)))); err != nil {
			t.Fatal(err)
		}
		for _, m := range shownFiles.FindAllStringSubmatch(read(t, filepath.Join(root, page)), -1) {
			writeFile(t, filepath.Join(dir, m[1]), m[2])
		}
	}
	origin := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "--bare", origin},
		{"init", "-q"},
		{"remote", "add", "origin", origin},
		{"add", "policy.yaml", "manifests"},
		{"commit", "-q", "-m", "manifests"},
	} {
		must(t, command{dir: dir, env: pageEnv(dir), args: append([]string{"git"}, args...)})
	}
	return dir
}

// pageEnv is the environment of a page's commands: the folder is the home, too.
func pageEnv(dir string) []string {
	return []string{
		"HOME=" + dir, "GIT_AUTHOR_NAME=ci", "GIT_AUTHOR_EMAIL=ci@example.com",
		"GIT_COMMITTER_NAME=ci", "GIT_COMMITTER_EMAIL=ci@example.com",
	}
}

// pagesWithBlocks are the pages but those that other tests run: guides and rules.
func pagesWithBlocks(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/commands/*.md", "docs/dialects/*.md", "docs/hosts/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, filepath.ToSlash(rel))
		}
	}
	return pages
}

var (
	shellBlocks = regexp.MustCompile("(?ms)^```(?:sh|shell|bash|console)\n(.*?)^```")
	shownFiles  = regexp.MustCompile("(?ms)^```yaml\n# ([a-z/-]+\\.yaml)(?:: [^\n]*)?\n(.*?)^```")
	examples    = regexp.MustCompile("(?ms)^### Examples\n\n```\n(.*?)^```")
)

// commandsOf are the lines of the blocks of commands of a page.
func commandsOf(page string) []string {
	var lines []string
	for _, m := range slices.Concat(shellBlocks.FindAllStringSubmatch(page, -1), examples.FindAllStringSubmatch(page, -1)) {
		for line := range strings.Lines(strings.ReplaceAll(m[1], "\\\n", " ")) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// runnable is a line without the commands of notRun, which it notes as used.
func runnable(line string, used map[string]bool) string {
	var parts []string
	for _, part := range strings.Split(line, " && ") {
		i := slices.IndexFunc(notRun, func(n struct{ begins, because string }) bool { return strings.HasPrefix(part, n.begins) })
		if i < 0 {
			parts = append(parts, part)
		} else {
			used[notRun[i].begins] = true
		}
	}
	return strings.Join(parts, " && ")
}

// endOf is the exit code that a command of a page must end with.
func endOf(page, line string) int {
	for _, e := range ends {
		if (e.page == "" || e.page == page) && strings.HasPrefix(line, e.begins) {
			return e.code
		}
	}
	return 0
}
