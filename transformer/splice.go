package transformer

import (
	"bytes"
	"errors"

	"github.com/usergroup-dev/usergroup/manifest"
)

// Reasons why an edit cannot be spliced into the bytes.
var (
	errMerged = errors.New("a key to be removed comes from a merge key")
	errTag    = errors.New("a tag or an anchor is in the way")
	errKey    = errors.New("a mapping is written with unusual keys")
	errBreak  = errors.New("a carriage return ends a line")
	errEnd    = errors.New("the text ends in a block scalar without a line break")
)

// splicer turns the edits of a document into cuts of its bytes. It may
// produce a wrong result where the text is of a shape it does not expect,
// because every result is verified; what it knows that it cannot do, it refuses.
type splicer struct {
	*document
	cuts cuts

	// step is by how much a mapping in a mapping is indented, judged by the last
	// one on the way.
	step int
	// dash returns by how much a list in a mapping is indented.
	dash func() int
	// edited are the anchored nodes with edits below.
	edited map[*manifest.Node]*editTree
	// refused is why the edits cannot be spliced, nil while they can.
	refused error
}

// refuse says why the edits cannot be spliced. What the splicer does from then on
// does not matter.
func (s *splicer) refuse(why error) {
	if s.refused == nil {
		s.refused = why
	}
}

// context is what is around a value.
type context struct {
	key    *manifest.Node // the key the value belongs to; nil for a list element and the root
	column int            // of the key or the element, in block style
	flow   *flowStyle     // the style of the flow collection around the value; nil in block style
}

// value makes the edits below t, which is at n. n is neither null nor a
// scalar.
func (s *splicer) value(n *manifest.Node, t *editTree, in context) {
	switch {
	case n.Kind == manifest.Sequence:
		s.sequence(n, t, in)
	case n.Style == manifest.Flow:
		s.flowMapping(n, t, in)
	default:
		s.blockMapping(n, t, in)
	}
}

// child makes the edits of t, which is at the value n.
func (s *splicer) child(n *manifest.Node, t *editTree, in context) {
	if t.removes() {
		return // done by the mapping
	}
	if n.Anchor != "" {
		if s.edited == nil {
			s.edited = make(map[*manifest.Node]*editTree)
		}
		s.edited[n] = t
	}
	switch {
	case n.Kind == manifest.Alias && s.doneAtAnchor(n, t):
		return
	case t.edit == nil && n.Kind != manifest.Alias && !n.IsNull() && !(in.key != nil && s.isEmptyFlow(n)):
		s.value(n, t, in)
		return
	}
	v := s.newValue(t)
	switch {
	case in.flow != nil:
		s.setFlow(n, &v, in)
	case in.key == nil:
		s.setElement(n, &v, in)
	default:
		s.setBlock(n, &v, in)
	}
}

// doneAtAnchor reports whether the node that the alias n stands for is changed
// in the same way: then n follows by itself.
func (s *splicer) doneAtAnchor(n *manifest.Node, t *editTree) bool {
	at, ok := s.edited[n.Resolve()]
	return ok && at.same(t)
}

// isEmptyFlow reports whether n is {} or [], which in block style is only how an
// empty collection has to be written.
func (s *splicer) isEmptyFlow(n *manifest.Node) bool {
	return n.Style == manifest.Flow && n.PropStart == n.Start && len(bytes.TrimSpace(s.data[n.Start+1:n.End-1])) == 0
}

// sequence makes the edits below the elements of a list.
func (s *splicer) sequence(n *manifest.Node, t *editTree, in context) {
	if n.Style == manifest.Flow {
		style := s.flowStyleOf(n, in)
		in = context{flow: &style}
	}
	for _, b := range t.existing() {
		it := n.Items[b.own]
		s.child(it, b, context{flow: in.flow, column: s.columnOf(it.PropStart)})
	}
}

// setElement replaces the list element n.
func (s *splicer) setElement(n *manifest.Node, v *value, in context) {
	w := s.writer()
	if n.PropStart == n.End { // nothing is behind the dash
		w.WriteByte(' ')
		in.column++
	}
	w.element(v, in.column)
	s.cuts.replace(n.PropStart, n.End, w.String())
}

// writer returns a writer of block style that writes as the document does.
func (s *splicer) writer() *blockWriter {
	return &blockWriter{nl: s.nl, step: s.step, dash: s.dash()}
}
