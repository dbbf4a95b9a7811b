// Package config decodes policies of every dialect into the one normalised
// policy.Policy.
//
//	policies, err := config.Parse(data)
//
// A dialect is chosen by apiVersion and kind (UserGroupPolicy, ConfigMap,
// ClusterAdmissionPolicy, PodSecurityPolicy, ClusterImagePolicy, a List of any of
// them); each lives in a package of its own and none of its names leaves this
// package.
//
// Decoding is strict: an unknown field, a value of another type, a duplicate
// key or a rule that cannot be followed is an error, never ignored. All errors
// of an object are returned together as Errors, each with its field path and,
// where the text is given, its line.
package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/closest"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// ErrConfig is what every error of this package is, for errors.Is.
var ErrConfig = strict.ErrConfig

// Error is one thing that is wrong with a policy: Path is that of the field, Line the
// line where known, and Msg says what must be and what is.
type Error = strict.Error

// Errors are all that is wrong with a policy, in the order of its text.
// errors.As finds each of them.
type Errors = strict.Errors

// Options say where the text of a policy is, for the lines of errors.
type Options struct {
	// Data is the text that was decoded; without it errors have no line.
	Data []byte
	// Line is the line of Data's first byte in its file, from 1.
	Line int
	// File is the name of the file, for policy.Source; "" where there is none.
	File string
}

// Decode decodes one object into the policies that it holds, at least one. All
// that is wrong with it is returned at once as Errors, and then no policy.
func Decode(node *manifest.Node, o Options) ([]*policy.Policy, error) {
	so := strict.Options{Data: o.Data, Line: o.Line}
	if o.Data == nil {
		so.Line = 0
	}
	ps, err := decode(node, so)
	if err != nil {
		return nil, err
	}
	if err := CheckNames(ps); err != nil {
		return nil, err
	}
	for _, p := range ps {
		p.Source.File = o.File
		p.Attribute(p.Notes)
	}
	return ps, nil
}

// CheckNames returns an error for each policy that has the name of one before it.
// Findings and exemptions name their policy, whatever its dialect and wherever it
// came from. Namespaced policies of different namespaces may have one name.
func CheckNames(ps []*policy.Policy) error {
	var errs Errors
	var named []error
	first := map[[2]string]*policy.Policy{}
	for _, p := range ps {
		name := [2]string{p.Namespace, p.Name}
		q := first[name]
		if q == nil {
			first[name] = p
			continue
		}
		err := &Error{
			Path: "metadata.name", Line: p.Source.Line,
			Msg: fmt.Sprintf("must be unique, as findings name their policy by it: %q is also the %s%s", p.Name, q.Dialect, where(q.Source)),
		}
		if p.Source.File != "" {
			named = append(named, inFile(p.Source.File, err))
		} else {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		named = append(named, errs)
	}
	return errors.Join(named...)
}

// where says where a policy is written, as far as that is known.
func where(s policy.Source) string {
	switch {
	case s.File != "" && s.Line > 0:
		return fmt.Sprintf(" at %s:%d", s.File, s.Line)
	case s.Line > 0:
		return fmt.Sprintf(" at line %d", s.Line)
	}
	return ""
}

// IsPolicy reports whether an object of this type is a policy of any dialect,
// and so neither a workload nor something to be asked about. A ConfigMap and a
// List are not: they hold policies only where they are given as such.
func IsPolicy(apiVersion, kind string) bool {
	return slices.ContainsFunc(policykind.All(), func(k policykind.Kind) bool { return k.Item && k.Is(apiVersion, kind) })
}

func decode(node *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(node, o)
	if node.IsNull() {
		d.Failf(nil, "no policy: functionConfig must be a policy, such as a %s", known())
		return nil, d.Err()
	}
	if node.Resolve().Kind != manifest.Mapping {
		d.MustBe(node, nil, "a mapping")
		return nil, d.Err()
	}
	apiVersion, kind := node.Get("apiVersion").Text(), node.Get("kind").Text()
	for _, k := range decodable() {
		if k.Is(apiVersion, kind) {
			return decoderOf(kind)(node, o)
		}
	}
	d.Failf(nil, "%s is not a supported policy, %s", describe(apiVersion, kind), meant(kind))
	return nil, d.Err()
}

// decodeList decodes a v1 List whose items are policies of any dialect.
func decodeList(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	var obj struct {
		APIVersion string           `json:"apiVersion"`
		Kind       string           `json:"kind"`
		Metadata   *manifest.Node   `json:"metadata"`
		Items      []*manifest.Node `json:"items"`
	}
	d := strict.New(root, o)
	d.Object(&obj)
	if len(obj.Items) == 0 {
		d.Failf(podspec.Field("items"), "must hold at least one policy")
	}
	errs := d.Errors()
	var out []*policy.Policy
	for i, it := range obj.Items {
		if it.IsNull() {
			continue // an error of d
		}
		io := o
		io.Base = o.Base.Key("items").Index(i)
		ps, err := decodeItem(it, io)
		errs = append(errs, asErrors(err, io.Base)...)
		out = append(out, ps...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}

// decodeItem decodes an item of a List. Lists of lists could be nested without
// bound, and nobody writes them.
func decodeItem(node *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	if node.Get("kind").Text() == list.Name {
		d := strict.New(node, o)
		d.Failf(nil, "must not be a %s in a %s", list.Name, list.Name)
		return nil, d.Err()
	}
	return decode(node, o)
}

// describe names a type for a message.
func describe(apiVersion, kind string) string {
	switch {
	case kind == "":
		return "an object without a kind"
	case apiVersion == "":
		return fmt.Sprintf("%q without an apiVersion", kind)
	}
	return fmt.Sprintf("%q of %q", kind, apiVersion)
}

// meant says of which type an object must be to be a policy: that of the kind that
// its own is, or is close to, else any.
func meant(kind string) string {
	var kinds []string
	for _, k := range decodable() {
		kinds = append(kinds, k.Name)
		if k.Name == kind {
			return "its apiVersion must be " + strict.OneOf(k.APIVersions)
		}
	}
	if near := closest.To(kind, kinds); near != "" {
		return fmt.Sprintf("did you mean %q", near)
	}
	return "must be a " + known()
}

// known lists the dialects for a message.
func known() string {
	var s []string
	for _, k := range decodable() {
		s = append(s, k.String())
	}
	return strict.OneOf(s)
}

// asErrors makes a list of whatever a dialect returned for the object at path.
func asErrors(err error, path podspec.Path) Errors {
	var es Errors
	if err != nil && !errors.As(err, &es) {
		es = Errors{{Path: path.String(), Msg: err.Error()}}
	}
	return es
}
