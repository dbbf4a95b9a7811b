package workload

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
)

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
	case n.IsNull():
		return "null"
	}
	switch n.Tag {
	case "!!str":
		return "the string " + strconv.Quote(shorten(n.Value, maxRaw))
	case "!!int", "!!float":
		return "the number " + raw(n)
	case "!!bool":
		return "the boolean " + raw(n)
	case "!!timestamp":
		return "the timestamp " + raw(n)
	}
	return fmt.Sprintf("%q with the tag %s", shorten(n.Value, maxRaw), shorten(n.Tag, maxRaw))
}
