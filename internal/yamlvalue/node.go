package yamlvalue

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
	// Explicit is whether there is a tag in the text.
	Explicit bool
	// NonSpecific is whether that is the tag !, which makes a string of a scalar
	// for V2 and means nothing to V3. Tag is what V3 resolves.
	NonSpecific bool
	// Tag is the short resolved tag: !!str, !!int, !!float, !!bool, !!null,
	// !!timestamp, !!binary, !!map, !!seq, !!merge, or a custom tag as written.
	// Resolution is that of go.yaml.in/yaml/v3.
	Tag string
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
	// tag) are before Start, from PropStart on. An empty value has Start ==
	// End, at the end of the "key:" or dash it belongs to.
	PropStart, Start, End int
}

// Field is one key of a mapping with its value.
type Field struct {
	Key, Value *Node
}

// Resolve returns the node that an alias stands for, and any other node itself.
func (n *Node) Resolve() *Node {
	for n != nil && n.Kind == Alias {
		n = n.Target
	}
	return n
}

// Text returns the value of a string scalar, "" for anything else.
func (n *Node) Text() string {
	n = n.Resolve()
	if n == nil || n.Kind != Scalar || n.Tag != strTag {
		return ""
	}
	return n.Value
}
