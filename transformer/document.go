package transformer

import (
	"bytes"
	"encoding/json"

	"github.com/usergroup-dev/usergroup/manifest"
)

// document is the baseline: an item's bytes, decoded, and how it is written.
type document struct {
	decoder *manifest.Decoder // of the result
	given   []byte
	data    []byte // given, with a line break at the end
	column  int    // of data[0] in its file
	root    *manifest.Node
	json    bool   // data is JSON, and so must be the result
	nl      string // line break
	start   int    // of the first line, behind a byte order mark

	// The line looked at last, from its first byte to that of the next: an item may
	// be one line of megabytes, with thousands of edits in it.
	last struct{ start, next int }
}

func newDocument(dec *manifest.Decoder, data []byte, column int, root *manifest.Node) *document {
	d := &document{decoder: dec, given: data, data: data, column: column, root: root, nl: "\n"}
	if line, _, _ := bytes.Cut(data, []byte("\n")); bytes.HasSuffix(line, []byte("\r")) {
		d.nl = "\r\n"
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		d.data = append(data[:len(data):len(data)], d.nl...)
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		d.start = len("\ufeff")
	}
	d.json = json.Valid(data[d.start:])
	return d
}

// find makes last the line that pos is in.
func (d *document) find(pos int) {
	if d.last.start <= pos && pos < d.last.next {
		return
	}
	d.last.start = bytes.LastIndexByte(d.data[:pos], '\n') + 1
	d.last.next = len(d.data)
	if i := bytes.IndexByte(d.data[pos:], '\n'); i >= 0 {
		d.last.next = pos + i + 1
	}
}

// lineStart returns where the line that pos is in begins.
func (d *document) lineStart(pos int) int {
	d.find(pos)
	return max(d.start, d.last.start)
}

// lineEnd returns where the line that pos is in ends, line break excluded.
func (d *document) lineEnd(pos int) int {
	return pos + len(bytes.TrimRight(d.data[pos:d.nextLine(pos)], "\r\n"))
}

// nextLine returns where the line after the one that pos is in begins.
func (d *document) nextLine(pos int) int {
	d.find(pos)
	return d.last.next
}

// header returns the first line of a block scalar.
func (d *document) header(n *manifest.Node) []byte {
	line, _, _ := bytes.Cut(d.data[n.Start:], []byte("\n"))
	line, _, _ = bytes.Cut(line, []byte("#"))
	return line
}

// open reports whether the given bytes end without a line break.
func (d *document) open() bool { return len(d.given) < len(d.data) }

// closed returns bytes that end as the given ones do.
func (d *document) closed(out []byte) []byte {
	if d.open() {
		return bytes.TrimSuffix(out, []byte(d.nl))
	}
	return out
}

// columnOf returns the column of pos, of which only spaces and dashes are taken
// to be before it.
func (d *document) columnOf(pos int) int {
	start := d.lineStart(pos)
	if start == d.start {
		return d.column + pos - start
	}
	return pos - start
}

// ownLine reports whether nothing but indentation is before pos on its
// line, the file's indentation before data included.
func (d *document) ownLine(pos int) bool {
	start := d.lineStart(pos)
	if start == d.start && d.column != 0 {
		return false
	}
	return len(bytes.TrimLeft(d.data[start:pos], " ")) == 0
}

