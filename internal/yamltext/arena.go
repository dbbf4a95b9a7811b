package yamltext

import (
	"slices"
	"unsafe"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// arena is the memory of trees that live and die together: one allocation a node
// would cost more than reading the text. docs/design/008-memory.md says who owns it.
type arena struct {
	nodes  slab[yamlvalue.Node]
	fields slab[yamlvalue.Field]
	items  slab[*yamlvalue.Node]

	fieldStack []yamlvalue.Field // of the mappings being read
	itemStack  []*yamlvalue.Node // of the sequences being read
	scratch    []byte            // text being unquoted or folded
}

// bytesPerNode is how much text there is to a node in usual manifests.
const bytesPerNode = 12

// expect prepares for the tree of a text of the given size, so that a small one
// does not take the room of a large one.
func (a *arena) expect(size int) {
	a.nodes.first = min(size/bytesPerNode+1, chunk)
	a.fields.first = a.nodes.first/3 + 1
	a.items.first = a.nodes.first/16 + 1
}

// reset takes back all trees.
func (a *arena) reset() {
	if Poison {
		a.nodes.spoil(poisoned)
		a.fields.spoil(yamlvalue.Field{})
		a.items.spoil(nil)
	}
	a.nodes.reset()
	a.fields.reset()
	a.items.reset()
	clear(a.fieldStack[:cap(a.fieldStack)])
	clear(a.itemStack[:cap(a.itemStack)])
}

// drop forgets what a scan that gave up was reading.
func (a *arena) drop() { a.itemStack, a.fieldStack = a.itemStack[:0], a.fieldStack[:0] }

func (a *arena) node() *yamlvalue.Node { return &a.nodes.take(1)[0] }

// popFields moves the fields above base from the stack into the arena.
func (a *arena) popFields(base int) []yamlvalue.Field {
	out := a.fields.take(len(a.fieldStack) - base)
	copy(out, a.fieldStack[base:])
	a.fieldStack = a.fieldStack[:base]
	return out
}

// popItems is popFields for the items of a sequence.
func (a *arena) popItems(base int) []*yamlvalue.Node {
	out := a.items.take(len(a.itemStack) - base)
	copy(out, a.itemStack[base:])
	a.itemStack = a.itemStack[:base]
	return out
}

// view returns b as a string without copying it. b must not change as long as the
// string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

const (
	// chunk is how many values a slab allocates at once, at most, unless more are
	// asked for together: nodes of 32 kB.
	chunk = 240
	// keptChunks is how many chunks a slab keeps for the next trees.
	keptChunks = 32
)

// slab hands out values of one type from chunks that it allocates, and that it may
// take back all together.
type slab[T any] struct {
	first  int   // how many values the first chunk has room for
	free   []T   // the rest of the chunk in use
	chunks [][]T // those before next are in use
	next   int
}

// take returns n values that are zero.
func (s *slab[T]) take(n int) []T {
	if n == 0 {
		return []T{}
	}
	if n > len(s.free) {
		s.grow(n)
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// grow goes on to a chunk with room for n values.
func (s *slab[T]) grow(n int) {
	if s.next == len(s.chunks) {
		size := max(s.first, 4)
		if s.next > 0 {
			size = min(2*len(s.chunks[s.next-1]), chunk)
		}
		s.chunks = append(s.chunks, make([]T, max(size, n)))
	} else if len(s.chunks[s.next]) < n {
		s.chunks[s.next] = make([]T, n)
	}
	s.free = s.chunks[s.next]
	s.next++
}

// reset takes all values back. Room for trees of an unusual size is not kept.
func (s *slab[T]) reset() {
	for i := range s.next {
		clear(s.used(i))
	}
	s.chunks = slices.DeleteFunc(s.chunks, func(c []T) bool { return len(c) > chunk })
	s.chunks = slices.Delete(s.chunks, min(len(s.chunks), keptChunks), len(s.chunks))
	s.free, s.next = nil, 0
}

// spoil overwrites all values, and sees to it that their memory is not used again.
func (s *slab[T]) spoil(with T) {
	for i := range s.next {
		for j := range s.used(i) {
			s.chunks[i][j] = with
		}
	}
	s.chunks, s.free, s.next = nil, nil, 0
}

// used returns what was handed out of a chunk.
func (s *slab[T]) used(i int) []T {
	c := s.chunks[i]
	if i == s.next-1 {
		return c[:len(c)-len(s.free)]
	}
	return c
}
