package transformer

import (
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Verify returns an error where out is not data, which decodes to root, with the
// edits.
func Verify(data, out []byte, root *manifest.Node, edits []podspec.Edit) error {
	top, err := newEditTree(new(Memory), edits)
	if err != nil {
		return err
	}
	if err := top.bind(root, false); err != nil {
		return err
	}
	_, err = newDocument(new(manifest.Decoder), data, 0, root).verified(out, top)
	return err
}
