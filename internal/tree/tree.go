// Package tree reads the manifests of folders, and writes them back, without
// losing anything.
//
// [List] says which files an argument stands for: the *.yaml, *.yml and *.json
// below a folder, as they are meant. It leaves alone what is not a manifest although
// it looks like one, and says so: templates of Helm charts, patches and
// configuration of kustomize, what .gitignore and .krmignore leave out, links to
// folders. [Read] reads one of them, a [Writer] puts other bytes in its place:
//
//	listing, err := tree.List(ctx, []string{"manifests"}, tree.Options{})
//	var w tree.Writer
//	for _, f := range listing.Files {
//		data, err := tree.Read(f, limit)
//		…
//		err = w.Replace(f, data, fixed)
//	}
//
// A tree may be hostile. Nothing but regular files is read below a folder, and a
// link that leads out of what was named is read but not written through.
package tree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Stdin is the argument, and the Path of the File, that is standard input.
const Stdin = "-"

// Options say what of a tree counts. The zero Options are the defaults.
type Options struct {
	// Exclude are patterns as in .gitignore of what is left out, relative to Base.
	Exclude []string
	// Base is the folder that Exclude is relative to: the working directory where
	// it is empty.
	Base string
	// NoIgnore reads also what .gitignore and .krmignore leave out.
	NoIgnore bool
}

// File is a file to read.
type File struct {
	// Path is the path as it was named, or below the folder that was, cleaned.
	Path string
	// Named is whether the file itself was named, and not a folder above it.
	Named bool
	// Outside is where a link leads that was found below a folder, if that is
	// outside of everything that was named.
	Outside string
}

// Listing is what arguments stand for.
type Listing struct {
	Files []File // in the order of the arguments, and lexically below each
	// Notes are sentences about what was left alone, for a person.
	Notes []string
	// Errors are one for each file or folder that ought to be read and cannot be.
	Errors []error
}

// List lists the files that the arguments stand for. The error is about an
// argument: one that is not there, or a folder without manifests.
func List(ctx context.Context, args []string, opts Options) (*Listing, error) {
	w, err := newWalker(ctx, args, opts)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, arg := range args {
		errs = append(errs, w.argument(arg))
	}
	if w.found == 0 && len(w.bare) > 0 {
		errs = append(errs, w.nothing(w.bare[0]))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return w.finish(), nil
}

// argument lists what one argument stands for.
func (w *walker) argument(arg string) error {
	if arg == Stdin {
		w.add(File{Path: Stdin, Named: true}, Stdin)
		return nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return err
	}
	path := filepath.Clean(arg)
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	switch chart, err := chartOf(abs); {
	case err != nil:
		return err
	case chart != "":
		w.notes.add(charts, displayed(chart))
		return nil
	}
	if err := w.ancestors(filepath.Dir(abs)); err != nil {
		return err
	}
	if !info.IsDir() {
		if !w.excludes(abs, filepath.Dir(abs)).match(abs, false) {
			w.add(File{Path: path, Named: true}, abs)
		}
		return nil
	}
	ignored, err := w.ignores(abs)
	if err != nil {
		return err
	}
	before, left := w.found, w.notes.count()
	w.folder(path, abs, ignored)
	if err := w.ctx.Err(); err != nil {
		return err
	}
	switch {
	case w.found > before:
	case w.notes.count() > left:
		w.bare = append(w.bare, arg)
	default:
		return w.nothing(arg)
	}
	return nil
}

// nothing says that a folder holds no manifests, and what it holds instead.
func (w *walker) nothing(arg string) error {
	msg := fmt.Sprintf("%s: no manifests (*.yaml, *.yml, *.json) below this folder", arg)
	if notes := w.notes.sentences(); len(notes) > 0 {
		msg += ": " + strings.Join(notes, "; ")
	}
	return errors.New(msg)
}

// displayed is an absolute path as a person in the working directory would name
// it.
func displayed(abs string) string {
	wd, err := os.Getwd()
	if err != nil {
		return abs
	}
	rel, err := filepath.Rel(wd, abs)
	if err != nil || strings.HasPrefix(rel, ".."+string(filepath.Separator)+"..") {
		return abs
	}
	return rel
}

func isManifest(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
