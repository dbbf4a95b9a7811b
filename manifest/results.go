package manifest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// addition is what is added to one of the lists of a ResourceList.
type addition struct {
	key    string // of the list
	field  *Field // nil where it is absent
	some   bool   // whether it has elements
	end    int    // of the last element, or of the list
	blocks [][]byte
}

// resultEdits returns what writes the added results.
func (rl *ResourceList) resultEdits() []edit {
	a := addition{key: "results", field: rl.results, blocks: rl.blocks}
	if rl.results != nil {
		v := rl.results.Value
		a.some, a.end = len(v.Items) > 0, yamltext.NextLine(rl.doc, v.End)
		if a.some && v.Style == Flow {
			a.end = v.Items[len(v.Items)-1].End
		}
	}
	return rl.additionEdits(a)
}

// newItemEdits returns what writes the added items, unless all are dropped.
func (rl *ResourceList) newItemEdits() []edit {
	if rl.dropped {
		return nil
	}
	a := addition{key: "items", field: rl.items, blocks: rl.newItems}
	if n := len(rl.Items); n > 0 {
		a.some, a.end = true, rl.Items[n-1].end
	} else if rl.items == nil {
		for i := range rl.root.Fields { // an items that is null
			if f := &rl.root.Fields[i]; f.Key.Value == a.key {
				a.field = f
			}
		}
	}
	return rl.additionEdits(a)
}

// additionEdits returns what writes an addition in the style of its list.
func (rl *ResourceList) additionEdits(a addition) []edit {
	switch {
	case len(a.blocks) == 0:
		return nil
	case rl.root.Style == Flow, a.field != nil && a.field.Value.Style == Flow && a.some:
		return rl.flowAddition(a)
	case a.field == nil:
		return rl.insertLines(a.blocks, yamltext.EndOfRegion(rl.doc, rl.root.End), rl.root.Start, a.key+":\n")
	case a.field.Value.Style == Block && a.field.Value.Kind == Sequence:
		return rl.insertLines(a.blocks, a.end, a.field.Value.Start, "")
	}
	// An empty value makes room for a block; a comment behind it stays.
	v := a.field.Value
	return append(
		[]edit{replace(a.field.Key.End, v.End, []byte(":"))},
		rl.insertLines(a.blocks, yamltext.NextLine(rl.doc, v.End), rl.root.Start, "")...)
}

// insertLines inserts blocks at the beginning of a line, indented like the line
// that start is in. There may be many: where they need no indentation they are
// written as they are.
func (rl *ResourceList) insertLines(blocks [][]byte, at, start int, header string) []edit {
	newline := yamltext.LineBreak(rl.doc)
	_, column := rl.where.At(start)
	if column == 0 && newline == "\n" && endsLine(rl.doc[:at]) {
		return []edit{replace(at, at, []byte(header)), {at, at, blocks}}
	}
	text := append([]byte("\n"+header), bytes.Join(blocks, nil)...)
	text = indentLines(bytes.TrimSuffix(text, []byte("\n")), column, newline)
	text = append(text, newline...)
	if endsLine(rl.doc[:at]) {
		text = text[len(newline):]
	}
	return []edit{replace(at, at, text)}
}

// flowAddition adds to a list in brackets, as JSON.
func (rl *ResourceList) flowAddition(a addition) []edit {
	prefix, indent := "", ""
	if first := rl.root.Fields[0].Key.PropStart; rl.root.Style == Flow {
		gap := rl.doc[rl.root.Start+1 : first]
		if i := bytes.LastIndexByte(gap, '\n'); i >= 0 {
			indent = string(gap[i+1:])
			prefix = indent
		}
	}
	list := jsonList(bytes.Join(a.blocks, nil), prefix, indent)
	if a.field == nil {
		text := `,"` + a.key + `":[`
		if indent != "" {
			text = "," + yamltext.LineBreak(rl.doc) + indent + `"` + a.key + `": [`
		}
		end := rl.root.Fields[len(rl.root.Fields)-1].Value.End
		return []edit{replace(end, end, append([]byte(text), append(list, ']')...))}
	}
	v := a.field.Value
	if v.Kind != Sequence {
		text := append([]byte("["), append(list, ']')...)
		if v.Start == v.End {
			text = append([]byte(" "), text...)
		}
		return []edit{replace(v.PropStart, v.End, text)}
	}
	if a.some {
		list = append([]byte(","), bytes.TrimRight(list, " \t\r\n")...)
		return []edit{replace(a.end, a.end, list)}
	}
	return []edit{replace(v.Start+1, v.Start+1, list)}
}

// jsonList turns a block sequence into what is between the brackets of a
// JSON list.
func jsonList(block []byte, prefix, indent string) []byte {
	n, err := yamltext.DecodeFull(block, 0)
	if err != nil {
		// The caller promised a block sequence; a string shows what it gave.
		n = &Node{Kind: Sequence, Items: []*Node{{Tag: "!!str", Value: string(block)}}}
	}
	var b bytes.Buffer
	writeJSON(&b, n)
	text := b.Bytes()
	if indent != "" {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, text, prefix, indent); err == nil {
			text = pretty.Bytes()
		}
	}
	text = bytes.TrimSpace(text)
	return bytes.Clone(text[1 : len(text)-1])
}

// writeJSON writes a tree as JSON, keys in their order.
func writeJSON(b *bytes.Buffer, n *Node) {
	n = n.Resolve()
	switch n.Kind {
	case Sequence:
		b.WriteByte('[')
		for i, it := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, it)
		}
		b.WriteByte(']')
	case Mapping:
		b.WriteByte('{')
		for i, f := range n.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSONScalar(b, f.Key.Resolve().Value)
			b.WriteByte(':')
			writeJSON(b, f.Value)
		}
		b.WriteByte('}')
	default:
		v, err := n.JSON()
		if err != nil || !writeJSONScalar(b, v) {
			writeJSONScalar(b, n.Value) // infinity and the like are strings
		}
	}
}

// writeJSONScalar writes a scalar without escaping what HTML would need. It
// returns false for what JSON cannot express.
func writeJSONScalar(b *bytes.Buffer, v any) bool {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return false
	}
	b.Truncate(b.Len() - 1) // the line break that Encode adds
	return true
}

// indentLines puts column spaces before every line but the first and ends
// lines with the given break. Empty lines stay empty.
func indentLines(text []byte, column int, newline string) []byte {
	pad := strings.Repeat(" ", column)
	var b bytes.Buffer
	for i, line := range bytes.SplitAfter(text, []byte("\n")) {
		body, broken := bytes.CutSuffix(line, []byte("\n"))
		if i > 0 && len(body) > 0 {
			b.WriteString(pad)
		}
		b.Write(body)
		if broken {
			b.WriteString(newline)
		}
	}
	return b.Bytes()
}
