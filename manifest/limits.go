package manifest

import "fmt"

// Limits bound what a file may hold; 0 means what the reader itself takes, which
// is a depth of 10,000 and a million values that aliases add to a document.
type Limits struct {
	Items    int // objects in the file
	Depth    int // collections within one another
	Expanded int // values in an object once its aliases are seen through
}

// MaxExpanded is how many values an item of a ResourceList may hold once its aliases
// are seen through, and the usual Limits.Expanded. An object is decoded, judged and
// edited in one piece, and what that takes follows from its values, not from its bytes.
const MaxExpanded = 1 << 20

// scannedDepth is a depth that the scan does not exceed: what is deeper is read by
// go-yaml.
const scannedDepth = 200

// checkDepth refuses an item that is nested too deep. n is its tree, nil where the scan
// has read it, which takes neither aliases nor great depth.
func (l Limits) checkDepth(it *Item, n *Node) error {
	if n == nil && (l.Depth == 0 || l.Depth >= scannedDepth) {
		return nil
	}
	if n == nil {
		var err error
		if n, err = it.Decode(); err != nil {
			return err
		}
	}
	m := measure(n, map[*Node]extents{})
	it.values = m.values
	if l.Depth > 0 && m.depth > l.Depth {
		return it.exceeds("the document is nested more than %d deep (--max-depth)", l.Depth)
	}
	return nil
}

// checkValues refuses an item with more values than the limit.
func (l Limits) checkValues(it *Item) error {
	if l.Expanded > 0 && it.values > l.Expanded {
		return it.exceeds("the object holds more than %d values once its aliases are expanded (--max-expanded)", l.Expanded)
	}
	return nil
}

func (it *Item) exceeds(format string, limit int) error {
	return &Error{File: it.name, Line: it.line, Msg: fmt.Sprintf(format, limit)}
}

// extents are what a node measures with aliases seen through.
type extents struct{ depth, values int }

// measure measures a tree. anchored holds the nodes with an anchor, which come
// before their aliases.
func measure(n *Node, anchored map[*Node]extents) extents {
	if n.Kind == Alias {
		return anchored[n.Target]
	}
	m := extents{values: 1}
	add := func(child *Node) {
		c := measure(child, anchored)
		m.depth = max(m.depth, c.depth)
		m.values = min(m.values+c.values, 1<<40) // far from overflowing
	}
	for _, f := range n.Fields {
		add(f.Key)
		add(f.Value)
	}
	for _, it := range n.Items {
		add(it)
	}
	if n.Kind != Scalar {
		m.depth++
	}
	if n.Anchor != "" {
		anchored[n] = m
	}
	return m
}
