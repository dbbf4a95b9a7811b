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
//		v := root.Get("spec").Get("hostNetwork")
//		it.Replace(slices.Concat(it.Bytes()[:v.Start], []byte("false"), it.Bytes()[v.End:]))
//	}
//	rl.WriteTo(os.Stdout)
//
// # What is refused
//
// Broken syntax anywhere in the input, even in an item that nobody would look
// at; UTF-16; an anchor that contains itself; a document that aliases blow up
// beyond a million values; a byte order mark anywhere but at the beginning of the
// input; in a ResourceList an alias of an anchor that is not in the same item.
// Aliases never cross an item's border, so that each can be read, changed and
// dropped without the others. No host writes such a list.
//
// The text is read by internal/yamltext, by a scan where that can prove what the
// text is and by go-yaml where not; what a value means to the programs that read
// it is what internal/yamlvalue knows.
package manifest
