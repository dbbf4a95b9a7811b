package yamlvalue

// manyFields is how many fields a mapping has whose keys are indexed.
const manyFields = 64

// Index looks up keys of mappings as Lookup does, and reads those that have many
// fields once, however many of their keys are asked for. A mapping with a merge key
// is read each time. The nodes must not change meanwhile.
type Index struct{ wide map[*Node]map[string]Entry }

// Lookup is Lookup of a mapping.
func (x *Index) Lookup(n *Node, key string) Entry {
	n = n.Resolve()
	if n == nil || len(n.Fields) <= manyFields {
		return n.Lookup(key)
	}
	entries := x.wide[n]
	if entries == nil {
		if n.HasMerge() {
			return n.Lookup(key)
		}
		entries = make(map[string]Entry, len(n.Fields))
		for _, e := range n.Entries() {
			entries[e.Key] = e
		}
		if x.wide == nil {
			x.wide = make(map[*Node]map[string]Entry)
		}
		x.wide[n] = entries
	}
	if e, ok := entries[key]; ok {
		return e
	}
	return Entry{Key: key}
}
