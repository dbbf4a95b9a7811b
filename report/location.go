package report

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// Checkout says where the paths of a run are in a repository. Services that show
// findings beside the source want paths from the repository's root, whatever the
// working directory was. The zero Checkout takes the working directory for the root.
type Checkout struct {
	Root string // absolute path of the repository's root, "" where there is none
	Dir  string // absolute path of the working directory, "" where it is not known
}

// Path returns the path of a file from the repository's root, with slashes. One
// that is outside of it keeps its own path, without what no repository has: a
// root, a volume, a step upwards.
func (c Checkout) Path(file string) string {
	if c.Root != "" && c.Dir != "" {
		abs := file
		if !filepath.IsAbs(abs) {
			abs = filepath.Join(c.Dir, abs)
		}
		if rel, err := filepath.Rel(c.Root, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	file = filepath.ToSlash(strings.TrimPrefix(file, filepath.VolumeName(file)))
	return strings.TrimPrefix(path.Clean("/"+file), "/")
}

// uri is Path as a relative reference. A colon in the first segment would be taken
// for a scheme's.
func (c Checkout) uri(file string) string {
	segments := strings.Split(strings.ToValidUTF8(c.Path(file), "\ufffd"), "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

// source returns the file that a result is shown at: the object's, else the
// policy's, else the first file of the run.
func (run Run) source(r Result) File {
	switch {
	case r.File.Path != "":
		return r.File
	case r.PolicyFile != "":
		return File{Path: r.PolicyFile, Line: r.PolicyLine}
	}
	return File{Path: run.Input}
}
