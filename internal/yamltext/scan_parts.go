package yamltext

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
)

// A large list is scanned in parts at once. Each part but the first begins at what
// looks like an entry and may be none, such as a line of text in a block scalar. So
// what a part holds is taken only where the scan of what is before it ends exactly
// there, at an entry: from there on both go the same way.

// minPart is how much text is worth a part of its own.
const minPart = 256 << 10

// partsOf returns in how many parts text of the given size is scanned.
var partsOf = func(size int) int { return min(runtime.GOMAXPROCS(0), size/minPart) }

// part is a scan that begins at what looks like an item.
type part struct {
	scanner
	start int
	ok    bool
}

// itemEntries is entries for the items of a list.
func (s *scanner) itemEntries(col int) bool {
	parts := s.cut(col)
	if len(parts) == 0 {
		return s.entries(col, true, -1)
	}
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { parts[i].ok = parts[i].entries(col, true, startOf(parts, i+1)) })
	}
	ok := s.entries(col, true, startOf(parts, 0))
	wg.Wait()
	for i := 0; ok && i < len(parts) && s.i == parts[i].start; i++ {
		if parts[i].ok {
			s.join(&parts[i].scanner)
		} else {
			ok = s.entries(col, true, startOf(parts, i+1))
		}
	}
	return ok
}

// cut returns the parts of the text from the first item on, but for the first.
func (s *scanner) cut(col int) []part {
	size := len(s.b) - s.i
	n := partsOf(size)
	entry := []byte("\n" + strings.Repeat(" ", col) + "- ")
	var parts []part
	for i := 1; i < n; i++ {
		from := s.i + size/n*i
		if last := len(parts) - 1; last >= 0 {
			from = max(from, parts[last].start)
		}
		at := bytes.Index(s.b[from:], entry)
		if at < 0 {
			break
		}
		p := part{scanner: *s, start: from + at + len(entry) - len("- ")}
		p.i, p.line, p.col = p.start, from+at+1, col
		p.arena, p.list.items, p.list.guessed = new(arena), nil, true
		parts = append(parts, p)
	}
	return parts
}

// startOf returns where a part begins, -1 for the one behind the last.
func startOf(parts []part, i int) int {
	if i == len(parts) {
		return -1
	}
	return parts[i].start
}

// join goes on where p has ended, which has begun where s is.
func (s *scanner) join(p *scanner) {
	s.arena.itemStack = append(s.arena.itemStack, p.arena.itemStack...)
	s.list.items = append(s.list.items, p.list.items...)
	s.i, s.line, s.col, s.end = p.i, p.line, p.col, p.end
}
