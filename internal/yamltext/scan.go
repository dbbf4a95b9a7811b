package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// The scanner reads the YAML that people and tools write, without tokens or
// events, and gives up on everything else; docs/design/001-lossless-scan.md
// argues why what it accepts means the same to go-yaml. Its methods return
// false to give up. They never report an error: a document that is broken is
// one that the scanner does not understand, and go-yaml says what is wrong.

const (
	// maxDepth is how deep collections may nest. go-yaml stops at 10,000.
	maxDepth = 200
	// maxKey is how long a key may be, quotes and blanks before the colon
	// included. go-yaml stops at 1,024 characters.
	maxKey = 1000
	// unlimited is the limit of a scanner that builds the whole tree.
	unlimited = maxDepth + 2
)

type scanner struct {
	b    []byte
	i    int // the next token
	line int // where the line of i begins; negative on a first line that is cut out
	col  int // column of i where i is the first token of a line or of an entry, -1 at the end
	end  int // End of the value read last

	depth  int // of the collections around i
	values int // begun so far, keys among them
	limit  int // values down to this depth get nodes
	arena  *arena

	list scannedList // what is noted of a ResourceList or an item
}

// scan builds the tree of data, or returns nil if it cannot prove what the tree
// is.
func (d *Decoder) scan(data []byte, column int) *yamlvalue.Node {
	if !IsClean(data) {
		return nil
	}
	d.arena.expect(len(data))
	s := scanner{b: data, limit: unlimited, arena: &d.arena}
	n, ok := s.document(column)
	if !ok {
		d.arena.drop()
		return nil
	}
	return n
}

// document reads all of b as one value, which must not be empty.
func (s *scanner) document(column int) (*yamlvalue.Node, bool) {
	s.line = -column
	i := s.i
	for i < len(s.b) && s.b[i] == ' ' {
		i++
	}
	if i < len(s.b) && s.b[i] != '\n' && s.b[i] != '\r' && s.b[i] != '#' {
		s.i, s.col = i, i-s.line
		if s.col == 0 && s.atMarker() {
			return nil, false
		}
	} else if i == len(s.b) || !s.nextFrom(i) || s.col < 0 {
		return nil, false
	}
	n, ok := s.block(-1)
	return n, ok && s.col < 0
}

// atMarker reports whether the line at i begins like a document marker or a
// directive.
func (s *scanner) atMarker() bool {
	b := s.b[s.i:]
	return b[0] == '%' || len(b) >= 3 && (b[0] == '-' || b[0] == '.') && b[1] == b[0] && b[2] == b[0]
}

// next goes on to the first token of the next line that has one. The rest of
// this line must be blank, or a comment after a blank.
func (s *scanner) next() bool {
	i := s.i
	for i < len(s.b) && s.b[i] == ' ' {
		i++
	}
	if i < len(s.b) {
		switch s.b[i] {
		case '\n', '\r':
		case '#':
			if i == s.i {
				return false
			}
		default:
			return false
		}
	}
	return s.nextFrom(i)
}

// nextFrom is next where i is at a comment or the end of a line.
func (s *scanner) nextFrom(i int) bool {
	b := s.b
	for {
		if i < len(b) && b[i] != '\n' {
			i = lineFeed(b, i)
		}
		if i == len(b) {
			break
		}
		i++
		start := i
		i = skipSpaces(b, i)
		if i == len(b) {
			break
		}
		switch b[i] {
		case '\n', '\r', '#':
			continue
		case '\t':
			return false
		}
		s.i, s.line, s.col = i, start, i-start
		return s.col > 0 || !s.atMarker()
	}
	s.i, s.col = len(b), -1
	return true
}

