package workload_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
)

// TestObjectsWithin is about objects within objects: each is written as its kind
// and its path, and the kinds of those that it is within.
func TestObjectsWithin(t *testing.T) {
	const pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}}"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"one", "{apiVersion: example.com/v1, kind: Outer, spec: {x: " + pod + "}}", []string{"Outer ", "Pod spec.x in Outer"}},
		{"in a list", "{apiVersion: v1, kind: Template, objects: [a, " + pod + "]}", []string{"Template ", "Pod objects[1] in Template"}},
		{"two deep", "{apiVersion: example.com/v1, kind: Outer, spec: {x: {apiVersion: kafka.strimzi.io/v1, kind: Kafka, spec: {y: " + pod + "}}}}", []string{
			"Outer ", "Kafka spec.x in Outer", "Pod spec.x.spec.y in Outer Kafka",
		}},
		{"a list within", "{apiVersion: example.com/v1, kind: Outer, spec: {x: {apiVersion: v1, kind: List, items: [" + pod + "]}}}", []string{
			"Outer ", "Pod spec.x.items[0] in Outer",
		}},
		{"beside the items of a list", "{apiVersion: v1, kind: List, items: [" + pod + "], x: " + pod + "}", []string{"Pod items[0]"}},
		{"beside the items of a list within", "{apiVersion: example.com/v1, kind: Outer, spec: {x: {apiVersion: v1, kind: List, items: [" + pod + "], y: " + pod + "}}}", []string{
			"Outer ", "Pod spec.x.items[0] in Outer", "Pod spec.x.y in Outer List",
		}},
		{"in what says that it is a Pod within", "{apiVersion: example.com/v1, kind: Outer, spec: {apiVersion: v1, kind: Pod, metadata: {name: a}, x: " + pod + "}}", []string{
			"Outer ", "Pod spec in Outer", "Pod spec.x in Outer Pod",
		}},
		{"in an element of a list", "{apiVersion: v1, kind: List, items: [{apiVersion: example.com/v1, kind: Outer, x: " + pod + "}]}", []string{
			"Outer items[0]", "Pod items[0].x in Outer",
		}},
		{"through an alias, once", "{apiVersion: example.com/v1, kind: Outer, x: &x " + pod + ", y: *x}", []string{"Outer ", "Pod x in Outer"}},
		{"a reference", "{apiVersion: example.com/v1, kind: Outer, x: {apiVersion: v1, kind: Pod, name: a}}", []string{"Outer "}},
		{"of a kind that is not known", "{apiVersion: example.com/v1, kind: Outer, x: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}", []string{"Outer "}},
		{"in metadata", "{apiVersion: example.com/v1, kind: Outer, metadata: {x: " + pod + "}}", []string{"Outer "}},
		{"in a kind of Kubernetes", "{apiVersion: apps/v1, kind: Deployment, spec: {x: " + pod + "}}", []string{"Deployment "}},
		{"in a policy", "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {x: " + pod + "}}", []string{"ClusterPolicy "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, o := range workload.Builtin().Objects(decode(t, tt.text)) {
				s := o.Kind + " " + o.Path.String()
				for i, w := range o.Within {
					if i == 0 {
						s += " in"
					}
					s += " " + w.Kind
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}