// indentation returns the white space that begins the line pos is in.
func (d *document) indentation(pos int) string {
	line := d.data[d.lineStart(pos):pos]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// lineKind is what a line holds, as far as comments are concerned.
type lineKind uint8

const (
	textLine lineKind = iota
	blankLine
	commentLine
	commentedDash // a comment that was an element of a list: "# - name: x"
	commentedMore // a comment that may continue one: "#   value: y"
	commentedKey  // a comment that was a key: "# runAsUser: 0"
)

// line returns what the line that begins at pos holds, and the column its text
// begins at, from a key's point of view: what is behind a # further left than
// the key's column is code commented out by an editor, at its own column.
func (d *document) line(pos, column int) (kind lineKind, indent int) {
	text := bytes.TrimLeft(d.data[pos:d.lineEnd(pos)], " \t")
	indent = d.lineEnd(pos) - pos - len(text)
	if len(text) == 0 {
		return blankLine, indent
	}
	if text[0] != '#' {
		return textLine, indent
	}
	inner := bytes.TrimLeft(text[1:], " ")
	if indent < column {
		indent += len(text) - len(inner)
	}
	switch {
	case len(inner) > 0 && inner[0] == '-' && (len(inner) == 1 || inner[1] == ' '):
		return commentedDash, indent
	case len(text)-1-len(inner) >= 2:
		return commentedMore, indent
	case beginsWithKey(inner):
		return commentedKey, indent
	}
	return commentLine, indent
}

// beginsWithKey reports whether text begins with a key as Kubernetes spells
// them.
func beginsWithKey(text []byte) bool {
	word, rest, ok := bytes.Cut(text, []byte(":"))
	if !ok || len(word) == 0 || word[0] < 'a' || word[0] > 'z' || len(rest) > 0 && rest[0] != ' ' {
		return false
	}
	return !bytes.ContainsAny(word, " \t")
}

// after returns where the line behind field i of a block mapping begins: behind
// its value and the comments that belong to it. Those are comments deeper than
// the key, and under a list whose dashes are at the key's column commented
// elements.
func (d *document) after(n *manifest.Node, i int) int {
	f := n.Fields[i]
	column := d.columnOf(f.Key.PropStart)
	dashes := d.columnOf(f.Value.Start) == column
	end := d.nextLine(f.Value.End)
	element := false
	for pos := end; pos < len(d.data); pos = d.nextLine(pos) {
		kind, indent := d.line(pos, column)
		if kind == blankLine {
			continue
		}
		element = dashes && indent == column && (kind == commentedDash || element && kind == commentedMore)
		if indent <= column && !element {
			break
		}
		end = d.nextLine(pos)
	}
	return end
}

// before returns where field i of a block mapping begins, with the comments
// directly above it, but not with keys commented out. Its key begins its line.
func (d *document) before(n *manifest.Node, i int) int {
	start := d.lineStart(n.Fields[i].Key.PropStart)
	column := d.columnOf(n.Fields[i].Key.PropStart)
	floor := d.start
	if i > 0 {
		floor = d.after(n, i-1)
	}
	for start > floor {
		above := d.lineStart(start - 1)
		kind, indent := d.line(above, 0)
		if above < floor || kind != commentLine && kind != commentedMore || indent != column {
			break
		}
		start = above
	}
	return start
}

// colon returns where the colon behind a key ends; ok is false where there is none
// on its line.
func (d *document) colon(key *manifest.Node) (end int, ok bool) {
	i := key.End
	for d.data[i] == ' ' || d.data[i] == '\t' {
		i++
	}
	return i + 1, d.data[i] == ':'
}

// mappingIndent returns by how much a mapping in a mapping is indented, judged
// by the first one of the item.
func (d *document) mappingIndent() int {
	for _, f := range d.root.Fields {
		if v := f.Value; v.Kind == manifest.Mapping && v.Style == manifest.Block {
			return d.columnOf(v.Start) - d.columnOf(f.Key.PropStart)
		}
	}
	return 2
}

// dashes returns how much deeper than their key the dashes of the first list
// below n are.
func (d *document) dashes(n *manifest.Node) (deeper int, found bool) {
	for _, f := range n.Fields {
		v := f.Value
		if v.Kind == manifest.Sequence && v.Style == manifest.Block {
			return d.columnOf(v.Start) - d.columnOf(f.Key.PropStart), true
		}
		if deeper, found = d.dashes(v); found {
			return deeper, true
		}
	}
	return 0, false
}
