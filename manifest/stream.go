package manifest

import (
	"bytes"
	"fmt"
	"io"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// Stream is a file of manifests: documents of YAML, or values of JSON.
type Stream struct {
	Name  string
	Items []*Item // the documents that are not empty; of a List, its elements

	data []byte
}

// ReadStream splits a file into items: YAML documents, or one or more JSON
// values. Documents of nothing but comments are not items, but are written like
// everything else. Broken syntax is an error of type *Error. data must not be
// changed afterwards.
func ReadStream(name string, data []byte) (*Stream, error) {
	return ReadWithin(name, data, Limits{})
}

// ReadWithin is ReadStream with limits on what a file may hold. To exceed one is an
// error of type *Error.
func ReadWithin(name string, data []byte, limits Limits) (*Stream, error) {
	s := &Stream{Name: name, data: data}
	err := Each(name, data, limits, func(it *Item) error {
		s.Items = append(s.Items, it)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Each reads a file as ReadWithin does, and calls f with each item instead of
// keeping it. Broken syntax is found where it is: f may have been called with what
// is before it.
func Each(name string, data []byte, limits Limits, f func(*Item) error) error {
	clean, marked := yamltext.Survey(data)
	spans, err := splitStream(data, clean, marked)
	if err != nil {
		return yamltext.At(err, name, 1)
	}
	where := yamltext.NewPositions(data, clean, 0)
	count := 0
	for i, sp := range spans {
		line, _ := where.At(sp.start)
		text := data[sp.start:sp.end]
		it := &Item{
			name: name, index: i, line: 1 + line, column: sp.column,
			start: sp.start, end: sp.end, original: text, text: text,
		}
		if sp.marker >= 0 {
			it.frame = &frame{before: string(data[sp.marker:sp.start])}
		}
		n, err := it.inspect()
		if err != nil {
			return err
		}
		if err := limits.checkDepth(it, n); err != nil {
			return err
		}
		items, ok := it.elements()
		if !ok {
			items = []*Item{it}
		}
		for _, it := range items {
			if err := limits.checkValues(it); err != nil {
				return err
			}
		}
		if err := sp.verify(data, it); err != nil {
			return err
		}
		if count += len(items); limits.Items > 0 && count > limits.Items {
			return &Error{File: name, Line: it.line, Msg: fmt.Sprintf("the file holds more than %d objects (--max-items)", limits.Items)}
		}
		for _, it := range items {
			if err := f(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteTo writes the file, byte for byte as it was read where no item has
// changed.
func (s *Stream) WriteTo(w io.Writer) (int64, error) {
	var edits []edit
	for _, it := range s.Items {
		if it.changed {
			edits = append(edits, it.edit())
		}
	}
	return writeEdited(w, s.data, edits)
}

// span is where an item is in a stream.
type span struct {
	start, end, column int
	// marker is where the document marker is on whose line the item begins,
	// -1 if there is none.
	marker int
}

// inspect reads the item to find out whether it is well formed, and its head. It
// returns its tree where go-yaml had to be asked.
func (it *Item) inspect() (*Node, error) {
	if seen, ok := yamltext.ScanObject(it.text, it.column); ok {
		it.setScanned(seen)
		return nil, nil
	}
	n, err := yamltext.DecodeFull(it.text, it.column)
	if err != nil {
		return nil, yamltext.At(err, it.name, it.line)
	}
	it.head, it.headKnown = yamltext.HeadOf(n), true
	return n, nil
}

func (it *Item) setScanned(seen yamltext.Outline) {
	it.head, it.headKnown = seen.Head, true
	it.verbatimKeys = seen.Proven && !seen.KeyEscapes
	it.values = seen.Values
}

// verify sees to it that an item does not mean something else without the
// document marker on its line.
func (sp span) verify(data []byte, it *Item) error {
	if sp.marker < 0 {
		return nil
	}
	n, err := it.Decode()
	if err != nil {
		return err
	}
	marked, err := yamltext.DecodeFull(data[sp.marker:sp.end], 0)
	if err != nil {
		return yamltext.At(err, it.name, it.line)
	}
	if !Equal(n, marked) {
		return &Error{File: it.name, Line: it.line, Msg: "the document cannot be told apart from its marker"}
	}
	return nil
}

// splitStream finds the documents of a file; clean and marked are those of
// yamltext.Survey.
func splitStream(data []byte, clean, marked bool) ([]span, error) {
	start := 0
	if bytes.HasPrefix(data, []byte(yamltext.BOM)) {
		start = len(yamltext.BOM)
	}
	if !clean {
		if err := yamltext.CheckMarks(data, start); err != nil {
			return nil, err
		}
		// kubectl and kyaml make LF of CR LF before they parse.
		if i := bytes.Index(data, []byte("\r\r\n")); i >= 0 {
			return nil, errReadDifferently(data, i, "as one line break and as two")
		}
	}
	values, err := splitJSON(data, start, clean)
	if err != nil || len(values) > 1 {
		return values, err
	}
	return splitDocuments(data, start, clean, marked)
}
