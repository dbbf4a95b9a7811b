package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

const (
	// rootDepth is the depth of the mapping that is the whole document.
	rootDepth = 1
	// listDepth is the depth of the sequence of items below it.
	listDepth = 2
	// itemDepth is the depth of an item.
	itemDepth = 3
)

// scannedList is what the scanner notes on its way: apiVersion and kind of
// objects, and the items of a ResourceList.
type scannedList struct {
	enabled    bool // look for the items of a ResourceList
	headDepth  int  // depth of the mappings whose apiVersion and kind are noted, 0 for none
	inItems    bool // in the value of the key items
	guessed    bool // what is scanned may be no items, see itemEntries
	head       Head
	seen       [2]bool // apiVersion, kind
	keyEscapes bool    // a key may not be in the bytes as it is
	items      []Outline
	before     int // the scanner's values before the item being read
}

// Outline is what there is to know of an item that the scan has found.
type Outline struct {
	Head       Head
	Proven     bool // read by the scan, not by go-yaml
	KeyEscapes bool // a key may be written with escapes
	Extents         // but for the depth of one that the scan has read, which is 0
}

// ScanObject reads the object that is all of data without building it. ok is
// whether that can be done; go-yaml must be asked otherwise.
func ScanObject(data []byte, column int) (item Outline, ok bool) {
	if !IsClean(data) {
		return Outline{}, false
	}
	s := scanner{b: data, arena: new(arena), list: scannedList{headDepth: rootDepth}}
	_, ok = s.document(column)
	return Outline{s.list.head, true, s.list.keyEscapes, Extents{Values: s.values}}, ok
}

// ScanList reads a ResourceList down to its items; data must be clean. ok is
// whether that could be done.
func ScanList(data []byte, column int) (root *yamlvalue.Node, items []Outline, ok bool) {
	s := scanner{b: data, limit: itemDepth, arena: new(arena), list: scannedList{enabled: true, headDepth: itemDepth}}
	root, ok = s.document(column)
	return root, s.list.items, ok
}

func (s *scanner) beginItem() {
	s.list.head, s.list.seen, s.list.keyEscapes, s.list.before = Head{}, [2]bool{}, false, s.values
}

// endItem notes an item that the scan has read, which must be a mapping.
func (s *scanner) endItem(n *yamlvalue.Node) bool {
	l := &s.list
	l.items = append(l.items, Outline{l.head, true, l.keyEscapes, Extents{Values: s.values - l.before}})
	return n.Kind == yamlvalue.Mapping
}

// fieldNote is what a field is noted for.
type fieldNote struct {
	key   string // apiVersion, kind or items; "" for nothing
	limit int    // the scanner's limit before
}

// beginField prepares for the value of a key that is to be noted.
func (s *scanner) beginField(k key) fieldNote {
	isHead := s.depth == s.list.headDepth
	isList := s.list.enabled && s.depth == rootDepth
	if !isHead && !isList {
		return fieldNote{}
	}
	note := fieldNote{limit: s.limit}
	switch text := s.keyText(k); {
	case isHead && string(text) == "apiVersion":
		note.key = "apiVersion"
		s.limit = max(s.limit, s.depth+1)
	case isHead && string(text) == "kind":
		note.key = "kind"
		s.limit = max(s.limit, s.depth+1)
	case isHead && string(text) == "items":
		s.list.head.Items = true
	case isList && string(text) == "items":
		note.key = "items"
		s.list.inItems = true
	case isHead && (yamlvalue.IsFolded(text, "kind") || yamlvalue.IsFolded(text, "apiVersion")):
		s.list.head.Ambiguous = true
	}
	return note
}

// keyText returns the text of a key, which lasts until the next call.
func (s *scanner) keyText(k key) []byte {
	if k.style == yamlvalue.Plain {
		return s.b[k.start:k.end]
	}
	text, _, _ := appendQuoted(s.arena.scratch[:0], s.b, k.start)
	s.arena.scratch = text
	return text
}

// endField notes the value.
func (s *scanner) endField(note fieldNote, value *yamlvalue.Node) {
	l := &s.list
	switch note.key {
	case "":
		return
	case "items":
		l.inItems = false
	case "apiVersion":
		l.noteHead(0, &l.head.APIVersion, value)
	case "kind":
		l.noteHead(1, &l.head.Kind, value)
	}
	s.limit = note.limit
}

func (l *scannedList) noteHead(which int, text *string, value *yamlvalue.Node) {
	if l.seen[which] || !isText(value) {
		l.head.Ambiguous = true
	}
	if l.seen[which] {
		return
	}
	l.seen[which] = true
	*text = value.Text()
}

// item reads the item of a list at i, whose dash is at col. Where the scan
// does not understand it, go-yaml may.
func (s *scanner) item(col int) (*yamlvalue.Node, bool) {
	before := *s
	itemStack, fieldStack := len(s.arena.itemStack), len(s.arena.fieldStack)
	s.beginItem()
	n, ok := s.block(col)
	if ok {
		return n, s.endItem(n)
	}
	if s.list.guessed {
		return nil, false // go-yaml would take long, perhaps for nothing
	}
	items := s.list.items
	*s = before
	s.list.items = items
	s.arena.itemStack = s.arena.itemStack[:itemStack]
	s.arena.fieldStack = s.arena.fieldStack[:fieldStack]
	return s.rescueItem(col)
}

// rescueItem has go-yaml read the item at i. The item ends where a line is
// no further right than its dash: if what is before that line is a mapping on
// its own, it is the same mapping in the list, because nothing that go-yaml may
// be in the middle of at the end of a complete mapping goes on over such a
// line.
func (s *scanner) rescueItem(col int) (*yamlvalue.Node, bool) {
	start, column := s.i, s.col
	end := s.dedent(col)
	n, err := DecodeFull(s.b[start:end], column)
	if err != nil || n.Kind != yamlvalue.Mapping {
		return nil, false
	}
	item := s.node(yamlvalue.Mapping, n.Style, start+n.Start)
	item.PropStart = start + n.PropStart
	item.End = start + n.End
	s.i = end
	if !s.lineStart() {
		return nil, false
	}
	s.end = item.End
	s.list.items = append(s.list.items, Outline{Head: HeadOf(n), Extents: Measure(n)})
	return item, true
}

// dedent returns the beginning of the next line behind i that has a token no
// further right than col, or the end.
func (s *scanner) dedent(col int) int {
	b := s.b
	for i := NextLine(b, s.i); i < len(b); i = NextLine(b, i) {
		j := i
		for j < len(b) && b[j] == ' ' {
			j++
		}
		if j < len(b) && j-i <= col && b[j] != '#' && BreakLen(b, j) == 0 {
			return i
		}
	}
	return len(b)
}
