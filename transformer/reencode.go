package transformer

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// reencode makes the edits in the item as go-yaml decodes it, and encodes that,
// with the document's indentation and list style. Comments stay as far as
// go-yaml keeps them. With block nothing stays in braces or brackets that can be
// written without.
func (d *document) reencode(top *editTree, block bool) (out []byte, err error) {
	// go-yaml panics on some nodes that it cannot write.
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("the YAML encoder failed: %v", r)
		}
	}()
	var doc yaml.Node
	err = yaml.NewDecoder(io.MultiReader(
		strings.NewReader(strings.Repeat(" ", d.column)), bytes.NewReader(d.given))).Decode(&doc)
	if err != nil {
		return nil, err
	}
	e := encoder{
		document: d, block: block,
		written: make(map[*manifest.Node]*yaml.Node), edited: make(map[*manifest.Node]bool),
	}
	e.pair(d.root, doc.Content[0])
	e.mark(d.root, top)
	doc.Content[0] = e.node(d.root, top, asIs)
	if e.tooLarge {
		return nil, errTooLarge
	}
	return e.write(&doc)
}

// encoder makes the nodes that go-yaml writes. What an item means, the nodes of
// the baseline say; those of go-yaml are asked for comments and styles alone.
type encoder struct {
	*document
	block bool // nothing is in braces or brackets
	// written are go-yaml's nodes for those of the baseline.
	written map[*manifest.Node]*yaml.Node
	// edited are the nodes with an anchor that are edited: nothing else may refer
	// to them any more.
	edited map[*manifest.Node]bool
	// copied is how many nodes have been copied, and tooLarge whether these are too
	// many.
	copied   int
	tooLarge bool
}

// role is what a node is made for.
type role bool

const (
	asIs  role = false // it is where the baseline has it
	aCopy role = true  // it is also where an alias or a merge key referred to it, and has no anchor
)

// maxCopied bounds the nodes that expanding aliases adds.
const maxCopied = 1 << 16

var errTooLarge = fmt.Errorf("to expand the aliases in the way would add more than %d values to the object", maxCopied)

// pair notes that go-yaml has w for n, and so on below.
func (e *encoder) pair(n *manifest.Node, w *yaml.Node) {
	e.written[n] = w
	for i, f := range n.Fields {
		e.pair(f.Key, w.Content[2*i])
		e.pair(f.Value, w.Content[2*i+1])
	}
	for i, it := range n.Items {
		e.pair(it, w.Content[i])
	}
}

// mark notes the nodes with an anchor on the way to the edits below t.
func (e *encoder) mark(n *manifest.Node, t *editTree) {
	if n.Anchor != "" {
		e.edited[n] = true
	}
	if n.Kind == manifest.Alias {
		return // what it stands for is copied
	}
	for _, b := range t.existing() {
		e.mark(b.old, b)
	}
}

// node makes a node of n with the edits of t. n is nil where a key is absent.
func (e *encoder) node(n *manifest.Node, t *editTree, as role) *yaml.Node {
	switch {
	case t.edit != nil:
		out := e.newNode(&t.value)
		if n != nil {
			out.Style |= e.style(n) & yaml.FlowStyle
			e.comment(out, n)
		}
		return out
	case len(t.below) > 0 && n.IsNull():
		out := &yaml.Node{Kind: yaml.MappingNode}
		if n != nil {
			e.comment(out, n)
		}
		e.fields(out, &emptyMapping, t, as)
		return out
	case n.Kind == manifest.Alias && (len(t.below) > 0 || e.edited[n.Target]):
		out := e.node(n.Target, t, aCopy)
		e.comment(out, n)
		return out
	}
	out := e.copy(n, as)
	if n.Kind == manifest.Mapping && len(n.Fields) == 0 {
		out.Style &^= yaml.FlowStyle // {} is only how it had to be written
	}
	if e.tooLarge = e.copied > maxCopied; e.tooLarge {
		return out
	}
	for i, it := range n.Items {
		out.Content = append(out.Content, e.node(it, t.at(i), as))
	}
	e.fields(out, n, t, as)
	return out
}

// copy copies what is written of a node itself.
func (e *encoder) copy(n *manifest.Node, as role) *yaml.Node {
	out := *e.written[n]
	out.Content = nil
	out.Style = e.style(n)
	if n.IsMerge() {
		out.Tag = "" // which go-yaml would write
	}
	if as == aCopy {
		e.copied++
	}
	if as == aCopy || e.edited[n] {
		out.Anchor = ""
	}
	return &out
}

