package transformer

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// matches reports whether now is the baseline old with exactly the edits
// below t made.
//
// Keys are in the baseline's order, new ones anywhere. Only where a mapping
// has merge keys, in the baseline or now, its keys are compared one by one as
// they are in effect, because a changed anchor need not change what its other
// users get.
func matches(old, now *manifest.Node, t *editTree) bool {
	if t.edit == nil && len(t.below) == 0 {
		return unchanged(old, now)
	}
	if t.edit != nil {
		return holds(now, t.value)
	}
	old, now = old.Resolve(), now.Resolve()
	if old.IsNull() {
		old = &emptyMapping
	}
	switch {
	case old.Tag != now.Tag:
		return false
	case old.Kind == manifest.Sequence:
		return sequenceMatches(old, now, t)
	case old.HasMerge() || now.HasMerge():
		return effectMatches(old, now, t)
	}
	return mappingMatches(old, now, t)
}

var emptyMapping = manifest.Node{Kind: manifest.Mapping, Tag: "!!map"}

// unchanged reports whether old and now are the same.
func unchanged(old, now *manifest.Node) bool {
	if manifest.Equal(old, now) {
		return true
	}
	// Merge keys may hide that nothing changed in effect.
	old, now = old.Resolve(), now.Resolve()
	if old.Kind != now.Kind || old.Tag != now.Tag {
		return false
	}
	switch {
	case old.Kind == manifest.Scalar:
		return false
	case old.Kind == manifest.Sequence:
		return sequenceMatches(old, now, noEdits)
	case old.HasMerge() || now.HasMerge():
		return effectMatches(old, now, noEdits)
	}
	return mappingMatches(old, now, noEdits)
}

func sequenceMatches(old, now *manifest.Node, t *editTree) bool {
	if len(old.Items) != len(now.Items) {
		return false
	}
	for i := range old.Items {
		if !matches(old.Items[i], now.Items[i], t.at(i)) {
			return false
		}
	}
	return true
}

func mappingMatches(old, now *manifest.Node, t *editTree) bool {
	i := 0 // of the next field of old that stays
	next := func() {
		for t.at(i).removes() {
			i++
		}
	}
	next()
	for _, f := range now.Fields {
		if i < len(old.Fields) && manifest.Equal(old.Fields[i].Key, f.Key) {
			if !matches(old.Fields[i].Value, f.Value, t.at(i)) {
				return false
			}
			i++
			next()
			continue
		}
		if b := t.of(f.Key); b == noEdits || !matches(nil, f.Value, b) {
			return false
		}
	}
	if i != len(old.Fields) {
		return false
	}
	for _, b := range t.added() {
		if e := now.Lookup(b.step.Key); e.From == nil || e.Flaw != yamlvalue.Fine {
			return false
		}
	}
	return true
}

// effectMatches is mappingMatches on the keys that the mappings have in effect.
// A mapping that readers take for different ones matches nothing.
func effectMatches(old, now *manifest.Node, t *editTree) bool {
	was, is := inEffect(old), inEffect(now)
	if was == nil || is == nil {
		return false
	}
	left := len(is)
	for id, value := range was {
		b := noEdits
		if id.tag == "!!str" {
			if i := slices.IndexFunc(t.below, func(b *editTree) bool { return b.step.Key == id.value }); i >= 0 {
				b = t.below[i]
			}
		}
		got, ok := is[id]
		if b.removes() {
			if ok {
				return false
			}
			continue
		}
		if !ok || !matches(value, got, b) {
			return false
		}
		left--
	}
	for _, b := range t.below {
		if b.old != nil {
			continue
		}
		got, ok := is[keyID{"!!str", b.step.Key}]
		if !ok || !matches(nil, got, b) {
			return false
		}
		left--
	}
	return left == 0
}

// keyID identifies a scalar key of a mapping.
type keyID struct{ tag, value string }

// inEffect returns the values of a mapping, those that merge keys bring in
// included; nil where readers disagree on one.
func inEffect(n *manifest.Node) map[keyID]*manifest.Node {
	out := make(map[keyID]*manifest.Node)
	for _, e := range n.Entries() {
		if e.Flaw != yamlvalue.Fine || e.Name.Resolve().Kind != manifest.Scalar {
			return nil
		}
		out[keyID{e.Name.Resolve().Tag, e.Key}] = e.Value
	}
	return out
}
