package engine

import (
	"reflect"
	"strings"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// origins finds the places of rendered values in the files that their objects are
// from.
type origins struct {
	table *workload.Table
	read  func(file string) ([]*manifest.Item, error)
	mutex sync.Mutex
	files map[string][]original
}

// original is an object of a file.
type original struct {
	item *manifest.Item
	root *manifest.Node // of the item
	workload.Object
}

// place is where a value is in the file that its object is from: in the lines of
// where, which is nil where that is unknown.
func (s *origins) place(o *judged, path podspec.Path) (report.File, *locator) {
	f := report.File{Path: o.File.Path, Index: o.File.Index}
	if s == nil || o.File.Path == "" || o.File.Repo != "" || len(o.Within) > 0 {
		return f, nil
	}
	from, ok := s.original(o)
	if !ok {
		return f, nil
	}
	below, ok := sameValue(o.Node, from.Node, path)
	if !ok {
		return f, nil
	}
	where := &locator{item: from.item, text: from.item.Bytes()}
	return where.spanned(where.find(from.root, from.Path.Join(below))), where
}

// original returns the object of the file that a rendered one is from: the only one
// of its kind with its name, or with a part of it, to which kustomize has put a
// prefix or a suffix.
func (s *origins) original(o *judged) (original, bool) {
	var named, renamed []original
	for _, from := range s.originals(o.File.Path) {
		if from.Kind != o.Kind || from.Group() != o.Group() {
			continue
		}
		switch {
		case from.Name == o.Name:
			named = append(named, from)
		case from.Name != "" && strings.Contains(o.Name, from.Name):
			renamed = append(renamed, from)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], true
	case len(named) == 0 && len(renamed) == 1:
		return renamed[0], true
	}
	return original{}, false
}

// originals are the objects of a file, none where it cannot be read.
func (s *origins) originals(file string) []original {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if found, ok := s.files[file]; ok {
		return found
	}
	var found []original
	items, err := s.read(file)
	if err != nil {
		items = nil // the place is then unknown, the finding is not
	}
	for _, it := range items {
		root, err := it.Decode()
		if err != nil {
			continue
		}
		for _, o := range s.table.Objects(root) {
			if len(o.Within) == 0 {
				found = append(found, original{it, root, o})
			}
		}
	}
	if s.files == nil {
		s.files = map[string][]original{}
	}
	s.files[file] = found
	return found
}

// sameValue returns the path at which the original of an object has what the object
// has at path, and whether it does: what a patch has added, changed or removed is not
// from there. Of what neither has it is the path of the object.
func sameValue(rendered, original *manifest.Node, path podspec.Path) (podspec.Path, bool) {
	var below podspec.Path
	for _, step := range path {
		r := child(rendered, step)
		o, there := counterpart(rendered, original, step)
		o = o.Resolve()
		switch {
		case r.IsNull() && o.IsNull():
			return nil, true
		case r.IsNull() || o.IsNull():
			return nil, false
		}
		rendered, original = r.Resolve(), o
		below = append(below, there)
	}
	if rendered.Kind == manifest.Mapping && original.Kind == manifest.Mapping {
		return below, true
	}
	a, err := rendered.JSON()
	if err != nil {
		return nil, false
	}
	b, err := original.JSON()
	return below, err == nil && reflect.DeepEqual(a, b)
}

// counterpart is what one step below the original is to one step below the rendered
// object: elements with a name, such as containers, are known by it.
func counterpart(rendered, original *manifest.Node, step podspec.Step) (*manifest.Node, podspec.Step) {
	if step.Key != "" {
		return child(original, step), step
	}
	name := child(rendered, step).Get("name").Text()
	original = original.Resolve()
	if name == "" || original == nil {
		return nil, step
	}
	var found *manifest.Node
	for i, n := range original.Items {
		if n.Get("name").Text() != name {
			continue
		}
		if found != nil {
			return nil, step // which of them is unknown
		}
		found, step.Index = n, i
	}
	return found, step
}
