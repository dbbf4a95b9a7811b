package transformer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// editTree is a node of the tree that the edits of one object form, bound to the
// nodes of the baseline they are for. The root of the tree has no step.
type editTree struct {
	step  podspec.Step
	path  podspec.Path               // from the root of the object
	edit  *podspec.Edit              // the edit of this node itself; nil if only below
	value value                      // what that edit writes
	below []*editTree                // in the order of the text, new keys in the order they are to have
	steps map[podspec.Step]*editTree // below by step, where there are many; only while edits are added

	// Set by bind.
	old     *manifest.Node // what is here, not resolved; nil where nothing is
	own     int            // index of the field or element in its parent; -1 for a key that is absent or merged in
	index   int            // where own is -1: the index of the field before which the key goes
	present int            // how many of below are for what is here itself: own is not -1
}

// newEditTree makes a tree of edits in the memory m.
func newEditTree(m *Memory, edits []podspec.Edit) (*editTree, error) {
	top := &editTree{}
	for i := range edits {
		e := &edits[i]
		v, err := checkEdit(e)
		if err != nil {
			return nil, err
		}
		if err := top.add(m, e, v); err != nil {
			return nil, err
		}
	}
	return top, nil
}

// checkEdit returns the value that an edit writes.
func checkEdit(e *podspec.Edit) (value, error) {
	if len(e.Path) == 0 {
		return value{}, errors.New("an edit has no path")
	}
	if e.Op == podspec.Remove {
		if e.Path.Last() == "" {
			return value{}, fmt.Errorf("%s: cannot remove an element of a list", e.Path)
		}
		return value{}, nil
	}
	v, ok := editValue(e.Value)
	if !ok {
		return value{}, fmt.Errorf("%s: cannot write a value of type %T", e.Path, e.Value)
	}
	return v, nil
}

func (t *editTree) add(m *Memory, e *podspec.Edit, v value) error {
	for i, step := range e.Path {
		if t.edit != nil {
			return fmt.Errorf("%s: contradicts the edit of %s", e.Path, t.path)
		}
		t = t.child(m, step, e.Path[:i+1])
	}
	if t.edit != nil && !t.edit.Equal(*e) || len(t.below) > 0 {
		return fmt.Errorf("%s: two edits contradict each other", e.Path)
	}
	t.edit, t.value = e, v
	return nil
}

func (t *editTree) child(m *Memory, step podspec.Step, path podspec.Path) *editTree {
	if t.steps != nil {
		if b := t.steps[step]; b != nil {
			return b
		}
	} else if i := slices.IndexFunc(t.below, func(b *editTree) bool { return b.step == step }); i >= 0 {
		return t.below[i]
	}
	b := &m.trees.Take(1)[0]
	b.step, b.path = step, path
	t.below = append(t.below, b)
	switch {
	case t.steps != nil:
		t.steps[step] = b
	case len(t.below) == manyBelow:
		t.steps = make(map[podspec.Step]*editTree, 2*manyBelow)
		for _, b := range t.below {
			t.steps[b.step] = b
		}
	}
	return b
}

// manyBelow is from how many subtrees on they are looked up instead of searched: a
// List may have thousands of elements.
const manyBelow = 32

// puts reports whether t writes a value, itself or below.
func (t *editTree) puts() bool {
	if t.edit != nil {
		return t.edit.Op == podspec.Put
	}
	return slices.ContainsFunc(t.below, (*editTree).puts)
}

// removes reports whether t removes the key it is at.
func (t *editTree) removes() bool {
	return t.edit != nil && t.edit.Op == podspec.Remove
}

// bind finds what the edits below t are for in n, the value that is at t, and
// drops those that change nothing. alphabetical is whether the mapping around n
// keeps its keys in alphabetical order.
func (t *editTree) bind(n *manifest.Node, alphabetical bool) error {
	n = n.Resolve()
	if n.IsNull() {
		n = nil
	}
	if n != nil && len(n.Fields) > 0 {
		alphabetical = inAlphabeticalOrder(n)
	}
	keys := newKeyIndex(n, len(t.below))
	kept := t.below[:0]
	for _, b := range t.below {
		if err := b.find(n, keys); err != nil {
			return err
		}
		if b.own == -1 && n != nil {
			b.index = indexFor(n, b.step.Key, alphabetical)
		}
		if b.edit == nil {
			if err := b.bind(b.old, alphabetical); err != nil {
				return err
			}
		}
		if !b.idle() {
			kept = append(kept, b)
			if b.own >= 0 {
				t.present++
			}
		}
	}
	t.below = kept
	slices.SortStableFunc(t.below, func(a, b *editTree) int { return a.compare(b, alphabetical) })
	return nil
}

// idle reports whether t changes nothing.
func (t *editTree) idle() bool {
	switch {
	case t.edit == nil:
		return len(t.below) == 0
	case t.removes():
		return t.old == nil
	}
	return t.old != nil && holds(t.old, t.value)
}

// keyIndex finds keys in a mapping. A nil keyIndex reads the mapping each time.
type keyIndex struct {
	entries yamlvalue.Index
	fields  map[string]int // the first of each key
}

