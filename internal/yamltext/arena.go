package yamltext

import (
	"unsafe"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// arena is the memory of trees that live and die together: one allocation a node
// would cost more than reading the text. docs/design/008-memory.md says who owns it.
type arena struct {
	nodes  slab.Slab[yamlvalue.Node]
	fields slab.Slab[yamlvalue.Field]
	items  slab.Slab[*yamlvalue.Node]

	fieldStack []yamlvalue.Field // of the mappings being read
	itemStack  []*yamlvalue.Node // of the sequences being read
	scratch    []byte            // text being unquoted or folded
}

// poisoned is what is left of a node, see slab.Poison.
var poisoned = yamlvalue.Node{Kind: 0xff, Tag: "!!poisoned", Value: "poisoned", Anchor: "poisoned", PropStart: -1, Start: -1, End: -1}

// bytesPerNode is how much text there is to a node in usual manifests.
const bytesPerNode = 12

// expect prepares for the tree of a text of the given size, so that a small one
// does not take the room of a large one.
func (a *arena) expect(size int) {
	nodes := size/bytesPerNode + 1
	a.nodes.First, a.fields.First, a.items.First = nodes, nodes/3+1, nodes/16+1
}

// reset takes back all trees.
func (a *arena) reset() {
	a.nodes.Reset(poisoned)
	a.fields.Reset(yamlvalue.Field{})
	a.items.Reset(nil)
	clear(a.fieldStack[:cap(a.fieldStack)])
	clear(a.itemStack[:cap(a.itemStack)])
}

// drop forgets what a scan that gave up was reading.
func (a *arena) drop() { a.itemStack, a.fieldStack = a.itemStack[:0], a.fieldStack[:0] }

func (a *arena) node() *yamlvalue.Node { return &a.nodes.Take(1)[0] }

// popFields moves the fields above base from the stack into the arena.
func (a *arena) popFields(base int) []yamlvalue.Field {
	out := a.fields.Take(len(a.fieldStack) - base)
	copy(out, a.fieldStack[base:])
	a.fieldStack = a.fieldStack[:base]
	return out
}

// popItems is popFields for the items of a sequence.
func (a *arena) popItems(base int) []*yamlvalue.Node {
	out := a.items.Take(len(a.itemStack) - base)
	copy(out, a.itemStack[base:])
	a.itemStack = a.itemStack[:base]
	return out
}

// view returns b as a string without copying it. b must not change as long as the
// string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
