package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestSchemaBesideWorkload is for the race detector: a list is changed while the schema
// in it is read for other objects. For its anchor it is not read element by element.
func TestSchemaBesideWorkload(t *testing.T) {
	t.Parallel()
	const list = `apiVersion: v1
kind: List
items:
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: foos@.example.com}
  spec:
    group: example.com
    names: {kind: Foo@}
    versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties: {spec: {properties: {own: {properties: {runAsUser: {}, runAsNonRoot: {}}}}}}
- apiVersion: v1
  kind: Pod
  metadata: &whole {name: a}
  spec: {containers: [{name: c, image: x}]}
`
	var text strings.Builder
	for i := range 20 {
		object := "apiVersion: example.com/v1\nkind: Foo@\nmetadata: {name: f}\nspec: {own: {runAsUser: 0}}\n"
		text.WriteString(strings.ReplaceAll(list+"---\n"+object+"---\n", "@", fmt.Sprint(i)))
	}
	items := stream(t, text.String()).Items
	p, err := engine.New([]*policy.Policy{{Name: "p", RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Apply(context.Background(), items)
	if err != nil {
		t.Fatal(err)
	}
	if out.Summary.Errors != 20 || out.Summary.Changed != 20 {
		t.Errorf("%d errors and %d changed objects, want 20 of each", out.Summary.Errors, out.Summary.Changed)
	}
}
