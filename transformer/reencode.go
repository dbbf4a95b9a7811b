package transformer

import (
	"bytes"
	"errors"
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
	e := encoder{document: d, anchored: make(map[*yaml.Node]bool)}
	unfold(&doc)
	e.mark(doc.Content[0], top)
	if err := e.unshare(&doc); err != nil {
		return nil, err
	}
	for n := range e.anchored {
		n.Anchor = "" // nothing refers to it any more
	}
	if err := e.apply(doc.Content[0], d.root, top); err != nil {
		return nil, err
	}
	if block {
		unflow(&doc)
	}
	return e.write(&doc)
}

// unflow takes all collections out of their braces and brackets.
func unflow(n *yaml.Node) {
	n.Style &^= yaml.FlowStyle
	for _, child := range n.Content {
		unflow(child)
	}
}

// unfold turns folded scalars into literal ones, because go-yaml does not read
// all folded scalars that it writes as what they were.
func unfold(n *yaml.Node) {
	if n.Style&yaml.FoldedStyle != 0 {
		n.Style ^= yaml.FoldedStyle | yaml.LiteralStyle
	}
	for _, child := range n.Content {
		unfold(child)
	}
}

// encoder changes and writes the nodes of go-yaml.
type encoder struct {
	*document
	// anchored are the nodes with an anchor that change: nothing else may refer
	// to them any more.
	anchored map[*yaml.Node]bool
	copied   int // nodes copied so far
}

// maxCopied bounds the nodes that expanding aliases adds.
const maxCopied = 1 << 16

var errTooLarge = errors.New("the object is too large once its aliases are expanded")

// mark notes the anchored nodes on the way to the edits below t.
func (e *encoder) mark(n *yaml.Node, t *editTree) {
	if n.Anchor != "" {
		e.anchored[n] = true
	}
	for _, b := range t.below {
		if at := position(n, b); at >= 0 && n.Content[at].Kind != yaml.AliasNode {
			e.mark(n.Content[at], b)
		}
	}
}

// position returns where in n.Content the value is that t is for, -1 if
// there is none.
func position(n *yaml.Node, t *editTree) int {
	if n.Kind == yaml.SequenceNode {
		return t.step.Index
	}
	if i := keyPosition(n, t.step.Key); i >= 0 {
		return i + 1
	}
	return -1
}

// keyPosition returns where in n.Content a mapping's own key is, -1 if it
// does not.
func keyPosition(n *yaml.Node, key string) int {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key && n.Content[i].ShortTag() == "!!str" {
			return i
		}
	}
	return -1
}

