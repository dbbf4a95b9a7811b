package strict

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

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

// ambiguous are the plain words that YAML 1.1 reads as booleans and YAML 1.2 as
// strings.
var ambiguous = []string{"y", "n", "yes", "no", "on", "off"}

func (d *Decoder) boolean(n *manifest.Node, path podspec.Path, v reflect.Value) {
	switch {
	case n.Kind == manifest.Scalar && n.Tag == "!!bool" && slices.Contains(ambiguous, strings.ToLower(n.Value)),
		n.Kind == manifest.Scalar && n.Tag == "!!str" && n.Style == manifest.Plain && slices.Contains(ambiguous, strings.ToLower(n.Value)):
		d.fail(n, path, "must be a boolean, is %s, which parsers read differently: write true or false", n.Value)
	case n.Kind == manifest.Scalar && n.Tag == "!!bool":
		v.SetBool(strings.EqualFold(n.Value, "true"))
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
			d.fail(n, path, "must be %s, is %q", OneOf(values), n.Value)
			return
		}
	}
	v.SetString(n.Value)
}

func (d *Decoder) integer(n *manifest.Node, path podspec.Path, v reflect.Value) {
	i, ok := Int(n)
	switch {
	case !ok && n.Kind == manifest.Scalar && n.Tag == "!!int":
		d.fail(n, path, "must be an integer of 64 bits, is %s", n.Value)
	case !ok:
		d.MustBe(n, path, "an integer")
	case v.OverflowInt(i):
		d.fail(n, path, "must be an integer of %d bits, is %d", v.Type().Bits(), i)
	default:
		v.SetInt(i)
	}
}

// Int returns the integer that a scalar stands for, whichever way YAML lets it
// be spelled: 1000, 1_000, 0x3e8, 0o1750, 01750, 1e3, 1000.0. ok is false for
// anything else, a string of digits included.
func Int(n *manifest.Node) (i int64, ok bool) {
	n = n.Resolve()
	if n == nil || n.Kind != manifest.Scalar {
		return 0, false
	}
	text := strings.ReplaceAll(n.Value, "_", "")
	switch n.Tag {
	case "!!int":
		i, err := strconv.ParseInt(text, 0, 64)
		return i, err == nil
	case "!!float":
		// Beyond 2^53 a float no longer tells neighbouring integers apart.
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
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
