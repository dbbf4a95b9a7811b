package manifest

// Scan is the fast path of Decode; it returns nil where that does not apply.
var Scan = scan
