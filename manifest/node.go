package manifest

// Kind is the kind of a Node.
type Kind uint8

// The kinds of a Node.
const (
	Scalar Kind = iota
	Mapping
	Sequence
	Alias
)

// Style is how a Node is written.
type Style uint8

// The styles of a Node.
const (
	Plain        Style = iota // scalar: text; also an empty value
	SingleQuoted              // scalar: 'text'
	DoubleQuoted              // scalar: "text"
	Literal                   // scalar: |
	Folded                    // scalar: >
	Block                     // mapping or sequence by indentation
	Flow                      // mapping or sequence in braces or brackets
)

// Node is one value of a decoded item. Positions are byte offsets into the
// bytes that were decoded.
type Node struct {
	Kind  Kind
	Style Style
	// Tag is the short resolved tag: !!str, !!int, !!float, !!bool, !!null,
	// !!timestamp, !!binary, !!map, !!seq, !!merge, or a custom tag as written.
	// Resolution is that of go.yaml.in/yaml/v3.
	Tag string
	// Explicit is whether the tag stands in the text.
	Explicit bool
	// Value is the text of a scalar after unquoting and folding, and the name
	// of an alias.
	Value string

	Fields []Field // of a mapping, in the order of the text, duplicates included
	Items  []*Node // of a sequence
	Target *Node   // what an alias stands for

	Anchor string // name of the anchor on this node, "" for none

	// Start and End delimit the value itself: a scalar with its quotes (a block
	// scalar from its indicator to the end of its last line, line break
	// excluded), a flow collection with its brackets, a block collection from
	// its first key or dash to the End of its last value. Properties (anchor,
	// tag) stand before Start, from PropStart on. An empty value has Start ==
	// End, at the end of the "key:" or dash it belongs to.
	PropStart, Start, End int
}

// Field is one key of a mapping with its value.
type Field struct {
	Key, Value *Node
}

// mergeTag is the tag of the key <<.
const mergeTag = "!!merge"

// Resolve returns the node that an alias stands for, and any other node itself.
func (n *Node) Resolve() *Node {
	for n != nil && n.Kind == Alias {
		n = n.Target
	}
	return n
}

// IsNull reports whether the node is absent or null.
func (n *Node) IsNull() bool {
	n = n.Resolve()
	return n == nil || n.Kind == Scalar && n.Tag == "!!null"
}

// Lookup finds the value of a key in a mapping, seeing through aliases and
// merge keys: the mapping's own key wins over merged ones, and of several
// merged mappings the first wins. count is the number of times the key stands
// in the mapping that provides it: 0 where it is absent, above 1 where parsers
// may disagree. The value is the first one, not resolved.
func (n *Node) Lookup(key string) (value *Node, count int) {
	return n.lookup(key, nil)
}

// lookup is Lookup below merge keys: in searched are the mappings that do not
// have the key, so that merge keys which refer to one another are searched once.
func (n *Node) lookup(key string, searched map[*Node]bool) (value *Node, count int) {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping || searched[n] {
		return nil, 0
	}
	merges := false
	for i := range n.Fields {
		k := n.Fields[i].Key.Resolve()
		switch {
		case k.Kind != Scalar:
		case n.Fields[i].Key.isMerge():
			merges = true
		case k.Value == key && k.Tag == "!!str":
			if count == 0 {
				value = n.Fields[i].Value
			}
			count++
		}
	}
	if count > 0 || !merges {
		return value, count
	}
	if searched == nil {
		searched = make(map[*Node]bool)
	}
	searched[n] = true
	for _, from := range n.merged() {
		if value, count = from.lookup(key, searched); count > 0 {
			return value, count
		}
	}
	return nil, 0
}

// isMerge reports whether a key is a merge key. An alias of << is none: go-yaml
// does not resolve a key before it asks.
func (n *Node) isMerge() bool { return n.Kind == Scalar && n.Tag == mergeTag }

// merged lists what the merge keys of a mapping bring in, in their order.
func (n *Node) merged() []*Node {
	var out []*Node
	for i := range n.Fields {
		if !n.Fields[i].Key.isMerge() {
			continue
		}
		from := n.Fields[i].Value.Resolve()
		if from != nil && from.Kind == Sequence {
			out = append(out, from.Items...)
		} else if from != nil {
			out = append(out, from)
		}
	}
	return out
}

// Get is Lookup where only the resolved value matters; nil where the key is
// absent.
func (n *Node) Get(key string) *Node {
	v, _ := n.Lookup(key)
	return v.Resolve()
}

// Text returns the value of a string scalar, "" for anything else.
func (n *Node) Text() string {
	n = n.Resolve()
	if n == nil || n.Kind != Scalar || n.Tag != "!!str" {
		return ""
	}
	return n.Value
}
