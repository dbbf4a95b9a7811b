package manifest

import (
	"bytes"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// expand writes a value anew, its aliases replaced by what they stand for, so
// that it means the same in any other place. Comments are lost.
func expand(n *Node, column int, flow bool) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	if err := enc.Encode(toYAML(n, flow)); err != nil {
		return nil, &Error{Msg: err.Error()}
	}
	text := b.Bytes()
	if flow {
		text = bytes.TrimRight(text, "\n")
	}
	text = indentLines(text, column, "\n")
	if again, err := DecodeFull(text, column); err != nil || !Equal(n, again) {
		return nil, &Error{Msg: "the value cannot be written without its aliases and directives"}
	}
	return text, nil
}

// toYAML turns a tree into go-yaml's nodes.
func toYAML(n *Node, flow bool) *yaml.Node {
	n = n.Resolve()
	y := &yaml.Node{Tag: n.Tag, Value: n.Value}
	if n.Explicit {
		y.Style |= yaml.TaggedStyle
	}
	if flow || n.Style == Flow {
		y.Style |= yaml.FlowStyle
	}
	switch n.Kind {
	case Mapping:
		y.Kind = yaml.MappingNode
		for _, f := range n.Fields {
			key := toYAML(f.Key, flow)
			if f.Key.Kind == Alias && key.Tag == "!!merge" {
				// No merge key, but would be one here; the comparison with
				// the original refuses a string.
				key.Tag, key.Style = "!!str", yaml.DoubleQuotedStyle
			}
			y.Content = append(y.Content, key, toYAML(f.Value, flow))
		}
	case Sequence:
		y.Kind = yaml.SequenceNode
		for _, it := range n.Items {
			y.Content = append(y.Content, toYAML(it, flow))
		}
	default:
		y.Kind = yaml.ScalarNode
		y.Style = y.Style&yaml.TaggedStyle | scalarStyles(n.Style, flow)
	}
	return y
}

func scalarStyles(s Style, flow bool) yaml.Style {
	switch {
	case s == DoubleQuoted || flow && (s == Literal || s == Folded):
		return yaml.DoubleQuotedStyle
	case s == SingleQuoted:
		return yaml.SingleQuotedStyle
	case s == Literal:
		return yaml.LiteralStyle
	case s == Folded:
		return yaml.FoldedStyle
	}
	return 0
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