// unshare replaces aliases of the nodes that change by copies.
func (e *encoder) unshare(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if mergeKey(n.Content[i]) && e.refersToAnchored(n.Content[i+1]) {
				if err := e.flatten(n); err != nil {
					return err
				}
				break
			}
		}
	}
	for i, child := range n.Content {
		if child.Kind == yaml.AliasNode && e.anchored[child.Alias] {
			c, err := e.expand(child)
			if err != nil {
				return err
			}
			n.Content[i] = c
		}
		if err := e.unshare(n.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

// refersToAnchored reports whether the value of a merge key merges a node that
// changes.
func (e *encoder) refersToAnchored(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		return e.anchored[n.Alias]
	}
	return n.Kind == yaml.SequenceNode && slices.ContainsFunc(n.Content, e.refersToAnchored)
}

// expand returns a copy of what an alias stands for, with the alias's comments.
func (e *encoder) expand(alias *yaml.Node) (*yaml.Node, error) {
	c, err := e.copy(alias.Alias)
	if err != nil {
		return nil, err
	}
	c.HeadComment, c.LineComment, c.FootComment = alias.HeadComment, alias.LineComment, alias.FootComment
	return c, nil
}

// copy returns a copy of n without anchors.
func (e *encoder) copy(n *yaml.Node) (*yaml.Node, error) {
	if e.copied++; e.copied > maxCopied {
		return nil, errTooLarge
	}
	c := *n
	c.Anchor = ""
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		var err error
		if c.Content[i], err = e.copy(child); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

// flatten replaces the merge keys of a mapping by the keys that they bring in.
func (e *encoder) flatten(n *yaml.Node) error {
	has := make(map[string]bool)
	for i := 0; i < len(n.Content); i += 2 {
		if !mergeKey(n.Content[i]) {
			has[n.Content[i].Value] = true
		}
	}
	var flat []*yaml.Node
	take := func(from *yaml.Node) error {
		fields, err := e.effective(from)
		if err != nil {
			return err
		}
		for i := 0; i < len(fields); i += 2 {
			if key := fields[i].Value; !has[key] {
				has[key] = true
				flat = append(flat, fields[i], fields[i+1])
			}
		}
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if !mergeKey(n.Content[i]) {
			flat = append(flat, n.Content[i], n.Content[i+1])
			continue
		}
		if err := eachMerged(n.Content[i+1], take); err != nil {
			return err
		}
	}
	n.Content = flat
	return nil
}

func mergeKey(n *yaml.Node) bool { return n.ShortTag() == "!!merge" }

// eachMerged calls f for each mapping that the value of a merge key merges.
func eachMerged(n *yaml.Node, f func(*yaml.Node) error) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		return f(n)
	case yaml.SequenceNode:
		for _, it := range n.Content {
			if err := eachMerged(it, f); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("a merge key merges something that is not a mapping")
}

// effective returns copies of the keys and values of a mapping, those merged in
// included.
func (e *encoder) effective(n *yaml.Node) ([]*yaml.Node, error) {
	c, err := e.copy(n)
	if err != nil {
		return nil, err
	}
	err = e.flatten(c)
	return c.Content, err
}

// apply makes the edits below t in n, whose baseline is old.
func (e *encoder) apply(n *yaml.Node, old *manifest.Node, t *editTree) error {
	for _, b := range t.below {
		if b.removes() {
			if err := e.remove(n, b.step.Key); err != nil {
				return err
			}
			continue
		}
		at := position(n, b)
		if at < 0 {
			var err error
			if at, err = e.addKey(n, old, b); err != nil {
				return err
			}
		}
		if err := e.put(n, at, b); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a key, where necessary also from what is merged in.
func (e *encoder) remove(n *yaml.Node, key string) error {
	for i := 0; i < len(n.Content); i += 2 {
		if mergeKey(n.Content[i]) {
			if err := e.flatten(n); err != nil {
				return err
			}
			break
		}
	}
	if i := keyPosition(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
	return nil
}

// put writes the value of t at n.Content[at], or the values below it.
func (e *encoder) put(n *yaml.Node, at int, t *editTree) error {
	child := n.Content[at]
	if t.edit != nil {
		v := editValue(t.edit.Value)
		now := e.node(&v)
		now.HeadComment, now.LineComment, now.FootComment = child.HeadComment, child.LineComment, child.FootComment
		now.Style |= child.Style & yaml.FlowStyle
		n.Content[at] = now
		return nil
	}
	if child.Kind == yaml.AliasNode {
		var err error
		if child, err = e.expand(child); err != nil {
			return err
		}
		n.Content[at] = child
	}
	if len(child.Content) == 0 { // null or empty
		*child = yaml.Node{
			Kind: yaml.MappingNode, Anchor: child.Anchor,
			HeadComment: child.HeadComment, LineComment: child.LineComment, FootComment: child.FootComment,
		}
	}
	return e.apply(child, t.old.Resolve(), t)
}

// addKey gives n the key of t, with what a merge key brings in or null, and
// returns where in n.Content the value is.
func (e *encoder) addKey(n *yaml.Node, old *manifest.Node, t *editTree) (int, error) {
	key := e.node(&value{str: t.step.Key, isStr: true})
	val := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	if t.old != nil && t.edit == nil {
		fields, err := e.effective(n)
		if err != nil {
			return 0, err
		}
		if i := keyPosition(&yaml.Node{Kind: yaml.MappingNode, Content: fields}, t.step.Key); i >= 0 {
			val = fields[i+1]
		}
	}
	at := len(n.Content)
	if old != nil && t.index < len(old.Fields) {
		if i := keyPosition(n, old.Fields[t.index].Key.Text()); i >= 0 {
			at = i
		}
	}
	n.Content = slices.Insert(n.Content, at, key, val)
	return at + 1, nil
}

// node makes a node of a value without keys.
func (e *encoder) node(v *value) *yaml.Node {
	switch {
	case v.kind == manifest.Sequence:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.items {
			n.Content = append(n.Content, e.node(&v.items[i]))
		}
		return n
	case !v.isStr:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.text}
	case e.json || yamlvalue.String(v.str) != v.str:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v.str, Style: yaml.DoubleQuotedStyle}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v.str}
}

// write writes the document as it stood in its file: indented from the second
// line on, with the baseline's line breaks.
func (e *encoder) write(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(e.mappingIndent())
	if deeper, _ := e.dashes(e.root); deeper <= 0 {
		enc.CompactSeqIndent()
	}
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
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
