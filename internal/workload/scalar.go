package workload

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// The short tags of YAML that decide how a scalar is read.
const (
	strTag    = "!!str"
	nullTag   = "!!null"
	boolTag   = "!!bool"
	intTag    = "!!int"
	floatTag  = "!!float"
	timeTag   = "!!timestamp"
	binaryTag = "!!binary"
	mergeTag  = "!!merge"
)

// Texts that go-yaml resolves without a tag.
var (
	nullTexts  = []string{"", "~", "null", "Null", "NULL"}
	trueTexts  = []string{"true", "True", "TRUE"}
	falseTexts = []string{"false", "False", "FALSE"}
	// oldBoolTexts are booleans to YAML 1.1 (go-yaml v2, so kubectl) and
	// strings to YAML 1.2 (go-yaml v3, so kustomize).
	oldBoolTexts = []string{
		"y", "Y", "yes", "Yes", "YES", "on", "On", "ON",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF",
	}
)

// isUnset reports whether the node is absent or null. A tag !!null before
// anything else, which decoders refuse, is neither.
func isUnset(n *manifest.Node) bool {
	n = n.Resolve()
	return n == nil || n.Kind == manifest.Scalar && n.Tag == nullTag && slices.Contains(nullTexts, n.Value)
}

// parseID reads a user or group id.
func parseID(n *manifest.Node) (int64, *flaw) {
	id, f := parseInt(n)
	if f == nil && (id < 0 || id > podspec.MaxID) {
		return 0, outOfRange(n)
	}
	return id, f
}

// parseInt reads an integer in any of the spellings that both go-yamls read as
// one: 1000, 0x3e8, 0o1750, 01750, 1_000, 1e3, 1000.0, !!int "1000".
func parseInt(n *manifest.Node) (int64, *flaw) {
	if n.Kind != manifest.Scalar || n.Tag != intTag && n.Tag != floatTag || !startsNumber(n.Value) {
		return 0, wrongType(n, "an integer")
	}
	plain := n.Value
	if plain[0] != '.' { // after a leading dot go-yaml does not look for underscores
		plain = strings.ReplaceAll(plain, "_", "")
		i, err := parseBases(plain)
		if err == nil {
			return i, nil
		}
		if errors.Is(err, strconv.ErrRange) {
			return 0, outOfRange(n)
		}
	}
	if n.Tag == floatTag {
		return parseIntegral(n, plain)
	}
	if n.Explicit {
		return 0, wrongType(n, "an integer")
	}
	return 0, ambiguous(n, "an integer") // to go-yaml v3 alone: 0o+17
}

// startsNumber reports whether go-yaml tries to read the text as a number.
func startsNumber(text string) bool {
	return text != "" && strings.IndexByte("0123456789+-.", text[0]) >= 0
}

// parseBases reads an integer as Go does, with the prefix of its base, and two
// spellings that go-yaml reads in addition: 0b+1 and 0b-1.
func parseBases(plain string) (int64, error) {
	i, err := strconv.ParseInt(plain, 0, 64)
	if err == nil {
		return i, nil
	}
	if binary, ok := strings.CutPrefix(plain, "0b"); ok {
		return strconv.ParseInt(binary, 2, 64)
	}
	return 0, err
}

// parseIntegral reads a number with a fraction or an exponent, if its value is
// an integer all the same.
func parseIntegral(n *manifest.Node, plain string) (int64, *flaw) {
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || strings.ContainsAny(plain, "xXpP") || f != math.Trunc(f) {
		return 0, wrongType(n, "an integer")
	}
	if f < 0 || f > podspec.MaxID {
		return 0, outOfRange(n)
	}
	return int64(f), nil
}

// parseBool reads a boolean.
func parseBool(n *manifest.Node) (bool, *flaw) {
	switch {
	case n.Kind != manifest.Scalar:
	case isOldBool(n):
		return false, ambiguous(n, "true or false")
	case n.Tag != boolTag:
	case slices.Contains(trueTexts, n.Value):
		return true, nil
	case slices.Contains(falseTexts, n.Value):
		return false, nil
	}
	return false, wrongType(n, "true or false")
}

// parseString reads a string.
func parseString(n *manifest.Node) (string, *flaw) {
	switch {
	case n.Kind == manifest.Scalar && isOldBool(n):
		return "", ambiguous(n, "a string")
	case n.Kind != manifest.Scalar || n.Tag != strTag:
		return "", wrongType(n, "a string")
	}
	return n.Value, nil
}

// isOldBool reports whether a scalar is a boolean to YAML 1.1 alone.
func isOldBool(n *manifest.Node) bool {
	plain := n.Style == manifest.Plain && !n.Explicit
	return (plain || n.Tag == boolTag) && slices.Contains(oldBoolTexts, n.Value)
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

func outOfRange(n *manifest.Node) *flaw {
	return &flaw{podspec.InvalidID, raw(n), fmt.Sprintf("must be in 0-%d, is %s", podspec.MaxID, raw(n))}
}

func ambiguous(n *manifest.Node, want string) *flaw {
	return &flaw{podspec.AmbiguousValue, raw(n), fmt.Sprintf("must be %s, is %s, which parsers read differently", want, raw(n))}
}

// raw returns the text of a scalar as the manifest has it, up to the kind of
// the quotes and shortened; "" for a mapping and a list.
func raw(n *manifest.Node) string {
	switch n = n.Resolve(); {
	case n == nil || n.Kind != manifest.Scalar:
		return ""
	case n.Style == manifest.Plain:
		return shorten(n.Value, maxRaw)
	}
	return strconv.Quote(shorten(n.Value, maxRaw))
}

// How much of a text is shown, in bytes: it may be of megabytes.
const (
	maxRaw     = 64   // of a scalar
	maxRawList = 1024 // of a list
)

// shorten returns the beginning of a text, for a message.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

// describe says what a node is, for a message.
func describe(n *manifest.Node) string {
	switch {
	case n.Kind == manifest.Mapping:
		return "a mapping"
	case n.Kind == manifest.Sequence:
		return "a list"
	case isUnset(n):
		return "null"
	}
	switch n.Tag {
	case strTag:
		return "the string " + strconv.Quote(shorten(n.Value, maxRaw))
	case intTag, floatTag:
		return "the number " + raw(n)
	case boolTag:
		return "the boolean " + raw(n)
	case timeTag:
		return "the timestamp " + raw(n)
	}
	return fmt.Sprintf("%q with the tag %s", shorten(n.Value, maxRaw), shorten(n.Tag, maxRaw))
}
