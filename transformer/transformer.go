// Package transformer applies edits to a manifest: bytes in, bytes out.
//
// Apply splices each edit into the bytes at the positions of the decoded nodes,
// so that only the lines an edit must touch change: indentation, comments,
// quotes, line ends and everything else stay as their author wrote them.
//
//	root, err := manifest.Decode(data, column)
//	…
//	res, err := transformer.Apply(new(transformer.Memory), data, column, root, []podspec.Edit{{
//		Path:  podspec.Field("spec", "securityContext", "runAsUser"),
//		Value: int64(1000),
//	}})
//
// Nothing leaves the package unverified. The spliced bytes are decoded again and
// compared with the baseline: they must hold exactly the edits and nothing else.
// Where they do not, because an anchor or a merge key is in the way or because
// the text is of a shape that this package does not know, the one item is
// re-encoded from its decoded form, and verified in the same way. Where that
// fails too there is an error and nothing else: an item is changed as asked or
// not at all.
//
// An edit of a value reached through an alias or a merge key changes that one user
// of the anchor, never another.
//
// Where new keys go is in placement.go, in tables; what is spliced where, and why
// the result is verified, in docs/design/002-splicing.md.
package transformer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Memory is where Apply edits one object after the other and decodes what becomes of
// it. The zero Memory is ready for use, by one goroutine at a time.
type Memory struct {
	manifest.Decoder
	trees slab.Slab[editTree]
	cuts  slab.Slab[cut]
}

// Reset takes back the memory. Nobody may hold a node that its Decoder made any more.
func (m *Memory) Reset() {
	m.Decoder.Reset()
	m.trees.Reset(editTree{own: -1, index: -1})
	m.cuts.Reset(cut{start: -1})
}

// Result is an item after all edits.
type Result struct {
	Bytes     []byte         // the data given, where no edit changes anything
	Parts     [][]byte       // Bytes in parts, of which most are parts of data; nil where that is not so
	Root      *manifest.Node // Bytes decoded again
	Reencoded bool           // the edits could not be spliced in; the item was re-encoded
	Why       string         // why it was re-encoded, "" where it was not
}

// Apply returns the item's bytes after all edits, or an error and nothing.
//
// data and column are those of manifest.Decode and root is what it returned. The
// result is decoded in the memory m, where Result.Root lasts until that is reset. All
// edits refer to root: none sees what another does. An edit that would change
// nothing is left out, and so is a repetition.
//
// It is an error if two edits contradict each other, if a mapping or a list
// element on the way to an edit is something else or, for an element, absent, and
// if a key on the way is defined more than once.
func Apply(m *Memory, data []byte, column int, root *manifest.Node, edits []podspec.Edit) (Result, error) {
	top, err := newEditTree(m, edits)
	if err != nil {
		return Result{}, err
	}
	if err := top.bind(root, false); err != nil {
		return Result{}, err
	}
	if len(top.below) == 0 {
		return Result{Bytes: data, Root: root}, nil
	}
	d := newDocument(&m.Decoder, data, column, root)
	res, why := d.spliced(m, top)
	if why == nil {
		return res, nil
	}
	res, err = d.reencoded(top)
	if err != nil {
		return Result{}, fmt.Errorf("cannot edit it in place: %w; cannot re-encode it: %w", why, err)
	}
	res.Reencoded, res.Why = true, why.Error()
	return res, nil
}

// usualCuts is more than there are in most items.
const usualCuts = 16

var (
	// errUnequal says that the new bytes do not hold what they must.
	errUnequal = errors.New("the result is not the object with its edits")
	// errShared says why, where a value with an anchor was changed in place.
	errShared = errors.New("an anchor is in the way: others that refer to it would change too")
)

// spliced applies the edits to the bytes.
func (d *document) spliced(m *Memory, top *editTree) (Result, error) {
	if bytes.Count(d.data, []byte("\r")) != bytes.Count(d.data, []byte("\r\n")) {
		return Result{}, errBreak // lines are what a line feed ends, all through this package
	}
	s := splicer{document: d, cuts: m.cuts.Take(usualCuts)[:0], step: 2, dash: sync.OnceValue(func() int {
		deeper, _ := d.dashes(d.root)
		return deeper
	})}
	s.value(d.root, top, context{})
	if s.refused != nil {
		return Result{}, s.refused
	}
	parts, err := s.cuts.apply(d.data)
	if err != nil {
		return Result{}, err
	}
	out := bytes.Join(parts, nil)
	res, err := d.verified(out, top)
	if len(res.Bytes) == len(out) {
		res.Parts = parts
	}
	if errors.Is(err, errUnequal) && len(s.edited) > 0 {
		return res, errShared
	}
	return res, err
}

// reencoded applies the edits to the decoded item and re-encodes it, without
// any braces and brackets where go-yaml does not read those that it writes: it
// puts a comma right behind the colon of an absent value.
func (d *document) reencoded(top *editTree) (res Result, err error) {
	if err := mayReencode(d.root); err != nil {
		return Result{}, err
	}
	if d.open() && d.endsInBlockScalar(d.root) && !bytes.Contains(d.header(lastOf(d.root)), []byte("-")) {
		return Result{}, errEnd // kubectl adds the line break before it parses
	}
	for _, block := range []bool{false, true} {
		var out []byte
		if out, err = d.reencode(top, block); err != nil {
			return Result{}, err
		}
		if res, err = d.verified(out, top); err == nil {
			err = mayReencode(res.Root) // braces may be around what had none
		}
		if err == nil {
			return res, nil
		}
	}
	return Result{}, err
}

// verified returns the new bytes, which end in a line break, as the given ones
// end, once they prove to hold what they must.
func (d *document) verified(out []byte, top *editTree) (Result, error) {
	res, err := d.decoded(d.closed(out), top)
	if errors.Is(err, errUnequal) {
		// A block scalar that has come to the end needs its line break.
		return d.decoded(out, top)
	}
	return res, err
}

// decoded decodes the new bytes and compares them with what they must hold.
func (d *document) decoded(out []byte, top *editTree) (Result, error) {
	if d.json && !json.Valid(out[d.start:]) {
		return Result{}, errors.New("the result is not JSON")
	}
	root, err := d.decoder.Decode(out, d.column)
	if err != nil {
		return Result{}, fmt.Errorf("the result does not decode: %w", err)
	}
	if !matches(d.root, root, top) {
		return Result{}, errUnequal
	}
	return Result{Bytes: out, Root: root}, nil
}
