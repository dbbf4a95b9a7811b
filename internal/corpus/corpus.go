// Package corpus finds the real manifests that tests and benchmarks run on where
// they are at hand. A clone of the repository alone does not have them.
package corpus

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of real manifests: the one that USERGROUP_CORPUS names,
// else ../shared/corpus beside the repository that the working directory is in.
// ok is whether it is there.
func Dir() (dir string, ok bool) {
	dir = os.Getenv("USERGROUP_CORPUS")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			return "", false
		}
		for !exists(filepath.Join(root, "go.mod")) {
			if root == filepath.Dir(root) {
				return "", false
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "corpus")
	}
	return dir, exists(dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestDir is Dir for a test, which is skipped where the folder is missing.
func TestDir(t testing.TB) string {
	t.Helper()
	dir, ok := Dir()
	if !ok {
		t.Skipf("SKIPPED: no corpus of real manifests at %s; set USERGROUP_CORPUS", dir)
	}
	return dir
}

// File is a file of real manifests.
type File struct {
	Name string // relative to the folder
	Data []byte
}

// Files reads all manifests below the folder, in lexical order. A test is skipped
// where the folder is missing, and fails where it holds next to nothing.
func Files(t testing.TB) []File {
	t.Helper()
	dir := TestDir(t)
	var files []File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".yaml" && ext != ".yml" && ext != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, File{name, data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files in %s", len(files), dir)
	}
	return files
}
