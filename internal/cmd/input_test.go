package cmd

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// TestLost: a file that one pass over the files could not read is not judged in a
// later one, which would not know what the first was to learn from it.
func TestLost(t *testing.T) {
	t.Chdir(t.TempDir())
	in := &inputs{large: new(atomic.Pointer[held]), lost: new(sync.Map), files: []tree.File{{Path: "a.yaml"}}}
	if _, err := in.read(in.files[0]); err == nil {
		t.Fatal("read")
	}
	if err := os.WriteFile("a.yaml", []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := in.read(in.files[0]); err == nil {
		t.Error("read in the second pass alone")
	}
}

// TestFaults: a shard says itself what it could not read of files that others judge,
// where those may have read it.
func TestFaults(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink("loop.yaml", "loop.yaml"); err != nil {
		t.Fatal(err)
	}
	in := &inputs{
		large: new(atomic.Pointer[held]), lost: new(sync.Map), maxSize: 1,
		files: []tree.File{{Path: "loop.yaml"}, {Path: "gone.yaml"}, {Path: "large.yaml"}, {Path: "mine.yaml"}},
	}
	for _, path := range []string{"large.yaml", "mine.yaml"} {
		if err := os.WriteFile(path, []byte("a: b\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range in.files {
		if _, err := in.read(f); err == nil {
			t.Errorf("%s is read", f.Path)
		}
	}
	if errs := in.faults(in.files[3:]); len(errs) != 1 {
		t.Errorf("errors %v, want that of loop.yaml", errs)
	}
	if !in.divides(in.files[0]) {
		t.Error("a file that cannot be looked at is left to another shard")
	}
}

// TestDividedOnce: a file that grows while it is judged stays with the shard that it
// was given to, which judges all of it: no other does.
func TestDividedOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	object := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: " + strings.Repeat("x", minDivided/8) + "}\n"
	file := tree.File{Path: "a.yaml"}
	for i := range 2 {
		if err := os.WriteFile(file.Path, []byte(object), 0o666); err != nil {
			t.Fatal(err)
		}
		in := &inputs{large: new(atomic.Pointer[held]), lost: new(sync.Map), files: []tree.File{file}}
		part := shard{i + 1, 2}.part(in)
		if err := os.WriteFile(file.Path, []byte(strings.Repeat(object, 16)), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, f := range part.files {
			src, err := part.read(f)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(src.stream.Items); n != 16 {
				t.Errorf("%d of 16 objects are judged", n)
			}
		}
	}
}
