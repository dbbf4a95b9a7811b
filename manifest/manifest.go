// Package manifest reads Kubernetes manifests without losing anything: what
// nobody changes is written byte for byte as it came, comments, quotes, order,
// line breaks and all.
//
// A [Stream] is a file of documents, a [ResourceList] the input of a KRM
// function. Both are cut into items, of which nothing but apiVersion and kind is
// known yet ([Item.Head]). An item is decoded when somebody asks
// ([Item.Decode]) and gives a tree of [Node] with exact byte offsets, into which
// edits can be spliced. [Item.Replace] gives an item new bytes, WriteTo writes
// everything:
//
//	rl, err := manifest.ReadResourceList(data)
//	for _, it := range rl.Items {
//		head, err := it.Head()
//		if head.Kind != "Pod" && !head.Ambiguous {
//			continue
//		}
//		root, err := it.Decode()
//		v, _ := root.Get("spec").Lookup("hostNetwork")
//		it.Replace(slices.Concat(it.Bytes()[:v.Start], []byte("false"), it.Bytes()[v.End:]))
//	}
//	rl.WriteTo(os.Stdout)
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
// # What is refused
//
// Broken syntax anywhere in the input, even in an item that nobody would look
// at; UTF-16; an anchor that contains itself; a document that aliases blow up
// beyond a million values; a byte order mark anywhere but at the beginning of the
// input. Aliases never cross an
// item's border: an item that refers to an anchor elsewhere has bytes of its own
// in which the alias is expanded, and as soon as one of the items that share an
// anchor changes, all of them are written like that.
package manifest
