package disk_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/internal/image/disk"
)

// digest returns the digest of a document.
func digest(t testing.TB, data string) v1.Hash {
	t.Helper()
	h, _, err := v1.SHA256(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	c := disk.Cache(dir)
	if _, ok := c.Get(digest(t, "a")); ok {
		t.Error("found before it was kept")
	}
	c.Put(digest(t, "a"), []byte("a"))
	c.Put(digest(t, "b"), []byte("not b"))
	if data, ok := disk.Cache(dir).Get(digest(t, "a")); !ok || string(data) != "a" {
		t.Errorf("kept: %q, %t", data, ok)
	}
	if _, ok := c.Get(digest(t, "b")); ok {
		t.Error("found what was put under the digest of something else")
	}
	if files := tree(t, dir); len(files) != 1 {
		t.Errorf("files: %q", files)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("cache is %v, %v", info.Mode(), err)
	}
}

// TestCacheBroken: a file that has not the bytes of its digest is not there, and
// is replaced by one that has.
func TestCacheBroken(t *testing.T) {
	dir := t.TempDir()
	c := disk.Cache(dir)
	h := digest(t, `{"config":{"User":"0"}}`)
	for _, content := range []string{"", "{", `{"config":{"User":"1"}}`, strings.Repeat(" ", 5<<20)} {
		c.Put(h, []byte(`{"config":{"User":"0"}}`))
		if err := os.WriteFile(tree(t, dir)[0], []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if data, ok := c.Get(h); ok {
			t.Errorf("%.30q is believed to be %s", data, h)
		}
		c.Put(h, []byte(`{"config":{"User":"0"}}`))
		if _, ok := c.Get(h); !ok {
			t.Errorf("not repaired after %.30q", content)
		}
	}
	notDir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []disk.Cache{disk.Cache(notDir), ""} {
		c.Put(h, []byte(`{"config":{"User":"0"}}`))
		if _, ok := c.Get(h); ok {
			t.Errorf("kept in %q", c)
		}
	}
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCacheUnfinished: what a process that was killed has left is removed, and what
// another is writing is not.
func TestCacheUnfinished(t *testing.T) {
	dir := t.TempDir()
	c := disk.Cache(dir)
	c.Put(digest(t, "a"), []byte("a"))
	folders, err := filepath.Glob(filepath.Join(dir, "*", "unfinished"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("%q, %v", folders, err)
	}
	left, used := filepath.Join(folders[0], "left"), filepath.Join(folders[0], "used")
	yesterday := time.Now().AddDate(0, 0, -1)
	if err := errors.Join(os.WriteFile(left, nil, 0o600), os.WriteFile(used, nil, 0o600), os.Chtimes(left, yesterday, yesterday)); err != nil {
		t.Fatal(err)
	}
	kept := tree(t, dir)[:1]
	if err := os.Chtimes(kept[0], yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	c.Put(digest(t, "b"), []byte("b"))
	files := tree(t, dir)
	if len(files) != 3 || !slices.Contains(files, kept[0]) || !slices.Contains(files, used) {
		t.Errorf("files: %q", files)
	}
}

// childDir makes TestCacheProcesses write to a cache in a process of its own.
const childDir = "USERGROUP_TEST_CACHE"

// bulky is a document that takes more than one write.
func bulky(i int) string { return strings.Repeat(fmt.Sprint(i%3), 1<<20) }

// hammer writes to and reads from a cache until ctx ends, and returns what was
// wrong with what it read.
func hammer(ctx context.Context, t *testing.T, dir string) error {
	for i := 0; ctx.Err() == nil; i++ {
		c, h := disk.Cache(dir), digest(t, bulky(i))
		c.Put(h, []byte(bulky(i)))
		if data, ok := c.Get(h); !ok || string(data) != bulky(i) {
			return fmt.Errorf("%d: %d bytes, %t", i, len(data), ok)
		}
	}
	return nil
}

// TestCacheProcesses has processes that are killed while they write, and others
// that share the cache with them.
func TestCacheProcesses(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := hammer(t.Context(), t, dir); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				life, kill := context.WithTimeout(ctx, 300*time.Millisecond)
				cmd := exec.CommandContext(life, os.Args[0], "-test.run=^TestCacheProcesses$")
				cmd.Env = append(os.Environ(), childDir+"="+dir)
				out, _ := cmd.CombinedOutput()
				kill()
				if strings.Contains(string(out), "FAIL") {
					t.Errorf("%s", out)
				}
			}
		})
		wg.Go(func() {
			if err := hammer(ctx, t, dir); err != nil {
				t.Error(err)
			}
		})
	}
	kept := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "*", "sha256", "[0-9a-f]*")) // without what a killed process left
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	for ctx.Err() == nil {
		for _, f := range kept() {
			// Its size tells a file that is being written, and is quick to ask.
			if info, err := os.Stat(f); err != nil || info.Size() < 1<<20 {
				t.Errorf("%s is there before it is whole: %v", f, err)
			}
		}
	}
	wg.Wait()
	if n := len(kept()); n != 3 {
		t.Errorf("%d documents were kept, want 3", n)
	}
}

func TestDir(t *testing.T) {
	t.Setenv("HOME", "/home/someone")
	for xdg, want := range map[string]string{"/cache": "/cache/usergroup", "": "/home/someone/.cache/usergroup", "relative": "/home/someone/.cache/usergroup"} {
		t.Setenv("XDG_CACHE_HOME", xdg)
		if got := disk.Dir(); got != want {
			t.Errorf("%q: %q, want %q", xdg, got, want)
		}
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if got := disk.Dir(); got != "" {
		t.Errorf("without a home: %q", got)
	}
}
