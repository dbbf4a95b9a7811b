package tree_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// replace replaces old by new in a file and returns the error.
func replace(path string) error {
	return new(tree.Writer).Replace(tree.File{Path: path}, []byte("old\n"), []byte("new\n"))
}

func TestReplaceKeeps(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- a.yaml --\nold\n")
	if err := os.Chmod("a.yaml", 0o640|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	owned := os.Geteuid() == 0
	if owned {
		if err := os.Chown("a.yaml", 1234, 2345); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod("a.yaml", 0o640|os.ModeSetgid); err != nil { // chown drops it
			t.Fatal(err)
		}
	}
	attr := unix.Setxattr("a.yaml", "user.origin", []byte("here"), 0) == nil
	if err := replace("a.yaml"); err != nil {
		t.Fatal(err)
	}
	want(t, "a.yaml", "new\n")
	info, err := os.Stat("a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o640|os.ModeSetgid {
		t.Errorf("mode %v", info.Mode())
	}
	if st := info.Sys().(*syscall.Stat_t); owned && (st.Uid != 1234 || st.Gid != 2345) {
		t.Errorf("owner %d:%d", st.Uid, st.Gid)
	}
	buf := make([]byte, 10)
	if n, err := unix.Getxattr("a.yaml", "user.origin", buf); attr && (err != nil || string(buf[:n]) != "here") {
		t.Errorf("attribute %q, %v", buf, err)
	}
	alone(t, "a.yaml")
}

// TestReplaceRefuses: what would be lost is not replaced, and nothing is left
// beside it.
func TestReplaceRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		before func() error
		holds  string
		err    string
	}{
		"changed":               {func() error { return os.WriteFile("a.yaml", []byte("old\nmore\n"), 0o666) }, "old\nmore\n", tree.ErrChanged.Error()},
		"changed, as long":      {func() error { return os.WriteFile("a.yaml", []byte("odd\n"), 0o666) }, "odd\n", tree.ErrChanged.Error()},
		"a hard link":           {func() error { return os.Link("a.yaml", "../b.yaml") }, "old\n", "2 hard links"},
		"vanished":              {func() error { return os.Rename("a.yaml", "../gone.yaml") }, "", "no such file"},
		"has become a pipe":     {func() error { return errors.Join(os.Remove("a.yaml"), syscall.Mkfifo("a.yaml", 0o600)) }, "", "named pipe"},
		"has become a folder":   {func() error { return errors.Join(os.Remove("a.yaml"), os.Mkdir("a.yaml", 0o777)) }, "", ""},
		"a link that now leads": {func() error { return errors.Join(os.Remove("a.yaml"), os.Symlink("nowhere", "a.yaml")) }, "", "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "-- d/a.yaml --\nold\n")
			t.Chdir("d")
			if err := tc.before(); err != nil {
				t.Fatal(err)
			}
			if err := replace("a.yaml"); err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("error %v, want %q", err, tc.err)
			}
			if tc.holds != "" {
				want(t, "a.yaml", tc.holds)
			}
			if left, _ := filepath.Glob(".a.yaml.*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestReplaceReadOnly: a file that its user may not write is left; who may write it
// all the same, as root may, keeps its mode.
func TestReplaceReadOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- a.yaml --\nold\n")
	if err := os.Chmod("a.yaml", 0o444); err != nil {
		t.Fatal(err)
	}
	err := replace("a.yaml")
	if os.Geteuid() != 0 {
		if err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("error %v, want read-only", err)
		}
		want(t, "a.yaml", "old\n")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want(t, "a.yaml", "new\n")
	if info, err := os.Stat("a.yaml"); err != nil || info.Mode() != 0o444 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestReplaceLinks(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- real.yaml --\nold\n-- a.yaml --\n->real.yaml\n")
	if err := replace("a.yaml"); err != nil {
		t.Fatal(err)
	}
	want(t, "real.yaml", "new\n")
	if info, err := os.Lstat("a.yaml"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	err := new(tree.Writer).Replace(tree.File{Path: "a.yaml", Outside: "/elsewhere/real.yaml"}, []byte("new\n"), []byte("newer\n"))
	if err == nil || !strings.Contains(err.Error(), "/elsewhere/real.yaml, which is outside") {
		t.Errorf("written through a link that leads out: %v", err)
	}
	want(t, "real.yaml", "new\n")
}

// TestReplaceReadOnlyFolder needs a user whom permissions hold back.
func TestReplaceReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	t.Chdir(t.TempDir())
	write(t, "-- d/a.yaml --\nold\n")
	if err := os.Chmod("d", 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod("d", 0o777) })
	if err := replace("d/a.yaml"); err == nil {
		t.Error("replaced in a read-only folder")
	}
	want(t, "d/a.yaml", "old\n")
}

func want(t *testing.T, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != text {
		t.Errorf("%s holds %q, want %q", path, data, text)
	}
}

// alone fails where there is another file in the working directory.
func alone(t *testing.T, name string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("files: %v", entries)
	}
}
