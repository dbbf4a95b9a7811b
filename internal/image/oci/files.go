package oci

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
)

// Whiteouts, as the OCI image specification names them (layer.md).
const (
	whiteoutPrefix = ".wh."
	opaqueMarker   = ".wh..wh..opq"
	metaPrefix     = ".wh..wh." // of aufs' own bookkeeping
)

// maxLinks bounds links that lead to links.
const maxLinks = 8

// findFiles returns the files at the given paths (etc/passwd) in the file system
// that layers, the lowest first, make up. A file that is not there is not in the
// map.
//
// Layers are read from the top, each to its end, and only until all files are
// known. Whiteouts and opaque folders hide what is below them. Symbolic links
// are followed on any part of the path, from the top again; a hard link leads
// to what its target was at that point of its layer. Where runtimes would unpack
// a layer to different files there is an error instead of a guess.
func findFiles(ctx context.Context, layers []layer, paths ...string) (map[string][]byte, error) {
	r := newLayerReader()
	found := map[string][]byte{}
	var searches []*search
	for _, p := range paths {
		searches = append(searches, newSearch(p, p, top(layers)))
	}
	for len(searches) > 0 {
		if err := pass(ctx, r, layers, searches); err != nil {
			return nil, err
		}
		var again []*search
		for _, s := range searches {
			switch {
			case s.next == nil && s.found:
				found[s.wanted] = s.data
			case s.next != nil && s.next.links > maxLinks:
				return nil, fmt.Errorf("/%s: too many links", s.wanted)
			case s.next != nil:
				again = append(again, s.next)
			}
		}
		searches = again
	}
	return found, nil
}

// pass reads the layers from the top until all searches are done.
func pass(ctx context.Context, r *layerReader, layers []layer, searches []*search) error {
	for i := len(layers) - 1; i >= 0; i-- {
		var views []*view
		for _, s := range searches {
			if !s.done && i <= s.from.layer {
				views = append(views, &view{search: s, layer: i, last: map[string]entry{}, gone: map[string]int{}})
			}
		}
		if len(views) == 0 {
			if !slices.ContainsFunc(searches, func(s *search) bool { return !s.done }) {
				return nil
			}
			continue // all that is left starts further down
		}
		if err := r.read(ctx, layers[i], func(rd io.Reader) error { return show(rd, views) }); err != nil {
			return fmt.Errorf("layer %d of %d: %w", i+1, len(layers), err)
		}
		for _, v := range views {
			if err := v.conclude(top(layers)); err != nil {
				return fmt.Errorf("layer %d of %d: /%s: %w", i+1, len(layers), v.search.wanted, err)
			}
		}
	}
	return nil
}

// show shows every entry of a layer to all views.
func show(r io.Reader, views []*view) error {
	tr := tar.NewReader(r)
	for n := 0; ; n++ {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Clean("/" + h.Name)[1:]
		for _, v := range views {
			if err := v.see(n, name, h, tr); err != nil {
				return err
			}
		}
	}
}

// position is a place in an image: the entries of a layer before entry, and the
// layers below.
type position struct{ layer, entry int }

func top(layers []layer) position { return position{len(layers) - 1, math.MaxInt} }

// search looks for one file.
type search struct {
	wanted string // what the caller asked for
	path   string // where it is looked for, after links
	links  int    // that led here
	from   position

	// dirs are the folders on the way that a layer above has as folders: there a
	// link or a file further down is replaced.
	dirs map[string]bool

	done  bool
	found bool
	data  []byte
	next  *search // a link leads there
}

func newSearch(wanted, p string, from position) *search {
	return &search{wanted: wanted, path: p, from: from, dirs: map[string]bool{}}
}

// follow ends the search in one for p.
func (s *search) follow(p string, from position) {
	s.done = true
	s.next = newSearch(s.wanted, p, from)
	s.next.links = s.links + 1
}

// way returns the path and the folders on the way to it, the outermost first:
// etc, etc/passwd.
func (s *search) way() []string {
	var out []string
	for i, r := range s.path {
		if r == '/' {
			out = append(out, s.path[:i])
		}
	}
	return append(out, s.path)
}

// view is what one layer says to one search.
type view struct {
	search *search
	layer  int
	last   map[string]entry // the last entry for each part of the way
	gone   map[string]int   // parts of the way that a whiteout removes, with its index
	opaque bool             // nothing below this layer is to be seen
}

