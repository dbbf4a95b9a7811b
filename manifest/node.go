package manifest

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// A decoded item is made of these; what they mean to the readers of a manifest
// is what their methods tell.
type (
	Node  = yamlvalue.Node  // one value, with its byte offsets
	Field = yamlvalue.Field // one key of a mapping with its value
	Kind  = yamlvalue.Kind  // the kind of a Node
	Style = yamlvalue.Style // how a Node is written
)

// The kinds of a Node.
const (
	Scalar   = yamlvalue.Scalar
	Mapping  = yamlvalue.Mapping
	Sequence = yamlvalue.Sequence
	Alias    = yamlvalue.Alias
)

// The styles of a Node.
const (
	Plain        = yamlvalue.Plain        // scalar: text; also an empty value
	SingleQuoted = yamlvalue.SingleQuoted // scalar: 'text'
	DoubleQuoted = yamlvalue.DoubleQuoted // scalar: "text"
	Literal      = yamlvalue.Literal      // scalar: |
	Folded       = yamlvalue.Folded       // scalar: >
	Block        = yamlvalue.Block        // mapping or sequence by indentation
	Flow         = yamlvalue.Flow         // mapping or sequence in braces or brackets
)

// Equal reports whether two trees decode to the same object: the same kinds,
// tags and values, fields in the same order, aliases seen through. Positions,
// styles and names of anchors do not count.
func Equal(a, b *Node) bool { return yamlvalue.Equal(a, b) }