// newKeyIndex returns an index of n for so many keys, nil where they are few.
func newKeyIndex(n *manifest.Node, keys int) *keyIndex {
	if n == nil || keys < manyBelow || len(n.Fields) < manyBelow {
		return nil
	}
	x := &keyIndex{fields: make(map[string]int, len(n.Fields))}
	for i := range n.Fields {
		key := n.Fields[i].Key.Text()
		if _, ok := x.fields[key]; !ok {
			x.fields[key] = i
		}
	}
	return x
}

// lookup returns what the mapping n says of a key.
func (x *keyIndex) lookup(n *manifest.Node, key string) yamlvalue.Entry {
	if x == nil {
		return n.Lookup(key)
	}
	return x.entries.Lookup(n, key)
}

// field returns the index of the field of n with a key, -1 for none.
func (x *keyIndex) field(n *manifest.Node, key string) int {
	if x == nil {
		return slices.IndexFunc(n.Fields, func(f manifest.Field) bool { return f.Key.Text() == key })
	}
	if i, ok := x.fields[key]; ok {
		return i
	}
	return -1
}

// find finds what is at t in n, the value around it; n is nil where that is
// absent or null.
func (t *editTree) find(n *manifest.Node, keys *keyIndex) error {
	t.own = -1
	switch {
	case t.step.Key == "":
		return t.findElement(n)
	case n == nil:
		return nil
	case n.Kind != manifest.Mapping:
		if !t.puts() {
			return nil
		}
		return fmt.Errorf("%s: must be a mapping, is %s", t.parent(), describe(n))
	}
	if t.step.Key == "<<" && n.HasMerge() {
		return fmt.Errorf("%s: some parsers refuse the key beside a merge key", t.path)
	}
	e := keys.lookup(n, t.step.Key)
	if _, name := e.Name.Str(); e.Flaw != yamlvalue.Fine || e.Name != nil && name != yamlvalue.Fine {
		return fmt.Errorf("%s: parsers disagree on the value of the key", t.path)
	}
	if e.From != nil {
		t.old = e.Value
		t.own = keys.field(n, t.step.Key)
	}
	return nil
}

func (t *editTree) findElement(n *manifest.Node) error {
	switch {
	case n == nil || n.Kind != manifest.Sequence:
		if !t.puts() {
			return nil
		}
		return fmt.Errorf("%s: must be a list, is %s", t.parent(), describe(n))
	case t.step.Index < 0 || t.step.Index >= len(n.Items):
		if !t.puts() {
			return nil
		}
		return fmt.Errorf("%s: the list has %d elements", t.path, len(n.Items))
	}
	t.own = t.step.Index
	t.old = n.Items[t.own]
	return nil
}

// parent names what t is in.
func (t *editTree) parent() string {
	if len(t.path) == 1 {
		return "the object"
	}
	return t.path[:len(t.path)-1].String()
}

// compare orders the subtrees of one node: those of what is there as it is, new
// keys by where they go.
func (t *editTree) compare(o *editTree, alphabetical bool) int {
	switch {
	case t.own >= 0 && o.own >= 0:
		return t.own - o.own
	case t.own >= 0 || o.own >= 0:
		return o.own - t.own // those that are there first
	case t.index != o.index:
		return t.index - o.index
	}
	return compareKeys(t.step.Key, o.step.Key, alphabetical)
}

// existing returns the subtrees for what is in the mapping or sequence itself.
func (t *editTree) existing() []*editTree { return t.below[:t.present] }

// noEdits is the tree of what is not edited.
var noEdits = &editTree{}

// at returns the subtree for the field or element i.
func (t *editTree) at(i int) *editTree {
	own := t.existing()
	if j, ok := slices.BinarySearchFunc(own, i, func(b *editTree, i int) int { return b.own - i }); ok {
		return own[j]
	}
	return noEdits
}

// of returns the subtree for a key that is new or merged in.
func (t *editTree) of(key *manifest.Node) *editTree {
	for _, b := range t.added() {
		if key.Text() == b.step.Key {
			return b
		}
	}
	return noEdits
}

// added returns the subtrees that give the mapping new keys.
func (t *editTree) added() []*editTree { return t.below[t.present:] }

// same reports whether the edits of both trees are the same, wherever they are.
func (t *editTree) same(o *editTree) bool {
	if len(t.below) != len(o.below) {
		return false // where they are equal both have an edit, or both have not
	}
	if t.edit != nil && !(podspec.Edit{Value: t.edit.Value}).Equal(podspec.Edit{Value: o.edit.Value}) {
		return false
	}
	for i := range t.below {
		if t.below[i].step != o.below[i].step || !t.below[i].same(o.below[i]) {
			return false
		}
	}
	return true
}

func describe(n *manifest.Node) string {
	switch {
	case n == nil:
		return "absent"
	case n.Kind == manifest.Mapping:
		return "a mapping"
	case n.Kind == manifest.Sequence:
		return "a list"
	}
	return fmt.Sprintf("%q", n.Value)
}
