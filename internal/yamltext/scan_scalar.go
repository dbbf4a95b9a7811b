package yamltext

import (
	"bytes"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// plainClass says what a byte does to a plain scalar.
type plainClass uint8

const (
	plainText  plainClass = iota
	plainColon            // ends a key if a blank follows
	plainHash             // begins a comment if a blank is before it
	plainBreak            // ends the line
	plainFlow             // ends the scalar, or is not allowed, in a flow collection
	plainTab              // white space that the scanner does not follow
)

var plainClasses = [256]plainClass{
	':': plainColon, '#': plainHash, '\n': plainBreak, '\r': plainBreak, '\t': plainTab,
	',': plainFlow, '?': plainFlow, '[': plainFlow, ']': plainFlow, '{': plainFlow, '}': plainFlow,
}

// startsPlain reports whether a plain scalar begins at i.
func (s *scanner) startsPlain(i int, flow bool) bool {
	switch s.b[i] {
	case '-':
		return !s.ends(i + 1)
	case '?', ':':
		return !flow && !s.ends(i+1)
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ', '\t', '\n', '\r':
		return false
	}
	return true
}

// key is a key of a mapping.
type key struct {
	start, end int // quotes included
	after      int // behind the colon
	style      yamlvalue.Style
}

// key reads the key at i. It does not move i, because there may be none.
func (s *scanner) key() (key, bool) {
	k := key{start: s.i}
	i := s.i
	if c := s.b[i]; c == '"' || c == '\'' {
		k.style = yamlvalue.DoubleQuoted
		if c == '\'' {
			k.style = yamlvalue.SingleQuoted
		}
		i = s.closingQuote(i)
		k.end = i
		for i < len(s.b) && s.b[i] == ' ' {
			i++
		}
	} else {
		if !s.startsPlain(i, false) {
			return k, false
		}
		i = s.plainKeyEnd(i)
		k.end = i
		for k.end > k.start && s.b[k.end-1] == ' ' {
			k.end--
		}
	}
	k.after = i + 1
	found := i < len(s.b) && s.b[i] == ':' && s.ends(i+1) && i-k.start <= maxKey
	return k, found && !(k.style == yamlvalue.Plain && string(s.b[k.start:k.end]) == "<<")
}

// plainKeyEnd returns the first byte behind i that may end a plain key.
func (s *scanner) plainKeyEnd(i int) int {
	b := s.b
	for ; i < len(b); i++ {
		switch plainClasses[b[i]] {
		case plainText:
		case plainColon:
			if s.ends(i + 1) {
				return i
			}
		case plainHash:
			if b[i-1] == ' ' {
				return i
			}
		case plainBreak, plainTab:
			return i
		}
	}
	return i
}

// closingQuote returns the byte behind the quoted scalar at i, or the end of
// its first line if it does not end there.
func (s *scanner) closingQuote(i int) int {
	b, quote := s.b, s.b[i]
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == quote && quote == '\'' && i+1 < len(b) && b[i+1] == quote:
			i++
		case c == quote:
			return i + 1
		case c == '\\' && quote == '"' && i+1 < len(b) && !isBreak(b[i+1]):
			i++
		case isBreak(c):
			return i
		}
	}
	return len(b)
}

// keyNode makes the node of a key.
func (s *scanner) keyNode(k key) (*yamlvalue.Node, bool) {
	n := s.leaf(k.style, k.start, k.end)
	if k.style == yamlvalue.Plain {
		if n != nil {
			n.Value = view(s.b[k.start:k.end])
			n.Tag = plainTag(n.Value)
		}
		return n, true
	}
	if end, simple := s.simpleQuote(k.start); simple && end == k.end {
		if n != nil {
			n.Value = view(s.b[k.start+1 : k.end-1])
		}
		return n, true
	}
	s.list.keyEscapes = true
	text, end, ok := appendQuoted(nil, s.b, k.start)
	if !ok || end != k.end {
		return nil, false
	}
	if n != nil {
		n.Value = string(text)
	}
	return n, true
}

