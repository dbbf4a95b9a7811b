package yamlvalue

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
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
	// oldBoolTexts are booleans to YAML 1.1 (V2) and strings to YAML 1.2 (V3).
	oldBoolTexts = []string{
		"y", "Y", "yes", "Yes", "YES", "on", "On", "ON",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF",
	}
)

// IsNull reports whether the node is absent, or null to every reader. A tag
// !!null before anything else, which decoders refuse, is not, and neither is
// ! before nothing, which V2 takes for the empty string.
func (n *Node) IsNull() bool {
	n = n.Resolve()
	return n == nil || n.Kind == Scalar && n.Tag == nullTag && !n.NonSpecific && slices.Contains(nullTexts, n.Value)
}

// Int reads an integer of 64 bits in any of the spellings that all readers take
// for one: 1000, 0x3e8, 0o1750, 01750, 1_000, 1e3, 1000.0, !!int "1000".
func (n *Node) Int() (int64, Flaw) {
	n = n.Resolve()
	if n == nil || n.Kind != Scalar || n.Tag != intTag && n.Tag != floatTag || !startsNumber(n.Value) {
		return 0, WrongType
	}
	i, f := n.parseInt()
	if f == Fine && n.NonSpecific {
		return 0, Ambiguous
	}
	return i, f
}

func (n *Node) parseInt() (int64, Flaw) {
	plain := n.Value
	if plain[0] != '.' { // after a leading dot go-yaml does not look for underscores
		plain = strings.ReplaceAll(plain, "_", "")
		i, err := parseBases(plain)
		if err == nil {
			return i, Fine
		}
		if errors.Is(err, strconv.ErrRange) {
			return 0, OutOfRange
		}
	}
	switch {
	case n.Tag == floatTag:
		return parseIntegral(plain)
	case n.Explicit && !n.NonSpecific:
		return 0, WrongType
	}
	return 0, Ambiguous // to V3 alone: 0o+17
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

// maxExact is the integer up to which a float tells neighbours apart.
const maxExact = 1 << 53

// parseIntegral reads a number with a fraction or an exponent, if its value is
// an integer all the same.
func parseIntegral(plain string) (int64, Flaw) {
	f, err := strconv.ParseFloat(plain, 64)
	switch {
	case err != nil || strings.ContainsAny(plain, "xXpP") || f != math.Trunc(f):
		return 0, WrongType
	case math.Abs(f) > maxExact:
		return 0, OutOfRange
	}
	return int64(f), Fine
}

// Bool reads a boolean: true or false. A word that is one to V2 alone, such as
// yes, is ambiguous.
func (n *Node) Bool() (bool, Flaw) {
	n = n.Resolve()
	switch {
	case n == nil || n.Kind != Scalar:
	case n.isOldBool(), n.Tag == boolTag && n.NonSpecific:
		return false, Ambiguous
	case n.Tag != boolTag:
	case slices.Contains(trueTexts, n.Value):
		return true, Fine
	case slices.Contains(falseTexts, n.Value):
		return false, Fine
	}
	return false, WrongType
}

// Str reads a string.
func (n *Node) Str() (string, Flaw) {
	n = n.Resolve()
	switch {
	case n == nil || n.Kind != Scalar:
		return "", WrongType
	case n.isOldBool(), n.NonSpecific && n.Tag != strTag:
		return "", Ambiguous
	case n.Tag != strTag:
		return "", WrongType
	}
	return n.Value, Fine
}

// isOldBool reports whether a scalar is a boolean to V2 alone.
func (n *Node) isOldBool() bool {
	return (n.isBare() || n.Tag == boolTag) && slices.Contains(oldBoolTexts, n.Value)
}
