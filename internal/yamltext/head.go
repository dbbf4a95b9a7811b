package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// Head says what an item is.
type Head struct {
	APIVersion, Kind string
	// Ambiguous is whether parsers may read another apiVersion or kind: it is
	// in the item more than once, or is not a string, for instance because of a tag,
	// or there is a key with a tag, a key << that not all take for a merge key, or one
	// of the two keys in another case, as the API server reads them.
	// The item must be decoded and treated with suspicion. APIVersion and Kind are
	// the first, "" for one that is not a string.
	Ambiguous bool
	// Items is whether there is a key items at the top: whatever the kind says,
	// kubectl applies the objects in it.
	Items bool
}

// IsNothing reports whether the item is not an object: it has neither apiVersion
// nor kind, such as a JSON patch or the values of a chart.
func (h Head) IsNothing() bool { return h.APIVersion == "" && h.Kind == "" && !h.Ambiguous }

// HeadOf reads the head of a decoded item, seeing through aliases and merge
// keys.
func HeadOf(n *yamlvalue.Node) Head {
	apiVersion, kind, items := n.Lookup("apiVersion"), n.Lookup("kind"), n.Lookup("items")
	return Head{
		Items:      items.From != nil || items.Flaw != yamlvalue.Fine,
		APIVersion: apiVersion.Value.Text(),
		Kind:       kind.Value.Text(),
		Ambiguous: apiVersion.Flaw != yamlvalue.Fine || kind.Flaw != yamlvalue.Fine || !isText(apiVersion.Value) || !isText(kind.Value) ||
			n.HasOddKey() || n.Folded("apiVersion") != "" || n.Folded("kind") != "",
	}
}

// isText reports whether apiVersion or kind is a string, or not there.
func isText(n *yamlvalue.Node) bool {
	n = n.Resolve()
	return n.IsNull() || n.Kind == yamlvalue.Scalar && n.Tag == "!!str"
}
