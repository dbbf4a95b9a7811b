// Package strict decodes a node of a manifest into plain Go structs and accepts
// nothing that a reader of the manifest could misunderstand: no unknown field,
// no duplicate key, no value of another type. All errors are collected, each
// with the path and, where the text is at hand, the line of its field.
//
// Fields are named by their json tags; embedded structs are part of the struct
// that holds them, and untagged fields are left alone. A field may be
//
//   - a bool, a string, an integer,
//   - a string type with a method Values: one of a fixed set (see Enum),
//   - a struct, or a slice, a map with string keys or a pointer of any of these,
//   - a *manifest.Node, which takes any value undecoded,
//   - a type that decodes itself (see Unmarshaler).
//
// A value that is null counts as absent, as it does for the API server; a
// pointer field tells an absent value from a zero one. Aliases and merge keys
// are seen through.
//
// A typical caller decodes, looks at what it got, adds its own errors with
// Failf and asks for everything with Err:
//
//	d := strict.New(root, strict.Options{Data: data, Line: 1})
//	d.Object(&object)
//	if object.Spec.Min > object.Spec.Max {
//		d.Failf(podspec.Field("spec", "min"), "must not be above max")
//	}
//	return d.Err()
package strict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Options say where the decoded text is.
type Options struct {
	// Data is the text that the node's offsets refer to, nil where unknown.
	Data []byte
	// Line is the line of Data's first byte in its file, from 1. Without Data
	// it is the line of every error; 0 stands for unknown.
	Line int
	// Base is the path of the root in the object that errors are about; empty
	// where the root is that object.
	Base podspec.Path
}

// Enum is a string type that knows its values. Values must not depend on the
// receiver: it is called on the zero value.
type Enum interface {
	Values() []string
}

// Unmarshaler is a type that decodes itself, for shapes that Go types do not
// express such as "a string or a list of strings". path is the place of n.
type Unmarshaler interface {
	UnmarshalNode(d *Decoder, n *manifest.Node, path podspec.Path)
}

// Decoder decodes the values of one object and collects what is wrong with it.
type Decoder struct {
	root   *manifest.Node
	opts   Options
	found  []located
	wrong  map[string]bool // the paths of found
	breaks []int           // offsets of the line feeds in Data, once they are asked for
	budget int
	full   bool // the budget is spent: what was not decoded any more is not wrong
}

// located is an error with its place in the text, by which errors are ordered.
type located struct {
	err    *Error
	path   podspec.Path
	offset int
}

// maxValues bounds how many keys and values one object may hold once its aliases are
// expanded: about 200,000 ranges of ids.
const maxValues = 1 << 20

// New returns a decoder for the object root.
func New(root *manifest.Node, opts Options) *Decoder {
	return &Decoder{root: root, opts: opts, budget: maxValues}
}

// Decode decodes root into out, a pointer to a struct, and returns all errors
// as Errors, or nil. It is New, Object and Err in one.
func Decode(root *manifest.Node, out any, opts Options) error {
	d := New(root, opts)
	d.Object(out)
	return d.Err()
}

// Root returns the object that is decoded.
func (d *Decoder) Root() *manifest.Node { return d.root }

// Object decodes the root into out, a pointer to a struct.
func (d *Decoder) Object(out any) { d.Decode(d.root, nil, out) }

// Err returns all errors so far as Errors, in the order of the text, or nil.
func (d *Decoder) Err() error {
	if es := d.Errors(); len(es) > 0 {
		return es
	}
	return nil
}

// Errors is Err as a list, for callers that gather those of several objects.
func (d *Decoder) Errors() Errors {
	slices.SortStableFunc(d.found, func(a, b located) int { return cmp.Compare(a.offset, b.offset) })
	var es Errors
	for _, f := range d.found {
		es = append(es, f.err)
	}
	return es
}

// Failf adds an error about the field at path, counted from the root. The field
// need not exist: the line is that of the nearest value above it. Where
// decoding has already complained about the field or about what holds it, its
// value is not the one that is in the text, and the error is left out.
func (d *Decoder) Failf(path podspec.Path, format string, args ...any) {
	if !d.full && !d.failed(path) {
		d.fail(d.find(path), path, format, args...)
	}
}

// failed reports whether there is an error about path or a path above it.
func (d *Decoder) failed(path podspec.Path) bool {
	if len(d.found) == 0 {
		return false
	}
	for i := range path {
		if d.wrong[path[:i+1].String()] {
			return true
		}
	}
	return false
}

// find returns the node at path, or the nearest above it.
func (d *Decoder) find(path podspec.Path) *manifest.Node {
	n := d.root.Resolve()
	for _, s := range path {
		var next *manifest.Node
		switch {
		case n == nil:
		case s.Key != "":
			next = n.Get(s.Key)
		case s.Index < len(n.Items):
			next = n.Items[s.Index].Resolve()
		}
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// Embedded decodes n, which was decoded from the text of the string holder at
// path, into out. Errors get the line of the holder, or their own where the
// holder is a literal block.
func (d *Decoder) Embedded(n *manifest.Node, path podspec.Path, holder *manifest.Node, out any) {
	sub := &Decoder{opts: Options{Base: d.opts.Base, Line: d.line(holder)}, budget: d.budget}
	if holder.Style == manifest.Literal && sub.opts.Line > 0 {
		sub.opts.Data = []byte(holder.Value)
		sub.opts.Line++
	}
	sub.Decode(n, path, out)
	for _, f := range sub.found {
		f.offset = holder.Start
		d.add(f)
	}
	d.budget, d.full = sub.budget, sub.full
}

// fail adds an error about the value n at path.
func (d *Decoder) fail(n *manifest.Node, path podspec.Path, format string, args ...any) {
	if d.full {
		return
	}
	offset := 0
	if n != nil {
		offset = n.Start
	}
	d.add(located{
		err:    &Error{Path: d.opts.Base.Join(path).String(), Line: d.line(n), Msg: fmt.Sprintf(format, args...)},
		path:   path,
		offset: offset,
	})
}

// add adds an error.
func (d *Decoder) add(f located) {
	d.found = append(d.found, f)
	if d.wrong == nil {
		d.wrong = make(map[string]bool)
	}
	d.wrong[f.path.String()] = true
}

// LineAt returns the line of the field at path, that of its key where it has one
// of its own; 0 where that is unknown. The field need not exist: the line is
// that of the nearest value above it.
func (d *Decoder) LineAt(path podspec.Path) int {
	if key := d.keyAt(path); key != nil {
		return d.line(key)
	}
	return d.line(d.find(path))
}

// keyAt returns the key of the field at path, nil where it has none of its own.
func (d *Decoder) keyAt(path podspec.Path) *manifest.Node {
	n := len(path) - 1
	if n < 0 || path[n].Key == "" {
		return nil
	}
	holder := d.find(path[:n])
	if holder == nil {
		return nil
	}
	for _, f := range holder.Fields {
		if f.Key.Value == path[n].Key {
			return f.Key
		}
	}
	return nil
}

// line returns the line at which n is, from 1; 0 where that is unknown.
func (d *Decoder) line(n *manifest.Node) int {
	if n == nil || d.opts.Data == nil || d.opts.Line == 0 {
		return d.opts.Line
	}
	if d.breaks == nil {
		for i, c := range d.opts.Data {
			if c == '\n' {
				d.breaks = append(d.breaks, i)
			}
		}
	}
	before, _ := slices.BinarySearch(d.breaks, n.Start)
	return d.opts.Line + before
}
