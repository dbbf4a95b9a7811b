// Package plainyaml writes Go values as the YAML that people write: indented by two,
// and with quotes and brackets only where a reader needs them.
//
//	doc, err := plainyaml.Node(policy)
//	text, err := plainyaml.Marshal(doc)
package plainyaml

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// Node returns the document that v is in JSON. Its fields are in the order of JSON,
// and can be moved before it is written.
func Node(v any) (*yaml.Node, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil { // JSON is YAML
		return nil, err
	}
	return &doc, unstyle(&doc)
}

// unstyle takes away the brackets of JSON, and the quotes but where a reader of YAML
// 1.1, such as kubectl, would take the string for something else: what needs quotes in
// YAML 1.2 gets them from the encoder.
func unstyle(n *yaml.Node) error {
	n.Style = 0
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		text, err := yaml.Marshal(n.Value) // knows YAML 1.1, as the encoding of a Node does not
		if err != nil {
			return err
		}
		if text[0] == '"' || n.Value == "<<" {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	for _, c := range n.Content {
		if err := unstyle(c); err != nil {
			return err
		}
	}
	return nil
}

// Marshal writes a document.
func Marshal(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
