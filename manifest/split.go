package manifest

import (
	"bytes"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// splitDocuments finds the documents of YAML text. A line that begins with three
// dashes ends a document whatever is around it: YAML has no construct that could
// hold such a line as text. Lines are those that a line feed ends. A marker after
// another line break, text after the end of a document, and a line that is a
// marker to other readers alone are errors: a document that not all readers see
// could decide about one that they do. clean and marked are those of
// yamltext.Survey.
func splitDocuments(data []byte, start int, clean, marked bool) ([]span, error) {
	d := documents{data: data, open: span{start: start, marker: -1}}
	for i := start; marked && i < len(data); i = yamltext.LineAfter(data, i, clean) {
		dashes, dots := yamltext.IsMarker(data, i, '-'), yamltext.IsMarker(data, i, '.')
		switch {
		case i > start && data[i-1] != '\n':
			if dashes || dots {
				return nil, errReadDifferently(data, i, "as the end of a document and as none")
			}
		case data[i] == '-' && splitsElsewhere(data, i):
			return nil, errReadDifferently(data, i, "as the end of a document and as none")
		case dashes && isHiddenAtEnd(data, i, start):
			return nil, errReadDifferently(data, i, "as a document and as nothing")
		case dashes:
			if err := d.startMarker(i); err != nil {
				return nil, err
			}
		case dots:
			if err := d.endMarker(i); err != nil {
				return nil, err
			}
		case data[i] == '%' && !d.ended && yamltext.OnlySpace(data[d.open.start:i]):
			d.directives = true
		}
	}
	return d.found, d.close(len(data))
}

// errReadDifferently refuses the line at i.
func errReadDifferently(data []byte, i int, how string) error {
	line, column := yamltext.NewPositions(data, false, 0).At(i)
	return &Error{Line: 1 + line, Column: 1 + column, Msg: "line that parsers read differently, " + how}
}

// splitsElsewhere reports whether the line at i is a document marker, with
// nothing that counts behind it, to readers that split text before they parse
// it, and something else to go-yaml. They are apimachinery's YAMLReader, so
// kubectl, and kyaml's ByteReader: to both a line ends with LF alone, white
// space is what Unicode says, and a comment needs no blank before it.
func splitsElsewhere(data []byte, i int) bool {
	if !bytes.HasPrefix(data[i:], []byte("---")) {
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

// isHiddenAtEnd reports whether the text on the line of the marker at i is a
// document that kyaml passes over: it splits text at markers between two line
// feeds, and reads one document of each part.
func isHiddenAtEnd(data []byte, i, start int) bool {
	rest := data[i+3:]
	return i > start && bytes.IndexByte(rest, '\n') < 0 && !yamltext.OnlySpace(rest)
}

// documents collects the documents of a stream.
type documents struct {
	data  []byte
	found []span
	open  span // the document being read
	// ended is whether a line of dots has ended it: kubectl and kyaml read no
	// further before the next marker.
	ended bool
	// directives is whether the document begins with directives: their text
	// and the marker after them are part of the item, which means nothing
	// without them.
	directives bool
}

// startMarker begins a document at the dashes at i.
func (d *documents) startMarker(i int) error {
	if d.directives {
		d.directives = false
		return nil
	}
	if err := d.close(i); err != nil {
		return err
	}
	rest := i + 3
	begin := yamltext.SkipBlanks(d.data, rest)
	if begin == len(d.data) || d.data[begin] == '#' || yamltext.BreakLen(d.data, begin) > 0 {
		d.open = span{start: yamltext.NextLine(d.data, rest), marker: -1}
		return nil
	}
	d.open = span{start: begin, column: begin - i, marker: i}
	return nil
}

// endMarker ends the document at the dots at i.
func (d *documents) endMarker(i int) error {
	if err := d.close(i); err != nil {
		return err
	}
	rest := i + 3
	d.open = span{start: yamltext.NextLine(d.data, rest), marker: -1}
	d.ended, d.directives = true, false
	if !yamltext.OnlySpace(d.data[rest:yamltext.LineEnd(d.data, rest)]) {
		return d.textAfterEnd(rest)
	}
	return nil
}

// close ends the open document at i, the beginning of a line.
func (d *documents) close(i int) error {
	if d.open.start >= i || yamltext.OnlySpace(d.data[d.open.start:i]) {
		d.ended = false
		return nil
	}
	if d.ended {
		return d.textAfterEnd(d.open.start)
	}
	d.open.end = i
	d.found = append(d.found, d.open)
	return nil
}

// textAfterEnd refuses the text from i on.
func (d *documents) textAfterEnd(i int) error {
	line, column := yamltext.NewPositions(d.data, false, 0).At(yamltext.SkipSpace(d.data, i))
	return &Error{Line: 1 + line, Column: 1 + column, Msg: "text after the end of a document, which is not read before the next ---"}
}
