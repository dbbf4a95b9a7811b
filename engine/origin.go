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

// source is the original of an object, or nothing, with what is kept to find one value
// of it after the other.
type source struct {
	of       *judged
	original original
	found    bool
	where    *locator
	named    map[*manifest.Node]map[string]int // elements of lists by name, see element
}

// original is where a value is in the file that its object is from: in the lines of
// where, which is nil where that is unknown.
func (l *locator) original(o *judged, path podspec.Path) (f report.File, where *locator) {
	f = report.File{Path: o.File.Path, Index: o.File.Index}
	if l.origins == nil || o.File.Path == "" || o.File.Repo != "" || len(o.Within) > 0 {
		return f, nil
	}
	s := &l.source
	if s.of != o {
		*s = source{of: o, named: map[*manifest.Node]map[string]int{}}
		if s.original, s.found = l.origins.original(o); s.found {
			s.where = &locator{item: s.original.item, text: s.original.item.Bytes()}
		}
	}
	if !s.found {
		return f, nil
	}
	below, ok := s.sameValue(o.Node, path)
	if !ok {
		return f, nil
	}
	return s.where.spanned(s.where.find(s.original.root, s.original.Path.Join(below))), s.where
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
func (s *source) sameValue(rendered *manifest.Node, path podspec.Path) (podspec.Path, bool) {
	original := s.original.Node
	var below podspec.Path
	for _, step := range path {
		r := child(rendered, step)
		o, there := s.counterpart(rendered, original, step)
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
func (s *source) counterpart(rendered, original *manifest.Node, step podspec.Step) (*manifest.Node, podspec.Step) {
	if step.Key != "" {
		return child(original, step), step
	}
	name := child(rendered, step).Get("name").Text()
	original = original.Resolve()
	if name == "" || original == nil {
		return nil, step
	}
	i, ok := s.element(original, name)
	if !ok {
		return nil, step
	}
	step.Index = i
	return original.Items[i], step
}

// element returns the only element of a list with the name.
func (s *source) element(list *manifest.Node, name string) (int, bool) {
	const several = -1
	byName := s.named[list]
	if byName == nil {
		byName = make(map[string]int, len(list.Items))
		for i, n := range list.Items {
			name := n.Get("name").Text()
			if _, twice := byName[name]; twice {
				i = several
			}
			byName[name] = i
		}
		s.named[list] = byName
	}
	i, ok := byName[name]
	return i, ok && i != several
}
