package yamltext

import (
	"bytes"
	"unicode/utf8"
)

// BOM is the byte order mark that may begin a file in UTF-8.
const BOM = "\xef\xbb\xbf"

// CheckMarks refuses byte order marks from b[i] on. go-yaml and its relatives
// look for one at the start of their buffer instead of where they read: behind
// a mark that comes to lie there they skip the first character of every line,
// so that what is a comment for one parser is a key for another.
func CheckMarks(b []byte, i int) error {
	n := bytes.Index(b[i:], []byte(BOM))
	if n < 0 {
		return nil
	}
	line, column := NewPositions(b, false, 0).At(i + n)
	return &Error{Line: 1 + line, Column: 1 + column, Msg: "byte order mark inside the text, which parsers read differently"}
}

// BreakLen returns the length of the line break at b[i], 0 where there is
// none. Breaks are those of YAML 1.1, as go-yaml reads them: CR LF, CR, LF, NEL,
// LS and PS.
func BreakLen(b []byte, i int) int {
	if i >= len(b) {
		return 0
	}
	switch b[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(b) && b[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if i+1 < len(b) && b[i+1] == 0x85 {
			return 2
		}
	case 0xE2:
		if i+2 < len(b) && b[i+1] == 0x80 && (b[i+2] == 0xA8 || b[i+2] == 0xA9) {
			return 3
		}
	}
	return 0
}

// isBreak reports whether c is a line feed or a carriage return.
func isBreak(c byte) bool { return c == '\n' || c == '\r' }

// isBlank reports whether c is a space or a tab.
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isBlankEnd reports whether b[i] is a space, a tab, a line break or the end.
func isBlankEnd(b []byte, i int) bool {
	return i >= len(b) || isBlank(b[i]) || BreakLen(b, i) > 0
}

// mayBreak are the bytes that line breaks begin with.
var mayBreak = [256]bool{'\n': true, '\r': true, 0xC2: true, 0xE2: true}

// LineEnd returns where the line that b[i] is in ends, line break excluded.
func LineEnd(b []byte, i int) int {
	for i < len(b) && (!mayBreak[b[i]] || BreakLen(b, i) == 0) {
		i++
	}
	return i
}

// NextLine returns where the line after the one that b[i] is in begins.
func NextLine(b []byte, i int) int {
	i = LineEnd(b, i)
	return i + BreakLen(b, i)
}

// LineAfter is NextLine; it is faster where b is known to be clean (see IsClean).
func LineAfter(b []byte, i int, clean bool) int {
	if !clean {
		return NextLine(b, i)
	}
	return min(lineFeed(b, i)+1, len(b))
}

// lineFeed returns the first line feed from b[i] on, or the end.
func lineFeed(b []byte, i int) int {
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(b)
}

// SkipBlanks skips spaces and tabs.
func SkipBlanks(b []byte, i int) int {
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	return i
}

// SkipSpace skips white space, line breaks and comments up to the next token.
// It takes a hash for a comment wherever it is, which is right behind any
// token.
func SkipSpace(b []byte, i int) int {
	for i < len(b) {
		switch n := BreakLen(b, i); {
		case n > 0:
			i += n
		case isBlank(b[i]):
			i++
		case b[i] == '#':
			i = LineEnd(b, i)
		default:
			return i
		}
	}
	return i
}

// EndOfRegion extends a block value that ends at i over the rest of its line and
// the blank lines and comments after it.
func EndOfRegion(b []byte, i int) int {
	for i < len(b) {
		j := SkipBlanks(b, i)
		if j < len(b) && b[j] == '#' {
			j = LineEnd(b, j)
		}
		n := BreakLen(b, j)
		if n == 0 {
			if j == len(b) {
				return j
			}
			return i
		}
		i = j + n
	}
	return i
}

// IsMarker reports whether a document marker, three times c, is at b[i],
// which must begin a line.
func IsMarker(b []byte, i int, c byte) bool {
	return i+3 <= len(b) && b[i] == c && b[i+1] == c && b[i+2] == c && isBlankEnd(b, i+3)
}

// OnlySpace reports whether b holds nothing but white space and comments.
func OnlySpace(b []byte) bool { return SkipSpace(b, 0) == len(b) }

// Positions tells lines and columns of offsets, asked for mostly in ascending
// order.
type Positions struct {
	b      []byte
	clean  bool // b is clean
	first  int  // column of b[0]
	start  int  // of the line that off is in
	next   int  // of the line after it, -1 for none; not known where 0
	line   int  // of off, from 0
	off    int
	column int // of off, in characters
}

// NewPositions returns the positions in b, whose first byte is at column first; clean is
// IsClean(b), or false where that is not known.
func NewPositions(b []byte, clean bool, first int) *Positions {
	return &Positions{b: b, clean: clean, first: first, column: first}
}

// At returns line and column of an offset, both from 0.
func (p *Positions) At(off int) (line, column int) {
	if off < p.off {
		*p = *NewPositions(p.b, p.clean, p.first)
	}
	if p.clean {
		return p.ahead(off)
	}
	if p.next == 0 {
		p.findNext()
	}
	for p.next >= 0 && p.next <= off {
		p.start, p.off, p.column = p.next, p.next, 0
		p.line++
		p.findNext()
	}
	p.column += utf8.RuneCount(p.b[p.off:off])
	p.off = off
	return p.line, p.column
}

// ahead is At for an offset in clean text that is not before the last one.
func (p *Positions) ahead(off int) (line, column int) {
	passed := p.b[p.off:off]
	if n := bytes.Count(passed, []byte("\n")); n > 0 {
		p.line += n
		p.off += bytes.LastIndexByte(passed, '\n') + 1
		p.column = 0
	}
	p.column += utf8.RuneCount(p.b[p.off:off])
	p.off = off
	return p.line, p.column
}

func (p *Positions) findNext() {
	end := LineEnd(p.b, p.start)
	p.next = -1
	if n := BreakLen(p.b, end); n > 0 {
		p.next = end + n
	}
}

// LineBreak returns the line break that a document uses, judged by its first.
func LineBreak(b []byte) string {
	i := bytes.IndexByte(b, '\n')
	if i > 0 && b[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
