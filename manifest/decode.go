package manifest

import (
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// Node is one value of a decoded item, with its byte offsets. Its methods tell
// what it means to the readers of a manifest.
type Node = yamlvalue.Node

// Field is one key of a mapping with its value.
type Field = yamlvalue.Field

// Kind is the kind of a Node.
type Kind = yamlvalue.Kind

// Style is how a Node is written.
type Style = yamlvalue.Style

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

// Equal reports whether two trees decode to the same object, to every reader: the
// same kinds, tags and values, fields in the same order, aliases seen through.
func Equal(a, b *Node) bool { return yamlvalue.Equal(a, b) }

// Error is a syntax error, or input that cannot be what it must be, with File, Line,
// Column and Msg. It prints as "deploy.yaml:12:3: message", leaving out what is not
// known.
type Error = yamltext.Error

// Head says what an item is: APIVersion and Kind. Ambiguous is whether parsers may
// read another apiVersion or kind; APIVersion and Kind are then the first, "" for one
// that is not a string. Items is whether there is a key items at the top: whatever the
// kind says, kubectl applies the objects in it.
type Head = yamltext.Head

// Decoder decodes objects one after the other in the same memory, see
// Item.DecodeWith. The zero Decoder is ready for use, by one goroutine at a time.
// What it has decoded lasts until Reset.
type Decoder = yamltext.Decoder

// Decode decodes one YAML or JSON value. column is the column, from 0 and in
// spaces, at which the first byte of data is in its file; the lines after it
// keep the indentation they have there. Empty data, more than one document,
// UTF-16 and anchors that contain themselves are errors, always of type *Error,
// with lines counted in data. Strings in the tree are parts of data, which must not
// change any more.
func Decode(data []byte, column int) (*Node, error) { return yamltext.Decode(data, column) }
