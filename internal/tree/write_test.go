package tree_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// text returns a function that writes a text in two parts, and then fails where
// there is an error.
func text(s string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, part := range []string{s[:len(s)/2], s[len(s)/2:]} {
			if _, err := io.WriteString(w, part); err != nil {
				return err
			}
		}
		return err
	}
}

func TestWrite(t *testing.T) {
	long := strings.Repeat("x", 255) // as long as a name may be
	for name, tc := range map[string]struct {
		before   string
		path     string
		holds    string // the file whose bytes are compared
		replaced bool   // whether it is another file now
	}{
		"new":                 {path: "a.json", holds: "a.json"},
		"in a folder":         {before: "-- d/x --\n", path: "d/a.json", holds: "d/a.json"},
		"old":                 {before: "-- a.json --\nold and longer\n", path: "a.json", holds: "a.json", replaced: true},
		"a long name":         {path: long, holds: long},
		"a link":              {before: "-- d/real --\nold\n-- a.json --\n->d/real\n", path: "a.json", holds: "d/real", replaced: true},
		"a link to nowhere":   {before: "-- a.json --\n->real\n", path: "a.json", holds: "real"},
		"a hard link":         {before: "-- a.json --\nold\n-- b.json --\n=>a.json\n", path: "a.json", holds: "b.json"},
		"a device, by itself": {path: os.DevNull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			before, hard := strings.CutSuffix(tc.before, "-- b.json --\n=>a.json\n")
			write(t, before)
			if hard {
				if err := os.Link("a.json", "b.json"); err != nil {
					t.Fatal(err)
				}
			}
			var w tree.Writer
			was, err := os.Open(tc.path) // so that its number is not given to another
			if err == nil {
				defer was.Close()
			}
			for range 2 { // the second finds what the first has written
				if err := errors.Join(w.Writable(tc.path), w.Write(tc.path, text("whole\n", nil))); err != nil {
					t.Fatal(err)
				}
			}
			if tc.holds != "" {
				want(t, tc.holds, "whole\n")
			}
			if err == nil && tc.replaced == same(t, was, tc.path) {
				t.Errorf("replaced: %v", !tc.replaced)
			}
			noneLeft(t)
		})
	}
}

// TestHold: a Writer that is held has not touched a file.
func TestHold(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- old.json --\nold\n-- hard.json --\nold\n-- pod.yaml --\nold\n")
	if err := os.Link("hard.json", "other.json"); err != nil {
		t.Fatal(err)
	}
	var w tree.Writer
	release := w.Hold()
	done := make(chan error)
	for _, path := range []string{"new.json", "old.json", "hard.json"} {
		go func() { done <- w.Write(path, text("whole\n", nil)) }()
	}
	go func() { done <- w.Replace(tree.File{Path: "pod.yaml"}, []byte("old\n"), []byte("whole\n")) }()
	select {
	case err := <-done:
		t.Fatalf("done before the release: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 4 {
		t.Errorf("before the release: %v, %v", entries, err)
	}
	for _, path := range []string{"old.json", "hard.json", "pod.yaml"} {
		want(t, path, "old\n")
	}
	release()
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{"new.json", "old.json", "hard.json", "pod.yaml"} {
		want(t, path, "whole\n")
	}
	noneLeft(t)
}

// TestStopWhenever: whenever Stop comes, a file is from then on what it is then, and nothing
// is beside it.
func TestStopWhenever(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 1000 {
		var w tree.Writer
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = w.Write("a.json", text("whole\n", nil)) // it may be too late for it
		}()
		for range i % 8 {
			runtime.Gosched()
		}
		w.Stop()
		_, then := os.Stat("a.json")
		<-done
		if _, after := os.Stat("a.json"); (then == nil) != (after == nil) {
			t.Fatalf("when stopped: %v; later: %v", then, after)
		}
		noneLeft(t)
		os.Remove("a.json")
	}
}

