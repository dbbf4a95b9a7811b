package workload

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
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

// keyFlaws are the flaws of keys.
var keyFlaws = [...]*flaw{
	yamlvalue.DuplicateKey:   {code: podspec.DuplicateKey, detail: "must be set once, is set more than once"},
	yamlvalue.TaggedKey:      {code: podspec.InvalidType, detail: "must have a plain key, has a key with a tag"},
	yamlvalue.LateMerge:      {code: podspec.DuplicateKey, detail: "must be set once, is set here and by a merge key after it, and parsers disagree which one wins"},
	yamlvalue.DuplicateMerge: {code: podspec.DuplicateKey, detail: "must be set once, is set below two merge keys of one mapping, which some parsers refuse"},
	yamlvalue.OddMerge:       {code: podspec.InvalidType, detail: "must be set by a plain key, is set below a key << with a tag or an alias, and parsers disagree whether that merges"},
	yamlvalue.MergedScalar:   {code: podspec.InvalidType, detail: "must merge a mapping, merges something else"},
}

// keyFlaw returns the flaw of an entry, nil for none.
func keyFlaw(e *yamlvalue.Entry) *flaw { return keyFlaws[e.Flaw] }

// parseID reads a user or group id.
func parseID(n *manifest.Node) (int64, *flaw) {
	id, f := n.Int()
	switch {
	case f == yamlvalue.OutOfRange, f == yamlvalue.Fine && (id < 0 || id > podspec.MaxID):
		return 0, &flaw{podspec.InvalidID, raw(n), fmt.Sprintf("must be in 0-%d, is %s", podspec.MaxID, raw(n))}
	case f != yamlvalue.Fine:
		return 0, valueFlaw(n, f, "an integer")
	}
	return id, nil
}

// parseBool reads a boolean.
func parseBool(n *manifest.Node) (bool, *flaw) {
	v, f := n.Bool()
	return v, valueFlaw(n, f, "true or false")
}

// parseString reads a string.
func parseString(n *manifest.Node) (string, *flaw) {
	v, f := n.Str()
	return v, valueFlaw(n, f, "a string")
}

// valueFlaw says that n, whose flaw is f, is not what it must be; nil where it
// is.
func valueFlaw(n *manifest.Node, f yamlvalue.Flaw, want string) *flaw {
	switch f {
	case yamlvalue.Fine:
		return nil
	case yamlvalue.Ambiguous:
		return &flaw{podspec.AmbiguousValue, raw(n), fmt.Sprintf("must be %s, is %s, which parsers read differently", want, raw(n))}
	}
	return wrongType(n, want)
}

func wrongType(n *manifest.Node, want string) *flaw {
	return &flaw{podspec.InvalidType, raw(n), fmt.Sprintf("must be %s, is %s", want, describe(n))}
}

// wrongKind is wrongType for a mapping or a list.
func wrongKind(n *manifest.Node, want manifest.Kind) *flaw {
	if want == manifest.Sequence {
		return wrongType(n, "a list")
	}
	return wrongType(n, "a mapping")
}
