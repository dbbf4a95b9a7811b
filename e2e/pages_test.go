package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNoPipeOfManifests: no page, script or help of the project pipes manifests
// on. What reads a pipe acts on it before it knows that the sender refused, or
// that it broke off; the way is through a file.
func TestNoPipeOfManifests(t *testing.T) {
	pipe := regexp.MustCompile(`(?m)^.*(usergroup (fix|check)[^|\n]*\|[^|]|[^|]\|[^|\n]*(usergroup (fix|check)|kubectl apply)).*$`)
	// A table's cells are separated by bars.
	table := regexp.MustCompile(`(?m)^\|.*\|$`)
	pages := 0
	for _, name := range []string{"README.md", "SECURITY.md", "docs", "hosts", "internal/cmd", "action.yml"} {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			pages++
			for _, line := range pipe.FindAll(table.ReplaceAll(data, nil), -1) {
				t.Errorf("%s: %s", path, line)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if pages < 20 {
		t.Errorf("only %d files were looked at", pages)
	}
}

// TestPageScripts runs every script of the pages for pipelines, that is each
// "set -euo pipefail" with the lines below it, on a repository that the policy
// accepts and on one that it refuses. There is no cluster to apply anything to.
func TestPageScripts(t *testing.T) {
	need(t, kustomize)
	for page, want := range map[string]int{"ci.md": 2, "renderers.md": 4} {
		scripts := pageScripts(read(t, filepath.Join(root, "docs", "hosts", page)))
		if len(scripts) != want {
			t.Errorf("%s has %d scripts, want %d", page, len(scripts), want)
		}
		for i, script := range scripts {
			for _, tt := range []struct {
				name, pod string
				code      int
			}{
				{"compliant", goodPod, 0},
				{"root", rootPod, 1},
			} {
				t.Run(fmt.Sprintf("%s/%d/%s", page, i, tt.name), func(t *testing.T) {
					dir := checkout(t, tt.pod)
					writeFile(t, filepath.Join(dir, "overlays/production/kustomization.yaml"), "resources: [pod.yaml]\n")
					for _, file := range []string{"overlays/production/pod.yaml", "rendered.yaml", "rendered/pod.yaml"} {
						writeFile(t, filepath.Join(dir, file), tt.pod)
					}
					r := run(t, command{dir: dir, args: []string{"bash", "-c", script}})
					if r.code != tt.code {
						t.Errorf("exit code %d, want %d\n%s\n%s", r.code, tt.code, script, r.stderr)
					}
					fixed, err := os.ReadFile(filepath.Join(dir, "fixed.yaml"))
					if err == nil && (len(fixed) > 0) != (tt.code == 0) {
						t.Errorf("fixed.yaml holds\n%s", fixed)
					}
				})
			}
		}
	}
}

// pageScripts cuts the scripts out of a page, without what needs a cluster.
func pageScripts(page string) []string {
	var scripts []string
	for _, rest := range strings.Split(page, "set -euo pipefail\n")[1:] {
		script := "set -euo pipefail\n"
		for line := range strings.Lines(rest) {
			line = strings.TrimSpace(line)
			if !regexp.MustCompile(`^(kustomize|usergroup|kubectl) `).MatchString(line) {
				break
			}
			if !strings.HasPrefix(line, "kubectl ") {
				script += line + "\n"
			}
		}
		scripts = append(scripts, script)
	}
	return scripts
}
