package transformer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// change is a node of the tree that the edits of one object form, bound to the
// places of the baseline they are for. The root of the tree has no step.
type change struct {
	step  podspec.Step
	path  podspec.Path             // from the root of the object
	edit  *podspec.Edit            // what happens here; nil if only below
	below []*change                // in the order of the text, new keys in the order they are to have
	steps map[podspec.Step]*change // below by step, where there are many; only while edits are added

	// Set by bind.
	old   *manifest.Node // what is here, not resolved; nil where nothing is
	own   int            // index of the field or element in its parent; -1 for a key that is absent or merged in
	index int            // where own is -1: the index of the field before which the key goes
}

// newChange makes a tree of edits.
func newChange(edits []podspec.Edit) (*change, error) {
	top := &change{}
	for i := range edits {
		e := &edits[i]
		if err := checkEdit(e); err != nil {
			return nil, err
		}
		if err := top.add(e); err != nil {
			return nil, err
		}
	}
	return top, nil
}

func checkEdit(e *podspec.Edit) error {
	if len(e.Path) == 0 {
		return errors.New("an edit has no path")
	}
	if e.Op == podspec.Remove {
		if e.Path.Last() == "" {
			return fmt.Errorf("%s: cannot remove an element of a list", e.Path)
		}
		return nil
	}
	switch e.Value.(type) {
	case int64, bool, string, []int64:
		return nil
	}
	return fmt.Errorf("%s: cannot write a value of type %T", e.Path, e.Value)
}

func (c *change) add(e *podspec.Edit) error {
	for i, step := range e.Path {
		if c.edit != nil {
			return fmt.Errorf("%s: contradicts the edit of %s", e.Path, c.path)
		}
		c = c.child(step, e.Path[:i+1])
	}
	if c.edit != nil && !c.edit.Equal(*e) || len(c.below) > 0 {
		return fmt.Errorf("%s: two edits contradict each other", e.Path)
	}
	c.edit = e
	return nil
}

func (c *change) child(step podspec.Step, path podspec.Path) *change {
	if c.steps != nil {
		if b := c.steps[step]; b != nil {
			return b
		}
	} else if i := slices.IndexFunc(c.below, func(b *change) bool { return b.step == step }); i >= 0 {
		return c.below[i]
	}
	b := &change{step: step, path: path}
	c.below = append(c.below, b)
	switch {
	case c.steps != nil:
		c.steps[step] = b
	case len(c.below) == manyBelow:
		c.steps = make(map[podspec.Step]*change, 2*manyBelow)
		for _, b := range c.below {
			c.steps[b.step] = b
		}
	}
	return b
}

// manyBelow is from how many changes on they are looked up instead of searched: a
// List may have thousands of elements.
const manyBelow = 32

// puts reports whether c writes a value, itself or below.
func (c *change) puts() bool {
	if c.edit != nil {
		return c.edit.Op == podspec.Put
	}
	return slices.ContainsFunc(c.below, (*change).puts)
}

// removes reports whether c removes the key it is at.
func (c *change) removes() bool {
	return c.edit != nil && c.edit.Op == podspec.Remove
}

// bind finds the places of c's changes in n, the value that is at c, and
// drops those that change nothing. alphabetical is whether the mapping around n
// keeps its keys in alphabetical order.
func (c *change) bind(n *manifest.Node, alphabetical bool) error {
	n = n.Resolve()
	if n.IsNull() {
		n = nil
	}
	if n != nil && n.Kind == manifest.Mapping && len(n.Fields) > 0 {
		alphabetical = inAlphabeticalOrder(n)
	}
	kept := c.below[:0]
	for _, b := range c.below {
		if err := b.find(n); err != nil {
			return err
		}
		if b.own < 0 && n != nil {
			b.index = indexFor(n, b.step.Key, alphabetical)
		}
		if b.edit == nil {
			if err := b.bind(b.old, alphabetical); err != nil {
				return err
			}
		}
		if !b.idle() {
			kept = append(kept, b)
		}
	}
	c.below = kept
	slices.SortStableFunc(c.below, func(a, b *change) int { return a.compare(b, alphabetical) })
	return nil
}

// idle reports whether c changes nothing.
func (c *change) idle() bool {
	switch {
	case c.edit == nil:
		return len(c.below) == 0
	case c.removes():
		return c.old == nil
	}
	return c.old != nil && holds(c.old, c.edit.Value)
}

// find finds what is at c in n, the value around it; n is nil where that is
// absent or null.
func (c *change) find(n *manifest.Node) error {
	c.own = -1
	switch {
	case c.step.Key == "":
		return c.findElement(n)
	case n == nil:
		return nil
	case n.Kind != manifest.Mapping:
		if !c.puts() {
			return nil
		}
		return fmt.Errorf("%s: must be a mapping, is %s", c.parent(), describe(n))
	}
	e := n.Lookup(c.step.Key)
	if e.Flaw != yamlvalue.Fine {
		return fmt.Errorf("%s: parsers disagree on the value of the key", c.path)
	}
	if e.From != nil {
		c.old = e.Value
		c.own = slices.IndexFunc(n.Fields, func(f manifest.Field) bool { return isKey(f.Key, c.step.Key) })
	}
	return nil
}

func (c *change) findElement(n *manifest.Node) error {
	switch {
	case n == nil || n.Kind != manifest.Sequence:
		if !c.puts() {
			return nil
		}
		return fmt.Errorf("%s: must be a list, is %s", c.parent(), describe(n))
	case c.step.Index < 0 || c.step.Index >= len(n.Items):
		if !c.puts() {
			return nil
		}
		return fmt.Errorf("%s: the list has %d elements", c.path, len(n.Items))
	}
	c.own = c.step.Index
	c.old = n.Items[c.own]
	return nil
}

// parent names the place above c.
func (c *change) parent() string {
	if len(c.path) == 1 {
		return "the object"
	}
	return c.path[:len(c.path)-1].String()
}

// compare orders the changes below one place: those of what is there as it
// is, new keys by the place they go to.
func (c *change) compare(o *change, alphabetical bool) int {
	switch {
	case c.own >= 0 && o.own >= 0:
		return c.own - o.own
	case c.own >= 0 || o.own >= 0:
		return o.own - c.own // those that are there first
	case c.index != o.index:
		return c.index - o.index
	}
	return compareKeys(c.step.Key, o.step.Key, alphabetical)
}

// existing returns the changes of what is in the mapping or sequence itself.
func (c *change) existing() []*change {
	i := slices.IndexFunc(c.below, func(b *change) bool { return b.own < 0 })
	if i < 0 {
		return c.below
	}
	return c.below[:i]
}

// added returns the changes that give the mapping new keys.
func (c *change) added() []*change { return c.below[len(c.existing()):] }

// same reports whether both changes do the same, wherever they are.
func (c *change) same(o *change) bool {
	if (c.edit == nil) != (o.edit == nil) || len(c.below) != len(o.below) {
		return false
	}
	if c.edit != nil && (c.edit.Op != o.edit.Op || !podspec.Edit{Value: c.edit.Value}.Equal(podspec.Edit{Value: o.edit.Value})) {
		return false
	}
	for i := range c.below {
		if c.below[i].step != o.below[i].step || !c.below[i].same(o.below[i]) {
			return false
		}
	}
	return true
}

// isKey reports whether n is the string key.
func isKey(n *manifest.Node, key string) bool {
	n = n.Resolve()
	return n.Kind == manifest.Scalar && n.Tag == "!!str" && n.Value == key
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
