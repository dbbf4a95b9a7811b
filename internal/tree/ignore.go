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
type rules []rule

// rule is a pattern of a folder. One without a slash says the same of a name and of
// all below it, so that the names of a path are compared with it once each.
type rule struct {
	pattern gitignore.Pattern // of paths relative to its folder
	depth   int32             // how many steps that folder's own path has
	slashes bool              // whether it is for whole paths
	above   gitignore.MatchResult
}

// match reports whether the rules leave out a path, which is absolute, in a folder
// that they were brought to.
func (r rules) match(abs string, folder bool) bool {
	if len(r) == 0 {
		return false
	}
	path := steps(abs)
	for _, rule := range slices.Backward(r) {
		if m := rule.match(path, folder); m > gitignore.NoMatch {
			return m == gitignore.Exclude
		}
	}
	return false
}

func (r *rule) match(path []string, folder bool) gitignore.MatchResult {
	switch {
	case r.slashes:
		return r.pattern.Match(path[r.depth:], folder)
	case r.above != gitignore.NoMatch:
		return r.above
	}
	return r.pattern.Match(path[len(path)-1:], folder)
}

// in brings the rules to the folder at a path, which they are compared with from the
// step on that has this number.
func (r rules) in(path []string, from int) rules {
	out := r
	for i, rule := range r {
		if rule.slashes || rule.above != gitignore.NoMatch {
			continue
		}
		for j := max(from, int(rule.depth)); j < len(path); j++ {
			if m := rule.pattern.Match(path[j:j+1], true); m > gitignore.NoMatch {
				if &out[0] == &r[0] {
					out = slices.Clone(r)
				}
				out[i].above = m
				break
			}
		}
	}
	return out
}

// below brings the rules of the folder around it to the folder with this absolute path.
func (r rules) below(abs string) rules {
	if len(r) == 0 {
		return nil
	}
	path := steps(abs)
	return r.in(path, len(path)-1)
}

// steps are the names on an absolute path, none on that of the root.
func steps(abs string) []string {
	path := strings.Trim(filepath.ToSlash(abs), "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// excludes are the patterns of the options for what is in a folder. Those for a path
// outside of their base are relative to the path's own folder.
func (w *walker) excludes(abs, folder string) rules {
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
	return parse([]byte(strings.Join(w.opts.Exclude, "\n")), base).in(steps(folder), 0)
}

// ignores are the rules of the folders above an absolute path, up to the one that
// is a git repository's. Outside of a repository there are none.
func (w *walker) ignores(abs string) (rules, error) {
	if w.opts.NoIgnore {
		return nil, nil
	}
	if top, err := isRepository(abs); top || err != nil {
		return nil, err
	}
	var above []string
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		above = append(above, dir)
		top, err := isRepository(dir)
		if err != nil {
			return nil, err
		}
		if top {
			break
		}
		if dir == filepath.Dir(dir) {
			return nil, nil
		}
	}
	var all rules
	for _, dir := range slices.Backward(above) {
		for _, name := range ignoreFileNames {
			var err error
			if all, err = readIgnores(all, dir, name); err != nil {
				return nil, err
			}
		}
	}
	return all.in(steps(abs), 0), nil
}

// isRepository reports whether a folder is the top of a git repository.
func isRepository(dir string) (bool, error) {
	info, err := look(filepath.Join(dir, ".git"))
	return info != nil, err
}

// ignoreFiles adds the rules of a folder to those that hold above it.
func (w *walker) ignoreFiles(above rules, abs string, entries []fs.DirEntry) (rules, error) {
	all := slices.Clip(above)
	if w.opts.NoIgnore {
		return all, nil
	}
	for _, e := range entries {
		if slices.Contains(ignoreFileNames, e.Name()) {
			var err error
			if all, err = readIgnores(all, abs, e.Name()); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// readIgnores adds the rules of a file, where there is one, to those above it.
func readIgnores(above rules, dir, name string) (rules, error) {
	path := filepath.Join(dir, name)
	if file, err := isFile(path); !file || err != nil {
		return above, err
	}
	data, err := readSettings(path)
	if err != nil {
		return nil, err
	}
	own := parse(data, dir)
	if len(above)+len(own) > maxRules {
		return nil, fmt.Errorf("%s: more than %d patterns, with those of the folders above: use --no-ignore", path, maxRules)
	}
	return append(above, own...), nil
}

// parse parses patterns that are relative to the absolute folder dir.
func parse(data []byte, dir string) rules {
	depth := int32(len(steps(dir))) //nolint:gosec // the system bounds it
	var out rules
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name := strings.TrimSuffix(strings.TrimRight(text, " "), "/")
		out = append(out, rule{gitignore.ParsePattern(text, nil), depth, strings.Contains(name, "/"), gitignore.NoMatch})
	}
	return out
}