// style returns how n is to be written: as it is, but not folded, because go-yaml
// does not read all folded scalars that it writes as what they were.
func (e *encoder) style(n *manifest.Node) yaml.Style {
	style := e.written[n].Style
	if style&yaml.FoldedStyle != 0 {
		style ^= yaml.FoldedStyle | yaml.LiteralStyle
	}
	if e.block {
		style &^= yaml.FlowStyle
	}
	return style
}

// comment gives a node the comments of n.
func (e *encoder) comment(out *yaml.Node, n *manifest.Node) {
	w := e.written[n]
	out.HeadComment, out.LineComment, out.FootComment = w.HeadComment, w.LineComment, w.FootComment
}

// fields gives a mapping the fields of n with the edits below t.
func (e *encoder) fields(out *yaml.Node, n *manifest.Node, t *editTree, as role) {
	flat, added := e.flattens(n, t), t.added()
	for i, f := range n.Fields {
		for ; len(added) > 0 && added[0].index <= i; added = added[1:] {
			e.add(out, added[0], flat)
		}
		switch b := t.at(i); {
		case b.removes():
		case flat && f.Key.IsMerge():
			e.merged(out, n, t)
		default:
			e.field(out, f.Key, f.Value, b, as)
		}
	}
	for _, b := range added {
		e.add(out, b, flat)
	}
}

// flattens reports whether the merge keys of a mapping must give way to the keys
// that they bring in: where a key is removed, which may be one of these, and where
// what they merge is edited.
func (e *encoder) flattens(n *manifest.Node, t *editTree) bool {
	return slices.ContainsFunc(t.below, (*editTree).removes) ||
		slices.ContainsFunc(n.Fields, func(f manifest.Field) bool {
			return f.Key.IsMerge() && slices.ContainsFunc(yamlvalue.Merged(f.Value), func(m *manifest.Node) bool { return e.edited[m] })
		})
}

// field gives a mapping a field of the baseline with the edits of t.
func (e *encoder) field(out *yaml.Node, key, val *manifest.Node, t *editTree, as role) {
	out.Content = append(out.Content, e.node(key, noEdits, as), e.node(val, t, as))
}

// merged gives a mapping what the merge key of n brings in, with the edits below t.
func (e *encoder) merged(out *yaml.Node, n *manifest.Node, t *editTree) {
	for _, entry := range n.Entries() {
		if b := t.of(entry.Name); entry.Depth > 0 && !b.removes() {
			e.field(out, entry.Name, entry.Value, b, aCopy)
		}
	}
}

// add gives a mapping the new key of t, unless it comes with those that are merged.
func (e *encoder) add(out *yaml.Node, t *editTree, flat bool) {
	if flat && t.old != nil {
		return
	}
	old := t.old
	if t.edit != nil {
		old = nil
	}
	key := stringValue(t.step.Key)
	out.Content = append(out.Content, e.newNode(&key), e.node(old, t, aCopy))
}

// newNode makes a node of a value without keys.
func (e *encoder) newNode(v *value) *yaml.Node {
	switch {
	case v.kind == manifest.Sequence:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.items {
			n.Content = append(n.Content, e.newNode(&v.items[i]))
		}
		return n
	case v.isString() && (e.json || yamlvalue.String(v.text) != v.text):
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: v.tag, Value: v.text, Style: yaml.DoubleQuotedStyle}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: v.tag, Value: v.text}
}

// write writes the document as it stood in its file: indented from the second
// line on, with the baseline's line breaks.
func (e *encoder) write(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(e.mappingIndent())
	if deeper, _ := e.dashes(e.root); deeper == 0 {
		enc.CompactSeqIndent()
	}
	err := enc.Encode(doc)
	if err == nil {
		err = enc.Close()
	}
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(b.String(), "\n")
	indent := strings.Repeat(" ", e.column)
	var out strings.Builder
	out.Write(e.data[:e.start]) // a byte order mark
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteString(e.nl)
			if line != "" {
				out.WriteString(indent)
			}
		}
		out.WriteString(line)
	}
	out.WriteString(e.nl)
	return []byte(out.String()), nil
}