// TestWriteFails: what cannot be written as a whole stays as it was.
func TestWriteFails(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- old.json --\nold\n-- d/x --\n")
	var w tree.Writer
	broken := errors.New("broken")
	if err := w.Write("old.json", text("new\n", broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	want(t, "old.json", "old\n")
	if err := w.Write("new.json", text("new\n", broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	for path, why := range map[string]string{"no/a.json": "no/a.json: no such file", "d": "d: is a directory", "old.json/a": "old.json/a: not a directory"} {
		if err := w.Write(path, text("new\n", nil)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("error %v, want %q", err, why)
		}
		if err := w.Writable(path); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("error %v, want %q", err, why)
		}
	}
	if err := w.Writable("new.json"); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat("new.json"); err == nil {
		t.Error("half a file, or an empty one, is there")
	}
	noneLeft(t)
}

func TestWriteKeeps(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- a.json --\nold\n")
	if err := os.Chmod("a.json", 0o604); err != nil {
		t.Fatal(err)
	}
	owned := os.Geteuid() == 0
	if owned {
		if err := os.Chown("a.json", 1234, 2345); err != nil {
			t.Fatal(err)
		}
	}
	old := syscall.Umask(0o027)
	err := errors.Join(new(tree.Writer).Write("a.json", text("whole\n", nil)), new(tree.Writer).Write("new.json", text("whole\n", nil)))
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{"a.json": 0o604, "new.json": 0o640} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: mode %v, want %v; %v", path, info.Mode(), mode, err)
		}
		if st := info.Sys().(*syscall.Stat_t); path == "a.json" && owned && (st.Uid != 1234 || st.Gid != 2345) {
			t.Errorf("owner %d:%d", st.Uid, st.Gid)
		}
	}
}

// TestWriteMounted: a file that a container is given by itself cannot be replaced,
// whether or not its folder can be written.
func TestWriteMounted(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- d/a.json --\nold and longer\n-- real.json --\nold and longer\n")
	for _, args := range [][]string{{"--bind", "d", "d"}, {"--bind", "real.json", "d/a.json"}} {
		if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
			t.Skipf("nothing can be mounted here: %v: %s", err, out)
		}
		t.Cleanup(func() { _ = exec.Command("umount", args[2]).Run() })
	}
	for i, options := range []string{"remount,bind,rw", "remount,bind,ro"} {
		if out, err := exec.Command("mount", "-o", options, "d").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		whole := strings.Repeat("whole\n", i+1)
		var w tree.Writer
		if err := errors.Join(w.Writable("d/a.json"), w.Write("d/a.json", text(whole, nil))); err != nil {
			t.Errorf("%s: %v", options, err)
		}
		want(t, "real.json", whole)
	}
}

// TestWritePipe: a pipe has one writer, and its reader gets all of it.
func TestWritePipe(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile("pipe")
		got <- string(data)
	}()
	var w tree.Writer
	if err := errors.Join(w.Writable("pipe"), w.Write("pipe", text("whole\n", nil))); err != nil {
		t.Fatal(err)
	}
	if data := <-got; data != "whole\n" {
		t.Errorf("the reader got %q", data)
	}
}

// TestWriteOpen: what has been redirected to a file keeps going there.
func TestWriteOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	self := filepath.Join("/proc/self/fd", strconv.Itoa(int(file.Fd())))
	if _, err := os.Stat(self); err != nil {
		t.Skip("no /proc here")
	}
	if err := new(tree.Writer).Write(self, text("whole\n", nil)); err != nil {
		t.Fatal(err)
	}
	if !same(t, file, path) {
		t.Error("another file has taken its place")
	}
	want(t, path, "whole\n")
}

// TestStop: a writer that is stopped in the middle leaves what there was, and
// writes nothing any more.
func TestStop(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- old.json --\nold\n")
	var w tree.Writer
	for _, path := range []string{"old.json", "new.json"} {
		err := w.Write(path, func(out io.Writer) error {
			w.Stop()
			noneLeft(t)
			_, err := io.WriteString(out, "new\n")
			return err
		})
		if err == nil {
			t.Errorf("%s is written", path)
		}
	}
	if err := w.Replace(tree.File{Path: "old.json"}, []byte("old\n"), []byte("new\n")); err == nil {
		t.Error("replaced")
	}
	want(t, "old.json", "old\n")
	alone(t, "old.json")
}

// same reports whether an open file is the one at path.
func same(t *testing.T, file *os.File, path string) bool {
	t.Helper()
	open, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	named, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(open, named)
}

// noneLeft fails where a file is left that should have been put in place.
func noneLeft(t *testing.T) {
	t.Helper()
	for _, pattern := range []string{".?*", "*/.?*"} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}
