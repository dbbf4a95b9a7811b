package strict

import (
	"reflect"
	"slices"
	"strings"

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
	if !d.spend(n, path) {
		return
	}
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
		d.value(n, path, p.Elem())
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

// spend counts one value, and reports false once there have been too many.
func (d *Decoder) spend(n *manifest.Node, path podspec.Path) bool {
	d.budget--
	if d.budget == 0 {
		d.fail(n, path, "the object holds more than %d values once its aliases are expanded", maxValues)
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
		i := slices.IndexFunc(index, func(f Field) bool { return f.Name == e.key })
		if i < 0 {
			d.fail(e.node, path.Key(e.key), "unknown field%s", DidYouMean(e.key, index))
			continue
		}
		d.value(e.value, path.Key(e.key), v.FieldByIndex(index[i].Index))
	}
}

// slice decodes a sequence. An element must not be null: what it would stand
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
		if e.value.IsNull() && v.Type().Elem() != nodeType {
			d.MustBe(e.value, path.Key(e.key), d.want(v.Type().Elem()))
			continue
		}
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, path.Key(e.key), x)
		m.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), x)
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

// entry is one key of a mapping that counts.
type entry struct {
	key   string
	node  *manifest.Node // the key
	value *manifest.Node
}

// maxMergeDepth bounds merge keys that refer to one another.
const maxMergeDepth = 64

// entries lists the keys of a mapping, merged ones included, each once, and
// adds an error for every key that is not a string or stands there twice.
func (d *Decoder) entries(n *manifest.Node, path podspec.Path) []entry {
	var out []entry
	d.gather(n, path, map[string]bool{}, &out, 0)
	return out
}

// gather appends the keys of n that are not in seen, then those it merges.
func (d *Decoder) gather(n *manifest.Node, path podspec.Path, seen map[string]bool, out *[]entry, depth int) {
	if !d.spend(n, path) || depth > maxMergeDepth {
		return
	}
	if n = n.Resolve(); n == nil || n.Kind != manifest.Mapping {
		d.fail(n, path, "a merge key must name a mapping, is %s", describe(n))
		return
	}
	own := make(map[string]bool, len(n.Fields))
	var merged []*manifest.Node
	for _, f := range n.Fields {
		k := f.Key.Resolve()
		switch {
		case k.Kind == manifest.Scalar && k.Tag == "!!merge":
			merged = append(merged, merges(f.Value)...)
		case k.Kind != manifest.Scalar || k.Tag != "!!str" || k.Value == "":
			d.fail(k, path, "a key must be a string that is not empty, is %s", describe(k))
		case own[k.Value]:
			d.fail(k, path.Key(k.Value), "duplicate key: parsers disagree on which of the two wins")
		default:
			own[k.Value] = true
			if !seen[k.Value] {
				seen[k.Value] = true
				*out = append(*out, entry{key: k.Value, node: k, value: f.Value})
			}
		}
	}
	for _, m := range merged {
		d.gather(m, path, seen, out, depth+1)
	}
}

// merges returns the mappings that the value of a merge key names.
func merges(v *manifest.Node) []*manifest.Node {
	if v = v.Resolve(); v != nil && v.Kind == manifest.Sequence {
		return v.Items
	}
	return []*manifest.Node{v}
}
