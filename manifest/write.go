package manifest

import (
	"bufio"
	"io"
	"slices"
)

// edit replaces data[start:end] by texts, one behind the other.
type edit struct {
	start, end int
	texts      [][]byte
}

// replace returns the edit that replaces data[start:end] by a text.
func replace(start, end int, text []byte) edit { return edit{start, end, [][]byte{text}} }

// writeEdited writes data with the edits made, which must not overlap.
func writeEdited(w io.Writer, data []byte, edits []edit) (int64, error) {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	bw := bufio.NewWriterSize(w, 64<<10)
	var written int64
	put := func(b []byte) error {
		n, err := bw.Write(b)
		written += int64(n)
		return err
	}
	from := 0
	for _, e := range edits {
		if err := put(data[from:e.start]); err != nil {
			return written, err
		}
		for _, text := range e.texts {
			if err := put(text); err != nil {
				return written, err
			}
		}
		from = e.end
	}
	if err := put(data[from:]); err != nil {
		return written, err
	}
	return written, bw.Flush()
}
