package manifest

import (
	"fmt"
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// maxValues bounds what JSON builds, so that aliases of aliases cannot explode.
const maxValues = 1_000_000

var errTooMany = fmt.Errorf("aliases expand to more than %d values", maxValues)

// JSON returns the node as encoding/json would decode it: map[string]any,
// []any, string, bool, nil and, for numbers, int64, uint64 or float64. Aliases
// and merge keys are expanded. A duplicate key and a key that is not a string
// are errors, because parsers disagree on them.
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
		out := make(map[string]any, len(n.Fields))
		return out, n.fill(out, left)
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
	return n.scalar()
}

// fill adds the keys of a mapping to out: its own first, then those that merge
// keys bring and that are not there yet.
func (n *Node) fill(out map[string]any, left *int) error {
	if *left--; *left < 0 {
		return errTooMany
	}
	own := make(map[string]bool, len(n.Fields))
	var merges []*Node
	for _, f := range n.Fields {
		k := f.Key.Resolve()
		switch {
		case k.Kind != Scalar:
			return fmt.Errorf("a key that is a list or a mapping")
		case k.Tag == mergeTag:
			merges = append(merges, f.Value.Resolve())
			continue
		case own[k.Value]:
			return fmt.Errorf("key %q stands twice in one mapping", k.Value)
		}
		own[k.Value] = true
		if _, ok := out[k.Value]; ok {
			continue
		}
		v, err := f.Value.json(left)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Value, err)
		}
		out[k.Value] = v
	}
	for _, m := range merges {
		from := []*Node{m}
		if m != nil && m.Kind == Sequence {
			from = m.Items
		}
		for _, f := range from {
			f = f.Resolve()
			if f == nil || f.Kind != Mapping {
				return fmt.Errorf("a merge key whose value is not a mapping")
			}
			if err := f.fill(out, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// scalar decodes a scalar as go-yaml does, but keeps the text of what JSON has
// no type for.
func (n *Node) scalar() (any, error) {
	switch n.Tag {
	case "!!str", "!!timestamp", "!!binary", mergeTag:
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!int":
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
