package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A label or an annotation that is defined more than once is an error where a policy reads it,
// and nobody's concern elsewhere.
func TestDuplicateMetadata(t *testing.T) {
	t.Parallel()
	pod := func(metadata string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, " + metadata + "}\nspec: {containers: [{name: c, image: i, securityContext: {runAsUser: 1}}]}\n"
	}
	namespace := func(metadata string) string {
		return pod("labels: {}") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, " + metadata + "}\n"
	}
	const (
		labels      = "labels: {app: a, app: b}"
		annotations = "annotations: {owner: a, owner: b}"
		rule        = "runAsUser: {rule: MustRunAsNonRoot}"
	)
	duplicate := []string{"error DuplicateKey"}
	tests := []struct {
		name, input string
		spec        []string
		want        []string
	}{
		{"a label that nobody reads", pod(labels), []string{rule}, nil},
		{"a label that match reads", pod(labels), []string{rule, "match: {labelSelector: {matchLabels: {app: a}}}"}, duplicate},
		{"a label that exclude reads", pod(labels), []string{rule, "exclude: [{labelSelector: {matchExpressions: [{key: app, operator: In, values: [c]}]}, reason: r}]"}, []string{"error DuplicateKey", "info NothingMatched"}},
		{"another label", pod(labels), []string{rule, "match: {labelSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}"}, nil},
		{"a label that the Namespace's selector reads", pod(labels), []string{rule, "match: {namespaceSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}"}, nil},
		{"a label of the Namespace that it reads", namespace(labels), []string{rule, "match: {namespaceSelector: {matchLabels: {app: a}}}"}, duplicate},
		{"a label of the Namespace that nobody reads", namespace(labels), []string{rule, "match: {namespaceSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}"}, nil},
		{"an annotation that nobody reads", pod(annotations), []string{rule}, nil},
		{"an annotation that match reads", pod(annotations), []string{rule, "match: {annotations: {owner: '*'}}"}, duplicate},
		{"an exemption", pod("annotations: {usergroup.dev/exempt-from: b, usergroup.dev/exempt-from: a}"), []string{rule, "allowExemptionAnnotation: true"}, duplicate},
		{"an exemption that is not allowed", pod("annotations: {usergroup.dev/exempt-from: b, usergroup.dev/exempt-from: a}"), []string{rule}, nil},
		{"a level, which is given the object as it is", pod(labels), []string{"podSecurity: {enforce: {level: baseline}}"}, []string{"error DuplicateKey", "error InvalidType"}},
		{"labels themselves", pod("labels: {a: b}, labels: {c: d}"), []string{rule}, duplicate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, results := apply(t, policyOf("a", tt.spec...), tt.input)
			if diff := cmp.Diff(tt.want, said(results)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
