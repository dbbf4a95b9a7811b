// Package yamltext reads the text of one YAML or JSON value into nodes of
// internal/yamlvalue with exact byte offsets, into which edits can be spliced.
//
// # Two ways to read
//
// What text means is what go.yaml.in/yaml/v3 says, the parser of kustomize and
// kpt. It is also slow, and keeps lines and columns instead of offsets. So
// there are two decoders. [DecodeFull] asks go-yaml and finds the offsets.
// [Decode] scans the text itself as long as it is written the way people and
// tools write it, and asks DecodeFull about everything else: what the scan does
// not understand it never guesses. Both give the same tree, offsets included,
// or the same refusal, because a difference would be a way around a policy.
// Fuzzing compares them, docs/design/001-lossless-scan.md argues it, and the
// scan has no error messages of its own.
//
// [ScanObject] and [ScanList] read no further than to what an object is and
// where the items of a ResourceList are. The functions on bytes, such as
// [NextLine] and [IsMarker], know lines and documents as go-yaml does.
package yamltext
