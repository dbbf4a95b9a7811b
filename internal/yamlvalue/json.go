package yamlvalue

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxValues bounds what JSON builds, so that aliases of aliases cannot explode.
const maxValues = 1_000_000

var errTooMany = fmt.Errorf("aliases expand to more than %d values", maxValues)

// JSON returns the node as encoding/json would decode it: map[string]any,
// []any, string, bool, nil and, for numbers, int64, uint64 or float64. Aliases
// and merge keys are expanded. A key that readers disagree on, and one that is
// not a scalar, are errors.
func (n *Node) JSON() (any, error) {
	left := maxValues
	return n.json(&left)
}

func (n *Node) json(left *int) (any, error) {
	if *left--; *left < 0 {
		return nil, errTooMany
	}
	n = n.Resolve()
	if n == nil {
		return nil, nil
	}
	switch n.Kind {
	case Mapping:
		return n.jsonMapping(left)
	case Sequence:
		out := make([]any, len(n.Items))
		for i, it := range n.Items {
			v, err := it.json(left)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			out[i] = v
		}
		return out, nil
	}
	return n.jsonScalar()
}

func (n *Node) jsonMapping(left *int) (any, error) {
	out := make(map[string]any, len(n.Fields))
	for _, e := range n.Entries() {
		switch {
		case e.Flaw == MergedScalar:
			return nil, errors.New("a merge key whose value is not a mapping")
		case e.isOdd():
			return nil, errors.New("a key that is a list or a mapping")
		case e.Flaw == DuplicateKey:
			return nil, fmt.Errorf("duplicate key %q", e.Key)
		case e.Flaw != Fine && e.Flaw != TaggedKey:
			return nil, fmt.Errorf("key %q is merged so that parsers disagree on its value", e.Key)
		}
		v, err := e.Value.json(left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Key, err)
		}
		out[e.Key] = v
	}
	return out, nil
}

// jsonScalar decodes a scalar as go-yaml does, but keeps the text of what JSON
// has no type for.
func (n *Node) jsonScalar() (any, error) {
	switch n.Tag {
	case strTag, timeTag, binaryTag, mergeTag:
		return n.Value, nil
	case nullTag:
		return nil, nil
	case intTag:
		if v, err := strconv.ParseInt(n.Value, 10, 64); err == nil && n.Value[0] != '0' {
			return v, nil
		}
	}
	var v any
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: n.Tag, Value: n.Value}
	if err := node.Decode(&v); err != nil {
		return nil, err
	}
	if i, ok := v.(int); ok {
		return int64(i), nil
	}
	return v, nil
}
