package yamltext

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// DecodeFull decodes one YAML or JSON value with go-yaml, whatever it is
// written like, and adds exact byte positions. It is what Decode must agree
// with. column is the column, from 0 and in spaces, at which the first byte of
// data stood in its file; the lines after it keep the indentation they have
// there. Empty data, more than one document, UTF-16 and anchors that contain
// themselves are errors, always of type *Error, with lines counted in data.
func DecodeFull(data []byte, column int) (*yamlvalue.Node, error) {
	docs, err := parseDocuments(data, column)
	switch {
	case err != nil:
		return nil, err
	case len(docs) == 0:
		return nil, &Error{Msg: "the document is empty"}
	case len(docs) > 1:
		return nil, &Error{Msg: "there is more than one document", Line: docs[1].Line}
	}
	c := newConverter(data, column)
	n, err := c.convert(docs[0].Content[0], -1, false)
	if err == nil {
		err = c.checkSize(n)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// parseDocuments hands data to go-yaml.
func parseDocuments(data []byte, column int) (docs []*yaml.Node, err error) {
	if bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\xff\xfe")) {
		return nil, &Error{Msg: "UTF-16 is not supported", Line: 1}
	}
	start := 0
	if column == 0 && bytes.HasPrefix(data, []byte(BOM)) {
		start = len(BOM)
	}
	if err := cmp.Or(CheckMarks(data, start), checkDirectives(data[start:])); err != nil {
		return nil, err
	}
	// go-yaml panics on some malformed input; a policy must refuse that, not crash.
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, &Error{Msg: fmt.Sprintf("the YAML parser failed: %v", r)}
		}
	}()
	dec := yaml.NewDecoder(io.MultiReader(
		strings.NewReader(strings.Repeat(" ", column)), bytes.NewReader(data)))
	for {
		doc := new(yaml.Node)
		if err := dec.Decode(doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, parserError(err)
		}
		docs = append(docs, doc)
	}
}

// maxDirectives is how many directives a document may begin with: go-yaml compares
// each with all before it.
const maxDirectives = 100

// checkDirectives refuses text that begins with more directives than anybody writes.
func checkDirectives(text []byte) error {
	n := 0
	for i := SkipSpace(text, 0); i < len(text) && text[i] == '%'; i = SkipSpace(text, LineEnd(text, i)) {
		if n++; n > maxDirectives {
			return &Error{Msg: fmt.Sprintf("the document begins with more than %d directives", maxDirectives)}
		}
	}
	return nil
}

// converter turns go-yaml's nodes into ours. go-yaml gives where a node begins,
// as line and column in characters, and nothing about where it ends.
type converter struct {
	src    []byte
	column int // of src[0]
	base   int // length of the byte order mark
	lines  []int
	nodes  map[*yaml.Node]*yamlvalue.Node
	open   map[*yamlvalue.Node]bool // nodes around the one being converted
	alias  bool                     // there is an alias

	// The last position looked up: nodes come mostly in order, and a file may
	// be one very long line.
	lastLine, lastChar, lastOffset int
}

func newConverter(data []byte, column int) *converter {
	c := &converter{
		src:    data,
		column: column,
		nodes:  make(map[*yaml.Node]*yamlvalue.Node),
		open:   make(map[*yamlvalue.Node]bool),
	}
	// Elsewhere than at the very beginning it is a character like any other.
	if column == 0 && bytes.HasPrefix(data, []byte(BOM)) {
		c.base = len(BOM)
	}
	c.lines = append(c.lines, c.base)
	for i := c.base; i < len(data); {
		if n := BreakLen(data, i); n > 0 {
			i += n
			c.lines = append(c.lines, i)
			continue
		}
		i++
	}
	return c
}

// offset returns the byte offset of go-yaml's line and column, both from 1.
func (c *converter) offset(line, column int) int {
	line--
	char := column - 1
	if line == 0 {
		char = max(0, char-c.column)
	}
	if line < 0 || line >= len(c.lines) {
		return len(c.src)
	}
	at, off := 0, c.lines[line]
	if line == c.lastLine && c.lastOffset >= off && c.lastChar <= char {
		at, off = c.lastChar, c.lastOffset
	}
	for ; at < char && off < len(c.src); at++ {
		_, n := utf8.DecodeRune(c.src[off:])
		off += n
	}
	c.lastLine, c.lastChar, c.lastOffset = line, at, off
	return off
}

