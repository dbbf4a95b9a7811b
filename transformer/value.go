package transformer

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// value is something to be written: the value of an edit, a mapping that edits
// create, or a copy of what an alias or a merge key brings in.
type value struct {
	kind manifest.Kind
	tag  string // of a scalar
	text string // of a scalar: a string itself, of anything else how it is written
	asIs string // of a string that is copied: as it is in the baseline, if on one line

	pairs []pair
	items []value
}

// pair is a key of a mapping to be written.
type pair struct {
	key   string
	value value
}

// editValue is the value of an edit; ok is false where it is of no type that an
// edit may write.
func editValue(v any) (_ value, ok bool) {
	switch v := v.(type) {
	case int64:
		return value{tag: "!!int", text: strconv.FormatInt(v, 10)}, true
	case bool:
		return value{tag: "!!bool", text: strconv.FormatBool(v)}, true
	case string:
		return stringValue(v), true
	case []int64:
		list := value{kind: manifest.Sequence}
		for _, id := range v {
			list.items = append(list.items, value{tag: "!!int", text: strconv.FormatInt(id, 10)})
		}
		return list, true
	}
	return value{}, false
}

func stringValue(s string) value { return value{tag: "!!str", text: s} }

func (v *value) isString() bool { return v.tag == "!!str" }

// holds reports whether n is what writing v gives.
func holds(n *manifest.Node, v value) bool {
	n = n.Resolve()
	if v.kind == manifest.Sequence {
		return n.Kind == manifest.Sequence && slices.EqualFunc(n.Items, v.items, holds)
	}
	return n.Kind == manifest.Scalar && n.Tag == v.tag && n.Value == v.text
}

// newValue is what is at t after its edits, in full: the edit's value, or
// what is there now with the edits below.
func (s *splicer) newValue(t *editTree) value {
	if t.edit != nil {
		return t.value
	}
	if t.old.IsNull() {
		return s.newMapping(t.below)
	}
	return s.copied(t.old, t)
}

// newMapping is a mapping of new keys.
func (s *splicer) newMapping(below []*editTree) value {
	v := value{kind: manifest.Mapping}
	s.addPairs(&v, below)
	return v
}

func (s *splicer) addPairs(v *value, below []*editTree) {
	for _, b := range below {
		v.pairs = append(v.pairs, pair{b.step.Key, s.newValue(b)})
	}
}

// copied is n with the edits below t made.
func (s *splicer) copied(n *manifest.Node, t *editTree) value {
	n = n.Resolve()
	if n.Explicit {
		s.refuse(errTag)
	}
	switch {
	case n.Kind == manifest.Mapping:
		return s.copiedMapping(n, t)
	case n.Kind == manifest.Sequence:
		v := value{kind: manifest.Sequence}
		for i, it := range n.Items {
			v.items = append(v.items, s.copiedValue(it, t.at(i)))
		}
		return v
	}
	v := value{tag: n.Tag, text: n.Value}
	if text := s.data[n.Start:n.End]; v.isString() && !bytes.Contains(text, []byte("\n")) {
		v.asIs = string(text)
	}
	return v
}

func (s *splicer) copiedMapping(n *manifest.Node, t *editTree) value {
	v := value{kind: manifest.Mapping}
	added := t.added()
	for i, f := range n.Fields {
		key := f.Key.Resolve()
		if _, flaw := key.Str(); flaw != yamlvalue.Fine {
			s.refuse(errKey)
		}
		if n.Style == manifest.Flow && f.Value.Start == f.Value.End {
			s.refuse(errNoValue)
		}
		for len(added) > 0 && added[0].index <= i {
			s.addPairs(&v, added[:1])
			added = added[1:]
		}
		if b := t.at(i); !b.removes() {
			v.pairs = append(v.pairs, pair{key.Value, s.copiedValue(f.Value, b)})
		}
	}
	s.addPairs(&v, added)
	return v
}

func (s *splicer) copiedValue(n *manifest.Node, t *editTree) value {
	if t == noEdits {
		return s.copied(n, t)
	}
	return s.newValue(t)
}

// lacksText reports whether v holds an absent value, which would be another one to
// kyaml in braces.
func (v *value) lacksText() bool {
	if v.kind == manifest.Scalar && v.tag == "!!null" && v.text == "" {
		return true
	}
	return slices.ContainsFunc(v.pairs, func(p pair) bool { return p.value.lacksText() }) ||
		slices.ContainsFunc(v.items, func(it value) bool { return it.lacksText() })
}

