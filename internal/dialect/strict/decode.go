package strict

import (
	"reflect"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Decode decodes the value n at path into out, a non-nil pointer. What cannot
// be decoded keeps its value in out and becomes an error.
func (d *Decoder) Decode(n *manifest.Node, path podspec.Path, out any) {
	d.value(n, path, reflect.ValueOf(out).Elem())
}

var (
	nodeType        = reflect.TypeFor[*manifest.Node]()
	enumType        = reflect.TypeFor[Enum]()
	unmarshalerType = reflect.TypeFor[Unmarshaler]()
)

// value decodes n into v, which can be set.
func (d *Decoder) value(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if d.spend(n, path) {
		d.set(n, path, v)
	}
}

// set is value for a value that is counted.
func (d *Decoder) set(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	if n.IsNull() {
		return
	}
	n = n.Resolve()
	if v.CanAddr() && v.Addr().Type().Implements(unmarshalerType) {
		v.Addr().Interface().(Unmarshaler).UnmarshalNode(d, n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.set(n, path, p.Elem())
		v.Set(p)
	case reflect.Struct:
		d.structure(n, path, v)
	case reflect.Slice:
		d.slice(n, path, v)
	case reflect.Map:
		d.dict(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}

// spend counts a key or a value, and reports false once there have been too many.
func (d *Decoder) spend(n *manifest.Node, path podspec.Path) bool {
	d.budget--
	if d.budget == 0 {
		d.fail(n, path, "the object holds more than %d keys and values once its aliases are expanded", maxValues)
		d.full = true
	}
	return d.budget > 0
}

// structure decodes a mapping into a struct.
func (d *Decoder) structure(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if n.Kind != manifest.Mapping {
		d.MustBe(n, path, "a mapping")
		return
	}
	index := Fields(v.Type())
	for _, e := range d.entries(n, path) {
		i := slices.IndexFunc(index, func(f Field) bool { return f.Name == e.Key })
		if i < 0 {
			d.fail(e.Name, path.Key(e.Key), "unknown field%s", DidYouMean(e.Key, index))
			continue
		}
		d.value(e.Value, path.Key(e.Key), v.FieldByIndex(index[i].Index))
	}
}

// slice decodes a sequence. An element must not be null: what it would be
// for is anybody's guess.
func (d *Decoder) slice(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if n.Kind != manifest.Sequence {
		d.MustBe(n, path, "a list")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	for i, it := range n.Items {
		if it.IsNull() {
			d.MustBe(it, path.Index(i), d.want(v.Type().Elem()))
			continue
		}
		d.value(it, path.Index(i), s.Index(i))
	}
	v.Set(s)
}

// dict decodes a mapping into a map.
func (d *Decoder) dict(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if n.Kind != manifest.Mapping {
		d.MustBe(n, path, "a mapping")
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, e := range d.entries(n, path) {
		if e.Value.IsNull() && v.Type().Elem() != nodeType {
			d.MustBe(e.Value, path.Key(e.Key), d.want(v.Type().Elem()))
			continue
		}
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, path.Key(e.Key), x)
		m.SetMapIndex(reflect.ValueOf(e.Key).Convert(v.Type().Key()), x)
	}
	v.Set(m)
}

// Field is a field of a struct as the decoder knows it.
type Field struct {
	Name  string // the key
	Index []int  // for reflect's FieldByIndex
	Type  reflect.Type
}

// Fields lists the fields of a struct type, those of embedded structs among
// them, in the order of the type.
func Fields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			for _, g := range Fields(f.Type) {
				g.Index = append([]int{i}, g.Index...)
				out = append(out, g)
			}
		case name != "" && name != "-":
			out = append(out, Field{Name: name, Index: f.Index, Type: f.Type})
		}
	}
	return out
}

// maxMergeDepth bounds merge keys that refer to one another. No configuration
// written by hand comes near it.
const maxMergeDepth = 64

// entries lists the keys of a mapping that can be decoded, merged ones included,
// each once, and adds an error for every other one.
func (d *Decoder) entries(n *manifest.Node, path podspec.Path) []yamlvalue.Entry {
	all := n.Entries()
	out := all[:0]
	for _, e := range all {
		if !d.spend(n, path) {
			return out
		}
		if d.checkKey(n, &e, path) {
			out = append(out, e)
		}
	}
	return out
}

// checkKey reports whether the key of e is one that nobody can misunderstand,
// and else adds an error.
func (d *Decoder) checkKey(n *manifest.Node, e *yamlvalue.Entry, path podspec.Path) bool {
	at := e.Name
	if at == nil { // there are only keys that some take for merge keys
		at = n
	}
	k := at.Resolve()
	switch {
	case e.Flaw == yamlvalue.MergedScalar:
		d.fail(e.Value, path, "a merge key must name a mapping, is %s", describe(e.Value))
	case e.Name != nil && (k.Kind != manifest.Scalar || k.Tag != "!!str" || k.Value == ""):
		d.fail(k, path, "a key must be a string that is not empty, is %s", describe(k))
	case e.Flaw == yamlvalue.DuplicateKey:
		d.fail(e.Last, path.Key(e.Key), "duplicate key: parsers disagree on which of the two wins")
	case e.Flaw != yamlvalue.Fine:
		d.fail(at, path.Key(e.Key), "merge keys give the field several values: parsers disagree on which of them wins")
	case e.Depth > maxMergeDepth:
		d.fail(at, path.Key(e.Key), "merged through %d merge keys, at most %d are supported", e.Depth, maxMergeDepth)
	default:
		return true
	}
	return false
}
