package workload_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
)

// items reads a stream of manifests.
func items(t testing.TB, text string) []*manifest.Item {
	t.Helper()
	s, err := manifest.ReadStream("crds.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Items
}

// crd is a CustomResourceDefinition of v1 for the kind Widget with the schema of its
// spec.
func crd(spec string) string {
	return `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com},
  spec: {group: example.com, names: {kind: Widget}, versions: [{name: v1, schema: {openAPIV3Schema: {properties: {spec: ` + spec + `}}}}]}}`
}

// TestLearn is about what the schema of a kind says of its places.
func TestLearn(t *testing.T) {
	const context, podContext = `{properties: {runAsUser: {type: integer}}}`, `{properties: {runAsUser: {type: integer}, fsGroup: {type: integer}}}`
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"a security context", crd(`{properties: {any: ` + context + `}}`), []string{"spec.any"}},
		{"in lists and mappings", crd(`{properties: {a: {items: {additionalProperties: ` + context + `}}, b: {additionalProperties: {properties: {c: ` + podContext + `}}}}}`), []string{"spec.a[*].*", "spec.b.*.c"}},
		{"a container", crd(`{properties: {c: {items: {properties: {image: {type: string}, securityContext: ` + context + `}}}}}`), []string{"spec.c[*]"}},
		{"an image beside the security context of a pod", crd(`{properties: {image: {type: string}, securityContext: ` + podContext + `}}`), []string{"spec.securityContext"}},
		{"a key with a dot", crd(`{properties: {a.b/c: ` + context + `}}`), []string{`spec["a.b/c"]`}},
		{"a rule of that name", crd(`{properties: {policy: {properties: {runAsUser: {type: object}}}}}`), nil},
		{"nothing", crd(`{properties: {replicas: {type: integer}}}`), nil},
		{
			"in v1beta1", `{apiVersion: apiextensions.k8s.io/v1beta1, kind: CustomResourceDefinition, spec: {group: example.com, names: {kind: Widget},
  validation: {openAPIV3Schema: {properties: {spec: ` + context + `}}}}}`,
			[]string{"spec"},
		},
		{"in a List", `{apiVersion: v1, kind: List, items: [` + crd(`{properties: {any: `+context+`}}`) + `]}`, []string{"spec.any"}},
		{"of a kind that has a row", `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: kafka.strimzi.io, names: {kind: Kafka},
  validation: {openAPIV3Schema: {properties: {x: ` + context + `}}}}}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table := workload.Builtin().Learn(items(t, tt.text))
			var got []string
			for _, k := range table.Learnt() {
				if !k.Operator || k.Source != "crds.yaml" || k.Group != "example.com" || k.Kind != "Widget" {
					t.Errorf("row = %+v", k)
				}
				got = append(got, k.Places()...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			if table.Knows("example.com/v1", "Widget") != (len(tt.want) > 0) {
				t.Error("what is learnt is not known, or the other way round")
			}
		})
	}
}

// TestLearnt: objects of a kind are read at the places that its schema names, and
// what is elsewhere is not known.
func TestLearnt(t *testing.T) {
	schema := crd(`{properties: {any: {properties: {runAsUser: {type: integer}}}, c: {items: {properties: {image: {type: string}, securityContext: {properties: {runAsUser: {type: integer}}}}}}}}`)
	table := workload.Builtin().Learn(items(t, schema))
	found := table.Find(nil, decode(t, `spec: {any: {runAsUser: "0"}, c: [{name: a, image: zz, securityContext: {runAsUser: 1}}], x: {securityContext: {runAsUser: 2}}}`), "example.com/v1", "Widget", nil)
	var got []string
	for _, p := range append(found.Pods, found.Loose...) {
		got = append(got, loosePlace(p))
	}
	want := []string{"spec.c[0].securityContext.runAsUser of a", "spec.any.runAsUser", "spec.x.securityContext.runAsUser"}
	if diff := cmp.Diff(want, got); diff != "" || len(found.Pods) != 2 {
		t.Errorf("%d pods, places (-want +got):\n%s", len(found.Pods), diff)
	}
}