// columnOf returns the column of an offset, from 0 and in characters.
func (c *converter) columnOf(off int) int {
	line, found := slices.BinarySearch(c.lines, off)
	if !found {
		line = max(0, line-1)
	}
	col := utf8.RuneCount(c.src[c.lines[line]:off])
	if line == 0 {
		col += c.column
	}
	return col
}

// convert converts y. indent is the column of the innermost block collection
// around it, -1 for none, and flow is whether a flow collection is around it:
// both decide where a scalar ends.
func (c *converter) convert(y *yaml.Node, indent int, flow bool) (*yamlvalue.Node, error) {
	n := &yamlvalue.Node{Value: y.Value, Tag: y.ShortTag(), Anchor: y.Anchor}
	n.PropStart = c.offset(y.Line, y.Column)
	n.Start = n.PropStart
	if y.Kind == yaml.AliasNode {
		return n, c.convertAlias(n, y)
	}
	c.nodes[y] = n
	c.open[n] = true
	defer delete(c.open, n)
	c.properties(n, y, indent, flow)
	switch y.Kind {
	case yaml.ScalarNode:
		n.Style = scalarStyle(y)
		n.End = c.scalarEnd(n, indent, flow)
		return n, nil
	case yaml.SequenceNode:
		n.Kind = yamlvalue.Sequence
		return n, c.sequence(n, y, indent, flow)
	default:
		n.Kind = yamlvalue.Mapping
		return n, c.mapping(n, y, indent, flow)
	}
}

func (c *converter) convertAlias(n *yamlvalue.Node, y *yaml.Node) error {
	c.alias = true
	n.Kind = yamlvalue.Alias
	n.Tag = ""
	n.Target = c.nodes[y.Alias]
	n.End = min(n.Start+1+len(y.Value), len(c.src))
	if n.Target == nil || c.open[n.Target] {
		return &Error{Msg: fmt.Sprintf("anchor %q contains itself", y.Value), Line: y.Line}
	}
	return nil
}

// properties moves n.Start behind an anchor and a tag.
func (c *converter) properties(n *yamlvalue.Node, y *yaml.Node, indent int, flow bool) {
	first := len(c.src)
	if y.Kind == yaml.MappingNode && len(y.Content) > 0 {
		// Without braces, a mapping is where its first key is, and
		// what is written there is the key's.
		first = c.offset(y.Content[0].Line, y.Content[0].Column)
	}
	empty := isEmpty(y)
	anchored := n.Anchor == ""
	end := n.Start // of the last property
	for i := n.Start; i < first; i = SkipSpace(c.src, i) {
		if empty && i > end && !flow && c.columnOf(i) <= indent {
			break // what is here is the next key's
		}
		if c.src[i] == '&' && !anchored {
			anchored = true
			i = min(i+1+len(n.Anchor), first)
		} else if c.src[i] == '!' && !n.Explicit {
			tag := i
			for !isBlankEnd(c.src, i) {
				i++
			}
			n.Explicit = true
			n.NonSpecific = string(c.src[tag:i]) == "!" || string(c.src[tag:i]) == "!<!>"
		} else {
			break
		}
		end = i
	}
	n.Start = end
	if !empty && end > n.PropStart {
		n.Start = SkipSpace(c.src, end)
	}
}

func scalarStyle(y *yaml.Node) yamlvalue.Style {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return yamlvalue.DoubleQuoted
	case y.Style&yaml.SingleQuotedStyle != 0:
		return yamlvalue.SingleQuoted
	case y.Style&yaml.LiteralStyle != 0:
		return yamlvalue.Literal
	case y.Style&yaml.FoldedStyle != 0:
		return yamlvalue.Folded
	}
	return yamlvalue.Plain
}

func (c *converter) sequence(n *yamlvalue.Node, y *yaml.Node, indent int, flow bool) error {
	n.Style = yamlvalue.Block
	n.End = n.Start
	if y.Style&yaml.FlowStyle != 0 {
		n.Style, flow = yamlvalue.Flow, true
		n.End++
	} else {
		indent = c.columnOf(n.Start)
	}
	n.Items = make([]*yamlvalue.Node, 0, len(y.Content))
	for _, child := range y.Content {
		it, err := c.convert(child, indent, flow)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, it)
		n.End = it.End
	}
	if n.Style == yamlvalue.Flow {
		n.End = c.closing(n.End, ']')
	}
	return nil
}

