package manifest

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/readall"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
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

	data    []byte // everything that was read
	doc     []byte // the document in it
	base    int    // where doc begins in data
	line    int    // of the first byte of doc, from 1
	where   *yamltext.Positions
	root    *Node  // down to the items
	scanned bool   // doc was read by the scan, not by go-yaml
	items   *Field // nil when absent or null
	results *Field // nil when absent
	dropped bool
	blocks  [][]byte // results to add
	// newItems are items to add, as blocks are results.
	newItems [][]byte
}

// ReadResourceList reads a ResourceList in YAML or JSON without decoding its
// items. Errors are of type *Error: anything that is not exactly one
// ResourceList, items that are not a list, an item that is not a mapping, keys that
// are defined more than once. data must not be changed afterwards.
func ReadResourceList(data []byte) (*ResourceList, error) {
	return readResourceList(data, new(yamltext.Surveyor))
}

// ReadResourceListFrom is ReadResourceList of all that r gives, and begins while
// there is more to come. data is what it gave, nil where it could not be read.
func ReadResourceListFrom(r io.Reader) (list *ResourceList, data []byte, err error) {
	var survey yamltext.Surveyor
	data, err = readall.Read(r, survey.More)
	if err != nil {
		return nil, nil, err
	}
	list, err = readResourceList(data, &survey)
	return list, data, err
}

func readResourceList(data []byte, survey *yamltext.Surveyor) (*ResourceList, error) {
	clean, marked := survey.Of(data)
	spans, err := splitStream(data, clean, marked)
	switch {
	case err != nil:
		return nil, err
	case len(spans) == 0:
		return nil, &Error{Msg: "the input is empty, a ResourceList is needed"}
	case len(spans) > 1:
		return nil, &Error{Msg: "there is more than one document, a single ResourceList is needed"}
	}
	return readList(data, spans[0], clean)
}

// readList reads the list in the document at sp, by the scan only if data is
// clean.
func readList(data []byte, sp span, clean bool) (*ResourceList, error) {
	rl := &ResourceList{data: data, doc: data[sp.start:sp.end], base: sp.start}
	line, _ := yamltext.NewPositions(data, clean, 0).At(sp.start)
	rl.where = yamltext.NewPositions(rl.doc, clean, sp.column)
	rl.line = line + 1
	var seen []yamltext.Outline
	if clean && sp.marker < 0 {
		rl.root, seen, rl.scanned = yamltext.ScanList(rl.doc, sp.column)
	}
	if !rl.scanned {
		var err error
		if rl.root, err = decodeMarked(data, sp); err != nil {
			return nil, yamltext.At(err, "", rl.line)
		}
	}
	if err := rl.read(seen); err != nil {
		return nil, err
	}
	return rl, nil
}

// decodeMarked decodes a document with go-yaml.
func decodeMarked(data []byte, sp span) (*Node, error) {
	root, err := yamltext.DecodeFull(data[sp.start:sp.end], sp.column)
	if err != nil || sp.marker < 0 {
		return root, err
	}
	marked, err := yamltext.DecodeFull(data[sp.marker:sp.end], 0)
	if err == nil && !Equal(root, marked) {
		err = &Error{Msg: "the document cannot be told apart from its marker"}
	}
	return root, err
}

// fail makes an error about n.
func (rl *ResourceList) fail(n *Node, format string, args ...any) error {
	line, column := rl.where.At(n.Start)
	return &Error{Line: rl.line + line, Column: column + 1, Msg: fmt.Sprintf(format, args...)}
}

// read takes the list apart. seen is what the scan found of its items.
func (rl *ResourceList) read(seen []yamltext.Outline) error {
	fields, err := rl.fields()
	if err != nil {
		return err
	}
	if f := fields["results"]; f != nil {
		if f.Value.Kind != Sequence && !isNullScalar(f.Value) {
			return rl.fail(f.Value, "results must be a list")
		}
		rl.results = f
	}
	if f := fields["functionConfig"]; f != nil && !f.Value.IsNull() {
		rl.FunctionConfig = rl.newItem(f.Value, isLines(f.Value))
	}
	if f := fields["items"]; f != nil && !isNullScalar(f.Value) {
		if err := rl.readItems(f, seen); err != nil {
			return err
		}
	}
	if rl.scanned {
		return nil // the scan gives up on anchors and directives of the list
	}
	return rl.checkParts()
}

func isNullScalar(n *Node) bool { return n.Kind == Scalar && n.IsNull() }

// fields returns the top-level fields by key, and sees to it that they are
// those of a ResourceList.
func (rl *ResourceList) fields() (map[string]*Field, error) {
	if rl.root.Kind != Mapping {
		return nil, rl.fail(rl.root, "the input is not a ResourceList")
	}
	fields := make(map[string]*Field)
	for i := range rl.root.Fields {
		f := &rl.root.Fields[i]
		if f.Key.Kind != Scalar || f.Key.Tag != "!!str" {
			return nil, rl.fail(f.Key, "a key of the ResourceList is not a plain string")
		}
		if fields[f.Key.Value] != nil {
			return nil, rl.fail(f.Key, "key %q is defined more than once in the ResourceList", f.Key.Value)
		}
		fields[f.Key.Value] = f
	}
	if kind := rl.root.Get("kind").Text(); kind != "ResourceList" {
		return nil, rl.fail(rl.root, "kind must be ResourceList, is %q", kind)
	}
	if v := rl.root.Get("apiVersion").Text(); !slices.Contains(listVersions, v) {
		return nil, rl.fail(rl.root, "apiVersion must be config.kubernetes.io/v1, is %q", v)
	}
	return fields, nil
}

