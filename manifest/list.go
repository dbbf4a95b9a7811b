package manifest

import (
	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// elements returns the elements of a List as items of their own, so that a list of
// hundreds of megabytes, such as kubectl get prints, is decoded one object after
// the other. ok is false for anything but a v1 List that is written as tools and
// people write it, each element with its own kind: it is an item as a whole, and
// means the same.
func (it *Item) elements() (items []*Item, ok bool) {
	if it.frame != nil || !it.verbatimKeys || it.head.Ambiguous || it.head.Kind != "List" || it.head.APIVersion != "v1" {
		return nil, false
	}
	root, seen, ok := yamltext.ScanList(it.text, it.column)
	if !ok {
		return nil, false
	}
	list := onlyItems(root)
	if list == nil || len(list.Items) == 0 || len(list.Items) != len(seen) {
		return nil, false
	}
	where := yamltext.NewPositions(it.text, true, it.column)
	items = make([]*Item, len(seen))
	own := make([]Item, len(seen))
	for i, n := range list.Items {
		if n.Kind != Mapping || seen[i].Head.Ambiguous || seen[i].Head.Kind == "" || seen[i].Head.APIVersion == "" {
			return nil, false
		}
		end := n.End
		if list.Style == Block && isLines(n) {
			end = yamltext.EndOfRegion(it.text, end)
		}
		line, column := where.At(n.PropStart)
		text := it.text[n.PropStart:end]
		own[i] = Item{
			name: it.name, index: it.index, line: it.line + line, column: column,
			start: it.start + n.PropStart, end: it.start + end, original: text, text: text,
		}
		own[i].setScanned(seen[i])
		items[i] = &own[i]
	}
	return items, true
}

// onlyItems returns the value of the key items of a mapping in which every key is
// there once; nil where there is no list.
func onlyItems(root *Node) *Node {
	if root.Kind != Mapping {
		return nil
	}
	seen := make(map[string]bool, len(root.Fields))
	var list *Node
	for i := range root.Fields {
		f := &root.Fields[i]
		if f.Key.Kind != Scalar || f.Key.Tag != "!!str" || seen[f.Key.Value] {
			return nil
		}
		seen[f.Key.Value] = true
		if f.Key.Value == "items" && f.Value.Kind == Sequence {
			list = f.Value
		}
	}
	return list
}
