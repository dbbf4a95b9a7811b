package strict

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// scalar decodes a bool, a string or an integer.
func (d *Decoder) scalar(n *manifest.Node, path podspec.Path, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Bool:
		d.boolean(n, path, v)
	case v.Kind() == reflect.String:
		d.text(n, path, v)
	case v.CanInt():
		d.integer(n, path, v)
	default:
		panic("strict: no decoding into " + v.Type().String())
	}
}

func (d *Decoder) boolean(n *manifest.Node, path podspec.Path, v reflect.Value) {
	switch b, f := n.Bool(); f {
	case yamlvalue.Fine:
		v.SetBool(b)
	case yamlvalue.Ambiguous:
		d.fail(n, path, "must be a boolean, is %s, which parsers read differently: write true or false", n.Value)
	default:
		d.MustBe(n, path, "a boolean")
	}
}

func (d *Decoder) text(n *manifest.Node, path podspec.Path, v reflect.Value) {
	if n.Kind != manifest.Scalar || n.Tag != "!!str" {
		d.MustBe(n, path, d.want(v.Type()))
		return
	}
	if v.Type().Implements(enumType) {
		values := v.Interface().(Enum).Values()
		if !slices.Contains(values, n.Value) {
			hint := ""
			if i := slices.IndexFunc(values, func(v string) bool { return strings.EqualFold(v, n.Value) }); i >= 0 {
				hint = fmt.Sprintf(", did you mean %q", values[i])
			}
			d.fail(n, path, "must be %s, is %q%s", OneOf(values), n.Value, hint)
			return
		}
	}
	v.SetString(n.Value)
}

func (d *Decoder) integer(n *manifest.Node, path podspec.Path, v reflect.Value) {
	switch i, f := n.Int(); {
	case f == yamlvalue.OutOfRange:
		d.fail(n, path, "must be an integer of 64 bits, is %s", n.Value)
	case f == yamlvalue.Ambiguous:
		d.fail(n, path, "must be an integer, is %s, which parsers read differently", n.Value)
	case f != yamlvalue.Fine:
		d.MustBe(n, path, "an integer")
	case v.OverflowInt(i):
		d.fail(n, path, "must be an integer of %d bits, is %d", v.Type().Bits(), i)
	default:
		v.SetInt(i)
	}
}

// MustBe adds an error about a value of the wrong type: want says what it must
// be, as in "a boolean".
func (d *Decoder) MustBe(n *manifest.Node, path podspec.Path, want string) {
	d.fail(n, path, "must be %s, is %s", want, describe(n))
}

// want names the values that a type takes: "a boolean".
func (d *Decoder) want(t reflect.Type) string {
	if t.Kind() == reflect.String && t.Implements(enumType) {
		return OneOf(reflect.Zero(t).Interface().(Enum).Values())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.want(t.Elem())
	case reflect.Bool:
		return "a boolean"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a mapping"
	}
	return "an integer"
}

// OneOf lists alternatives for a message: "A", "A or B", "A, B or C".
func OneOf(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// describe says what a value is, for messages: `the integer 1`.
func describe(n *manifest.Node) string {
	n = n.Resolve()
	switch {
	case n.IsNull():
		return "null"
	case n.Kind == manifest.Mapping:
		return "a mapping"
	case n.Kind == manifest.Sequence:
		return "a list"
	}
	switch n.Tag {
	case "!!str":
		return fmt.Sprintf("the string %q", n.Value)
	case "!!int":
		return "the integer " + n.Value
	case "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the boolean " + n.Value
	case "!!timestamp":
		return "the date " + n.Value
	}
	return fmt.Sprintf("%s %q", n.Tag, n.Value)
}
