package manifest

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

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

// MaxDepth is how deep an item of a ResourceList may be nested, and the usual
// Limits.Depth: a depth that the scan does not exceed. What is deeper is read by go-yaml.
// The path of each value is as long as it is deep, so depth multiplies what an object takes.
const MaxDepth = 200

// checkDepth refuses an item that is nested too deep. n is its tree, nil where the scan
// has read it, which takes neither aliases nor great depth.
func (l Limits) checkDepth(it *Item, n *Node) error {
	if n == nil && (l.Depth == 0 || l.Depth >= MaxDepth) {
		return nil
	}
	if n == nil {
		var err error
		if n, err = it.Decode(); err != nil {
			return err
		}
	}
	m := yamltext.Measure(n)
	it.values = m.Values
	if l.Depth > 0 && m.Depth > l.Depth {
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
