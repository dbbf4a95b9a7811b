package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const (
	goodPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n      securityContext: {runAsUser: 1000}\n"
	barePod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n"
	rootPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n      securityContext: {runAsUser: 0}\n"

	// excludedPod is one that the settings of its repository leave out.
	excludedPod = "# usergroup leaves this out\n" + rootPod

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

// ciRuns are what every pipeline is tried on: with inputs that differ from the
// defaults, and the exit code that it must have. Every report is there each time.
var ciRuns = []struct {
	name, manifest string
	inputs         map[string]string
	code           int
	finding        string // reason that the reports name
}{
	{"compliant", goodPod, nil, 0, ""},
	{"nothing set", barePod, nil, 1, "ShouldRunAsNonRoot"},
	{"root", rootPod, nil, 1, "CannotUseRootUserID"},
	{"root, never fail", rootPod, map[string]string{"fail-on": "never"}, 0, "CannotUseRootUserID"},
	{"two paths", rootPod, map[string]string{"paths": "manifests/values.yaml manifests/p*.yaml"}, 1, "CannotUseRootUserID"},
	{"two policies", barePod, map[string]string{"policy": "policy.yaml more.yaml"}, 1, "MissingGroupID"},
	{"settings that leave it out", excludedPod, nil, 0, ""},
	{"settings that are not read", excludedPod, map[string]string{"no-config": "true"}, 1, "CannotUseRootUserID"},
	{"no such choice", goodPod, map[string]string{"no-config": "maybe"}, 2, "InvalidUsage"},
	{"no such policy", goodPod, map[string]string{"policy": "nowhere.yaml"}, 2, "InvalidConfig|Unreadable"},
	{"no such path", goodPod, map[string]string{"paths": "nowhere"}, 2, "Unreadable"},
	{"no YAML", "a: [", nil, 2, "Unreadable"},
	{"no such severity", goodPod, map[string]string{"fail-on": "sometimes"}, 2, "InvalidUsage"},
	{"no such format", goodPod, map[string]string{"format": "pdf"}, 2, "InvalidUsage"},
}

// checkoutOf makes the repository of a run.
func checkoutOf(t *testing.T, manifest string) string {
	t.Helper()
	dir := checkout(t, manifest)
	if manifest == excludedPod {
		writeFile(t, filepath.Join(dir, ".usergroup.yaml"), "exclude: [pod.yaml]\n")
	}
	writeFile(t, filepath.Join(dir, "more.yaml"), strings.NewReplacer("non-root", "groups", "runAsUser: {rule: MustRunAsNonRoot}",
		"runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 9}]}").Replace(nonRootPolicy))
	return dir
}

// holdsReason fails the test where a report names another reason than the one it
// must, or one where it must not.
func holdsReason(t *testing.T, path, reason string) {
	t.Helper()
	text := read(t, path)
	if reason == "" && regexp.MustCompile(`CannotUse|ShouldRun|Missing|Invalid|Unreadable`).MatchString(text) {
		t.Errorf("%s: names a finding, and there is none\n%s", path, text)
	}
	if reason != "" && !regexp.MustCompile(reason).MatchString(text) {
		t.Errorf("%s: names no %s\n%s", path, reason, text)
	}
}

// TestAction runs the steps of the GitHub Action as they are in action.yml.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: builds usergroup once more")
	}
	var action struct {
		Inputs map[string]struct {
			Default string `json:"default"`
		} `json:"inputs"`
		Outputs map[string]struct {
			Value string `json:"value"`
		} `json:"outputs"`
		Runs struct {
			Steps []struct {
				ID    string            `json:"id"`
				Run   string            `json:"run"`
				Shell string            `json:"shell"`
				Env   map[string]string `json:"env"`
			} `json:"steps"`
		} `json:"runs"`
	}
	load(t, "action.yml", &action)
	expression := regexp.MustCompile(`\$\{\{ *([a-z._-]+) *\}\}`)

	for _, tt := range ciRuns {
		t.Run(tt.name, func(t *testing.T) {
			dir := checkoutOf(t, tt.manifest)
			values := map[string]string{"github.action_path": root}
			for name, input := range action.Inputs {
				values["inputs."+name] = input.Default
			}
			values["inputs.policy"], values["inputs.paths"] = "policy.yaml", "manifests"
			for name, value := range tt.inputs {
				values["inputs."+name] = value
			}
			fill := func(s string) string {
				return expression.ReplaceAllStringFunc(s, func(e string) string { return values[expression.FindStringSubmatch(e)[1]] })
			}
			code, log := 0, ""
			for _, step := range action.Runs.Steps {
				if step.Run == "" || code != 0 {
					continue
				}
				output := filepath.Join(dir, "output")
				writeFile(t, output, "")
				env := []string{
					"RUNNER_TEMP=" + filepath.Join(dir, "tmp"), "GITHUB_OUTPUT=" + output,
					"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md"),
				}
				for name, value := range step.Env {
					env = append(env, name+"="+fill(value))
				}
				r := run(t, command{dir: dir, env: env, args: []string{step.Shell, "-e", "-o", "pipefail", "-c", step.Run}})
				code, log = r.code, r.stdout+r.stderr
				for line := range strings.Lines(read(t, output)) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
					values["steps."+step.ID+".outputs."+name] = value
				}
			}
			if code != tt.code {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, log)
			}
			if got := fill(action.Outputs["exit-code"].Value); got != strconv.Itoa(tt.code) {
				t.Errorf("the output exit-code is %q, want %d", got, tt.code)
			}
			holdsReason(t, filepath.Join(dir, fill(action.Outputs["sarif"].Value)), tt.finding)
			holdsReason(t, filepath.Join(dir, "summary.md"), tt.finding)
			if got := strings.Contains(log, "::error file=manifests/pod.yaml"); got != (tt.code == 1 || tt.name == "root, never fail" || tt.name == "no YAML") {
				t.Errorf("the log marks a line of the file: %v\n%s", got, log)
			}
		})
	}
}