// entry is an entry of a layer on the way to the file.
type entry struct {
	index int
	typ   byte
	link  string
	data  []byte
}

// see takes note of the n-th entry of the layer.
func (v *view) see(n int, name string, h *tar.Header, content io.Reader) error {
	s := v.search
	if v.layer == s.from.layer && n >= s.from.entry {
		return nil
	}
	dir, base := path.Split(name)
	switch {
	case base == opaqueMarker:
		v.opaque = v.opaque || strings.HasPrefix(s.path, dir)
		return nil
	case strings.HasPrefix(base, metaPrefix):
		return nil
	case strings.HasPrefix(base, whiteoutPrefix):
		if victim := dir + strings.TrimPrefix(base, whiteoutPrefix); isOnWay(victim, s.path) {
			v.gone[victim] = n
		}
		return nil
	case !isOnWay(name, s.path):
		return nil
	}
	e := entry{index: n, typ: h.Typeflag, link: h.Linkname}
	if name == s.path && h.Typeflag == tar.TypeReg {
		var err error
		if e.data, err = ReadAll(content, maxNames); err != nil {
			return fmt.Errorf("/%s: %w", name, err)
		}
	}
	if e.typ != tar.TypeDir || v.last[name].typ != tar.TypeDir {
		v.forgetBelow(name) // what stood there is replaced
	}
	v.last[name] = e
	return nil
}

// isOnWay reports whether p is the file or a folder on the way to it.
func isOnWay(p, file string) bool {
	return p != "" && (p == file || strings.HasPrefix(file, p+"/"))
}

// forgetBelow drops what the layer had so far below p, if it had p.
func (v *view) forgetBelow(p string) {
	if _, ok := v.last[p]; !ok {
		return
	}
	for k := range v.last {
		if strings.HasPrefix(k, p+"/") {
			delete(v.last, k)
		}
	}
}

var errAmbiguous = errors.New("runtimes disagree on what this layer unpacks to")

// conclude tells the search what the layer as a whole means.
func (v *view) conclude(start position) error {
	s := v.search
	for p, n := range v.gone {
		// A whiteout is for the layers below. After the thing itself, some
		// runtimes remove that too.
		if e, ok := v.last[p]; ok && e.index < n {
			return errAmbiguous
		}
	}
	for _, p := range s.way() {
		e, ok := v.last[p]
		switch {
		case !ok:
		case p == s.path:
			return v.arrive(e, start)
		case e.typ == tar.TypeDir:
			s.dirs[p] = true
		case s.dirs[p]: // replaced by a folder above
			s.done = true
			return nil
		case e.typ == tar.TypeSymlink:
			if v.hasBelow(p) {
				return errAmbiguous
			}
			target, err := linkTarget(p, e.link)
			if err != nil {
				return err
			}
			s.follow(path.Join(target, strings.TrimPrefix(s.path, p)), start)
			return nil
		default: // a file where a folder should be
			s.done = true
			return nil
		}
	}
	s.done = v.opaque || len(v.gone) > 0
	return nil
}

// arrive ends the search at its file.
func (v *view) arrive(e entry, start position) error {
	s := v.search
	switch e.typ {
	case tar.TypeReg:
		s.done, s.found, s.data = true, true, e.data
	case tar.TypeLink:
		s.follow(path.Clean("/" + e.link)[1:], position{v.layer, e.index})
	case tar.TypeSymlink:
		target, err := linkTarget(s.path, e.link)
		if err != nil {
			return err
		}
		s.follow(target, start)
	default: // a folder or a device
		s.done = true
	}
	return nil
}

// hasBelow reports whether the layer has something on the way below p.
func (v *view) hasBelow(p string) bool {
	for k := range v.last {
		if strings.HasPrefix(k, p+"/") {
			return true
		}
	}
	return false
}

// linkTarget returns where a symbolic link at p leads, from the root of the
// image, which it cannot leave. A target that goes down and up again
// (a/../b) is refused: where it leads depends on what a is.
func linkTarget(p, link string) (string, error) {
	rest := strings.TrimPrefix(link, "/")
	for strings.HasPrefix(rest, "../") {
		rest = rest[len("../"):]
	}
	if slices.Contains(strings.Split(rest, "/"), "..") {
		return "", fmt.Errorf("is a link to %q, which is not followed", link)
	}
	if !strings.HasPrefix(link, "/") {
		link = path.Dir(p) + "/" + link
	}
	return path.Clean("/" + link)[1:], nil
}
