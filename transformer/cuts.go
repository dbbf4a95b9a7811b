package transformer

import (
	"cmp"
	"errors"
	"slices"
)

// cut replaces the bytes from start to end by text.
type cut struct {
	start, end int
	text       string
}

// cuts are all replacements of an item, of which no two may overlap. Of several
// insertions at one offset the first added comes first.
type cuts []cut

func (c *cuts) replace(start, end int, text string) {
	*c = append(*c, cut{start, end, text})
}

func (c *cuts) insert(at int, text string) { c.replace(at, at, text) }

// errOverlap says that two edits need the same bytes.
var errOverlap = errors.New("edits touch one another")

// apply returns data with the replacements made, in parts: those of data and the new
// texts.
func (c cuts) apply(data []byte) (parts [][]byte, err error) {
	slices.SortStableFunc(c, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	last, added := 0, 0
	for _, k := range c {
		if k.start < last {
			return nil, errOverlap
		}
		last = k.end
		added += len(k.text)
	}
	last = 0
	parts = make([][]byte, 0, 2*len(c)+1)
	texts := make([]byte, 0, added)
	for _, k := range c {
		texts = append(texts, k.text...)
		parts = append(parts, data[last:k.start], texts[len(texts)-len(k.text):])
		last = k.end
	}
	parts = append(parts, data[last:])
	return parts, nil
}
