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
//     last wins, in go-yaml v3 the mapping's own key;
//   - an odd merge key (see mergeOf) gives it another value.
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
	differs := v2.find(m) != e.value
	if e.flaw == nil && differs {
		e.flaw = lateMerge()
	}
	if e.flaw == nil && v2.metOdd { // it looks everywhere
		first, last := merger{key: key, odd: true}, merger{key: key, odd: true, lastWins: true}
		if first.find(m) != e.value || last.find(m) != e.value {
			e.flaw = oddMerge()
		}
	}
	return e
}

func lateMerge() *flaw {
	return &flaw{
		code:   podspec.DuplicateKey,
		detail: "must be set once, is set here and by a merge key after it, and parsers disagree which one wins",
	}
}

func oddMerge() *flaw {
	return &flaw{
		code:   podspec.InvalidType,
		detail: "must be set by a plain key, is set below a key << with a tag or an alias, and parsers disagree whether that merges",
	}
}

// own is what the fields of a mapping themselves say of a key.
type own struct {
	first, last *manifest.Node // its values
	count       int
	tagged      bool // the key is written with a tag other than !!str
	merges      bool // the mapping has a merge key, or an odd one
}

func scan(m *manifest.Node, key string) own {
	var o own
	for i := range m.Fields {
		k := m.Fields[i].Key.Resolve()
		if k.Value == "<<" {
			how := mergeOf(m.Fields[i].Key)
			o.merges = o.merges || how != noMerge
			if how == isMerge {
				continue
			}
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
	odd      bool // odd merge keys merge
	metOdd   bool // there is one
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
		how := mergeOf(m.Fields[i].Key)
		g.metOdd = g.metOdd || how == oddKey
		switch {
		case how == isMerge || how == oddKey && g.odd:
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

// namedEntry is an entry with its key and the mapping that has it.
type namedEntry struct {
	key string
	entry
	from *manifest.Node
}

// entries returns all of a mapping: its own keys and then the merged ones, each
// once, as lookup finds them, in one pass.
func entries(m *manifest.Node) []namedEntry {
	c := collector{}
	c.out = make([]namedEntry, 0, len(m.Fields))
	c.add(m)
	if !c.merges {
		return c.out
	}
	v2 := collector{lastWins: true}
	v2.add(m)
	c.compare(&v2, lateMerge)
	if c.metOdd || v2.metOdd {
		for _, lastWins := range []bool{false, true} {
			other := collector{lastWins: lastWins, odd: true}
			other.add(m)
			c.compare(&other, oddMerge)
		}
	}
	return c.out
}

// collector gathers the entries of a mapping with those of the mappings it
// merges. What comes first stays, so where the last is to win it goes backwards;
// a mapping met again has nothing to add.
type collector struct {
	lastWins bool // as in go-yaml v2, else the mapping's own key as in v3
	odd      bool // odd merge keys merge
	metOdd   bool // there is one
	merges   bool // there is a merge key, or an odd one
	out      []namedEntry
	at       map[string]int // of a key in out; nil while there are few
	visited  map[*manifest.Node]bool
}

// compare notes a flaw for every key of which other knows another value.
func (c *collector) compare(other *collector, f func() *flaw) {
	for _, e := range other.out {
		i := c.find(e.key)
		if i < 0 {
			c.out = append(c.out, namedEntry{e.key, entry{nil, f()}, nil})
		} else if c.out[i].flaw == nil && c.out[i].value != e.value {
			c.out[i].flaw = f()
		}
	}
}

// find returns the index of a key in out, or -1.
func (c *collector) find(key string) int {
	const few = 16
	if len(c.out) <= few {
		return slices.IndexFunc(c.out, func(e namedEntry) bool { return e.key == key })
	}
	if c.at == nil {
		c.at = make(map[string]int, len(c.out))
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
	if c.lastWins {
		for i := range slices.Backward(m.Fields) {
			if !c.addMerge(&m.Fields[i]) {
				c.addOwn(m, &m.Fields[i])
			}
		}
		return
	}
	merges := false
	for i := range m.Fields {
		if c.isMerge(m.Fields[i].Key) {
			merges = true
			continue
		}
		c.addOwn(m, &m.Fields[i])
	}
	if !merges {
		return
	}
	for i := range m.Fields {
		c.addMerge(&m.Fields[i])
	}
}

// isMerge reports whether a key is taken for a merge key.
func (c *collector) isMerge(key *manifest.Node) bool {
	how := mergeOf(key)
	c.merges = c.merges || how != noMerge
	c.metOdd = c.metOdd || how == oddKey
	return how == isMerge || how == oddKey && c.odd
}

// addOwn adds a key of m.
func (c *collector) addOwn(m *manifest.Node, f *manifest.Field) {
	k := f.Key.Resolve()
	if k.Kind != manifest.Scalar {
		return
	}
	key := keyText(k)
	if i := c.find(key); i >= 0 {
		if c.out[i].from == m {
			c.out[i].flaw = own{count: 2}.flaw()
		}
		return
	}
	tagged := k.Explicit && k.Tag != strTag
	c.out = append(c.out, namedEntry{key, entry{f.Value, own{tagged: tagged}.flaw()}, m})
}

// addMerge adds what a merge key brings in; it returns false for another key.
func (c *collector) addMerge(f *manifest.Field) bool {
	if !c.isMerge(f.Key) {
		return false
	}
	if n := f.Value.Resolve(); n != nil && n.Kind == manifest.Sequence {
		for _, it := range n.Items {
			c.merge(it)
		}
		return true
	}
	c.merge(f.Value)
	return true
}

// merge adds a mapping that is merged.
func (c *collector) merge(m *manifest.Node) {
	m = m.Resolve()
	if m == nil || m.Kind != manifest.Mapping || c.visited[m] {
		return
	}
	if c.visited == nil {
		c.visited = make(map[*manifest.Node]bool)
	}
	c.visited[m] = true
	c.add(m)
}

// merging is whether a key is a merge key.
type merging uint8

const (
	noMerge merging = iota
	isMerge         // to all
	oddKey          // to some, or to those who resolve it first
)

// mergeOf says what a key, not resolved, is. Both go-yamls ask for the text as
// well as for the tag, v2 takes an empty tag for none even before quotes
// (! "<<"), and neither resolves an alias before it asks. A key << with any tag
// but its own, and an alias of <<, is odd: nobody needs it.
func mergeOf(k *manifest.Node) merging {
	n := k.Resolve()
	switch {
	case n.Kind != manifest.Scalar || n.Value != "<<":
		return noMerge
	case k.Kind == manifest.Alias:
		return oddKey
	case n.Tag == mergeTag:
		return isMerge
	case n.Explicit:
		return oddKey
	}
	return noMerge
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