func (c *converter) mapping(n *yamlvalue.Node, y *yaml.Node, indent int, flow bool) error {
	n.Style = yamlvalue.Block
	n.End = n.Start
	braces := false
	if y.Style&yaml.FlowStyle != 0 {
		n.Style, flow = yamlvalue.Flow, true
		// A single pair in a flow sequence is a mapping without braces.
		braces = n.Start < len(c.src) && c.src[n.Start] == '{' &&
			(len(y.Content) == 0 || c.offset(y.Content[0].Line, y.Content[0].Column) > n.Start)
	} else {
		indent = c.columnOf(n.Start)
	}
	if braces {
		n.End++
	}
	n.Fields = make([]yamlvalue.Field, 0, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, err := c.convert(y.Content[i], indent, flow)
		if err != nil {
			return err
		}
		value, err := c.fieldValue(y.Content[i+1], key.End, indent, flow)
		if err != nil {
			return err
		}
		n.Fields = append(n.Fields, yamlvalue.Field{Key: key, Value: value})
		n.End = value.End
	}
	if braces {
		n.End = c.closing(n.End, '}')
	}
	return nil
}

// fieldValue converts the value of a key that ends at keyEnd. Where a value is
// not written, go-yaml may place it as far as the next token; here it is
// behind its colon, or behind the key where there is no colon.
func (c *converter) fieldValue(y *yaml.Node, keyEnd, indent int, flow bool) (*yamlvalue.Node, error) {
	colon := SkipSpace(c.src, keyEnd)
	written := colon < len(c.src) && c.src[colon] == ':' && (flow || isBlankEnd(c.src, colon+1))
	if !written {
		n := &yamlvalue.Node{Tag: y.ShortTag(), PropStart: keyEnd, Start: keyEnd, End: keyEnd}
		c.nodes[y] = n
		return n, nil
	}
	n, err := c.convert(y, indent, flow)
	if err == nil && isEmpty(y) && n.PropStart == n.Start {
		n.PropStart, n.Start, n.End = colon+1, colon+1, colon+1
	}
	return n, err
}

// isEmpty reports whether y is a value that is not written.
func isEmpty(y *yaml.Node) bool {
	return y.Kind == yaml.ScalarNode && y.Value == "" && scalarStyle(y) == yamlvalue.Plain
}

// closing finds the bracket that closes a flow collection whose last value
// ends at i.
func (c *converter) closing(i int, bracket byte) int {
	for i < len(c.src) && c.src[i] != bracket {
		if j := SkipSpace(c.src, i); j > i {
			i = j
			continue
		}
		i++
	}
	return min(i+1, len(c.src))
}

const (
	// maxExpanded bounds how many nodes a document gains once its aliases are
	// seen through.
	maxExpanded = 1 << 20
	// saturated is as good as infinite, and far from overflowing in a sum.
	saturated = 1 << 40
)

// checkSize refuses documents that aliases blow up beyond reason.
func (c *converter) checkSize(root *yamlvalue.Node) error {
	if c.alias && Measure(root).Values > len(c.nodes)+maxExpanded {
		return &Error{Msg: fmt.Sprintf("aliases add more than %d values to the document", maxExpanded)}
	}
	return nil
}

// Extents are what a value measures with aliases seen through.
type Extents struct {
	Depth  int // of collections, the value itself among them
	Values int // itself and keys among them
}

// Measure measures a tree.
func Measure(n *yamlvalue.Node) Extents { return measure(n, map[*yamlvalue.Node]Extents{}) }

// measure is Measure where the nodes in anchored have an anchor: they are before their
// aliases.
func measure(n *yamlvalue.Node, anchored map[*yamlvalue.Node]Extents) Extents {
	if n.Kind == yamlvalue.Alias {
		return anchored[n.Target]
	}
	m := Extents{Values: 1}
	add := func(child *yamlvalue.Node) {
		c := measure(child, anchored)
		m.Depth = max(m.Depth, c.Depth)
		m.Values = min(m.Values+c.Values, saturated)
	}
	for _, f := range n.Fields {
		add(f.Key)
		add(f.Value)
	}
	for _, it := range n.Items {
		add(it)
	}
	if n.Kind != yamlvalue.Scalar {
		m.Depth++
	}
	if n.Anchor != "" {
		anchored[n] = m
	}
	return m
}