// plain reads the plain scalar at i of a block collection; lines indented by at
// least indent go on with it.
func (s *scanner) plain(indent int) (*yamlvalue.Node, bool) {
	if !s.startsPlain(s.i, false) {
		return nil, false
	}
	b, start := s.b, s.i
	end, lines := start, 1
	for i := start; ; {
		var ok bool
		if i, ok = s.plainLine(i); !ok {
			return nil, false
		}
		end = i
		for b[end-1] == ' ' {
			end--
		}
		if i, ok = s.plainContinues(i, indent); !ok {
			return nil, false
		}
		if i < 0 {
			break
		}
		lines++
	}
	s.i, s.end = end, end
	return s.plainNode(start, end, lines > 1)
}

// plainLine returns the end of the part of a plain scalar that begins at i and
// is in the same line.
func (s *scanner) plainLine(i int) (int, bool) {
	b := s.b
	for start := i; i < len(b); i++ {
		switch plainClasses[b[i]] {
		case plainText:
		case plainColon:
			if s.ends(i + 1) {
				return i, false
			}
		case plainHash:
			if i > start && b[i-1] == ' ' {
				return i, true
			}
		case plainBreak:
			return i, true
		case plainTab:
			return i, false
		}
	}
	return i, true
}

// plainContinues returns where a plain scalar goes on whose line ends at i, -1
// if it does not.
func (s *scanner) plainContinues(i, indent int) (int, bool) {
	b := s.b
	for i < len(b) && (b[i] == '\n' || b[i] == '\r') {
		if b[i] == '\r' {
			i++
		}
		i++
		start := i
		i = skipSpaces(b, i)
		switch {
		case i == len(b):
			return -1, true
		case b[i] == '\n' || b[i] == '\r':
			continue
		case b[i] == '\t':
			return i, false
		case b[i] == '#' || i-start < indent:
			return -1, true
		case i == start && (b[i] == '-' || b[i] == '.'):
			return i, false // it may be a marker
		}
		return i, true
	}
	return -1, true
}

// plainNode makes the node of a plain scalar.
func (s *scanner) plainNode(start, end int, folded bool) (*yamlvalue.Node, bool) {
	n := s.leaf(yamlvalue.Plain, start, end)
	if n == nil {
		return nil, end-start != 2 || string(s.b[start:end]) != "<<"
	}
	if folded {
		n.Value = foldLines(s.b[start:end])
	} else {
		n.Value = view(s.b[start:end])
	}
	n.Tag = plainTag(n.Value)
	return n, n.Value != "<<"
}

// foldLines joins the lines of a plain scalar: a single break is a space, and
// of several all but the first stay.
func foldLines(text []byte) string {
	out := make([]byte, 0, len(text))
	empty := 0
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.Trim(line, " \r")
		switch {
		case i > 0 && len(line) == 0:
			empty++
			continue
		case i > 0 && empty == 0:
			out = append(out, ' ')
		}
		for ; empty > 0; empty-- {
			out = append(out, '\n')
		}
		out = append(out, line...)
	}
	return string(out)
}

// quoted reads the quoted scalar at i.
func (s *scanner) quoted() (*yamlvalue.Node, bool) {
	start := s.i
	quote := s.b[start]
	end, simple := s.simpleQuote(start)
	if !simple {
		var ok bool
		if s.arena.scratch, end, ok = appendQuoted(s.arena.scratch[:0], s.b, start); !ok {
			return nil, false
		}
	}
	style := yamlvalue.DoubleQuoted
	if quote == '\'' {
		style = yamlvalue.SingleQuoted
	}
	s.i, s.end = end, end
	n := s.leaf(style, start, end)
	switch {
	case n == nil:
	case simple:
		n.Value = view(s.b[start+1 : end-1])
	default:
		n.Value = string(s.arena.scratch)
	}
	return n, true
}