// ends reports whether b[i] is a blank, the end of a line or the end.
func (s *scanner) ends(i int) bool {
	if i >= len(s.b) {
		return true
	}
	c := s.b[i]
	return c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

// atDash reports whether an entry of a block sequence begins at i.
func (s *scanner) atDash() bool {
	return s.i < len(s.b) && s.b[s.i] == '-' && s.ends(s.i+1)
}

// block reads the value at i, which is the first token of its line, or follows
// the dash of an entry, and is to the right of parent, the column of the
// innermost block collection around it.
func (s *scanner) block(parent int) (*yamlvalue.Node, bool) {
	if s.atDash() {
		return s.sequence(s.col)
	}
	k, found := s.key()
	if found {
		return s.mapping(s.col, k)
	}
	return s.inline(parent)
}

// sequence reads the block sequence whose dashes are at col.
func (s *scanner) sequence(col int) (*yamlvalue.Node, bool) {
	s.depth++
	if s.depth > maxDepth {
		return nil, false
	}
	n := s.node(yamlvalue.Sequence, yamlvalue.Block, s.i)
	base := len(s.arena.itemStack)
	ok := false
	if s.list.inItems && s.depth == listDepth {
		ok = s.itemEntries(col)
	} else {
		ok = s.entries(col, false, -1)
	}
	if !ok {
		return nil, false
	}
	s.depth--
	if s.col > col {
		return nil, false
	}
	if n != nil {
		n.Items = s.arena.popItems(base)
		n.End = s.end
	}
	return n, true
}

// entries reads the entries of the block sequence whose dashes are at col, the first
// of which is at i, up to that at until or to the last.
func (s *scanner) entries(col int, areItems bool, until int) bool {
	for s.i != until {
		value, ok := s.entry(col, areItems)
		if !ok {
			return false
		}
		if s.depth <= s.limit {
			s.arena.itemStack = append(s.arena.itemStack, value)
		}
		if s.col != col || !s.atDash() {
			break
		}
	}
	return true
}

// entry reads one entry of a block sequence, from its dash on.
func (s *scanner) entry(col int, isItem bool) (*yamlvalue.Node, bool) {
	dash := s.i
	i := dash + 1
	for i < len(s.b) && s.b[i] == ' ' {
		i++
	}
	if s.nothingAt(i, dash+1) {
		s.i = dash + 1
		if !s.next() {
			return nil, false
		}
		if s.col <= col {
			return s.empty(dash + 1), !isItem
		}
	} else {
		s.i, s.col = i, col+i-dash
	}
	if isItem {
		return s.item(col)
	}
	return s.block(col)
}

// nothingAt reports whether the line has no value at i, the blanks behind after
// skipped.
func (s *scanner) nothingAt(i, after int) bool {
	return i == len(s.b) || s.b[i] == '\n' || s.b[i] == '\r' || s.b[i] == '#' && i > after
}

// mapping reads the block mapping whose keys are at col, the first of which
// is k.
func (s *scanner) mapping(col int, k key) (*yamlvalue.Node, bool) {
	s.depth++
	if s.depth > maxDepth {
		return nil, false
	}
	n := s.node(yamlvalue.Mapping, yamlvalue.Block, s.i)
	base := len(s.arena.fieldStack)
	for {
		name, ok := s.keyNode(k)
		if !ok {
			return nil, false
		}
		note := s.beginField(k)
		s.i = k.after
		value, ok := s.value(col)
		if !ok {
			return nil, false
		}
		s.endField(note, value)
		if n != nil {
			s.arena.fieldStack = append(s.arena.fieldStack, yamlvalue.Field{Key: name, Value: value})
		}
		if s.col != col {
			break
		}
		var found bool
		if k, found = s.key(); !found {
			return nil, false
		}
	}
	s.depth--
	if s.col > col {
		return nil, false
	}
	if n != nil {
		n.Fields = s.arena.popFields(base)
		n.End = s.end
	}
	return n, true
}

// value reads the value of a key of the block mapping at col, from behind the
// colon on.
func (s *scanner) value(col int) (*yamlvalue.Node, bool) {
	colon := s.i
	i := colon
	for i < len(s.b) && s.b[i] == ' ' {
		i++
	}
	if !s.nothingAt(i, colon) {
		s.i = i
		return s.inline(col)
	}
	if !s.next() {
		return nil, false
	}
	switch {
	case s.col > col:
		return s.block(col)
	case s.col == col && s.atDash():
		return s.sequence(col)
	}
	return s.empty(colon), true
}

// empty makes the node of a value that is not there.
func (s *scanner) empty(at int) *yamlvalue.Node {
	s.end = at
	n := s.leaf(yamlvalue.Plain, at, at)
	if n != nil {
		n.Tag = "!!null"
	}
	return n
}

// inline reads a scalar or a flow collection and goes on to the next line.
// Neither may be a key, nor the first line of a nested block collection.
func (s *scanner) inline(parent int) (*yamlvalue.Node, bool) {
	var n *yamlvalue.Node
	ok := false
	switch s.b[s.i] {
	case '|', '>':
		return s.blockScalar(parent)
	case '"', '\'':
		n, ok = s.quoted()
	case '[', '{':
		n, ok = s.flow()
	default:
		n, ok = s.plain(parent + 1)
	}
	if !ok {
		return nil, false
	}
	end := s.end
	ok = s.next()
	s.end = end
	return n, ok
}

// node makes a node for a collection at the present depth, nil below the limit.
func (s *scanner) node(kind yamlvalue.Kind, style yamlvalue.Style, start int) *yamlvalue.Node {
	s.values++
	if s.depth > s.limit {
		return nil
	}
	n := s.arena.node()
	n.Kind, n.Style = kind, style
	n.PropStart, n.Start = start, start
	n.Tag = "!!map"
	if kind == yamlvalue.Sequence {
		n.Tag = "!!seq"
	}
	return n
}

// leaf makes a node for a scalar, nil below the limit.
func (s *scanner) leaf(style yamlvalue.Style, start, end int) *yamlvalue.Node {
	s.values++
	if s.depth+1 > s.limit {
		return nil
	}
	n := s.arena.node()
	n.Style = style
	n.PropStart, n.Start, n.End = start, start, end
	if style != yamlvalue.Plain {
		n.Tag = "!!str"
	}
	return n
}
