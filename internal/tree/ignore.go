package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// ignoreFileNames are the files whose patterns say what in their folder is left
// out: git's and kpt's, which has the same form.
var ignoreFileNames = []string{".gitignore", ".krmignore"}

// maxSettings bounds the size of an ignore file or a kustomization.
const maxSettings = 4 << 20

// readSettings reads an ignore file or a kustomization.
func readSettings(path string) ([]byte, error) {
	data, err := readRegular(path, maxSettings, heap)
	if errors.Is(err, ErrTooLarge) {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w of %d bytes for such a file", ErrTooLarge, maxSettings)}
	}
	return data, err
}

// maxRules bounds the patterns that hold in a folder, those of the folders above it
// among them: each name is compared with all of them.
const maxRules = 10_000

// rules are patterns, the weakest first.
type rules []gitignore.Pattern

// match reports whether the rules leave out a path, which is absolute.
func (r rules) match(abs string, folder bool) bool {
	return len(r) > 0 && gitignore.NewMatcher(r).Match(steps(abs), folder)
}

func steps(abs string) []string {
	return strings.Split(strings.Trim(filepath.ToSlash(abs), "/"), "/")
}

// excludes are the patterns of the options. Those for a path outside of their
// base are relative to the path's own folder.
func (w *walker) excludes(abs string) rules {
	if len(w.opts.Exclude) == 0 {
		return nil
	}
	base := w.base
	if rel, err := filepath.Rel(base, abs); err != nil || !filepath.IsLocal(rel) {
		base = filepath.Dir(abs)
		for _, root := range w.roots {
			if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
				base = root
			}
		}
	}
	return parse([]byte(strings.Join(w.opts.Exclude, "\n")), base)
}

// ignores are the rules of the folders above an absolute path, up to the one that
// is a git repository's. Outside of a repository there are none.
func (w *walker) ignores(abs string) rules {
	var above []string
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		above = append(above, dir)
		if exists(filepath.Join(dir, ".git")) {
			break
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
	if w.opts.NoIgnore || exists(filepath.Join(abs, ".git")) {
		return nil
	}
	var all rules
	for _, dir := range slices.Backward(above) {
		for _, name := range ignoreFileNames {
			all = w.readIgnores(all, dir, name)
		}
	}
	return all
}

// ignoreFiles adds the rules of a folder to those that hold above it.
func (w *walker) ignoreFiles(above rules, abs string, entries []fs.DirEntry) rules {
	all := slices.Clip(above)
	if w.opts.NoIgnore {
		return all
	}
	for _, e := range entries {
		if slices.Contains(ignoreFileNames, e.Name()) {
			all = w.readIgnores(all, abs, e.Name())
		}
	}
	return all
}

// readIgnores adds the rules of a file to those above it.
func (w *walker) readIgnores(above rules, dir, name string) rules {
	path := filepath.Join(dir, name)
	if !isFile(path) {
		return above
	}
	data, err := readSettings(path)
	if err != nil {
		w.fail(err)
		return above
	}
	own := parse(data, dir)
	if len(above)+len(own) > maxRules {
		w.fail(fmt.Errorf("%s: more than %d patterns, with those of the folders above: use --no-ignore", path, maxRules))
		return above
	}
	return append(above, own...)
}

// parse parses patterns that are relative to the absolute folder dir.
func parse(data []byte, dir string) rules {
	domain := steps(dir)
	var out rules
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		out = append(out, gitignore.ParsePattern(text, domain))
	}
	return out
}