// simpleQuote returns the end of the quoted scalar at i if its text is what
// is between the quotes.
func (s *scanner) simpleQuote(i int) (end int, simple bool) {
	b, quote := s.b, s.b[i]
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == quote:
			return i + 1, quote == '"' || i+1 == len(b) || b[i+1] != quote
		case c == '\n' || c == '\r' || c == '\\' && quote == '"':
			return 0, false
		}
	}
	return 0, false
}

// appendQuoted appends the text of the quoted scalar at b[i] to dst and returns
// its end. Text may go over several lines.
func appendQuoted(dst, b []byte, i int) (text []byte, end int, ok bool) {
	quote := b[i]
	i++
	for i < len(b) {
		switch c := b[i]; {
		case c == quote && quote == '\'' && i+1 < len(b) && b[i+1] == quote:
			dst = append(dst, quote)
			i += 2
		case c == quote:
			return dst, i + 1, true
		case c == '\\' && quote == '"':
			n := 0
			if dst, n = appendEscape(dst, b[i+1:]); n == 0 {
				return dst, 0, false
			}
			i += 1 + n
			if isBreak(b[i-1]) {
				if dst, i, ok = foldBreaks(dst, b, i, true); !ok {
					return dst, 0, false
				}
			}
		case isBlank(c) || isBreak(c):
			stop := SkipBlanks(b, i)
			if stop < len(b) && isBreak(b[stop]) {
				if dst, i, ok = foldBreaks(dst, b, stop, false); !ok {
					return dst, 0, false
				}
				continue
			}
			dst = append(dst, b[i:stop]...)
			i = stop
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, 0, false
}

// foldBreaks folds the line breaks of a quoted scalar from b[i] on, and skips
// the indentation of the next line. escaped is whether the first break has been
// escaped and read.
func foldBreaks(dst, b []byte, i int, escaped bool) (text []byte, next int, ok bool) {
	breaks := 0
	if escaped && mayBeMarker(b, i) {
		return dst, 0, false
	}
	for {
		if i = SkipBlanks(b, i); i == len(b) {
			return dst, 0, false
		}
		if !isBreak(b[i]) {
			break
		}
		i += BreakLen(b, i)
		breaks++
		if mayBeMarker(b, i) {
			return dst, 0, false
		}
	}
	switch {
	case escaped:
	case breaks == 1:
		return append(dst, ' '), i, true
	default:
		breaks--
	}
	for ; breaks > 0; breaks-- {
		dst = append(dst, '\n')
	}
	return dst, i, true
}

// mayBeMarker reports whether the line that begins at b[i] looks like a
// document marker.
func mayBeMarker(b []byte, i int) bool {
	return i+2 < len(b) && (b[i] == '-' || b[i] == '.') && b[i+1] == b[i] && b[i+2] == b[i]
}

// escapes are the escapes of one character.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f",
	'r': "\r", 'e': "\x1b", ' ': " ", '"': "\"", '\'': "'", '\\': "\\",
	'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// appendEscape appends the character that the escape b stands for, the
// backslash cut off, and returns its length, 0 if it is not valid. An escaped
// line break stands for nothing.
func appendEscape(dst, b []byte) ([]byte, int) {
	if len(b) == 0 {
		return dst, 0
	}
	digits := 0
	switch b[0] {
	case '\n', '\r':
		return dst, BreakLen(b, 0)
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		text, ok := escapes[b[0]]
		if !ok {
			return dst, 0
		}
		return append(dst, text...), 1
	}
	if len(b) <= digits {
		return dst, 0
	}
	r := rune(0)
	for _, c := range b[1 : 1+digits] {
		d, ok := hexDigit(c)
		if !ok || r > utf8.MaxRune {
			return dst, 0
		}
		r = r<<4 | rune(d)
	}
	if !utf8.ValidRune(r) {
		return dst, 0
	}
	return utf8.AppendRune(dst, r), 1 + digits
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
