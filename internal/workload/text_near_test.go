package workload_test

import (
	"encoding/base64"
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
		{"a user", "a: {runAsGroup: 5}", []string{"spec.x.a.runAsGroup"}},
		{"groups", "a: {supplementalGroups: [5]}", []string{"spec.x.a.supplementalGroups"}},
		{"a group of files", "a: {fsGroup: 5}", []string{"spec.x.a.fsGroup"}},
		{"an object", "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, " + context + "}]}}", []string{"spec.x.spec.containers[0].securityContext.runAsUser of a"}},
		{"several", context + "\n---\n" + context, []string{"spec.x.securityContext.runAsUser", "spec.x.securityContext.runAsUser"}},
		{"a list", "- " + context, []string{"spec.x[0].securityContext.runAsUser"}},
		{"a JSON patch", `[{"op": "replace", "path": "/spec/securityContext/runAsUser", "value": 0}]`, []string{"spec.x[0].value"}},
		{"a security context", "runAsUser: 0", []string{"spec.x.runAsUser"}},
		{"an object in the values of a chart", "extra: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {" + context + "}}]", []string{
			"spec.x.extra[0].spec.securityContext.runAsUser",
		}},
		{"an object in an object, once", "{apiVersion: example.com/v1, kind: Outer, x: {apiVersion: v1, kind: Pod, spec: {" + context + "}}}", []string{
			"spec.x.x.spec.securityContext.runAsUser",
		}},
		{"a policy", "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {" + context + "}}", nil},
		{"a text in the text", "a: " + strconv.Quote(context), []string{"spec.x.a.securityContext.runAsUser"}},
		{"three texts in one another", "a: " + strconv.Quote("b: "+strconv.Quote(context)), []string{"spec.x.a.b.securityContext.runAsUser"}},
		{"four texts in one another", "a: " + strconv.Quote("b: "+strconv.Quote("c: "+strconv.Quote(context))), nil},
		{"a template to fill in", "  {{- if .x }}\n" + context + "\n{{ end }}\n", []string{"spec.x.securityContext.runAsUser"}},
		{"a word to fill in", "name: {{x}}-{{y}}\n" + context, []string{"spec.x.securityContext.runAsUser"}},
		{"an id to fill in", "securityContext: {runAsUser: {{ x }}}", []string{"spec.x.securityContext.runAsUser"}},
		{"braces that are no template", `{a: "{{", ` + context + `, b: "}}"}`, []string{"spec.x.securityContext.runAsUser"}},
		{"an object in a text in a text", "a: " + strconv.Quote("b: "+strconv.Quote("{apiVersion: v1, kind: ConfigMap, "+context+"}")), []string{"spec.x.a.b.securityContext.runAsUser"}},
		{"a text in an object in a text in a text", "{apiVersion: v1, kind: ConfigMap, a: " + strconv.Quote("b: "+strconv.Quote(context)) + "}", []string{"spec.x.a.b.securityContext.runAsUser"}},
		{"a text below three objects in texts", "{apiVersion: v1, kind: ConfigMap, a: " + strconv.Quote("{apiVersion: v1, kind: ConfigMap, b: "+strconv.Quote("{apiVersion: v1, kind: ConfigMap, c: "+strconv.Quote(context)+"}")+"}") + "}", nil},
		{"a script", "runAsUser=5; exec \"$0\" [", nil},
		{"the longest", padded(longest), []string{"spec.x.securityContext.runAsUser"}},
		{"one that is longer", padded(longest + 1), nil},
	} {
		text := "spec: {x: " + strconv.Quote(tt.text) + "}"
		found := workload.Builtin().Find(nil, decode(t, text), "example.com/v1", "Unknown", nil)
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
	context64 := base64.StdEncoding.EncodeToString([]byte(context))
	for text, want := range map[string]int{
		"data: {a: " + context64 + "}":       1,
		"data: {a: " + context64 + "x}":      0,
		"data: {a: 5, b: " + context64 + "}": 1,
		"binaryData: {a: " + context64 + "}": 0,
		"stringData: {a: '" + context + "'}": 1,
	} {
		if loose := workload.Builtin().Find(nil, decode(t, text), "v1", "Secret", nil).Loose; len(loose) != want {
			t.Errorf("a Secret of %s: %d pods, want %d", text, len(loose), want)
		}
	}
	if loose := workload.Builtin().Find(nil, decode(t, "data: {a: "+context64+"}"), "v1", "ConfigMap", nil).Loose; len(loose) > 0 {
		t.Errorf("base64 in a ConfigMap: %d pods", len(loose))
	}
	if loose := workload.Builtin().Find(nil, decode(t, "data: {a: "+context64+"}"), "example.com/v1", "Secret", nil).Loose; len(loose) > 0 {
		t.Errorf("base64 in a Secret that is not that of Kubernetes: %d pods", len(loose))
	}
	two := workload.Builtin().Find(nil, decode(t, "data: {a: "+context64+", b: "+context64+"}"), "v1", "Secret", nil)
	if diff := cmp.Diff([]string{"data.a.securityContext.runAsUser = 0", "data.b.securityContext.runAsUser = 0"}, said(two.Loose)); diff != "" {
		t.Errorf("two texts of a Secret (-want +got):\n%s", diff)
	}
	// One text by an anchor and an alias is one text.
	twice := workload.Builtin().Find(nil, decode(t, "spec: {x: &t "+strconv.Quote(context)+", y: *t}"), "example.com/v1", "Unknown", nil)
	if len(twice.Loose) != 1 {
		t.Errorf("an alias of a text: %d pods", len(twice.Loose))
	}
}
