// Package configmap is the dialect of a ConfigMap, which is what kpt makes of
// the arguments of kpt fn eval and what kustomize users write for functions
// without a kind of their own:
//
//	apiVersion: v1
//	kind: ConfigMap
//	metadata:
//	  name: app-ids
//	data:
//	  run_as_user: '{rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}'
//	  validate_only: "true"
//
// The keys of data are the fields of a UserGroupPolicy's spec, as they are
// spelled there or in snake_case, which is how Kubewarden spells those it has.
// The values are text that holds YAML. A scalar that is not a string is taken
// as it is, since old releases of kpt wrote such values without quotes.
package configmap

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// object is a ConfigMap.
type object struct {
	APIVersion string                    `json:"apiVersion"`
	Kind       string                    `json:"kind"`
	Metadata   v1alpha1.Metadata         `json:"metadata"`
	Immutable  bool                      `json:"immutable"`
	Data       map[string]*manifest.Node `json:"data"`
}

// Decode decodes a ConfigMap.
func Decode(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	_, p := translate(d)
	return []*policy.Policy{p}, d.Err()
}

// Translate decodes a ConfigMap into the policy of the native kind that it is.
// The errors are those of Decode.
func Translate(root *manifest.Node) (*v1alpha1.Translation, error) {
	d := strict.New(root, strict.Options{})
	t, _ := translate(d)
	return t, d.Err()
}

// IsPolicy reports whether a ConfigMap has a field of a policy in its data. One
// that has none is about something else.
func IsPolicy(root *manifest.Node) bool {
	fields := strict.Fields(reflect.TypeFor[v1alpha1.Spec]())
	data := root.Get("data")
	return slices.ContainsFunc(fields, func(f strict.Field) bool {
		return data.Get(f.Name) != nil || data.Get(snake(f.Name)) != nil
	})
}

func translate(d *strict.Decoder) (*v1alpha1.Translation, *policy.Policy) {
	var obj object
	d.Object(&obj)

	dec := decoder{Decoder: d, keys: map[string]string{}}
	for _, key := range slices.Sorted(maps.Keys(obj.Data)) {
		dec.field(key, obj.Data[key])
	}
	if len(obj.Data) == 0 {
		d.Failf(podspec.Field("data"), "must hold at least one rule: without one the policy accepts everything")
	}
	name := obj.Metadata.Name
	if name == "" {
		name = policykind.ConfigMap
	}
	t := &v1alpha1.Translation{Kind: policykind.ConfigMap, Name: name, Spec: &dec.spec}
	return t, t.Policy(v1alpha1.TextOf(d, dec.original))
}

// decoder collects a spec from the keys of data.
type decoder struct {
	*strict.Decoder
	spec v1alpha1.Spec
	keys map[string]string // the key of data that gave a field of the spec
}

// field decodes the value of one key of data.
func (d *decoder) field(key string, value *manifest.Node) {
	at := podspec.Field("data", key)
	fields := strict.Fields(reflect.TypeFor[v1alpha1.Spec]())
	i := slices.IndexFunc(fields, func(f strict.Field) bool { return key == f.Name || key == snake(f.Name) })
	if i < 0 {
		d.Failf(at, "unknown field%s", strict.DidYouMean(key, fields))
		return
	}
	name := fields[i].Name
	if first, ok := d.keys[name]; ok {
		d.Failf(at, "is the same field as %s", first)
		return
	}
	d.keys[name] = key
	out := reflect.ValueOf(&d.spec).Elem().FieldByIndex(fields[i].Index).Addr().Interface()
	d.value(value, at, out)
}

// value decodes the value at path, YAML in a string, into out.
func (d *decoder) value(value *manifest.Node, path podspec.Path, out any) {
	v := value.Resolve()
	switch {
	case v.IsNull():
		d.Failf(path, "must not be null")
		return
	case v.Kind != manifest.Scalar:
		d.MustBe(v, path, "a string that holds YAML")
		return
	case v.Tag != "!!str":
		d.Decode(v, path, out)
		return
	case strings.TrimSpace(v.Value) == "":
		// A shell that lost the value of key=value must not pass for a policy.
		d.Failf(path, "must not be empty")
		return
	}
	inner, err := manifest.Decode([]byte(v.Value), 0)
	switch {
	case err != nil:
		d.Failf(path, "must be YAML: %v", err)
	case inner.IsNull():
		d.Failf(path, "must not be null")
	default:
		d.Embedded(inner, path, v, out)
	}
}

// original takes a path of the spec to the key that gave it.
func (d *decoder) original(path podspec.Path) podspec.Path {
	if len(path) == 0 {
		return nil
	}
	key := path[0].Key
	if given, ok := d.keys[key]; ok {
		key = given
	}
	return podspec.Field("data", key).Join(path[1:])
}

// snake spells a camelCase name in snake_case: run_as_user.
func snake(camel string) string {
	var b strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
