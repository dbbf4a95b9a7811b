package transformer

import (
	"cmp"
	"slices"

	"github.com/usergroup-dev/usergroup/manifest"
)

// placement says where a new key goes in a mapping whose keys are not in
// alphabetical order: where people write it.
type placement struct {
	key  string
	with string // the mapping has this key; "" for any mapping

	before []string // before the first of these
	after  []string // after the last of these
}

// placements are tried in order. A key without a row, and one that finds none of
// its neighbours, goes to the end.
var placements = []placement{
	// A pod spec: short fields are before the long lists.
	{
		key: "securityContext", with: "containers",
		before: []string{"initContainers", "containers", "ephemeralContainers"},
	},
	// A container: what runs and what it gets come first, then how it is
	// confined, then volumeMounts, probes, lifecycle and termination.
	{
		key: "securityContext",
		after: []string{
			"name", "image", "imagePullPolicy", "command", "args", "workingDir",
			"ports", "envFrom", "env", "resources", "resizePolicy", "restartPolicy",
		},
	},
}

// indexFor returns the index of the field of n before which the new key goes: never
// a merge key, which may bring in the same key.
func indexFor(n *manifest.Node, key string, alphabetical bool) int {
	i := neighbour(n, key, alphabetical)
	for i < len(n.Fields) && n.Fields[i].Key.IsMerge() {
		i++
	}
	return i
}

// neighbour returns the index of the field of n before which the new key belongs.
func neighbour(n *manifest.Node, key string, alphabetical bool) int {
	if alphabetical {
		return firstField(n, func(k string) bool { return k > key })
	}
	for _, p := range placements {
		if p.key != key || p.with != "" && !hasKey(n, p.with) {
			continue
		}
		if p.before != nil {
			return firstField(n, func(k string) bool { return slices.Contains(p.before, k) })
		}
		for i := len(n.Fields) - 1; i >= 0; i-- {
			if slices.Contains(p.after, n.Fields[i].Key.Text()) {
				return i + 1
			}
		}
	}
	return len(n.Fields)
}

func firstField(n *manifest.Node, is func(key string) bool) int {
	i := slices.IndexFunc(n.Fields, func(f manifest.Field) bool { return is(f.Key.Text()) })
	if i < 0 {
		return len(n.Fields)
	}
	return i
}

func hasKey(n *manifest.Node, key string) bool {
	return slices.ContainsFunc(n.Fields, func(f manifest.Field) bool { return f.Key.Text() == key })
}

// inAlphabeticalOrder reports whether the keys of a mapping are sorted on
// purpose, as kustomize and code generators write them. One or two keys prove
// little, so two more signs count: whoever sorts does not begin with the name,
// and sorts the first container as well as the pod spec.
func inAlphabeticalOrder(n *manifest.Node) bool {
	last := ""
	for i, f := range n.Fields {
		key := f.Key.Text()
		if key < last || i == 0 && key == "name" {
			return false
		}
		last = key
		if key != "containers" {
			continue
		}
		if list := f.Value.Resolve().Items; len(list) > 0 && !inAlphabeticalOrder(list[0].Resolve()) {
			return false
		}
	}
	return true
}

// naturalOrder is the order of the keys of a new mapping that is not in
// alphabetical order. Other keys come after them.
var naturalOrder = []string{
	"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "supplementalGroupsPolicy",
}

func compareKeys(a, b string, alphabetical bool) int {
	if alphabetical {
		return cmp.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(naturalRank(a), naturalRank(b)), cmp.Compare(a, b))
}

func naturalRank(key string) int {
	if i := slices.Index(naturalOrder, key); i >= 0 {
		return i
	}
	return len(naturalOrder)
}
