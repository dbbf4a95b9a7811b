package manifest

import (
	"bytes"
	"unicode/utf8"
)

// bom is the byte order mark that may begin a file in UTF-8.
const bom = "\xef\xbb\xbf"

// checkMarks refuses byte order marks from b[i] on. go-yaml and its relatives
// look for one at the start of their buffer instead of where they read: behind
// a mark that comes to stand there they skip the first character of every line,
// so that what is a comment for one parser is a key for another.
func checkMarks(b []byte, i int) error {
	n := bytes.Index(b[i:], []byte(bom))
	if n < 0 {
		return nil
	}
	line, column := (&places{b: b}).at(i + n)
	return &Error{Line: 1 + line, Column: 1 + column, Msg: "byte order mark inside of the text, which parsers read differently"}
}

// breakLen returns the length of the line break at b[i], 0 where there is
// none. Breaks are those of YAML 1.1, as go-yaml reads them: CR LF, CR, LF, NEL,
// LS and PS.
func breakLen(b []byte, i int) int {
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

// isBlank reports whether c is a space or a tab.
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isBlankEnd reports whether b[i] is a space, a tab, a line break or the end.
func isBlankEnd(b []byte, i int) bool {
	return i >= len(b) || isBlank(b[i]) || breakLen(b, i) > 0
}

// mayBreak are the bytes that line breaks begin with.
var mayBreak = [256]bool{'\n': true, '\r': true, 0xC2: true, 0xE2: true}

// lineEnd returns where the line that b[i] stands in ends, line break excluded.
func lineEnd(b []byte, i int) int {
	for i < len(b) && (!mayBreak[b[i]] || breakLen(b, i) == 0) {
		i++
	}
	return i
}

// nextLine returns where the line after the one that b[i] stands in begins.
func nextLine(b []byte, i int) int {
	i = lineEnd(b, i)
	return i + breakLen(b, i)
}

// lineAfter is nextLine; it is faster where b is known to be clean (see
// isClean). more is whether there is a line break at all.
func lineAfter(b []byte, i int, clean bool) (next int, more bool) {
	if !clean {
		end := lineEnd(b, i)
		n := breakLen(b, end)
		return end + n, n > 0
	}
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		return i + n + 1, true
	}
	return len(b), false
}

// skipBlanks skips spaces and tabs.
func skipBlanks(b []byte, i int) int {
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	return i
}

// skipSpace skips white space, line breaks and comments up to the next token.
// It takes a hash for a comment wherever it stands, which is right behind any
// token.
func skipSpace(b []byte, i int) int {
	for i < len(b) {
		switch n := breakLen(b, i); {
		case n > 0:
			i += n
		case isBlank(b[i]):
			i++
		case b[i] == '#':
			i = lineEnd(b, i)
		default:
			return i
		}
	}
	return i
}

// endOfRegion extends a block value that ends at i over the rest of its line and
// the blank lines and comments after it.
func endOfRegion(b []byte, i int) int {
	for i < len(b) {
		j := skipBlanks(b, i)
		if j < len(b) && b[j] == '#' {
			j = lineEnd(b, j)
		}
		n := breakLen(b, j)
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

// isMarker reports whether a document marker, three times c, stands at b[i],
// which must begin a line.
func isMarker(b []byte, i int, c byte) bool {
	return i+3 <= len(b) && b[i] == c && b[i+1] == c && b[i+2] == c && isBlankEnd(b, i+3)
}

// onlySpace reports whether b holds nothing but white space and comments.
func onlySpace(b []byte) bool { return skipSpace(b, 0) == len(b) }

// places tells lines and columns of offsets, asked for mostly in ascending
// order.
type places struct {
	b      []byte
	clean  bool // b is clean
	first  int  // column of b[0]
	start  int  // of the line that off stands in
	next   int  // of the line after it, -1 for none; not known where 0
	line   int  // of off, from 0
	off    int
	column int // of off, in characters
}

// at returns line and column of an offset, both from 0.
func (p *places) at(off int) (line, column int) {
	if off < p.off || p.next == 0 {
		*p = places{b: p.b, clean: p.clean, first: p.first, column: p.first}
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

func (p *places) findNext() {
	next, more := lineAfter(p.b, p.start, p.clean)
	p.next = next
	if !more {
		p.next = -1
	}
}

// lineBreak returns the line break that a document uses, judged by its first.
func lineBreak(b []byte) string {
	i := bytes.IndexByte(b, '\n')
	if i > 0 && b[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
