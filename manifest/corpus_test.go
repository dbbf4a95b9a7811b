package manifest_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
)

// corpus returns the real manifests in the directory named by USERGROUP_CORPUS,
// by default ../shared/corpus beside the repository, by path.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	dir := os.Getenv("USERGROUP_CORPUS")
	if dir == "" {
		dir = filepath.Join(moduleRoot(t), "..", "shared", "corpus")
	}
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			return nil
		}
		b, err := os.ReadFile(path)
		files[path] = b
		return err
	})
	if err != nil || len(files) == 0 {
		t.Skipf("SKIPPED: no corpus of manifests in %s (set USERGROUP_CORPUS): %v", dir, err)
	}
	return files
}

// moduleRoot walks up to the folder of go.mod.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}

func TestCorpusStreams(t *testing.T) {
	for path, data := range corpus(t) {
		s, err := manifest.ReadStream(path, data)
		if err != nil {
			t.Errorf("ReadStream: %v", err)
			continue
		}
		var out bytes.Buffer
		if _, err := s.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), data) {
			t.Errorf("%s: written differently (error %v)", path, err)
		}
		for _, it := range s.Items {
			head, err := it.Head()
			if err != nil || head.Kind == "" && strings.Contains(string(it.Bytes()), "\nkind: ") {
				t.Errorf("%s:%d: head %+v, error %v", path, it.Line(), head, err)
			}
		}
	}
}
