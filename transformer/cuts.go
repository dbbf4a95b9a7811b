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
// insertions at one place the first added comes first.
type cuts []cut

func (c *cuts) replace(start, end int, text string) {
	*c = append(*c, cut{start, end, text})
}

func (c *cuts) insert(at int, text string) { c.replace(at, at, text) }

// errOverlap says that two edits need the same bytes.
var errOverlap = errors.New("edits touch one another")

// apply returns data with the replacements made.
func (c cuts) apply(data []byte) ([]byte, error) {
	slices.SortStableFunc(c, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	size, last := len(data), 0
	for _, k := range c {
		if k.start < last || k.end < k.start {
			return nil, errOverlap
		}
		last = k.end
		size += len(k.text) - (k.end - k.start)
	}
	out := make([]byte, 0, size)
	last = 0
	for _, k := range c {
		out = append(out, data[last:k.start]...)
		out = append(out, k.text...)
		last = k.end
	}
	return append(out, data[last:]...), nil
}
