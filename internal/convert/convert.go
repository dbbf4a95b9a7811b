// Package convert writes policies of other tools as policies of the native
// kind.
//
//	text, err := convert.Convert(node)
//
// Convert takes one decoded object:
//
//   - a policy of any kind that is enforced as it is: a PodSecurityPolicy, a
//     ConfigMap, a List of them, a UserGroupPolicy itself,
//   - a Gatekeeper constraint K8sPSPAllowedUsers,
//   - a Namespace with pod-security.kubernetes.io labels,
//   - a Pod Security level by itself, a string: restricted, or
//     restricted:v1.30.
//
// It returns the YAML of a UserGroupPolicy, of several for a list. Comments at the
// head say what had no counterpart; whatever cannot be read is an error, of package
// config. An object with nothing in it to convert is ErrOther: files hold policies
// beside other objects, which a caller passes over.
package convert

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/dialect/configmap"
	"github.com/usergroup-dev/usergroup/internal/dialect/gatekeeper"
	"github.com/usergroup-dev/usergroup/internal/dialect/kubewarden"
	"github.com/usergroup-dev/usergroup/internal/dialect/psp"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/plainyaml"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// ErrOther is wrapped by the error for an object that holds nothing to convert.
var ErrOther = errors.New("nothing to convert")

// translator makes native policies of an object.
type translator func(*manifest.Node) ([]*v1alpha1.Translation, error)

// one is a translator of objects that hold one policy each.
func one(translate func(*manifest.Node) (*v1alpha1.Translation, error)) translator {
	return func(n *manifest.Node) ([]*v1alpha1.Translation, error) {
		t, err := translate(n)
		return []*v1alpha1.Translation{t}, err
	}
}

// translatorOf returns what translates a kind of policy, nil where nothing does.
func translatorOf(kind string) translator {
	switch kind {
	case policykind.UserGroupPolicy:
		return v1alpha1.Translate
	case policykind.UserGroupPolicyList:
		return v1alpha1.TranslateList
	case policykind.ConfigMap:
		return one(configMap)
	case policykind.PodSecurityPolicy:
		return one(psp.Translate)
	case policykind.ClusterAdmissionPolicy, policykind.AdmissionPolicy:
		return one(kubewarden.Translate)
	case policykind.ClusterImagePolicy:
		return one(imagePolicy)
	case policykind.K8sPSPAllowedUsers:
		return one(gatekeeper.Translate)
	case policykind.Namespace:
		return one(namespace)
	}
	return nil
}

// Converts reports whether a kind of policy can be converted.
func Converts(k policykind.Kind) bool {
	return translatorOf(k.Name) != nil && k.Name != policykind.ClusterImagePolicy
}

// Convert returns the UserGroupPolicies that say what the object says, as a stream
// of YAML.
func Convert(node *manifest.Node) ([]byte, error) {
	ts, err := translate(node)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i, t := range ts {
		text, err := render(t)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, "---\n"...)
		}
		out = append(out, text...)
	}
	return out, nil
}

func translate(node *manifest.Node) ([]*v1alpha1.Translation, error) {
	if text := node.Text(); text != "" {
		return one(func(*manifest.Node) (*v1alpha1.Translation, error) { return level(text) })(node)
	}
	if items := node.Get("items").Resolve(); node.Get("kind").Text() == "List" && items != nil {
		return list(items)
	}
	apiVersion, kind := node.Get("apiVersion").Text(), node.Get("kind").Text()
	group := policy.Object{APIVersion: apiVersion}.Group()
	for _, k := range policykind.All() {
		// Versions of a group do not differ in what is converted.
		if k.Name == kind && slices.Contains(k.Groups(), group) {
			return translatorOf(kind)(node)
		}
	}
	return nil, other("%q of %q cannot be converted, must be a %s", kind, apiVersion, known())
}

// list translates the policies of a List, and passes over its other items.
func list(items *manifest.Node) ([]*v1alpha1.Translation, error) {
	var out []*v1alpha1.Translation
	var errs []error
	passed := other("a List without items cannot be converted")
	for _, it := range items.Items {
		ts, err := translate(it)
		if errors.Is(err, ErrOther) {
			passed = err
		} else if err != nil {
			errs = append(errs, err)
		}
		out = append(out, ts...)
	}
	if len(out) == 0 && len(errs) == 0 {
		return nil, passed
	}
	return out, errors.Join(errs...)
}

// otherError is ErrOther with its reason, and an error of package config.
type otherError string

func other(format string, args ...any) error { return otherError(fmt.Sprintf(format, args...)) }

func (e otherError) Error() string { return string(e) }

func (e otherError) Is(target error) bool { return target == ErrOther || target == config.ErrConfig }

// configMap translates a ConfigMap with the fields of a policy.
func configMap(node *manifest.Node) (*v1alpha1.Translation, error) {
	if !configmap.IsPolicy(node) {
		return nil, other("the ConfigMap %q cannot be converted, must have a field of a UserGroupPolicy in its data", node.Get("metadata").Get("name").Text())
	}
	return configmap.Translate(node)
}

// imagePolicy says what of a ClusterImagePolicy has no counterpart: all of it.
func imagePolicy(node *manifest.Node) (*v1alpha1.Translation, error) {
	var parts []string
	for _, f := range node.Get("spec").Entries() {
		parts = append(parts, "spec."+f.Key)
	}
	return nil, other("the ClusterImagePolicy %q cannot be converted: a UserGroupPolicy has no equivalent of %s; give it to --policy as it is",
		node.Get("metadata").Get("name").Text(), strings.Join(parts, ", "))
}

// known lists the kinds that can be converted, for a message.
func known() string {
	var s []string
	for _, k := range policykind.All() {
		if Converts(k) {
			s = append(s, k.Name)
		}
	}
	return strings.Join(s, ", ") + " or a Pod Security level"
}

// render writes the policy with the notes as comments at its head.
func render(t *v1alpha1.Translation) ([]byte, error) {
	doc, err := plainyaml.Node(v1alpha1.UserGroupPolicy{
		APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.Kind,
		Metadata: v1alpha1.Metadata{Name: t.Name}, Spec: t.Spec,
	})
	if err != nil {
		return nil, err
	}
	text, err := plainyaml.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Converted from the %s %q.\n", t.Kind, cmp.Or(t.Original, t.Name))
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "# - %s\n", strings.ReplaceAll(n, "\n", " "))
	}
	b.Write(text)
	return b.Bytes(), nil
}
