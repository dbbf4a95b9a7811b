// Package convert writes policies of other tools as policies of the native
// kind.
//
//	text, err := convert.Convert(node)
//
// Convert takes one decoded object:
//
//   - a PodSecurityPolicy,
//   - a Kubewarden ClusterAdmissionPolicy or AdmissionPolicy of the module
//     user-group-psp,
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
	"github.com/usergroup-dev/usergroup/manifest"
)

// source is a kind of object that can be converted.
type source struct {
	// group is the API group; versions of a group do not differ in what is
	// converted.
	group     string
	kind      string
	translate func(*manifest.Node) (*v1alpha1.Translation, error)
}

// sources are the kinds that can be converted.
var sources = []source{
	{"policy", psp.Kind, psp.Translate},
	{"extensions", psp.Kind, psp.Translate},
	{kubewarden.Group, kubewarden.ClusterKind, kubewarden.Translate},
	{kubewarden.Group, kubewarden.NamespacedKind, kubewarden.Translate},
	{gatekeeper.Group, gatekeeper.Kind, gatekeeper.Translate},
	{"", "Namespace", namespace},
}

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
	i := slices.IndexFunc(sources, func(s source) bool { return s.group == group && s.kind == kind })
	if i < 0 {
		return nil, &config.Error{Msg: fmt.Sprintf("%q of %q cannot be converted, must be a %s", kind, apiVersion, known())}
	}
	return sources[i].translate(node)
}

// known lists the kinds that can be converted, for a message.
func known() string {
	var s []string
	for _, k := range sources {
		if !slices.Contains(s, k.kind) {
			s = append(s, k.kind)
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