// oneLine reports whether v is written on the line of its key in block style.
func (v *value) oneLine() bool {
	return len(v.pairs) == 0 && len(v.items) == 0
}

// inline is a value that is on the line of its key.
func (v *value) inline() string {
	switch {
	case v.kind == manifest.Mapping:
		return "{}"
	case v.kind == manifest.Sequence:
		return "[]"
	case !v.isString():
		return v.text
	case v.asIs != "":
		return v.asIs
	}
	return yamlvalue.String(v.text)
}

// blockWriter writes values in block style.
type blockWriter struct {
	strings.Builder
	nl   string
	step int // indentation of a mapping in a mapping
	dash int // indentation of a list in a mapping
}

func (w *blockWriter) newLine(indent int) {
	w.WriteString(w.nl)
	for range indent {
		w.WriteByte(' ')
	}
}

// field writes "key: value", the key of which is at column indent.
func (w *blockWriter) field(p pair, indent int) {
	w.WriteString(yamlvalue.String(p.key))
	w.WriteByte(':')
	if p.value.oneLine() {
		w.WriteByte(' ')
		w.WriteString(p.value.inline())
		return
	}
	w.lines(&p.value, indent)
}

// lines writes a collection from the next line on, under a key at column indent.
func (w *blockWriter) lines(v *value, indent int) {
	for _, p := range v.pairs {
		w.newLine(indent + w.step)
		w.field(p, indent+w.step)
	}
	for _, it := range v.items {
		w.newLine(indent + w.dash)
		w.WriteString("- ")
		w.element(&it, indent+w.dash+len("- "))
	}
}

// element writes a value behind a dash, from column indent on.
func (w *blockWriter) element(v *value, indent int) {
	if v.oneLine() {
		w.WriteString(v.inline())
		return
	}
	for i, p := range v.pairs {
		if i > 0 {
			w.newLine(indent)
		}
		w.field(p, indent)
	}
	for i, it := range v.items {
		if i > 0 {
			w.newLine(indent)
		}
		w.WriteString("- ")
		w.element(&it, indent+len("- "))
	}
}

// flowStyle is how a flow collection is written.
type flowStyle struct {
	lines  bool   // every entry on a line of its own
	indent string // of the line on which the collection closes
	step   string // what its entries are indented by beyond that
	comma  string // ", ", or "," in minified JSON; without the line break
	colon  string // ": ", or ":"
	quoted bool   // keys are in double quotes
	json   bool   // strings are in double quotes
	nl     string
}

// write appends v in flow style to b.
func (f flowStyle) write(b *strings.Builder, v *value) {
	if v.oneLine() {
		b.WriteString(f.scalar(v))
		return
	}
	opening, closing := "{", "}"
	if v.kind == manifest.Sequence {
		opening, closing = "[", "]"
	}
	inner := f.inside()
	b.WriteString(opening)
	inner.separate(b, "")
	for i := range v.pairs {
		if i > 0 {
			inner.separate(b, inner.comma)
		}
		inner.pair(b, &v.pairs[i])
	}
	for i := range v.items {
		if i > 0 {
			inner.separate(b, inner.comma)
		}
		inner.write(b, &v.items[i])
	}
	f.separate(b, "")
	b.WriteString(closing)
}

// inside is the style of the entries of a collection of style f.
func (f flowStyle) inside() flowStyle {
	if f.lines {
		f.indent += f.step
	}
	return f
}

// separate writes what is between two entries that are at f's
// indentation.
func (f flowStyle) separate(b *strings.Builder, comma string) {
	if !f.lines {
		b.WriteString(comma)
		return
	}
	b.WriteString(strings.TrimRight(comma, " "))
	b.WriteString(f.nl)
	b.WriteString(f.indent)
}

func (f flowStyle) pair(b *strings.Builder, p *pair) {
	if f.quoted || f.json {
		b.WriteString(yamlvalue.Quoted(p.key))
	} else {
		b.WriteString(yamlvalue.String(p.key))
	}
	b.WriteString(f.colon)
	f.write(b, &p.value)
}

func (f flowStyle) scalar(v *value) string {
	switch {
	case f.json && v.isString():
		return yamlvalue.Quoted(v.text)
	case strings.ContainsAny(v.asIs, ",[]{}?:#"):
		return yamlvalue.Quoted(v.text)
	}
	return v.inline()
}