// gitLabTemplate is the template of GitLab: the inputs, then the job.
type gitLabTemplate struct {
	Spec struct {
		Inputs map[string]struct {
			Default string `json:"default"`
		} `json:"inputs"`
	} `json:"spec"`
	Job struct {
		Variables map[string]string `json:"variables"`
		Script    []string          `json:"script"`
		Artifacts struct {
			When    string   `json:"when"`
			Paths   []string `json:"paths"`
			Reports struct {
				JUnit       string `json:"junit"`
				CodeQuality string `json:"codequality"`
			} `json:"reports"`
		} `json:"artifacts"`
	} `json:"usergroup"`
}

// TestGitLab runs the script of the GitLab job, with usergroup on PATH as in an
// image that brings it.
func TestGitLab(t *testing.T) {
	var template gitLabTemplate
	spec, job, ok := strings.Cut(read(t, filepath.Join(root, "hosts", "gitlab", "usergroup.gitlab-ci.yml")), "\n---\n")
	if !ok {
		t.Fatal("the template has no inputs")
	}
	for _, doc := range []string{spec, job} {
		if err := yaml.Unmarshal([]byte(doc), &template); err != nil {
			t.Fatal(err)
		}
	}
	if template.Job.Artifacts.When != "always" {
		t.Error("where findings fail the job, their reports are not kept")
	}
	for _, tt := range ciRuns {
		t.Run(tt.name, func(t *testing.T) {
			dir := checkoutOf(t, tt.manifest)
			inputs := map[string]string{}
			for name, input := range template.Spec.Inputs {
				inputs[name] = input.Default
			}
			inputs["paths"] = "manifests/"
			for name, value := range tt.inputs {
				inputs[name] = value
			}
			var env []string
			for name, value := range template.Job.Variables {
				for input, of := range inputs {
					value = strings.ReplaceAll(value, "$[[ inputs."+input+" ]]", of)
				}
				env = append(env, name+"="+value)
			}
			r := run(t, command{dir: dir, env: env, args: []string{"sh", "-e", "-c", strings.Join(template.Job.Script, "\n")}})
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d\n%s", r.code, tt.code, r.stderr)
			}
			for _, file := range append(template.Job.Artifacts.Paths, template.Job.Artifacts.Reports.JUnit, template.Job.Artifacts.Reports.CodeQuality) {
				holdsReason(t, filepath.Join(dir, file), tt.finding)
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