func (rl *ResourceList) readItems(f *Field, seen []yamltext.Outline) error {
	if f.Value.Kind != Sequence {
		return rl.fail(f.Value, "items must be a list")
	}
	rl.items = f
	rl.Items = make([]*Item, 0, len(f.Value.Items))
	for i, n := range f.Value.Items {
		if n.Resolve().Kind != Mapping {
			return rl.fail(n, "items[%d] must be a mapping", i)
		}
		it := rl.newItem(n, f.Value.Style == Block && isLines(n))
		it.index = i
		if f.Value.Style == Flow {
			it.frame = flowFrame
		}
		var m yamltext.Extents
		if rl.scanned {
			it.setScanned(seen[i])
			m = seen[i].Extents
		} else {
			m = yamltext.Measure(n)
		}
		if m.Depth > MaxDepth {
			return rl.fail(n, "items[%d] is nested more than %d deep", i, MaxDepth)
		}
		if m.Values > MaxExpanded {
			return rl.fail(n, "items[%d] holds more than %d values once its aliases are expanded", i, MaxExpanded)
		}
		rl.Items = append(rl.Items, it)
	}
	if rl.scanned {
		f.Value.Items = nil // not needed any more, and there may be many
	}
	return nil
}

// isLines reports whether a value is written as whole lines.
func isLines(n *Node) bool {
	return n.Style == Block || n.Style == Literal || n.Style == Folded
}

// newItem cuts out the bytes of n, with the rest of its lines if wholeLines.
func (rl *ResourceList) newItem(n *Node, wholeLines bool) *Item {
	line, column := rl.where.At(n.PropStart)
	it := &Item{line: rl.line + line, column: column, start: n.PropStart, end: n.End}
	if wholeLines {
		it.end = yamltext.EndOfRegion(rl.doc, n.End)
	}
	it.original = rl.doc[it.start:it.end]
	it.text = it.original
	return it
}

// checkParts sees to it that the items, and the other values of the list, mean on
// their own what they mean in it: each is read, changed and dropped without the
// others. They do, unless an alias refers to an anchor elsewhere, or a tag needs a
// directive, which no host writes.
func (rl *ResourceList) checkParts() error {
	for i := range rl.root.Fields {
		f := &rl.root.Fields[i]
		if f != rl.items {
			if err := rl.checkAliases(f.Value, make(map[*Node]bool)); err != nil {
				return err
			}
			continue
		}
		for i, n := range f.Value.Items {
			if err := rl.checkAliases(n, make(map[*Node]bool)); err != nil {
				return err
			}
			if err := rl.Items[i].checkAlone(n); err != nil {
				return err
			}
		}
	}
	if rl.FunctionConfig != nil {
		return rl.FunctionConfig.checkAlone(rl.root.Get("functionConfig"))
	}
	return nil
}

// checkAliases refuses an alias of an anchor that is not in anchored, where those
// of n are put.
func (rl *ResourceList) checkAliases(n *Node, anchored map[*Node]bool) error {
	if n.Kind == Alias {
		if !anchored[n.Target] {
			return rl.fail(n, "alias of the anchor %q outside of its item: write the value out", n.Value)
		}
		return nil
	}
	if n.Anchor != "" {
		anchored[n] = true
	}
	for _, f := range n.Fields {
		if err := rl.checkAliases(f.Key, anchored); err != nil {
			return err
		}
		if err := rl.checkAliases(f.Value, anchored); err != nil {
			return err
		}
	}
	for _, it := range n.Items {
		if err := rl.checkAliases(it, anchored); err != nil {
			return err
		}
	}
	return nil
}

// checkAlone decodes an item by itself and compares it with n, what it is in its
// list.
func (it *Item) checkAlone(n *Node) error {
	own, err := it.Decode()
	if err != nil {
		return err
	}
	if !Equal(own, n) {
		return &Error{Line: it.line, Column: it.column + 1, Msg: "the item means something else without the rest of the list: write out its tags"}
	}
	it.head, it.headKnown = yamltext.HeadOf(own), true
	return nil
}

// DropItems makes the list leave with no items.
func (rl *ResourceList) DropItems() { rl.dropped = true }

// AddItems adds objects behind those that the list has, each a YAML document in
// block style whose lines end with "\n". They are not among Items.
func (rl *ResourceList) AddItems(documents ...[]byte) {
	for _, d := range documents {
		element := append([]byte("- "), indentLines(bytes.TrimSuffix(d, []byte("\n")), 2, "\n")...)
		rl.newItems = append(rl.newItems, append(element, '\n'))
	}
}

// WriteTo writes the list, byte for byte as it was read except for items
// changed, items dropped, and items and results added.
func (rl *ResourceList) WriteTo(w io.Writer) (int64, error) {
	edits := rl.itemEdits()
	edits = append(edits, rl.newItemEdits()...)
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
		if it.changed {
			edits = append(edits, it.edit())
		}
	}
	return edits
}

func (rl *ResourceList) dropEdit() edit {
	n := rl.items.Value
	if n.Style == Flow {
		return replace(n.PropStart, n.End, []byte("[]"))
	}
	end := yamltext.LineEnd(rl.doc, n.End)
	if last := yamltext.EndOfRegion(rl.doc, n.End); last > end {
		return replace(rl.items.Key.End, last, []byte(": []"+yamltext.LineBreak(rl.doc)))
	}
	return replace(rl.items.Key.End, end, []byte(": []"))
}

// AddResults adds results behind those that the list has. Each block is a part
// of a YAML block sequence, elements that begin with "- " at column 0 and lines
// that end with "\n"; it is written in the style of the list. The blocks are
// kept, not copied.
func (rl *ResourceList) AddResults(blocks ...[]byte) {
	for _, b := range blocks {
		if len(b) > 0 {
			rl.blocks = append(rl.blocks, b)
		}
	}
}
