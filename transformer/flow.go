package transformer

import (
	"bytes"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
)

// flowMapping makes the edits below t, which is at the mapping n in
// braces.
func (s *splicer) flowMapping(n *manifest.Node, t *editTree, in context) {
	if !s.inBraces(n) {
		s.refuse(errKey) // one pair in brackets: [a: b]
		return
	}
	style := s.flowStyleOf(n, in)
	runs := removals(n, t)
	added := t.added()
	if len(n.Fields) == 0 || len(runs) == 1 && runs[0] == (span{0, len(n.Fields)}) {
		s.refillFlow(n, added, style)
		return
	}
	inner := style.inside()
	for i, f := range n.Fields {
		for len(added) > 0 && behind(added[0].index, runs) <= i {
			s.addEntry(n, i, added[0], inner, runs)
			added = added[1:]
		}
		if b := t.at(i); b != noEdits {
			s.child(f.Value, b, context{key: f.Key, flow: &inner})
		}
	}
	for _, b := range added {
		s.addEntry(n, len(n.Fields), b, inner, runs)
	}
	for _, r := range runs {
		s.removeEntries(n, r)
	}
}

// inBraces reports whether the flow mapping n has braces of its own: one that is a
// single pair in brackets starts where its key does, which may be a brace too, as in
// [{a: b}: c].
func (s *splicer) inBraces(n *manifest.Node) bool {
	return s.data[n.Start] == '{' && (len(n.Fields) == 0 || n.Fields[0].Key.PropStart > n.Start)
}

// removeEntries removes a span of entries of n, but not all.
func (s *splicer) removeEntries(n *manifest.Node, r span) {
	start, end := n.Fields[r.from].Key.PropStart, n.Fields[r.to-1].Value.End
	comma, alone := s.restOfLine(end)
	last := r.to == len(n.Fields)
	switch {
	case alone && (comma || last) && s.indentation(start) == string(s.data[s.lineStart(start):start]):
		// They have lines of their own.
		if !comma {
			s.removeComma(n.Fields[r.from-1].Value.End)
		}
		s.cuts.replace(s.lineStart(start), s.nextLine(end), "")
	case last:
		s.cuts.replace(n.Fields[r.from-1].Value.End, end, "")
	case comma && alone && r.from > 0:
		// They end a line that begins with others: it keeps its comma and its end.
		s.cuts.replace(n.Fields[r.from-1].Value.End, end, "")
		s.cuts.replace(end+bytes.IndexByte(s.data[end:], ',')+1, s.lineEnd(end), "")
	default:
		s.cuts.replace(start, n.Fields[r.to].Key.PropStart, "")
	}
}

// restOfLine reports whether a comma follows pos on its line, and whether nothing
// else does but a comment.
func (s *splicer) restOfLine(pos int) (comma, alone bool) {
	text, comma := bytes.CutPrefix(bytes.TrimSpace(s.data[pos:s.lineEnd(pos)]), []byte(","))
	text = bytes.TrimSpace(text)
	return comma, len(text) == 0 || text[0] == '#'
}

// removeComma removes the comma behind an entry that ends at pos, unless a comment
// is between them: a comma may come last, if not in JSON.
func (s *splicer) removeComma(pos int) {
	rest := bytes.TrimLeft(s.data[pos:], " \t\r\n")
	if rest[0] == ',' {
		s.cuts.replace(pos, len(s.data)-len(rest)+1, "")
	}
}

// refillFlow writes a mapping in braces of which nothing is kept.
func (s *splicer) refillFlow(n *manifest.Node, added []*editTree, style flowStyle) {
	v := s.newMapping(added)
	s.mayBeInBraces(&v)
	var b strings.Builder
	if closing := n.End - 1; len(n.Fields) == 0 && bytes.Contains(s.data[n.Start:closing], []byte("#")) {
		// The braces hold a comment, so the closing one begins its line.
		style.indent, style.lines = s.indentation(closing), true
		inner := style.inside()
		b.WriteString(style.step)
		for i := range v.pairs {
			if i > 0 {
				inner.separate(&b, inner.comma)
			}
			inner.pair(&b, &v.pairs[i])
		}
		style.separate(&b, "")
		s.cuts.insert(closing, b.String())
		return
	}
	style.write(&b, &v)
	s.cuts.replace(n.Start, n.End, b.String())
}

