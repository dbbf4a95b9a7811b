package yamlvalue

// Equal reports whether two trees decode to the same object, to every reader: the
// same kinds, tags and values, fields in the same order, aliases seen through.
// Positions, styles and names of anchors do not count, except that quotes may not
// come or go where a reader takes the text without them for something else.
func Equal(a, b *Node) bool {
	return (&comparison{}).equal(a, b)
}

// comparison remembers pairs already compared, because aliases of aliases make
// a tree of exponential size out of a short text.
type comparison struct {
	seen map[[2]*Node]bool
}

func (c *comparison) equal(a, b *Node) bool {
	shared := a != nil && a.Kind == Alias || b != nil && b.Kind == Alias
	a, b = a.Resolve(), b.Resolve()
	if a == nil || b == nil {
		return a == b
	}
	if !shared {
		return c.same(a, b)
	}
	pair := [2]*Node{a, b}
	if same, ok := c.seen[pair]; ok {
		return same
	}
	if c.seen == nil {
		c.seen = make(map[[2]*Node]bool)
	}
	same := c.same(a, b)
	c.seen[pair] = same
	return same
}

// sameQuotes reports whether two nodes of the same tag and value are the same to
// every reader.
func sameQuotes(a, b *Node) bool {
	if a.Kind != Scalar || a.Tag != strTag || a.isBare() == b.isBare() {
		return true
	}
	_, fa := a.Str()
	_, fb := b.Str()
	return fa == Fine && fb == Fine
}

// isBare reports whether a reader must resolve the text of a scalar.
func (n *Node) isBare() bool { return n.Style == Plain && !n.Explicit }

func (c *comparison) same(a, b *Node) bool {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || a.NonSpecific != b.NonSpecific || !sameQuotes(a, b) ||
		len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Fields {
		if !c.equal(a.Fields[i].Key, b.Fields[i].Key) || !c.equal(a.Fields[i].Value, b.Fields[i].Value) {
			return false
		}
	}
	for i := range a.Items {
		if !c.equal(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return true
}
