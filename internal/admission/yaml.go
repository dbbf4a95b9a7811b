package admission

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/usergroup-dev/usergroup/internal/plainyaml"
)

// Objects are the gate's objects, the policies before their bindings.
func (g *Gate) Objects() []runtime.Object {
	if g.Mutating == nil {
		return []runtime.Object{g.Validating, g.ValidatingBinding}
	}
	return []runtime.Object{g.Mutating, g.MutatingBinding, g.Validating, g.ValidatingBinding}
}

// YAML is the gate as one stream of manifests, with its notes as comments at the
// head.
func (g *Gate) YAML() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Written by usergroup convert --to admission from the policy %q.\n", g.Validating.Name)
	for _, n := range g.Notes {
		fmt.Fprintf(&b, "# - %s\n", oneLine(n))
	}
	for i, o := range g.Objects() {
		if i > 0 {
			b.WriteString("---\n")
		}
		text, err := Marshal(o)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// objectOrder is how the fields of an object are written by everyone.
var objectOrder = []string{"apiVersion", "kind", "metadata", "spec"}

// specOrder is the order in which the fields of a policy's spec are read best:
// what a variable says comes before its use.
var specOrder = []string{
	"policyName", "failurePolicy", "reinvocationPolicy", "matchConstraints", "matchConditions",
	"variables", "mutations", "validations", "validationActions",
}

// Marshal writes one of the objects as YAML, without a status.
func Marshal(object runtime.Object) ([]byte, error) {
	doc, err := plainyaml.Node(object)
	if err != nil {
		return nil, err
	}
	root := doc.Content[0]
	sortFields(root, objectOrder)
	if i := fieldIndex(root, "spec"); i >= 0 {
		sortFields(root.Content[i+1], specOrder)
	}
	if i := fieldIndex(root, "status"); i >= 0 {
		root.Content = slices.Delete(root.Content, i, i+2)
	}
	return plainyaml.Marshal(doc)
}

// fieldIndex returns where the key of a mapping is in its content, or -1.
func fieldIndex(n *yaml.Node, key string) int {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// sortFields brings the fields of a mapping in order.
func sortFields(n *yaml.Node, order []string) {
	var fields [][2]*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		fields = append(fields, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(fields, func(a, b [2]*yaml.Node) int {
		return slices.Index(order, a[0].Value) - slices.Index(order, b[0].Value)
	})
	n.Content = nil
	for _, f := range fields {
		n.Content = append(n.Content, f[0], f[1])
	}
}
