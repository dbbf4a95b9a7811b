package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// scanned is what Scan decodes with.
var scanned Decoder

// Scan is the fast path of Decode; it returns nil where that does not apply. The
// tree lasts until the next call, so that all tests also try memory that was used.
func Scan(data []byte, column int) *yamlvalue.Node {
	scanned.Reset()
	return scanned.scan(data, column)
}

// PlainTag resolves a plain scalar.
var PlainTag = plainTag

// ScanListIn is ScanList in a number of parts.
func ScanListIn(parts int, data []byte, column int) (root *yamlvalue.Node, items []Outline, ok bool) {
	defer func(f func(int) int) { partsOf = f }(partsOf)
	partsOf = func(int) int { return parts }
	return ScanList(data, column)
}
