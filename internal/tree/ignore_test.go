package tree_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// TestIgnoreRandom compares what is left out of random trees, and of a folder in them,
// with what go-git says of each path as a whole.
func TestIgnoreRandom(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "a.yaml", "b.yaml"}
	lines := []string{"a", "b", "/a", "a/", "a/b", "**/b", "a/**", "!a", "!a/", "!b.yaml", "*.yaml", "!/a.yaml", "a/ ", "[ab]", "!*", "/", "a//"}
	left, out := 0, 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		pick := func(of []string) string { return of[r.IntN(len(of))] }
		top := t.TempDir()
		put := func(name, text string) {
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		put(filepath.Join(top, ".git", "config"), "")
		for range 12 {
			dir := top
			for range r.IntN(4) {
				dir = filepath.Join(dir, pick(names[:2]))
			}
			put(filepath.Join(dir, pick(names[2:])), "")
			if r.IntN(4) == 0 {
				put(filepath.Join(dir, ".gitignore"), pick(lines)+"\n"+pick(lines)+"\n")
			}
		}
		put(filepath.Join(top, "a", "a.yaml"), "")
		for _, from := range []string{top, filepath.Join(top, "a")} {
			listing, err := tree.List(t.Context(), []string{from}, tree.Options{})
			if err != nil {
				continue // nothing is left
			}
			var got []string
			for _, f := range listing.Files {
				got = append(got, f.Path)
			}
			want, ignored := byGoGit(t, top, from)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d, from %s (-want +got):\n%s", seed, from, diff)
			}
			left, out = left+len(want), out+ignored
		}
	}
	if left < 200 || out < 200 {
		t.Errorf("only %d files, and %d paths that are ignored", left, out)
	}
}

// byGoGit returns the manifests below from that the ignore files of the repository top
// leave, and how many paths are ignored.
func byGoGit(t *testing.T, top, from string) (files []string, ignored int) {
	t.Helper()
	split := func(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }
	var patterns []gitignore.Pattern
	read := func(dir string) {
		data, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
		if err != nil {
			return
		}
		for line := range strings.Lines(string(data)) {
			patterns = append(patterns, gitignore.ParsePattern(strings.TrimRight(line, "\n"), split(dir)))
		}
	}
	if from != top {
		read(top)
	}
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.Name() == ".git":
			return fs.SkipDir
		case e.Name() == ".gitignore":
			return nil
		case path != from && gitignore.NewMatcher(patterns).Match(split(path), e.IsDir()):
			ignored++
			if e.IsDir() {
				return fs.SkipDir
			}
		case e.IsDir():
			read(path)
		default:
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", from, err))
	}
	slices.Sort(files)
	return files, ignored
}
