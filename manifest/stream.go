package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// Stream is a file of manifests: documents of YAML, or values of JSON.
type Stream struct {
	Name  string
	Items []*Item // the documents that are not empty

	data []byte
}

// ReadStream splits a file into items: YAML documents, or one or more JSON
// values. Documents of nothing but comments are no items, but are written like
// everything else. Broken syntax is an error of type *Error. data must not be
// changed afterwards.
func ReadStream(name string, data []byte) (*Stream, error) {
	s := &Stream{Name: name, data: data}
	clean := yamltext.IsClean(data)
	spans, err := splitStream(data, clean)
	if err != nil {
		return nil, yamltext.At(err, name, 1)
	}
	where := yamltext.NewPlaces(data, clean, 0)
	for _, sp := range spans {
		line, _ := where.At(sp.start)
		text := data[sp.start:sp.end]
		it := &Item{
			name: name, index: len(s.Items), line: 1 + line, column: sp.column,
			start: sp.start, end: sp.end, original: text, text: text,
		}
		if err := it.inspect(); err != nil {
			return nil, err
		}
		if err := sp.verify(data, it); err != nil {
			return nil, err
		}
		s.Items = append(s.Items, it)
	}
	return s, nil
}

// WriteTo writes the file, byte for byte as it was read where no item has
// changed.
func (s *Stream) WriteTo(w io.Writer) (int64, error) {
	var edits []edit
	for _, it := range s.Items {
		if it.changed {
			edits = append(edits, it.edits()...)
		}
	}
	return writeEdited(w, s.data, edits)
}

// span is where an item stands in a stream.
type span struct {
	start, end, column int
	// marker is where the document marker stands on whose line the item begins,
	// -1 if there is none.
	marker int
}

// inspect reads the item to find out whether it is well formed, and its head.
func (it *Item) inspect() error {
	if seen, ok := yamltext.ScanObject(it.text, it.column); ok {
		it.setScanned(seen)
		return nil
	}
	n, err := yamltext.DecodeFull(it.text, it.column)
	if err != nil {
		return yamltext.At(err, it.name, it.line)
	}
	it.head, it.headKnown = yamltext.HeadOf(n), true
	return nil
}

func (it *Item) setScanned(seen yamltext.Outline) {
	it.head, it.headKnown = seen.Head, true
	it.verbatimKeys = seen.Proven && !seen.KeyEscapes
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

// splitStream finds the documents of a file; clean is yamltext.IsClean(data).
func splitStream(data []byte, clean bool) ([]span, error) {
	start := 0
	if bytes.HasPrefix(data, []byte(yamltext.BOM)) {
		start = len(yamltext.BOM)
	}
	if !clean {
		if err := yamltext.CheckMarks(data, start); err != nil {
			return nil, err
		}
	}
	if values := splitJSON(data, start, clean); len(values) > 1 {
		return values, nil
	}
	return splitDocuments(data, start, clean)
}

// splitJSON finds the values of JSON text with more than one. It returns nil, or
// one value, for anything else.
func splitJSON(data []byte, start int, clean bool) []span {
	first := start + len(data[start:]) - len(bytes.TrimLeft(data[start:], " \t\r\n"))
	if first == len(data) || data[first] != '{' && data[first] != '[' {
		return nil
	}
	if clean {
		if end, ok := yamltext.SkipFlow(data, first); ok && len(bytes.TrimSpace(data[end:])) == 0 {
			return nil
		}
	}
	var spans []span
	var value json.RawMessage
	where := yamltext.NewPlaces(data[start:], false, 0)
	dec := json.NewDecoder(bytes.NewReader(data[start:]))
	for {
		if err := dec.Decode(&value); errors.Is(err, io.EOF) {
			return spans
		} else if err != nil {
			return nil
		}
		end := start + int(dec.InputOffset())
		begin := end - len(value)
		_, column := where.At(begin - start)
		spans = append(spans, span{start: begin, end: end, column: column, marker: -1})
	}
}

// splitDocuments finds the documents of YAML text. A line that begins with
// three dashes or dots ends a document whatever stands around it: YAML has no
// construct that could hold such a line as text. A line that is a marker to
// other readers alone is an error.
func splitDocuments(data []byte, start int, clean bool) ([]span, error) {
	d := documents{data: data, open: span{start: start, marker: -1}}
	for i := start; i < len(data); i, _ = yamltext.LineAfter(data, i, clean) {
		if data[i] == '-' && splitsElsewhere(data, i) {
			line, _ := yamltext.NewPlaces(data, false, 0).At(i)
			return nil, &Error{Line: 1 + line, Column: 1, Msg: "line that parsers read differently, as the end of a document and as none"}
		}
		switch {
		case yamltext.IsMarker(data, i, '-'):
			d.startMarker(i)
		case yamltext.IsMarker(data, i, '.'):
			d.close(i)
			rest := i + 3
			d.open = span{start: yamltext.NextLine(data, rest), marker: -1}
			d.directives = false
			if !yamltext.OnlySpace(data[rest:yamltext.LineEnd(data, rest)]) {
				line, _ := yamltext.NewPlaces(data, false, 0).At(i)
				return nil, &Error{Line: 1 + line, Column: 5, Msg: "text after the end of a document"}
			}
		case data[i] == '%' && yamltext.OnlySpace(data[d.open.start:i]):
			d.directives = true
		}
	}
	d.close(len(data))
	return d.found, nil
}

// splitsElsewhere reports whether the line at i is a document marker, with
// nothing that counts behind it, to readers that split text before they parse
// it, and something else to go-yaml. They are apimachinery's YAMLReader, so
// kubectl, and kyaml's ByteReader: to both a line ends with LF alone, white
// space is what Unicode says, and a comment needs no blank before it.
func splitsElsewhere(data []byte, i int) bool {
	if i > 0 && data[i-1] != '\n' || !bytes.HasPrefix(data[i:], []byte("---")) {
		return false
	}
	rest, _, _ := bytes.Cut(data[i+3:], []byte("\n"))
	theirs := bytes.TrimSpace(rest)
	if len(theirs) > 0 && theirs[0] != '#' {
		return false // they refuse the text
	}
	rest = bytes.TrimSuffix(rest, []byte("\r"))
	if !yamltext.IsMarker(data, i, '-') || yamltext.LineEnd(rest, 0) < len(rest) {
		return true
	}
	ours := bytes.Trim(rest, " \t")
	return len(ours) > 0 && ours[0] != '#'
}

// documents collects the documents of a stream.
type documents struct {
	data  []byte
	found []span
	open  span // the document being read
	// directives is whether the document begins with directives: their text
	// and the marker after them are part of the item, which means nothing
	// without them.
	directives bool
}

// startMarker begins a document at the dashes at i.
func (d *documents) startMarker(i int) {
	if d.directives {
		d.directives = false
		return
	}
	d.close(i)
	rest := i + 3
	begin := yamltext.SkipBlanks(d.data, rest)
	if begin == len(d.data) || d.data[begin] == '#' || yamltext.BreakLen(d.data, begin) > 0 {
		d.open = span{start: yamltext.NextLine(d.data, rest), marker: -1}
		return
	}
	d.open = span{start: begin, column: begin - i, marker: i}
}

// close ends the open document at i, the beginning of a line.
func (d *documents) close(i int) {
	if d.open.start < i && !yamltext.OnlySpace(d.data[d.open.start:i]) {
		d.open.end = i
		d.found = append(d.found, d.open)
	}
}
