package transformer

import (
	"errors"
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
)

// errNonSpecific says that a tag means something to one of the readers alone, and
// that no encoder keeps it.
var errNonSpecific = errors.New("a value has the tag !, which parsers read differently")

// errAmbiguousKey says that a key, such as on, is true or false to one of the
// readers, to which two keys may then be the same.
var errAmbiguousKey = errors.New("a key is a boolean to some parsers")

// errNoValue says that a key in braces has no value, as in {a} and {a: }: an empty
// string to kyaml, which reads null where there are no braces.
var errNoValue = errors.New("a key in braces has no value, which parsers read differently")

// mayReencode returns an error where n holds anything that readers take for
// different things: written as one of them reads it, it would change for the
// others, wherever it is in the item and whatever the edits are about. What an alias
// stands for is looked at where it is.
func mayReencode(n *manifest.Node) error {
	if n.NonSpecific {
		return errNonSpecific
	}
	for _, e := range n.Entries() {
		if e.Flaw != yamlvalue.Fine {
			return fmt.Errorf("parsers disagree on the value of the key %q", e.Key)
		}
	}
	for _, f := range n.Fields {
		if _, flaw := f.Key.Str(); flaw == yamlvalue.Ambiguous {
			return errAmbiguousKey
		}
		if n.Style == manifest.Flow && f.Value.Start == f.Value.End {
			return errNoValue
		}
		if err := mayReencode(f.Key); err != nil {
			return err
		}
		if err := mayReencode(f.Value); err != nil {
			return err
		}
	}
	for _, it := range n.Items {
		if err := mayReencode(it); err != nil {
			return err
		}
	}
	return nil
}
