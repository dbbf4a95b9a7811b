package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const (
	goodPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n      securityContext: {runAsUser: 1000}\n"
	barePod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n"
	rootPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n      securityContext: {runAsUser: 0}\n"

	nonRootPolicy = "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata:\n  name: non-root\nspec:\n  runAsUser: {rule: MustRunAsNonRoot}\n"
)

// load decodes a file of the repository, of which a test needs only a part.
func load(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// checkout makes a repository of manifests with a policy.
func checkout(t *testing.T, pod string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "policy.yaml"), nonRootPolicy)
	writeFile(t, filepath.Join(dir, "manifests", "pod.yaml"), pod)
	writeFile(t, filepath.Join(dir, "manifests", "values.yaml"), "replicas: 2\n")
	return dir
}

// pods are what every check is tried on, with the exit code that it must have.
var pods = []struct {
	name, manifest string
	code           int
}{
	{"compliant", goodPod, 0},
	{"nothing set", barePod, 1},
	{"root", rootPod, 1},
}

// TestAction runs the steps of the GitHub Action as they stand in action.yml.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: builds usergroup once more")
	}
	var action struct {
		Inputs map[string]struct {
			Default string `json:"default"`
		} `json:"inputs"`
		Runs struct {
			Steps []struct {
				Run   string            `json:"run"`
				Shell string            `json:"shell"`
				Env   map[string]string `json:"env"`
			} `json:"steps"`
		} `json:"runs"`
	}
	load(t, "action.yml", &action)
	values := map[string]string{"github.action_path": root}
	for name, input := range action.Inputs {
		values["inputs."+name] = input.Default
	}
	values["inputs.policy"], values["inputs.paths"] = "policy.yaml", "manifests"
	expression := regexp.MustCompile(`\$\{\{ *([a-z._]+) *\}\}`)

	for _, pod := range pods {
		t.Run(pod.name, func(t *testing.T) {
			dir := checkout(t, pod.manifest)
			code := 0
			for _, step := range action.Runs.Steps {
				if step.Run == "" || code != 0 {
					continue
				}
				env := []string{"RUNNER_TEMP=" + filepath.Join(dir, "tmp")}
				for name, value := range step.Env {
					env = append(env, name+"="+expression.ReplaceAllStringFunc(value, func(e string) string {
						return values[expression.FindStringSubmatch(e)[1]]
					}))
				}
				code = run(t, command{dir: dir, env: env, args: []string{step.Shell, "-e", "-o", "pipefail", "-c", step.Run}}).code
			}
			if code != pod.code {
				t.Errorf("exit code %d, want %d", code, pod.code)
			}
			report := read(t, filepath.Join(dir, "usergroup.sarif"))
			if got := strings.Contains(report, `"uri": "manifests/pod.yaml"`); got != (pod.code != 0) {
				t.Errorf("the report names the file: %v\n%s", got, report)
			}
		})
	}
}

// TestGitLab runs the script of the GitLab job, with usergroup on PATH as in an
// image that brings it.
func TestGitLab(t *testing.T) {
	var template struct {
		Variables map[string]string `json:"variables"`
		Job       struct {
			Script    []string `json:"script"`
			Artifacts struct {
				Reports struct {
					JUnit string `json:"junit"`
				} `json:"reports"`
			} `json:"artifacts"`
		} `json:"usergroup"`
	}
	load(t, "hosts/gitlab/usergroup.gitlab-ci.yml", &template)
	template.Variables["USERGROUP_PATHS"] = "manifests/"
	var env []string
	for name, value := range template.Variables {
		env = append(env, name+"="+value)
	}
	for _, pod := range pods {
		t.Run(pod.name, func(t *testing.T) {
			dir := checkout(t, pod.manifest)
			r := run(t, command{dir: dir, env: env, args: []string{"sh", "-e", "-c", strings.Join(template.Job.Script, "\n")}})
			if r.code != pod.code {
				t.Errorf("exit code %d, want %d\n%s", r.code, pod.code, r.stderr)
			}
			report := read(t, filepath.Join(dir, template.Job.Artifacts.Reports.JUnit))
			if got := strings.Contains(report, "<failure"); got != (pod.code != 0) {
				t.Errorf("the report has a failure: %v\n%s", got, report)
			}
		})
	}
}

// TestPreCommit runs the hooks as pre-commit does: entry, args, and the names of
// the files that are to be committed.
func TestPreCommit(t *testing.T) {
	var hooks []struct {
		ID    string `json:"id"`
		Entry string `json:"entry"`
	}
	load(t, ".pre-commit-hooks.yaml", &hooks)
	entries := map[string]string{}
	for _, h := range hooks {
		entries[h.ID] = h.Entry
	}
	for _, tt := range []struct {
		hook, name, manifest string
		code                 int
		changed              bool
	}{
		{"usergroup", "compliant", goodPod, 0, false},
		{"usergroup", "nothing set", barePod, 1, false},
		{"usergroup", "root", rootPod, 1, false},
		{"usergroup-fix", "compliant", goodPod, 0, false},
		{"usergroup-fix", "nothing set", barePod, 0, true},
		{"usergroup-fix", "root", rootPod, 1, false},
	} {
		t.Run(tt.hook+"/"+tt.name, func(t *testing.T) {
			dir := checkout(t, tt.manifest)
			writeFile(t, filepath.Join(dir, ".pre-commit-config.yaml"), "repos:\n  - repo: local\n    hooks: []\n")
			args := append(strings.Fields(entries[tt.hook]), "--policy", "policy.yaml",
				".pre-commit-config.yaml", "manifests/pod.yaml", "manifests/values.yaml", "policy.yaml")
			r := run(t, command{dir: dir, args: args})
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d\n%s%s", r.code, tt.code, r.stdout, r.stderr)
			}
			if changed := read(t, filepath.Join(dir, "manifests", "pod.yaml")) != tt.manifest; changed != tt.changed {
				t.Errorf("the file changed: %v, want %v", changed, tt.changed)
			}
		})
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
