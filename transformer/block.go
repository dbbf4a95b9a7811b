package transformer

import (
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// blockMapping makes the edits below t, which is at the mapping n in
// block style.
func (s *splicer) blockMapping(n *manifest.Node, t *editTree, in context) {
	first := n.Fields[0].Key.PropStart
	column := s.columnOf(first)
	if !s.plainBefore(first) {
		s.refuse(errKey)
		return
	}
	if in.key != nil {
		s.step = column - in.column
	}
	runs := removals(n, t)
	if len(runs) == 1 && runs[0] == (span{0, len(n.Fields)}) {
		switch {
		case len(t.added()) == 0:
			s.emptyBlock(n, in)
			return
		case !s.ownLine(first):
			s.refillBlock(n, t.added(), column)
			return
		}
	}
	added := t.added()
	for i, f := range n.Fields {
		added = s.addFields(n, added, i, runs)
		if b := t.at(i); b != noEdits {
			s.child(f.Value, b, context{key: f.Key, column: column})
		}
	}
	s.addFields(n, added, len(n.Fields), runs)
	for _, r := range runs {
		s.removeFields(n, r)
	}
}

// plainBefore reports whether nothing but spaces and dashes is before pos
// on its line: no "? " of an explicit key.
func (s *splicer) plainBefore(pos int) bool {
	return strings.Trim(string(s.data[s.lineStart(pos):pos]), " -") == ""
}

// span is fields in a row, from the first to the one behind the last.
type span struct{ from, to int }

// removals returns the runs of fields of n that t removes.
func removals(n *manifest.Node, t *editTree) []span {
	var runs []span
	for _, b := range t.existing() {
		switch last := len(runs) - 1; {
		case !b.removes():
		case last >= 0 && runs[last].to == b.own:
			runs[last].to++
		default:
			runs = append(runs, span{b.own, b.own + 1})
		}
	}
	return runs
}

// behind moves an index out of a span of removed fields.
func behind(i int, runs []span) int {
	for _, r := range runs {
		if r.from <= i {
			i = max(i, r.to)
		}
	}
	return i
}

// addFields adds those of the new keys that go before field i and returns the
// others.
func (s *splicer) addFields(n *manifest.Node, added []*editTree, i int, runs []span) []*editTree {
	for len(added) > 0 && s.blockIndex(n, added[0].index, runs) <= i {
		s.addField(n, i, added[0])
		added = added[1:]
	}
	return added
}

// blockIndex returns the index of the field of n before which a new key can be
// written that belongs before field i: never before a first key that is
// behind a dash.
func (s *splicer) blockIndex(n *manifest.Node, i int, runs []span) int {
	least := 0
	if !s.ownLine(n.Fields[0].Key.PropStart) {
		least = min(behind(0, runs)+1, len(n.Fields)) // behind the first key that stays
	}
	i = max(behind(i, runs), least)
	if i > least && s.endsInBlockScalar(n.Fields[i-1].Value) {
		return i - 1
	}
	return i
}

// endsInBlockScalar reports whether n ends in a block scalar at the very end of
// data, which a line break behind it would change.
func (d *document) endsInBlockScalar(n *manifest.Node) bool {
	n = lastOf(n)
	return (n.Style == manifest.Literal || n.Style == manifest.Folded) && n.End == len(d.given)
}

// lastOf returns the last scalar of n, or what is empty in its place.
func lastOf(n *manifest.Node) *manifest.Node {
	for {
		switch {
		case len(n.Fields) > 0:
			n = n.Fields[len(n.Fields)-1].Value
		case len(n.Items) > 0:
			n = n.Items[len(n.Items)-1]
		default:
			return n
		}
	}
}

// addField writes the new key of t before field i of n.
func (s *splicer) addField(n *manifest.Node, i int, t *editTree) {
	if t.removes() {
		s.refuse(errMerged)
	}
	v := s.newValue(t)
	var at int
	if i > 0 {
		at = s.after(n, i-1)
		if s.endsInBlockScalar(n.Fields[i-1].Value) {
			s.refuse(errEnd)
		}
	} else {
		at = s.before(n, 0)
	}
	column := s.columnOf(n.Fields[0].Key.PropStart)
	w := s.writer()
	w.WriteString(strings.Repeat(" ", column))
	w.field(pair{t.step.Key, v}, column)
	w.WriteString(s.nl)
	s.cuts.insert(at, w.String())
}

// removeFields removes a span of fields, but not all unless others replace them.
func (s *splicer) removeFields(n *manifest.Node, r span) {
	if r.from == 0 && !s.ownLine(n.Fields[0].Key.PropStart) {
		// The next key moves up to the dash.
		s.cuts.replace(n.Fields[0].Key.PropStart, n.Fields[r.to].Key.PropStart, "")
		return
	}
	start, end := s.before(n, r.from), s.after(n, r.from)
	for i := r.from + 1; i < r.to; i++ {
		// A comment between two fields that belongs to neither stays.
		if next := s.before(n, i); strings.TrimSpace(string(s.data[end:next])) != "" {
			s.cuts.replace(start, end, "")
			start = next
		}
		end = s.after(n, i)
	}
	s.cuts.replace(start, end, "")
}

// refillBlock writes a mapping behind a dash of which nothing is kept.
func (s *splicer) refillBlock(n *manifest.Node, added []*editTree, column int) {
	v := s.newMapping(added)
	w := s.writer()
	w.element(&v, column)
	s.cuts.replace(n.Start, n.End, w.String())
}

// emptyBlock removes all keys of n.
func (s *splicer) emptyBlock(n *manifest.Node, in context) {
	if in.key == nil {
		s.cuts.replace(n.Start, n.End, "{}")
		return
	}
	colon, ok := s.colon(in.key)
	switch {
	case !ok:
		s.refuse(errKey)
	case n.Anchor != "" || n.Explicit:
		s.refuse(errTag)
	default:
		s.cuts.insert(colon, " {}")
		s.removeFields(n, span{0, len(n.Fields)})
	}
}

// setBlock gives a key in block style, whose value is n now, the value v.
func (s *splicer) setBlock(n *manifest.Node, v *value, in context) {
	colon, ok := s.colon(in.key)
	if !ok {
		s.refuse(errKey)
		return
	}
	w := s.writer()
	switch {
	case n.Kind == manifest.Sequence && n.Style == manifest.Flow && !s.isEmptyFlow(n):
		style := s.flowStyleOf(n, in)
		style.write(&w.Builder, v)
		s.cuts.replace(n.PropStart, n.End, w.String())
	case n.Kind == manifest.Sequence && n.Style == manifest.Block && len(v.items) > 0:
		w.element(v, s.columnOf(n.Start))
		s.cuts.replace(n.Start, n.End, w.String())
	case v.oneLine() && n.Style != manifest.Block:
		if n.PropStart == n.End {
			w.WriteByte(' ')
		}
		w.WriteString(v.requoted(n))
		s.cuts.replace(replaceable(n), n.End, w.String())
	case v.oneLine():
		s.cuts.replace(colon, n.End, " "+v.inline())
	default:
		s.cuts.replace(colon, n.End, "")
		w.lines(v, in.column)
		s.cuts.insert(s.lineEnd(n.End), w.String())
	}
}

// replaceable returns where a value begins that is to be replaced: behind its
// anchor, which aliases edited alike may refer to, but before its tag.
func replaceable(n *manifest.Node) int {
	if n.Explicit {
		return n.PropStart
	}
	return n.Start
}

// requoted is inline for a value that replaces n: in the quotes of n if it is a string.
func (v *value) requoted(n *manifest.Node) string {
	if v.isString() {
		return yamlvalue.Requoted(v.text, n.Style)
	}
	return v.inline()
}
