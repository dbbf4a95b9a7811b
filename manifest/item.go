package manifest

import (
	"bytes"
	"errors"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// Item is one object of a Stream or a ResourceList. Methods of different items
// may be called at the same time.
type Item struct {
	name                string
	index, line, column int

	start, end int      // in the bytes of the stream or list
	original   []byte   // what Bytes gives before Replace
	text       []byte   // what Bytes gives now, unless
	parts      [][]byte // these are set: then they, joined
	changed    bool
	frame      *frame // what is around it on its lines, nil where that does not matter

	head         Head
	headKnown    bool // head is that of text
	values       int  // of original, see yamltext.Outline.Values
	verbatimKeys bool // every key in text is there as it is
}

// Name returns the name of the item's file, "" for an item of a ResourceList.
func (it *Item) Name() string { return it.name }

// Index returns the position of the item in its file or list, from 0, empty
// documents not counted.
func (it *Item) Index() int { return it.index }

// Line returns the line of the item's first byte, from 1.
func (it *Item) Line() int { return it.line }

// Column returns the column of the item's first byte, from 0.
func (it *Item) Column() int { return it.column }

// Bytes returns the item's own bytes: from its first character, without the
// dash or document marker before it, to the end of its last line, with the
// comments and blank lines that follow. Lines after the first keep the
// indentation they have in the file. The caller must not change them.
func (it *Item) Bytes() []byte {
	if it.parts != nil {
		return bytes.Join(it.parts, nil)
	}
	return it.text
}

// Replace gives the item new bytes, written as those of Bytes are: the first
// line begins at Column, the others carry their indentation.
func (it *Item) Replace(b []byte) {
	it.text, it.parts = b, nil
	it.changed = !bytes.Equal(b, it.original)
	it.headKnown, it.verbatimKeys = false, false
}

// Clone returns the item as it is now, which Replace of the other does not change.
func (it *Item) Clone() *Item {
	out := *it
	return &out
}

// ReplaceParts is Replace with the bytes in parts, which are kept as they are.
// Where most of them are parts of Bytes, an item that is hardly changed takes
// hardly more memory. At least one of them must not be empty.
func (it *Item) ReplaceParts(parts [][]byte) {
	it.text, it.parts = nil, parts
	it.changed = true
	it.headKnown, it.verbatimKeys = false, false
}

// frame is what is around an item that does not begin a line of its own.
type frame struct {
	before, after string
	list          bool // it is an element of a list
}

// flowFrame is around an item in brackets.
var flowFrame = &frame{before: "[", after: "\n]", list: true}

// Accepts returns an error where b, which decodes by itself, would not be the same
// object instead of the item: behind a document marker or in brackets not
// all can be written.
func (it *Item) Accepts(b []byte) error {
	if it.frame == nil {
		return nil
	}
	alone, err := yamltext.Decode(b, it.column)
	if err != nil {
		return err
	}
	column := max(it.column-len(it.frame.before), 0)
	if it.frame.list {
		column = 0 // no matter in brackets, and a list may be one line of many megabytes
	}
	framed, err := yamltext.DecodeFull(slices.Concat([]byte(it.frame.before), b, []byte(it.frame.after)), column)
	if err == nil && it.frame.list {
		if len(framed.Items) != 1 {
			return errFrame
		}
		framed = framed.Items[0]
	}
	if err != nil || !Equal(alone, framed) {
		return errFrame
	}
	return nil
}

var errFrame = errors.New("it cannot be written behind its document marker or in its brackets")

// Changed reports whether Replace has given the item other bytes than it had.
func (it *Item) Changed() bool { return it.changed }

// Decode decodes the item; nothing is kept between calls. Offsets in the node
// refer to Bytes. Errors carry the position in the file.
func (it *Item) Decode() (*Node, error) { return it.DecodeWith(new(Decoder)) }

// DecodeWith is Decode in the memory of d: the tree lasts until that is reset.
func (it *Item) DecodeWith(d *Decoder) (*Node, error) {
	n, err := d.Decode(it.Bytes(), it.column)
	if err != nil {
		return nil, yamltext.At(err, it.name, it.line)
	}
	return n, nil
}

// Head returns apiVersion and kind.
func (it *Item) Head() (Head, error) {
	if it.headKnown {
		return it.head, nil
	}
	n, err := it.Decode()
	if err != nil {
		return Head{}, err
	}
	return yamltext.HeadOf(n), nil
}

// Mentions reports whether a mapping in the item may have the key; false is
// certain.
func (it *Item) Mentions(key string) bool {
	text := it.Bytes()
	if bytes.Contains(text, []byte(key)) || !isWord(key) {
		return true
	}
	// A word that does not occur in the text as it is can only be written with
	// escapes, or in base64 behind a tag: folding lines always leaves a blank or
	// a break between them.
	return !it.verbatimKeys && bytes.ContainsAny(text, `\!`)
}

// MentionsKey reports whether a mapping in the item may have a key that ends so; false
// is certain. It tells keys from text that only has the word.
func (it *Item) MentionsKey(ending string) bool {
	if !it.verbatimKeys || ending == "" || !isWord(ending) {
		return it.Mentions(ending)
	}
	text := it.Bytes()
	for {
		i := bytes.Index(text, []byte(ending))
		if i < 0 {
			return false
		}
		if isBeforeColon(text[i+len(ending):]) {
			return true
		}
		text = text[i+1:]
	}
}

// isBeforeColon reports whether what is before b may be the end of a key: it may be in
// quotes, and in braces the colon need not be on the same line.
func isBeforeColon(b []byte) bool {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		b = b[1:]
	}
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == ':'
}

// isWord reports whether s is of visible ASCII characters, and not of quotes,
// which may be written twice.
func isWord(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '\'' {
			return false
		}
	}
	return true
}

// edit returns what writes the item instead of its original.
func (it *Item) edit() edit {
	if it.parts == nil {
		return replace(it.start, it.end, endLike(it.text, it.original))
	}
	last := len(it.parts) - 1
	for len(it.parts[last]) == 0 {
		last--
	}
	it.parts[last] = endLike(it.parts[last], it.original)
	return edit{it.start, it.end, it.parts}
}

// endLike returns text, with a line break added where original ends with one
// and text does not: what follows must begin a line.
func endLike(text, original []byte) []byte {
	if !endsLine(original) || endsLine(text) {
		return text
	}
	return append(bytes.Clone(text), yamltext.LineBreak(original)...)
}

// endsLine reports whether b ends with a line break.
func endsLine(b []byte) bool {
	for n := 1; n <= min(3, len(b)); n++ {
		if yamltext.BreakLen(b, len(b)-n) == n {
			return true
		}
	}
	return false
}
