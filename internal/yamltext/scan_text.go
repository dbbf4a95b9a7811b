package yamltext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// cleanBytes are the bytes that a clean text may have, carriage returns and what
// is not ASCII apart.
var cleanBytes = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = true
	}
	t['\n'], t['\t'] = true, true
	return t
}()

// IsClean reports whether the scanner can read b as lines of characters: valid
// UTF-8 of the characters that go-yaml accepts, without those that it reads as
// line breaks, but LF and CR LF, and without byte order marks.
func IsClean(b []byte) bool {
	clean, _ := Survey(b)
	return clean
}

// Survey reports in one pass whether b is clean (see IsClean), and whether a line may
// be a document marker or a directive, as in any text that is not clean.
func Survey(b []byte) (clean, marked bool) {
	var s Surveyor
	return s.Of(b)
}

// Surveyor is Survey for a text that is still being read: while whoever writes the
// text makes more, what is there has been looked at. The zero Surveyor is at the
// beginning.
type Surveyor struct {
	next            int // byte to look at
	unclean, marked bool
}

// lookahead is how many bytes behind one can matter for it: those of a document
// marker behind a line feed.
const lookahead = 4

// More looks at what of b can be judged without what follows it. b begins with what
// it was at the last call.
func (s *Surveyor) More(b []byte) { s.look(b, len(b)-lookahead) }

// Of is Survey of b, which begins with what was given to More.
func (s *Surveyor) Of(b []byte) (clean, marked bool) {
	s.look(b, len(b))
	return !s.unclean, s.marked || s.unclean
}

// look goes on to b[end] or to what is not clean.
func (s *Surveyor) look(b []byte, end int) {
	if s.unclean || s.next >= end {
		return
	}
	i, marked := s.next, s.marked || s.next == 0 && mayMark(b, 0)
	for i = visible(b, i); i < end; i = visible(b, i) {
		c := b[i]
		switch {
		case c == '\n':
			i++
			marked = marked || mayMark(b, i)
		case cleanBytes[c]:
			i++
		case c < utf8.RuneSelf:
			if c != '\r' || i+1 == len(b) || b[i+1] != '\n' {
				s.unclean = true
				return
			}
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if !isCleanRune(r, n) {
				s.unclean = true
				return
			}
			i += n
		}
	}
	s.next, s.marked = i, marked
}

// mayMark reports whether the line that begins at b[i] looks like a document marker or
// a directive.
func mayMark(b []byte, i int) bool {
	return i < len(b) && (b[i] == '%' || mayBeMarker(b, i))
}

const (
	ones = 0x0101010101010101 // times a character: eight of them
	high = 0x80 * ones
)

// skipSpaces skips spaces, eight at a time: lines are mostly indented.
func skipSpaces(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if others := binary.LittleEndian.Uint64(b[i:]) ^ ' '*ones; others != 0 {
			return i + bits.TrailingZeros64(others)/8
		}
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i
}

// visible skips visible ASCII characters and spaces, mostly eight at a time. It may
// stop at one near the end.
func visible(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		// The high bit of a byte is set by what is not ASCII, by what comes before the
		// space, and by what is behind the tilde. Borrow and carry leave the first
		// such byte as it is.
		x := binary.LittleEndian.Uint64(b[i:])
		if others := (x | (x - ' '*ones) | (x + ones)) & high; others != 0 {
			return i + bits.TrailingZeros64(others)/8
		}
	}
	return i
}

func isCleanRune(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n == 1:
		return false
	case r == '\u2028', r == '\u2029', r == '\ufeff':
		return false
	}
	return r >= 0xA0 && r <= 0xFFFD || r >= 0x10000
}

// plainTag resolves a plain scalar as go-yaml does. Most are strings, which
// their characters show; go-yaml itself is asked about the rest.
func plainTag(text string) string {
	if text == "" {
		return "!!null"
	}
	switch c := text[0]; c {
	case 'y', 'Y', 'o', 'O':
		return "!!str"
	case 't', 'T', 'f', 'F', 'n', 'N', '~':
		return wordTag(text)
	case '<':
		if text == "<<" {
			return "!!merge"
		}
		return "!!str"
	case '+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if isDecimal(text) {
			return "!!int"
		}
		if !mayBeNumber(text) {
			return "!!str"
		}
		return (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag()
	}
	return "!!str"
}

func wordTag(text string) string {
	switch text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "~", "null", "Null", "NULL":
		return "!!null"
	}
	return "!!str"
}

// isDecimal reports whether text is a whole number that needs no thought.
func isDecimal(text string) bool {
	if len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// numberBytes are the bytes of numbers and timestamps in all their spellings,
// of infinity and of not-a-number.
var numberBytes = func() (t [256]bool) {
	for _, c := range "0123456789abcdefABCDEFxXoO_.+-: tTzZiInN" {
		t[c] = true
	}
	return t
}()

func mayBeNumber(text string) bool {
	for i := range len(text) {
		if !numberBytes[text[i]] {
			return false
		}
	}
	return true
}
