package yamltext

// Scan is the fast path of Decode; it returns nil where that does not apply.
var Scan = scan

// PlainTag resolves a plain scalar.
var PlainTag = plainTag
