package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// SkipFlow returns where the flow collection at b[i] ends; b must be clean. ok is
// whether the scan understands it.
func SkipFlow(b []byte, i int) (end int, ok bool) {
	s := scanner{b: b, i: i, arena: new(arena)}
	_, ok = s.flow()
	return s.i, ok
}

// flow reads the flow collection at i, which may go over several lines. It
// accepts JSON and what JSON becomes without quotes: no comments, no values
// left out, no single pairs in a sequence.
func (s *scanner) flow() (*yamlvalue.Node, bool) {
	s.depth++
	if s.depth > maxDepth {
		return nil, false
	}
	var n *yamlvalue.Node
	ok := false
	if s.b[s.i] == '{' {
		n, ok = s.flowMapping()
	} else {
		n, ok = s.flowSequence()
	}
	s.depth--
	s.end = s.i
	if n != nil {
		n.End = s.i
	}
	return n, ok
}

func (s *scanner) flowSequence() (*yamlvalue.Node, bool) {
	ofItems := s.list.inItems && s.depth == listDepth
	n := s.node(yamlvalue.Sequence, yamlvalue.Flow, s.i)
	base := len(s.arena.itemStack)
	s.i++
	for {
		if c, ok := s.flowSpace(); !ok || c == ']' {
			break
		}
		if ofItems {
			s.beginItem()
		}
		value, ok := s.flowValue()
		if !ok {
			return nil, false
		}
		if ofItems && !s.endItem(value) {
			return nil, false
		}
		if n != nil {
			s.arena.itemStack = append(s.arena.itemStack, value)
		}
		if !s.flowEntryEnd() {
			break
		}
	}
	if s.i >= len(s.b) || s.b[s.i] != ']' {
		return nil, false
	}
	s.i++
	if n != nil {
		n.Items = s.arena.popItems(base)
	}
	return n, true
}

func (s *scanner) flowMapping() (*yamlvalue.Node, bool) {
	n := s.node(yamlvalue.Mapping, yamlvalue.Flow, s.i)
	base := len(s.arena.fieldStack)
	s.i++
	for {
		if c, ok := s.flowSpace(); !ok || c == '}' {
			break
		}
		name, value, ok := s.flowField()
		if !ok {
			return nil, false
		}
		if n != nil {
			s.arena.fieldStack = append(s.arena.fieldStack, yamlvalue.Field{Key: name, Value: value})
		}
		if !s.flowEntryEnd() {
			break
		}
	}
	if s.i >= len(s.b) || s.b[s.i] != '}' {
		return nil, false
	}
	s.i++
	if n != nil {
		n.Fields = s.arena.popFields(base)
	}
	return n, true
}

// flowField reads a key and its value.
func (s *scanner) flowField() (name, value *yamlvalue.Node, ok bool) {
	k, ok := s.flowKey()
	if !ok {
		return nil, nil, false
	}
	if name, ok = s.keyNode(k); !ok {
		return nil, nil, false
	}
	note := s.beginField(k)
	s.i = k.after
	if c, ok := s.flowSpace(); !ok || c == ',' || c == '}' {
		return nil, nil, false
	}
	if value, ok = s.flowValue(); !ok {
		return nil, nil, false
	}
	s.endField(note, value)
	return name, value, true
}

// flowEntryEnd goes over the comma behind an entry. It returns false where
// there is none.
func (s *scanner) flowEntryEnd() bool {
	c, ok := s.flowSpace()
	if !ok || c != ',' {
		return false
	}
	s.i++
	return true
}

// flowSpace skips white space between the tokens of a flow collection and
// returns the byte it finds.
func (s *scanner) flowSpace() (byte, bool) {
	b := s.b
	for ; s.i < len(b); s.i++ {
		switch c := b[s.i]; c {
		case ' ', '\t', '\r':
		case '\n':
			if s.i+1 < len(b) && (b[s.i+1] == '%' || mayBeMarker(b, s.i+1)) {
				return 0, false
			}
		case '#':
			return 0, false
		default:
			return c, true
		}
	}
	return 0, false
}

// flowValue reads a value of a flow collection.
func (s *scanner) flowValue() (*yamlvalue.Node, bool) {
	switch s.b[s.i] {
	case '{', '[':
		return s.flow()
	case '"', '\'':
		return s.quoted()
	}
	end, ok := s.flowPlainEnd()
	if !ok || !s.flowPlainStops(end) {
		return nil, false
	}
	start := s.i
	s.i, s.end = end, end
	return s.plainNode(start, end, false)
}

// flowKey reads the key at i, up to and with its colon.
func (s *scanner) flowKey() (key, bool) {
	k := key{start: s.i}
	i := s.i
	switch s.b[i] {
	case '"', '\'':
		k.style = yamlvalue.DoubleQuoted
		if s.b[i] == '\'' {
			k.style = yamlvalue.SingleQuoted
		}
		k.end = s.closingQuote(i)
	default:
		end, ok := s.flowPlainEnd()
		if !ok || string(s.b[i:end]) == "<<" {
			return k, false
		}
		k.end = end
	}
	i = SkipBlanks(s.b, k.end)
	k.after = i + 1
	found := i < len(s.b) && s.b[i] == ':' && i-k.start <= maxKey
	return k, found && (k.style != yamlvalue.Plain || s.ends(i+1))
}

// flowPlainEnd returns the end of the plain scalar at i, blanks behind it left
// out.
func (s *scanner) flowPlainEnd() (int, bool) {
	if !s.startsPlain(s.i, true) {
		return 0, false
	}
	b, i := s.b, s.i
scalar:
	for ; i < len(b); i++ {
		switch plainClasses[b[i]] {
		case plainColon:
			if s.ends(i + 1) {
				break scalar
			}
		case plainHash:
			if b[i-1] == ' ' {
				return 0, false
			}
		case plainBreak, plainFlow:
			break scalar
		case plainTab:
			return 0, false
		}
	}
	for b[i-1] == ' ' {
		i--
	}
	return i, true
}

// flowPlainStops reports whether a plain scalar that ends at i is a value: it
// neither goes on in the next line nor is a key.
func (s *scanner) flowPlainStops(i int) bool {
	b := s.b
	for i < len(b) && (b[i] == ' ' || isBreak(b[i])) {
		i++
	}
	return i < len(b) && (b[i] == ',' || b[i] == ']' || b[i] == '}')
}
