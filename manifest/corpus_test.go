package manifest_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// corpusList makes a ResourceList of the whole corpus, without objects in braces
// and those that lack a line break at the end, which can mean something else
// with one. It returns the list and its items as they stand in their files.
func corpusList(t testing.TB) ([]byte, []*manifest.Item) {
	t.Helper()
	files := corpus(t)
	var list bytes.Buffer
	list.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	var items []*manifest.Item
	for _, path := range slices.Sorted(maps.Keys(files)) {
		s, err := manifest.ReadStream(path, files[path])
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range s.Items {
			n, err := it.Decode()
			if err != nil || n.Kind != manifest.Mapping || n.Style != manifest.Block ||
				!bytes.HasSuffix(it.Bytes(), []byte("\n")) {
				continue
			}
			items = append(items, it)
			text := it.Bytes()[n.Start:]
			list.WriteString("- ")
			for i, line := range bytes.SplitAfter(text, []byte("\n")) {
				if i > 0 && len(bytes.TrimRight(line, "\r\n")) > 0 {
					list.WriteString("  ")
				}
				list.Write(line)
			}
		}
	}
	return list.Bytes(), items
}

func TestCorpusList(t *testing.T) {
	data, items := corpusList(t)
	rl, err := manifest.ReadResourceList(data)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := rl.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("written differently, error %v", err)
	}
	if len(rl.Items) != len(items) {
		t.Fatalf("%d items, want %d", len(rl.Items), len(items))
	}
	if !rl.Scanned() {
		t.Error("the list was not scanned")
	}
	for i, it := range rl.Items {
		agree(t, it.Bytes(), it.Column())
		got, err := it.Decode()
		if err != nil {
			t.Fatal(err)
		}
		want, err := items[i].Decode()
		if err != nil || !manifest.Equal(got, want) {
			t.Errorf("%s: means something else as item %d, error %v", items[i].Name(), i, err)
		}
	}
}
