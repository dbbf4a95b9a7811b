package manifest

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// listVersions are the apiVersions of a ResourceList.
var listVersions = []string{
	"config.kubernetes.io/v1",
	"config.kubernetes.io/v1beta1",
	"config.kubernetes.io/v1alpha1",
}

// ResourceList is the input of a KRM function,
// https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md.
type ResourceList struct {
	FunctionConfig *Item // nil when absent or null
	Items          []*Item

	data     []byte // everything that was read
	doc      []byte // the document in it
	base     int    // where doc begins in data
	root     *Node
	items    *Field // nil when absent or null
	results  *Field // nil when absent
	families []*family
	dropped  bool
	block    []byte // results to add
}

// ReadResourceList reads a ResourceList in YAML or JSON without decoding its
// items. Errors are of type *Error: anything that is not exactly one
// ResourceList, items that are no list, an item that is no mapping, keys that
// stand twice. data must not be changed afterwards.
func ReadResourceList(data []byte) (*ResourceList, error) {
	spans, err := splitStream(data)
	switch {
	case err != nil:
		return nil, err
	case len(spans) == 0:
		return nil, &Error{Msg: "the input is empty, a ResourceList is needed"}
	case len(spans) > 1:
		return nil, &Error{Msg: "there is more than one document, a single ResourceList is needed"}
	}
	sp := spans[0]
	rl := &ResourceList{data: data, doc: data[sp.start:sp.end], base: sp.start}
	line := 1 + countLines(data[:sp.start])
	root, err := DecodeFull(rl.doc, sp.column)
	if err != nil {
		return nil, at(err, "", line)
	}
	rl.root = root
	c := newConverter(rl.doc, sp.column)
	if err := rl.read(c, line); err != nil {
		return nil, err
	}
	return rl, nil
}

// read takes the list apart. line is the line of the document's first byte.
func (rl *ResourceList) read(c *converter, line int) error {
	fail := func(n *Node, format string, args ...any) error {
		return &Error{
			Line:   line + searchLine(c.lines, n.Start),
			Column: c.columnOf(n.Start) + 1,
			Msg:    fmt.Sprintf(format, args...),
		}
	}
	if rl.root.Kind != Mapping {
		return fail(rl.root, "the input is not a ResourceList")
	}
	seen := make(map[string]*Field)
	for i := range rl.root.Fields {
		f := &rl.root.Fields[i]
		if f.Key.Kind != Scalar || f.Key.Tag != "!!str" {
			return fail(f.Key, "a key of the ResourceList is not a plain string")
		}
		if seen[f.Key.Value] != nil {
			return fail(f.Key, "key %q stands twice in the ResourceList", f.Key.Value)
		}
		seen[f.Key.Value] = f
	}
	if kind := rl.root.Get("kind").Text(); kind != "ResourceList" {
		return fail(rl.root, "kind must be ResourceList, is %q", kind)
	}
	if v := rl.root.Get("apiVersion").Text(); !slices.Contains(listVersions, v) {
		return fail(rl.root, "apiVersion must be config.kubernetes.io/v1, is %q", v)
	}
	if f := seen["results"]; f != nil {
		if f.Value.Kind != Sequence && !(f.Value.Kind == Scalar && f.Value.IsNull()) {
			return fail(f.Value, "results must be a list")
		}
		rl.results = f
	}
	if f := seen["functionConfig"]; f != nil && !f.Value.IsNull() {
		rl.FunctionConfig = rl.newItem(c, f.Value, line)
	}
	if f := seen["items"]; f != nil && !(f.Value.Kind == Scalar && f.Value.IsNull()) {
		if f.Value.Kind != Sequence {
			return fail(f.Value, "items must be a list")
		}
		rl.items = f
		for i, n := range f.Value.Items {
			if n.Resolve().Kind != Mapping {
				return fail(n, "items[%d] must be a mapping", i)
			}
			it := rl.newItem(c, n, line)
			it.index = i
			rl.Items = append(rl.Items, it)
		}
	}
	if err := rl.share(); err != nil {
		return at(err, "", line)
	}
	return nil
}

// newItem cuts out the bytes of n.
func (rl *ResourceList) newItem(c *converter, n *Node, line int) *Item {
	it := &Item{
		line:   line + searchLine(c.lines, n.PropStart),
		column: c.columnOf(n.PropStart),
		start:  n.PropStart,
		end:    n.End,
	}
	if rl.root.Style == Block && n.Style == Block && n.Kind != Alias {
		it.end = endOfRegion(rl.doc, n.End)
	}
	it.original = rl.doc[it.start:it.end]
	it.text = it.original
	return it
}

// DropItems makes the list leave with no items.
func (rl *ResourceList) DropItems() { rl.dropped = true }

// WriteTo writes the list, byte for byte as it was read except for items
// changed, items dropped and results added.
func (rl *ResourceList) WriteTo(w io.Writer) (int64, error) {
	edits := rl.itemEdits()
	edits = append(edits, rl.resultEdits()...)
	for i := range edits {
		edits[i].start += rl.base
		edits[i].end += rl.base
	}
	return writeEdited(w, rl.data, edits)
}

func (rl *ResourceList) itemEdits() []edit {
	var edits []edit
	items := rl.Items
	if rl.dropped && rl.items != nil {
		edits = append(edits, rl.dropEdit())
		items = nil
	}
	if rl.FunctionConfig != nil {
		items = append(slices.Clip(items), rl.FunctionConfig)
	}
	for _, it := range items {
		if it.changed || it.family != nil && it.family.isChanged(rl.dropped) {
			edits = append(edits, edit{it.start, it.end, it.output()})
		}
	}
	for _, f := range rl.families {
		if f.isChanged(rl.dropped) {
			edits = append(edits, f.fields...)
		}
	}
	return edits
}

func (rl *ResourceList) dropEdit() edit {
	n := rl.items.Value
	if n.Style == Flow {
		return edit{n.PropStart, n.End, []byte("[]")}
	}
	end := lineEnd(rl.doc, n.End)
	if last := endOfRegion(rl.doc, n.End); last > end {
		return edit{rl.items.Key.End, last, []byte(": []" + lineBreak(rl.doc))}
	}
	return edit{rl.items.Key.End, end, []byte(": []")}
}

// AddResults adds results behind those that the list has. block is a YAML
// block sequence whose elements begin with "- " at column 0 and whose lines
// end with "\n"; it is written in the style of the list.
func (rl *ResourceList) AddResults(block []byte) {
	rl.block = append(rl.block, bytes.TrimRight(block, "\n")...)
	rl.block = append(rl.block, '\n')
}
