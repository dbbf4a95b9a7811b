package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestImageSameBytes makes the image in two clones of the repository, in different
// folders whose names hold spaces, and compares what comes out.
func TestImageSameBytes(t *testing.T) {
	if os.Getenv("USERGROUP_IMAGE") == "" {
		t.Skip("SKIPPED: run make e2e-container")
	}
	names := []string{"usergroup.tar", "image/index.json"}
	var made []map[string]string
	from := root
	for range 2 {
		dir := filepath.Join(t.TempDir(), "a clone")
		must(t, command{args: []string{"git", "clone", "-q", from, dir}})
		from = dir // the same commit, whatever is committed meanwhile
		must(t, command{dir: dir, args: []string{"make", "image", "IMAGE=registry.example/usergroup:v1"}})
		files := map[string]string{}
		for _, name := range names {
			files[name] = read(t, filepath.Join(dir, "dist", name))
		}
		made = append(made, files)
	}
	for _, name := range names {
		if made[0][name] != made[1][name] {
			t.Errorf("%s differs", name)
		}
	}
	if size, limit := len(made[0]["usergroup.tar"]), 30<<20; size > limit {
		t.Errorf("usergroup.tar has %d bytes, more than %d", size, limit)
	}
}
