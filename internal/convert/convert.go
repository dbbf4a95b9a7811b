// Package convert writes policies of other tools as policies of the native
// kind.
//
//	text, err := convert.Convert(node)
//
// Convert takes one decoded object:
//
//   - a PodSecurityPolicy,
//   - a Kubewarden ClusterAdmissionPolicy or AdmissionPolicy of the module
//     user-group-psp or allowed-fsgroups-psp,
//   - a Gatekeeper constraint K8sPSPAllowedUsers,
//   - a Namespace with pod-security.kubernetes.io labels,
//   - a Pod Security level by itself, a string: restricted, or
//     restricted:v1.30.
//
// It returns the YAML of one UserGroupPolicy. Comments at its head say what had
// no counterpart; whatever cannot be read is an error, of package config.
package convert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/dialect/gatekeeper"
	"github.com/usergroup-dev/usergroup/internal/dialect/kubewarden"
	"github.com/usergroup-dev/usergroup/internal/dialect/psp"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
)

// translator makes a native policy of an object.
type translator func(*manifest.Node) (*v1alpha1.Translation, error)

// translatorOf returns what translates a kind of policy, nil where nothing does.
func translatorOf(kind string) translator {
	switch kind {
	case policykind.PodSecurityPolicy:
		return psp.Translate
	case policykind.ClusterAdmissionPolicy, policykind.AdmissionPolicy:
		return kubewarden.Translate
	case policykind.K8sPSPAllowedUsers:
		return gatekeeper.Translate
	case policykind.Namespace:
		return namespace
	}
	return nil
}

// Converts reports whether a kind of policy can be converted.
func Converts(k policykind.Kind) bool { return translatorOf(k.Name) != nil }

// Convert returns the UserGroupPolicy that says what the object says, as YAML.
func Convert(node *manifest.Node) ([]byte, error) {
	t, err := translate(node)
	if err != nil {
		return nil, err
	}
	return render(t)
}

func translate(node *manifest.Node) (*v1alpha1.Translation, error) {
	if text := node.Text(); text != "" {
		return level(text)
	}
	apiVersion, kind := node.Get("apiVersion").Text(), node.Get("kind").Text()
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		group = ""
	}
	for _, k := range policykind.All() {
		// Versions of a group do not differ in what is converted.
		if k.Name == kind && slices.Contains(k.Groups(), group) && Converts(k) {
			return translatorOf(kind)(node)
		}
	}
	return nil, &config.Error{Msg: fmt.Sprintf("%q of %q cannot be converted, must be a %s", kind, apiVersion, known())}
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
	// JSON keeps the order of the fields and is YAML; only its style is not
	// what people write.
	j, err := json.Marshal(v1alpha1.UserGroupPolicy{
		APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.Kind,
		Metadata: v1alpha1.Metadata{Name: t.Name}, Spec: t.Spec,
	})
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(j, &doc); err != nil {
		return nil, err
	}
	unstyle(&doc)

	var b bytes.Buffer
	fmt.Fprintf(&b, "# Converted from the %s %q.\n", t.Kind, cmp.Or(t.Original, t.Name))
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "# - %s\n", strings.ReplaceAll(n, "\n", " "))
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// unstyle takes away the quotes and brackets of JSON; the encoder quotes what
// needs it.
func unstyle(n *yaml.Node) {
	n.Style = 0
	for _, c := range n.Content {
		unstyle(c)
	}
}
