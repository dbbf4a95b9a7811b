package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// blockScalar reads the block scalar at i and goes on to the next token. parent
// is the column of the innermost block collection around it, -1 for none.
func (s *scanner) blockScalar(parent int) (*yamlvalue.Node, bool) {
	start := s.i
	h, ok := s.blockHeader(parent)
	if !ok {
		return nil, false
	}
	if h.indent == 0 {
		if h.indent, ok = s.blockIndent(parent); !ok {
			return nil, false
		}
	}
	style := yamlvalue.Literal
	if s.b[start] == '>' {
		style = yamlvalue.Folded
	}
	n := s.leaf(style, start, start)
	end, text, ok := s.blockLines(h, style, n != nil)
	if !ok {
		return nil, false
	}
	if n != nil {
		n.End = end
		n.Value = string(text)
	}
	// i is at the beginning of a line, or at the end.
	if !s.lineStart() {
		return nil, false
	}
	s.end = end
	return n, true
}

// blockHeader is the first line of a block scalar.
type blockHeader struct {
	chomp  byte // '+', '-', or 0
	indent int  // of the text, 0 where it must be found out
	end    int  // of the indicators
}

// blockHeader reads the first line of a block scalar, its break included.
func (s *scanner) blockHeader(parent int) (blockHeader, bool) {
	var h blockHeader
	b, i := s.b, s.i+1
	for ; i < len(b); i++ {
		c := b[i]
		if (c == '+' || c == '-') && h.chomp == 0 {
			h.chomp = c
		} else if c >= '1' && c <= '9' && h.indent == 0 {
			h.indent = max(parent, 0) + int(c-'0')
		} else {
			break
		}
	}
	h.end = i
	for i < len(b) && b[i] == ' ' {
		i++
	}
	if !s.nothingAt(i, h.end) {
		return h, false
	}
	i = LineEnd(b, i)
	s.i = i + BreakLen(b, i)
	return h, true
}

// blockIndent finds out the indentation of a block scalar from its first line
// that is not empty. go-yaml also counts the spaces in the empty lines before
// it; where they would count, the scanner gives up.
func (s *scanner) blockIndent(parent int) (int, bool) {
	b, deepest := s.b, 0
	for i := s.i; ; {
		start := i
		for i < len(b) && b[i] == ' ' {
			i++
		}
		column := i - start
		if n := BreakLen(b, i); n > 0 {
			deepest = max(deepest, column)
			i += n
			continue
		}
		if i < len(b) && b[i] == '\t' {
			return 0, false
		}
		return max(column, parent+1, 1), deepest <= max(column, parent+1, 1)
	}
}

// blockLines reads the text of a block scalar.
func (s *scanner) blockLines(h blockHeader, style yamlvalue.Style, build bool) (end int, text []byte, ok bool) {
	b, i := s.b, s.i
	f := blockFolder{text: s.arena.scratch[:0], folded: style == yamlvalue.Folded}
	end = h.end
	for {
		start := i
		i = min(skipSpaces(b, i), start+h.indent)
		if n := BreakLen(b, i); n > 0 {
			if h.chomp == '+' {
				end = i
			}
			f.empty++
			i += n
			continue
		}
		if i < len(b) && b[i] == '\t' && i-start < h.indent {
			return 0, nil, false
		}
		if i == len(b) || i-start < h.indent {
			s.i = start
			break
		}
		end = lineFeed(b, i)
		i = end
		if i > start && i < len(b) && b[i-1] == '\r' {
			end--
		}
		if build {
			f.add(b[start+h.indent:end], i < len(b))
		} else {
			f.empty = 0
		}
		i += BreakLen(b, i)
	}
	text = f.finish(h.chomp)
	s.arena.scratch = text
	return end, text, true
}

// lineStart goes to the first token from i on, which begins a line.
func (s *scanner) lineStart() bool {
	i := s.i
	for i < len(s.b) && s.b[i] == ' ' {
		i++
	}
	if i == len(s.b) {
		s.i, s.col = i, -1
		return true
	}
	switch s.b[i] {
	case '\n', '\r', '#':
		return s.nextFrom(i)
	case '\t':
		return false
	}
	s.line, s.col, s.i = s.i, i-s.i, i
	return s.col > 0 || !s.atMarker()
}

// blockFolder puts together the text of a block scalar.
type blockFolder struct {
	text   []byte
	folded bool
	broken bool // the last line ended with a break, which is not in text yet
	blank  bool // the last line began with a blank: folding leaves it alone
	empty  int  // empty lines since
}

// add adds a line; broken is whether a break ends it.
func (f *blockFolder) add(line []byte, broken bool) {
	blank := len(line) > 0 && isBlank(line[0])
	if f.folded && f.broken && !f.blank && !blank {
		if f.empty == 0 {
			f.text = append(f.text, ' ')
		}
	} else if f.broken {
		f.text = append(f.text, '\n')
	}
	f.breaks()
	f.text = append(f.text, line...)
	f.broken, f.blank = broken, blank
}

func (f *blockFolder) breaks() {
	for ; f.empty > 0; f.empty-- {
		f.text = append(f.text, '\n')
	}
}

// finish chomps the end.
func (f *blockFolder) finish(chomp byte) []byte {
	if chomp != '-' && f.broken {
		f.text = append(f.text, '\n')
	}
	if chomp == '+' {
		f.breaks()
	}
	return f.text
}
