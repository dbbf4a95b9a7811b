package engine

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// locator finds the places of values in an item as it was read.
type locator struct {
	item  *manifest.Item
	text  []byte // of the item, before any change
	lines []int  // where the lines of text end, once asked for
}

// file says where a value of an object stands: in the file that was read, or
// else in the one that the object's annotations name.
func (l *locator) file(o *judged, at podspec.Path) report.File {
	if l.item.Name() == "" {
		return report.File{Path: o.File.Path, Index: o.File.Index}
	}
	return report.File{Path: l.item.Name(), Index: l.item.Index(), Line: l.line(o.Node, at)}
}

// line returns the line of the deepest value on the path below n that is there.
func (l *locator) line(n *manifest.Node, at podspec.Path) int {
	start := n.Start
	for _, s := range at {
		if n = n.Resolve(); n == nil {
			break
		}
		key := keyOf(n, s.Key)
		n = child(n, s)
		switch {
		case key != nil:
			start = key.Start
		case n != nil && s.Key == "":
			start = n.Start
		}
	}
	return l.lineAt(start)
}

func (l *locator) lineAt(offset int) int {
	if l.lines == nil {
		l.lines = make([]int, 0, bytes.Count(l.text, []byte("\n")))
		for i, c := range l.text {
			if c == '\n' {
				l.lines = append(l.lines, i)
			}
		}
	}
	before, _ := slices.BinarySearch(l.lines, offset)
	return l.item.Line() + before
}

// child returns what stands one step below n, nil where nothing does.
func child(n *manifest.Node, s podspec.Step) *manifest.Node {
	n = n.Resolve()
	switch {
	case n == nil:
		return nil
	case s.Key != "":
		return n.Get(s.Key)
	case s.Index < len(n.Items):
		return n.Items[s.Index]
	}
	return nil
}

// keyOf returns the key of a mapping's own field, nil where there is none.
func keyOf(n *manifest.Node, key string) *manifest.Node {
	for _, f := range n.Fields {
		if key != "" && f.Key.Value == key {
			return f.Key
		}
	}
	return nil
}

func objectJSON(o workload.Object) (map[string]any, error) {
	v, err := o.Node.JSON()
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the object is not a mapping")
	}
	return m, nil
}

// podJSON returns the pod that an object is or will create. A template without
// metadata gives a pod without.
func podJSON(o workload.Object, pod *podspec.Pod) (map[string]any, error) {
	out := map[string]any{}
	for key, at := range map[string]podspec.Path{"metadata": pod.MetadataPath, "spec": pod.Path} {
		n := o.Node
		for _, s := range at {
			n = child(n, s)
		}
		if n.IsNull() {
			continue
		}
		v, err := n.JSON()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		out[key] = v
	}
	return out, nil
}
