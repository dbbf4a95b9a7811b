package yamlvalue

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Entry is what a mapping says of one key.
type Entry struct {
	Key  string // as decoders read it; "" for a key that is not a scalar
	Name *Node  // the key itself, not resolved; nil where the key is absent
	// Value is what V3 sees, and, where V3 refuses the mapping, what a reader that
	// prefers the first of several sees; not resolved, nil where it is absent.
	Value *Node
	Last  *Node // what V2 sees: the last of several
	From  *Node // the mapping whose own key it is
	Depth int   // how many merge keys are on the way to From
	Flaw  Flaw
}

// To returns the value that a reader sees, not resolved; nil where it is absent.
func (e *Entry) To(r Reader) *Node {
	if r == V2 {
		return e.Last
	}
	return e.Value
}

// Lookup returns what a mapping says of a key, seeing through aliases and merge
// keys. It is the same as the entry of that key among Entries.
func (n *Node) Lookup(key string) Entry {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping {
		return Entry{Key: key}
	}
	e, merges := n.own(key)
	if !merges {
		return e
	}
	c := collector{only: key, filter: true}
	c.collect(n)
	if len(c.out) == 0 {
		return Entry{Key: key}
	}
	return c.out[0]
}

// Get returns the resolved value of a key, nil where it is absent, for callers
// to whom readers that disagree do not matter.
func (n *Node) Get(key string) *Node {
	e := n.Lookup(key)
	return e.Value.Resolve()
}

// Entries returns all of a mapping: its own keys in their order, and then the
// merged ones, each once.
func (n *Node) Entries() []Entry {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping {
		return nil
	}
	c := collector{out: make([]Entry, 0, len(n.Fields))}
	c.collect(n)
	return c.out
}

// HasMerge reports whether the mapping itself has a merge key, or what some take
// for one.
func (n *Node) HasMerge() bool {
	return slices.ContainsFunc(n.Fields, func(f Field) bool { return mergeOf(f.Key) != noMerge })
}

// HasOddKey reports whether the mapping, or one that it merges, has a key that
// readers may take for another one: a key with a tag, even with an empty one, or
// an alias of <<.
func (n *Node) HasOddKey() bool { return n.hasOddKey(nil) }

func (n *Node) hasOddKey(searched map[*Node]bool) bool {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping || searched[n] {
		return false
	}
	merges := false
	for i := range n.Fields {
		k := n.Fields[i].Key
		switch how := mergeOf(k); {
		case how == merge:
			merges = true
		case how != noMerge || k.Resolve().Explicit:
			return true
		}
	}
	if !merges {
		return false
	}
	if searched == nil {
		searched = make(map[*Node]bool)
	}
	searched[n] = true
	for i := range n.Fields {
		if n.Fields[i].Key.IsMerge() && slices.ContainsFunc(Merged(n.Fields[i].Value), func(m *Node) bool { return m.hasOddKey(searched) }) {
			return true
		}
	}
	return false
}

// Folded returns a key of the mapping, or of one that it merges, that is the given
// key in letters of another case; "" for none. The key is of ASCII.
func (n *Node) Folded(key string) string {
	n = n.Resolve()
	if n == nil || n.Kind != Mapping {
		return ""
	}
	if n.HasMerge() {
		for _, e := range n.Entries() {
			if IsFolded(e.Key, key) {
				return e.Key
			}
		}
		return ""
	}
	for i := range n.Fields {
		if k := n.Fields[i].Key.Resolve(); k.Kind == Scalar && IsFolded(k.KeyText(), key) {
			return k.KeyText()
		}
	}
	return ""
}

// IsFolded reports whether text is a key of ASCII in letters of another case, as
// encoding/json compares them.
func IsFolded[T string | []byte](text T, key string) bool {
	return len(text) >= len(key) && len(text) <= len(key)+2 && string(text) != key && strings.EqualFold(string(text), key)
}

// own is Lookup where there is no merge key; merges is whether there is one.
func (n *Node) own(key string) (e Entry, merges bool) {
	e.Key = key
	for i := range n.Fields {
		k := n.Fields[i].Key.Resolve()
		if k.Value == "<<" && mergeOf(n.Fields[i].Key) != noMerge {
			return e, true
		}
		if k.Kind != Scalar || k.Value != key && k.Tag != binaryTag || k.KeyText() != key {
			continue
		}
		e.Last = n.Fields[i].Value
		if e.From == nil {
			e.Name, e.Value, e.From = n.Fields[i].Key, e.Last, n
			e.Flaw = tagFlaw(k)
			continue
		}
		e.Flaw = DuplicateKey
	}
	return e, false
}

func tagFlaw(k *Node) Flaw {
	if k.Explicit && k.Tag != strTag {
		return TaggedKey
	}
	return Fine
}

// KeyText returns the text of a scalar key, as decoders read it.
func (n *Node) KeyText() string {
	if n.Tag == binaryTag {
		if b, err := base64.StdEncoding.DecodeString(n.Value); err == nil {
			return string(b)
		}
	}
	return n.Value
}
