package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestNoPipeOfManifests: no page, script or help of the project pipes manifests
// on. What reads a pipe acts on it before it knows that the sender refused, or
// that it broke off; the way is through a file.
func TestNoPipeOfManifests(t *testing.T) {
	pipe := regexp.MustCompile(`(?m)^.*(usergroup (fix|check)[^|\n]*\|[^|]|[^|]\|[^|\n]*(usergroup (fix|check)|kubectl apply)).*$`)
	// A table's cells are separated by bars.
	table := regexp.MustCompile("(?m)^\\|.*\\|$")
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
