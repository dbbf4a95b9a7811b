package tree

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// walker lists the files of one set of arguments.
type walker struct {
	ctx   context.Context
	opts  Options
	base  string   // of opts.Exclude, absolute
	roots []string // the folders that were named, absolute and without links
	seen  map[string]bool
	out   Listing
	found int      // manifests, however often
	bare  []string // folders that were named of which everything is left alone
	notes notes

	kustomizations map[string]*kustomization // by absolute folder; nil for a folder without
	links          []link
}

// link is a link to a manifest that was found below a folder. Whether it is read
// under its own name depends on what else is.
type link struct {
	path   string
	target string // absolute, without links
	at     int    // the number of files before it
}

func newWalker(ctx context.Context, args []string, opts Options) (*walker, error) {
	w := &walker{ctx: ctx, opts: opts, kustomizations: map[string]*kustomization{}, seen: map[string]bool{}}
	var err error
	if w.base, err = filepath.Abs(opts.Base); err != nil {
		return nil, err
	}
	for _, arg := range args {
		real, err := filepath.EvalSymlinks(arg)
		if err != nil {
			continue // argument says so
		}
		if real, err = filepath.Abs(real); err != nil {
			return nil, err
		}
		w.roots = append(w.roots, real)
	}
	return w, nil
}

// add adds a file once, whatever it is named as.
func (w *walker) add(f File, abs string) {
	w.found++
	if !w.seen[abs] {
		w.seen[abs] = true
		w.out.Files = append(w.out.Files, f)
	}
}

// folder lists what is below a folder, which has this absolute path.
func (w *walker) folder(dir, abs string, ignored rules) {
	if w.ctx.Err() != nil {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.fail(err)
		return
	}
	if ignored, err = w.ignoreFiles(ignored, abs, entries); err != nil {
		w.fail(err) // and nothing here is taken for what it leaves out
		return
	}
	excluded := w.excludes(abs, abs)
	chart := false
	for _, e := range entries {
		chart = chart || e.Name() == chartFile
		if isKustomization(e.Name()) {
			w.kustomization(abs)
		}
	}
	if chart {
		w.notes.addChart(dir)
	}
	for _, e := range entries {
		name := e.Name()
		path, full := filepath.Join(dir, name), filepath.Join(abs, name)
		switch {
		case e.IsDir() && strings.HasPrefix(name, "."), chart && isOfChart(name, e.IsDir()):
		case !e.IsDir() && e.Type()&fs.ModeSymlink == 0 && !isManifest(name):
		case excluded.match(full, e.IsDir()):
		case ignored.match(full, e.IsDir()):
			w.notes.add(ignores, path)
		case e.IsDir():
			w.folder(path, full, ignored.below(full))
		case e.Type()&fs.ModeSymlink != 0:
			w.link(path)
		case !e.Type().IsRegular():
			w.fail(irregular(path, e.Type()))
		default:
			w.add(File{Path: path}, full)
		}
	}
}

// link decides what a link below a folder is.
func (w *walker) link(path string) {
	target, err := filepath.EvalSymlinks(path)
	if err == nil {
		target, err = filepath.Abs(target)
	}
	if err != nil {
		if isManifest(path) {
			// Without its cause: nobody meant another file, which a caller might look for.
			w.fail(&fs.PathError{Op: "follow", Path: path, Err: fmt.Errorf("cannot follow the link: %v", err)}) //nolint:errorlint // see above
		}
		return
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		w.fail(err)
	case info.IsDir():
		w.notes.add(folderLinks, path)
	case !isManifest(path):
	case !info.Mode().IsRegular():
		w.fail(irregular(path, info.Mode().Type()))
	default:
		w.found++
		w.links = append(w.links, link{path: path, target: target, at: len(w.out.Files)})
	}
}

func (w *walker) fail(err error) {
	w.found++
	w.out.Errors = append(w.out.Errors, err)
}

// irregular is the error of a file that is not read: reading it may never end.
func irregular(path string, mode fs.FileMode) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is a %s, and below a folder only regular files are read", kindOf(mode))}
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

// finish decides about the links and the files of kustomizations, when all of
// them are known.
func (w *walker) finish() *Listing {
	files := make([]File, 0, len(w.out.Files)+len(w.links))
	next := 0
	for _, l := range w.links {
		files = append(files, w.out.Files[next:l.at]...)
		next = l.at
		if w.seen[l.target] {
			continue // it is read under its own name
		}
		w.seen[l.target] = true
		f := File{Path: l.path}
		if !w.named(l.target) {
			f.Outside = l.target
		}
		files = append(files, f)
	}
	w.out.Files = w.withoutParts(append(files, w.out.Files[next:]...))
	w.out.Notes = w.notes.sentences()
	return &w.out
}

// named reports whether an absolute path is below what was named.
func (w *walker) named(abs string) bool {
	for _, root := range w.roots {
		if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}
