package workload_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
)

// TestTextNear is about strings that hold manifests, and those that only nearly do.
func TestTextNear(t *testing.T) {
	const context = "securityContext: {runAsUser: 0}"
	const longest = 1 << 20
	padded := func(n int) string { return context + " #" + strings.Repeat("x", n-len(context)-2) }
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"a part of an object", context, []string{"spec.x.securityContext.runAsUser"}},
		{"a user", "a: {runAsGroup: 5}", []string{"spec.x.a.runAsUser"}},
		{"groups", "a: {supplementalGroups: [5]}", []string{"spec.x.a.runAsUser"}},
		{"a group of files", "a: {fsGroup: 5}", []string{"spec.x.a.runAsUser"}},
		{"an object", "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, " + context + "}]}}", []string{"spec.x.spec.containers[0].securityContext.runAsUser of a"}},
		{"several", context + "\n---\n" + context, []string{"spec.x.securityContext.runAsUser", "spec.x.securityContext.runAsUser"}},
		{"a list", "- " + context, nil},
		{"a policy", "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {" + context + "}}", nil},
		{"a text in the text", "a: " + strconv.Quote(context), nil},
		{"a template to fill in", "{{ if .x }}\n" + context, nil},
		{"a script", "runAsUser=5; exec \"$0\" [", nil},
		{"the longest", padded(longest), []string{"spec.x.securityContext.runAsUser"}},
		{"one that is longer", padded(longest + 1), nil},
	} {
		text := "spec: {x: " + strconv.Quote(tt.text) + "}"
		found := workload.Builtin().Find(decode(t, text), "example.com/v1", "Unknown", nil)
		var got []string
		for _, p := range found.Loose {
			got = append(got, loosePlace(p))
			if !p.Partial {
				t.Errorf("%s: what a text leaves out may come from elsewhere", tt.name)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// One text by an anchor and an alias is one text.
	twice := workload.Builtin().Find(decode(t, "spec: {x: &t "+strconv.Quote(context)+", y: *t}"), "example.com/v1", "Unknown", nil)
	if len(twice.Loose) != 1 {
		t.Errorf("an alias of a text: %d pods", len(twice.Loose))
	}
}
