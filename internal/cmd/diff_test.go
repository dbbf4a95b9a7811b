package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiffApplies: git apply takes the patch in whatever folder of the repository it
// was made, with whatever path, also of names that must be quoted.
func TestDiffApplies(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	root := t.TempDir()
	git := func(dir string, in []byte, args ...string) string {
		t.Helper()
		c := exec.Command("git", args...)
		c.Dir, c.Stdin = dir, bytes.NewReader(in)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s in %s: %v\n%s", strings.Join(args, " "), dir, err, out)
		}
		return string(out)
	}
	git(root, nil, "init", "-q", ".")
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: zz}]"
	save(t, filepath.Join(root, "policy.yaml"), "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec: {runAsUser: {rule: MustRunAsNonRoot}}\n")
	deep := filepath.Join(root, "a b", "c")
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	files := []string{"pod.yaml", "a b/pod.yaml", "a b/c/ä \"quoted\".yaml", "a b/c/new\nline.yaml"}
	for _, f := range files {
		save(t, filepath.Join(root, f), pod)
	}
	git(root, nil, "add", ".")
	git(root, nil, "-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "-qm", "m")
	for _, tt := range []struct {
		dir, arg string
		changed  int
	}{
		{root, ".", 4},
		{root, root, 4},
		{root, "a b/c", 2},
		{filepath.Join(root, "a b"), ".", 3},
		{deep, ".", 2},
		{deep, deep, 2},
	} {
		t.Chdir(tt.dir)
		var out, errs bytes.Buffer
		if code := Main([]string{"diff", "-p", filepath.Join(root, "policy.yaml"), tt.arg}, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != 0 {
			t.Fatalf("exit code %d: %s", code, &errs)
		}
		git(tt.dir, out.Bytes(), "apply")
		if got := strings.Count(git(root, nil, "status", "--short"), " M "); got != tt.changed {
			t.Errorf("diff %s in %s: %d files changed, want %d", tt.arg, tt.dir, got, tt.changed)
		}
		git(root, nil, "checkout", "-q", ".")
	}
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
