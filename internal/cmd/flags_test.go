package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

// TestFlagValues: a value that a flag cannot have is an error that names the flag,
// before anything is changed.
func TestFlagValues(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: c\n"
	for name, text := range map[string]string{
		"policy.yaml": "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec:\n  runAsUser: {rule: MustRunAsNonRoot}\n",
		"pod.yaml":    pod,
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ args, want string }{
		{"fix -p policy.yaml --exclude= pod.yaml", `--exclude "": must not be empty`},
		{"fix -p policy.yaml --exclude [ pod.yaml", `--exclude "[": must be a pattern of .gitignore`},
		{"fix -p policy.yaml --exclude !a/b\\ pod.yaml", `--exclude "!a/b\\": must be a pattern of .gitignore`},
		{"fix -p policy.yaml --exclude a[/]b pod.yaml", `--exclude "a[/]b": must be a pattern of .gitignore`},
		{"fix -p policy.yaml --exclude #a pod.yaml", `--exclude "#a": must begin with "\#"`},
		{"fix -p policy.yaml --image-timeout -1s pod.yaml", `--image-timeout "-1s": must be above 0`},
		{"fix -p policy.yaml --image-timeout 0 pod.yaml", `--image-timeout "0s": must be above 0`},
		{"fix -p policy.yaml --max -1 pod.yaml", `--max "-1": must not be negative`},
		{"fix -p policy.yaml --max-items -1 pod.yaml", `--max-items "-1": must not be negative`},
		{"fix -p policy.yaml --max-items 0 pod.yaml", `--max-items "0": must be at least 1`},
		{"fix -p policy.yaml --max-depth 0 pod.yaml", `--max-depth "0": must be at least 1`},
		{"fix -p policy.yaml --max-expanded 0 pod.yaml", `--max-expanded "0": must be at least 1`},
		{"fix -p policy.yaml --max-findings 0 pod.yaml", `--max-findings "0": must be at least 1`},
		{"fix -p policy.yaml --max-size 0 pod.yaml", `--max-size "0": must be above 0`},
		{"fix -p policy.yaml --max-size -1Gi pod.yaml", `--max-size "-1Gi": must be above 0`},
		{"fix -p policy.yaml --config= pod.yaml", `--config "": must not be empty`},
		{"fix -p policy.yaml --insecure-registry= pod.yaml", `--insecure-registry "": must not be empty`},
		{"fix -p policy.yaml --output-file= pod.yaml", `--output-file "": must not be empty`},
		{"fix --policy= pod.yaml", `--policy "": must not be empty`},
		{"check -p policy.yaml --baseline= pod.yaml", `--baseline "": must not be empty`},
		{"check -p policy.yaml --write-baseline= pod.yaml", `--write-baseline "": must not be empty`},
		{"images lock --file= pod.yaml", `--file "": must not be empty`},
		{"images lock --platform= pod.yaml", `--platform "": must not be empty`},
		{"kinds --crds=", `--crds "": must not be empty`},
		{"completion tcsh", `unknown command "tcsh"`},
	} {
		var out, errs bytes.Buffer
		code := cmd.Main(strings.Fields(tt.args), cmd.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != 2 || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%s: exit code %d, stderr %q, want %q", tt.args, code, &errs, tt.want)
		}
		if data, err := os.ReadFile("pod.yaml"); err != nil || string(data) != pod {
			t.Errorf("%s: the file is changed: %v\n%s", tt.args, err, data)
		}
	}
	// What the settings say is checked alike.
	if err := os.WriteFile(filepath.Join(dir, ".usergroup.yaml"), []byte("policies: [policy.yaml]\nexclude: ['[']\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	if code := cmd.Main([]string{"check", "pod.yaml"}, cmd.Streams{In: strings.NewReader(""), Out: &errs, Err: &errs}); code != 2 || !strings.Contains(errs.String(), `.usergroup.yaml: --exclude "["`) {
		t.Errorf("exit code %d\n%s", code, &errs)
	}
}