// addEntry writes the new key of t before field i of n, in the style of n's
// entries.
func (s *splicer) addEntry(n *manifest.Node, i int, t *editTree, inner flowStyle, runs []span) {
	if t.removes() {
		s.refuse(errMerged)
	}
	v := s.newValue(t)
	s.mayBeInBraces(&v)
	var b strings.Builder
	if i < len(n.Fields) {
		inner.pair(&b, &pair{t.step.Key, v})
		inner.separate(&b, inner.comma)
		s.cuts.insert(n.Fields[i].Key.PropStart, b.String())
		return
	}
	inner.separate(&b, inner.comma)
	inner.pair(&b, &pair{t.step.Key, v})
	last := len(n.Fields)
	if len(runs) > 0 && runs[len(runs)-1].to == last {
		last = runs[len(runs)-1].from
	}
	text, at := b.String(), n.Fields[last-1].Value.End
	if s.data[at-1] == ':' { // a value that is absent: a comma right behind the colon would not end it
		at = s.blanksBeforeSign(at)
		if s.data[at-1] == ':' {
			text = " " + text
		}
	}
	s.cuts.insert(at, text)
}

// setFlow replaces the value n in a flow collection.
func (s *splicer) setFlow(n *manifest.Node, v *value, in context) {
	s.mayBeInBraces(v)
	var b strings.Builder
	start, end := replaceable(n), n.End
	if n.PropStart == n.End { // nothing is behind the colon, or not even that
		if n.End == in.key.End {
			b.WriteByte(':')
		}
		b.WriteByte(' ')
		end = s.blanksBeforeSign(end)
	}
	if v.oneLine() && !in.flow.json {
		b.WriteString(v.requoted(n))
	} else {
		s.flowStyleOf(n, in).write(&b, v)
	}
	s.cuts.replace(start, end, b.String())
}

// blanksBeforeSign returns the end of the blanks at pos if a comma or a bracket
// follows, else pos.
func (s *splicer) blanksBeforeSign(pos int) int {
	i := pos
	for s.data[i] == ' ' || s.data[i] == '\t' {
		i++
	}
	if strings.IndexByte(",}]", s.data[i]) >= 0 {
		return i
	}
	return pos
}

// flowStyleOf returns how the collection n in brackets or braces is written,
// which is in in. What n does not show is as around it.
func (s *splicer) flowStyleOf(n *manifest.Node, in context) flowStyle {
	style := flowStyle{comma: ", ", colon: ": ", step: "  ", json: s.json, nl: s.nl}
	if in.flow != nil {
		style = *in.flow
	}
	var first *manifest.Node
	switch {
	case len(n.Fields) > 0:
		first = n.Fields[0].Key
	case len(n.Items) > 0:
		first = n.Items[0]
	default:
		return style
	}
	s.readLines(n, first, &style)
	if n.Kind == manifest.Mapping {
		s.readPairs(n, &style)
	}
	return style
}

// readLines finds out whether the entries of n are on lines of their own, and
// how these are indented.
func (s *splicer) readLines(n, first *manifest.Node, style *flowStyle) {
	lead := s.data[n.Start:first.PropStart]
	style.lines = bytes.Contains(lead, []byte("\n"))
	if !style.lines {
		return
	}
	inner := s.indentation(first.PropStart)
	style.indent = s.indentation(n.End)
	if step, ok := strings.CutPrefix(inner, style.indent); ok {
		style.step = step
		return
	}
	style.indent, style.step = inner, ""
}

// readPairs finds out how the entries of the mapping n are written.
func (s *splicer) readPairs(n *manifest.Node, style *flowStyle) {
	f := n.Fields[0]
	style.quoted = f.Key.Style == manifest.DoubleQuoted
	style.comma, style.colon = ", ", ": "
	if colon, _ := s.colon(f.Key); colon == f.Value.PropStart {
		style.comma, style.colon = ",", ":"
	}
}

// mayBeInBraces refuses to write a value in braces that is another one there.
func (s *splicer) mayBeInBraces(v *value) {
	if v.lacksText() {
		s.refuse(errNoValue)
	}
}
