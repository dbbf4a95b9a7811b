package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// Decode decodes one YAML or JSON value, as DecodeFull does and with the same
// result, but much faster for the usual ways to write one. The strings of the tree
// are parts of data, which must not change as long as one of them is in use.
func Decode(data []byte, column int) (*yamlvalue.Node, error) {
	return new(Decoder).Decode(data, column)
}

// Decoder decodes values one after the other in the same memory. The zero Decoder is
// ready for use, by one goroutine at a time.
type Decoder struct{ arena arena }

// Decode is the function Decode. The tree, but for its strings, lasts until Reset.
func (d *Decoder) Decode(data []byte, column int) (*yamlvalue.Node, error) {
	if n := d.scan(data, column); n != nil {
		return n, nil
	}
	return DecodeFull(data, column)
}

// Reset takes back the memory of all trees that d has decoded. Nobody may hold a
// node of one any more.
func (d *Decoder) Reset() { d.arena.reset() }
