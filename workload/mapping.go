package workload

import (
	"encoding/base64"
	"slices"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// flaw is a Problem whose place is not known yet.
type flaw struct {
	code   podspec.Code
	raw    string
	detail string
}

// at returns the flaw as the Problem of a place.
func (f *flaw) at(path podspec.Path) podspec.Problem {
	return podspec.Problem{Code: f.code, Path: path, Raw: f.raw, Detail: f.detail}
}

// entry is what a mapping says of one key. Where there is a flaw, value is what
// a parser that prefers the first one sees.
type entry struct {
	value *manifest.Node // not resolved; nil where the key is absent
	flaw  *flaw
}

// lookup finds the value of a key in a mapping, as manifest.Node.Lookup does,
// and says where parsers disagree on it:
//
//   - the key stands twice: go-yaml v2, so kubectl, takes the last one, go-yaml
//     v3, so kustomize, refuses;
//   - the key has a tag (!x runAsUser, !!binary cnVuQXNVc2Vy): a decoder takes
//     its text for the key, a program that looks at nodes need not;
//   - a merge key after the key gives it another value: in go-yaml v2 what comes
//     last wins, in go-yaml v3 the mapping's own key.
func lookup(m *manifest.Node, key string) entry {
	m = m.Resolve()
	if m == nil || m.Kind != manifest.Mapping {
		return entry{}
	}
	own := scan(m, key)
	if !own.merges {
		return entry{own.first, own.flaw()}
	}
	v3 := merger{key: key}
	e := entry{value: v3.find(m), flaw: v3.flaw}
	v2 := merger{key: key, lastWins: true}
	if v2.find(m) != e.value && e.flaw == nil {
		e.flaw = &flaw{
			code:   podspec.DuplicateKey,
			detail: "must be set once, is set here and by a merge key after it, and parsers disagree which one wins",
		}
	}
	return e
}

// own is what the fields of a mapping themselves say of a key.
type own struct {
	first, last *manifest.Node // its values
	count       int
	tagged      bool // the key is written with a tag other than !!str
	merges      bool // the mapping has a merge key
}

func scan(m *manifest.Node, key string) own {
	var o own
	for i := range m.Fields {
		k := m.Fields[i].Key.Resolve()
		if isMerge(k) {
			o.merges = true
			continue
		}
		if k.Kind != manifest.Scalar || k.Value != key && k.Tag != binaryTag || keyText(k) != key {
			continue
		}
		if o.count++; o.count == 1 {
			o.first = m.Fields[i].Value
		}
		o.last = m.Fields[i].Value
		o.tagged = o.tagged || k.Explicit && k.Tag != strTag
	}
	return o
}

func (o own) flaw() *flaw {
	switch {
	case o.count > 1:
		return &flaw{code: podspec.DuplicateKey, detail: "must be set once, is set more than once"}
	case o.tagged:
		return &flaw{code: podspec.InvalidType, detail: "must have a plain key, has a key with a tag"}
	}
	return nil
}

// merger finds the value of a key in a mapping with merge keys. Each mapping is
// looked at once, however often it is merged.
type merger struct {
	key      string
	lastWins bool // as in go-yaml v2, else the mapping's own key as in v3
	flaw     *flaw
	seen     map[*manifest.Node]*manifest.Node
}

func (g *merger) find(m *manifest.Node) *manifest.Node {
	m = m.Resolve()
	if m == nil || m.Kind != manifest.Mapping {
		return nil
	}
	if v, ok := g.seen[m]; ok {
		return v
	}
	if g.seen == nil {
		g.seen = make(map[*manifest.Node]*manifest.Node)
	}
	g.seen[m] = nil
	v := g.findNew(m)
	g.seen[m] = v
	return v
}

func (g *merger) findNew(m *manifest.Node) (v *manifest.Node) {
	o := scan(m, g.key)
	if !g.lastWins && o.count > 0 {
		g.flaw = o.flaw()
		return o.first
	}
	for i := range m.Fields {
		k := m.Fields[i].Key.Resolve()
		switch {
		case isMerge(k):
			if merged := g.merged(m.Fields[i].Value); merged != nil && (v == nil || g.lastWins) {
				v = merged
			}
		case k.Kind == manifest.Scalar && keyText(k) == g.key:
			v = m.Fields[i].Value
		}
	}
	return v
}

// merged finds the key in the value of a merge key: a mapping, or a list of
// mappings of which the first wins.
func (g *merger) merged(n *manifest.Node) *manifest.Node {
	n = n.Resolve()
	if n == nil || n.Kind != manifest.Sequence {
		return g.find(n)
	}
	for _, it := range n.Items {
		if v := g.find(it); v != nil {
			return v
		}
	}
	return nil
}

// namedEntry is an entry with its key.
type namedEntry struct {
	key string
	entry
}

// entries returns all of a mapping: its own keys and then the merged ones, each
// once.
func entries(m *manifest.Node) []namedEntry {
	c := collector{out: make([]namedEntry, 0, len(m.Fields))}
	c.add(m)
	if !c.merges {
		return c.out
	}
	for i := range c.out {
		c.out[i].entry = lookup(m, c.out[i].key)
	}
	return c.out
}

// collector gathers the keys of a mapping, and the entries as well where there
// is no merge key.
type collector struct {
	out     []namedEntry
	at      map[string]int // of a key in out; nil while there are few
	merges  bool
	visited map[*manifest.Node]bool
}

// find returns the index of a key in out, or -1.
func (c *collector) find(key string) int {
	const few = 16
	if len(c.out) <= few {
		return slices.IndexFunc(c.out, func(e namedEntry) bool { return e.key == key })
	}
	if c.at == nil {
		c.at = make(map[string]int)
	}
	for i := len(c.at); i < len(c.out); i++ {
		c.at[c.out[i].key] = i
	}
	if i, ok := c.at[key]; ok {
		return i
	}
	return -1
}

func (c *collector) add(m *manifest.Node) {
	for i := range m.Fields {
		k, v := m.Fields[i].Key.Resolve(), m.Fields[i].Value
		if k.Kind != manifest.Scalar || isMerge(k) {
			continue
		}
		key := keyText(k)
		if i := c.find(key); i >= 0 {
			c.out[i].flaw = own{count: 2}.flaw()
			continue
		}
		tagged := k.Explicit && k.Tag != strTag
		c.out = append(c.out, namedEntry{key, entry{v, own{tagged: tagged}.flaw()}})
	}
	for i := range m.Fields {
		if isMerge(m.Fields[i].Key.Resolve()) {
			c.merges = true
			c.merge(m.Fields[i].Value.Resolve())
		}
	}
}

// merge adds the value of a merge key.
func (c *collector) merge(n *manifest.Node) {
	if n == nil || c.visited[n] {
		return
	}
	if c.visited == nil {
		c.visited = make(map[*manifest.Node]bool)
	}
	c.visited[n] = true
	for _, it := range n.Items {
		c.merge(it.Resolve())
	}
	c.add(n)
}

// isMerge reports whether k is the key <<. Both go-yamls ask for the text as
// well as for the tag.
func isMerge(k *manifest.Node) bool {
	return k.Tag == mergeTag && k.Value == "<<"
}

// keyText returns the text of a scalar key, as decoders read it.
func keyText(k *manifest.Node) string {
	if k.Tag == binaryTag {
		if b, err := base64.StdEncoding.DecodeString(k.Value); err == nil {
			return string(b)
		}
	}
	return k.Value
}
