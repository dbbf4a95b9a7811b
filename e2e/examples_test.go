package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// TestExamplesKpt gives every example to kpt as the package that it is, through
// its own pipeline and with its policy by hand: what kpt reports is what the
// example says, a second time nothing is left to do, and on a finding no file is
// written.
func TestExamplesKpt(t *testing.T) {
	need(t, kpt)
	packages, err := filepath.Glob(filepath.Join(root, "examples", "*", "Kptfile"))
	if err != nil || len(packages) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, example := range packages {
		example = filepath.Dir(example)
		code, err := strconv.Atoi(strings.TrimSpace(read(t, filepath.Join(example, ".expected", "exit"))))
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []struct {
			name string
			args []string
		}{
			{"render", []string{kpt, "fn", "render", "--allow-exec"}},
			{"eval", []string{kpt, "fn", "eval", "--exec", usergroup, "--fn-config", filepath.Join(example, "policy.yaml")}},
		} {
			t.Run(filepath.Base(example)+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), filepath.Base(example))
				if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
					t.Fatal(err)
				}
				before := readTree(t, dir)
				results := t.TempDir()
				c := command{args: append(way.args, "--results-dir", results, dir)}
				if r := run(t, c); r.code != code {
					t.Fatalf("exit code %d, want %d\n%s", r.code, code, r.stderr)
				}
				var want []any
				if err := yaml.Unmarshal([]byte(read(t, filepath.Join(example, ".expected", "results.yaml"))), &want); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, kptResults(t, results)); diff != "" {
					t.Errorf("results (-example +kpt):\n%s", diff)
				}
				after := readTree(t, dir)
				if code != 0 {
					if diff := cmp.Diff(before, after); diff != "" {
						t.Errorf("a refused package changed (-before +after):\n%s", diff)
					}
					return
				}
				must(t, c)
				if diff := cmp.Diff(after, readTree(t, dir)); diff != "" {
					t.Errorf("a second run changes files (-first +second):\n%s", diff)
				}
			})
		}
	}
}

// kptResults reads the results that kpt left in a folder.
func kptResults(t *testing.T, dir string) []any {
	t.Helper()
	var list struct {
		Items []struct {
			Results []any `json:"results"`
		} `json:"items"`
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "results.yaml"))), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("kpt ran %d functions", len(list.Items))
	}
	return list.Items[0].Results
}
