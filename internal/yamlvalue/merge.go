package yamlvalue

import "slices"

// merging is who takes a key for a merge key.
type merging uint8

const (
	noMerge  merging = iota
	merge            // every reader
	mergeV2          // V2 alone
	mergeOdd         // no reader, but perhaps a program that resolves the key first
)

// mergeOf says what a key, not resolved, is. Both go-yamls ask for the text as
// well as for the tag, v2 takes the tag ! for none even before quotes (! "<<"),
// and neither resolves an alias before it asks.
func mergeOf(k *Node) merging {
	n := k.Resolve()
	switch {
	case n.Kind != Scalar || n.Value != "<<":
		return noMerge
	case k.Kind == Alias:
		return mergeOdd
	case n.Tag == mergeTag:
		return merge
	case n.NonSpecific:
		return mergeV2
	case n.Explicit:
		return mergeOdd
	}
	return noMerge
}

// IsMerge reports whether a key is a merge key to every reader.
func (n *Node) IsMerge() bool { return mergeOf(n) == merge }

// Merged lists what a merge key with the value v brings in, resolved. What is
// not a mapping there is refused by all readers.
func Merged(v *Node) []*Node {
	v = v.Resolve()
	if v == nil || v.Kind != Sequence {
		return []*Node{v}
	}
	out := make([]*Node, len(v.Items))
	for i, it := range v.Items {
		out[i] = it.Resolve()
	}
	return out
}

// reading is one way to take merge keys.
type reading struct {
	lastWins bool    // as in go-yaml v2; else the mapping's own key, as in v3
	merges   merging // the last of the kinds of keys that merge
}

// collector gathers the entries of a mapping with those of the mappings it
// merges. What comes first stays, so where the last is to win it goes backwards;
// a mapping met again has nothing to add. Each mapping is looked at once, however
// often it is merged.
type collector struct {
	reading
	only   string // the only key that matters, if
	filter bool   // this is set

	out     []Entry
	at      map[string]int // of a key in out; nil while there are few
	indexed int            // how many of out are in at
	visited map[*Node]bool
	met     merging // the oddest key met
}

// collect gathers the entries of n, with their flaws.
func (c *collector) collect(n *Node) {
	c.merges = merge
	c.add(n, 0, Fine)
	if c.met == noMerge {
		return
	}
	v2 := c.read(n, reading{lastWins: true, merges: merge})
	c.compare(&v2, LateMerge)
	if c.met > merge || v2.met > merge {
		for _, r := range []reading{{false, mergeOdd}, {true, mergeOdd}} {
			other := c.read(n, r)
			c.compare(&other, OddMerge)
		}
		v2 = c.read(n, reading{lastWins: true, merges: mergeV2})
	}
	for i := range c.out {
		c.out[i].Last = nil
		if at := v2.find(c.out[i].Key); at >= 0 && !c.out[i].isOdd() {
			c.out[i].Last = v2.out[at].Value
		}
	}
}

// read gathers the entries of n in another reading.
func (c *collector) read(n *Node, r reading) collector {
	other := collector{reading: r, only: c.only, filter: c.filter}
	other.add(n, 0, Fine)
	return other
}

// compare notes a flaw for every key that other knows another value of, or none.
func (c *collector) compare(other *collector, f Flaw) {
	for i := range c.out {
		e := &c.out[i]
		if e.isOdd() || e.Flaw != Fine && e.Flaw != DuplicateMerge {
			continue
		}
		if j := other.find(e.Key); j < 0 || other.out[j].Value != e.Value {
			e.Flaw = f
		}
	}
	for _, e := range other.out {
		if !e.isOdd() && c.find(e.Key) < 0 {
			c.out = append(c.out, Entry{Key: e.Key, Flaw: f})
		}
	}
}

// isOdd reports whether the entry is none of a key that is a scalar.
func (e *Entry) isOdd() bool {
	return e.Flaw == MergedScalar || e.Name != nil && e.Name.Resolve().Kind != Scalar
}

// find returns the index of a key in out, or -1.
func (c *collector) find(key string) int {
	const few = 16
	if len(c.out) <= few {
		return slices.IndexFunc(c.out, func(e Entry) bool { return e.Key == key && !e.isOdd() })
	}
	if c.at == nil {
		c.at = make(map[string]int, len(c.out))
	}
	for ; c.indexed < len(c.out); c.indexed++ {
		if e := &c.out[c.indexed]; !e.isOdd() {
			c.at[e.Key] = c.indexed
		}
	}
	if i, ok := c.at[key]; ok {
		return i
	}
	return -1
}

// add adds the entries of m, which is depth merge keys away. flaw is that of what
// m brings in.
func (c *collector) add(m *Node, depth int, flaw Flaw) {
	merges := 0
	for i := range m.Fields {
		if c.isMerge(m.Fields[i].Key) {
			merges++
		}
	}
	below := flaw
	if merges > 1 {
		below = DuplicateMerge
	}
	if c.lastWins {
		for i := range slices.Backward(m.Fields) {
			if f := &m.Fields[i]; c.isMerge(f.Key) {
				c.addMerge(f, depth, below)
			} else {
				c.addOwn(m, f, depth, flaw)
			}
		}
		return
	}
	for i := range m.Fields {
		if f := &m.Fields[i]; merges == 0 || !c.isMerge(f.Key) {
			c.addOwn(m, f, depth, flaw)
		}
	}
	for i := range m.Fields {
		if f := &m.Fields[i]; merges > 0 && c.isMerge(f.Key) {
			c.addMerge(f, depth, below)
		}
	}
}

// isMerge reports whether a key merges in this reading.
func (c *collector) isMerge(key *Node) bool {
	how := mergeOf(key)
	c.met = max(c.met, how)
	return how != noMerge && how <= c.merges
}

// addOwn adds a key of m.
func (c *collector) addOwn(m *Node, f *Field, depth int, flaw Flaw) {
	k := f.Key.Resolve()
	if k.Kind != Scalar {
		c.addOdd(Entry{Name: f.Key, Value: f.Value, From: m, Depth: depth})
		return
	}
	key := k.KeyText()
	if c.filter && key != c.only {
		return
	}
	if i := c.find(key); i >= 0 {
		if c.out[i].From == m {
			c.out[i].Flaw, c.out[i].Last = DuplicateKey, f.Value
		}
		return
	}
	if own := tagFlaw(k); own != Fine {
		flaw = own
	}
	c.out = append(c.out, Entry{Key: key, Name: f.Key, Value: f.Value, Last: f.Value, From: m, Depth: depth, Flaw: flaw})
}

// addOdd adds what is none of a key that is a scalar.
func (c *collector) addOdd(e Entry) {
	if !c.filter {
		c.out = append(c.out, e)
	}
}

// addMerge adds what a merge key brings in.
func (c *collector) addMerge(f *Field, depth int, flaw Flaw) {
	for _, m := range Merged(f.Value) {
		if m == nil || m.Kind != Mapping {
			c.addOdd(Entry{Key: "<<", Name: f.Key, Value: m, Depth: depth, Flaw: MergedScalar})
			continue
		}
		if c.visited[m] {
			continue
		}
		if c.visited == nil {
			c.visited = make(map[*Node]bool)
		}
		c.visited[m] = true
		c.add(m, depth+1, flaw)
	}
}
