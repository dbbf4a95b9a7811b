package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// TestManyEdits: what several policies want alike is one edit, also where there
// are too many edits to compare one by one.
func TestManyEdits(t *testing.T) {
	t.Parallel()
	const containers = 50
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
	for i := range containers {
		pod += fmt.Sprintf("  - name: c%d\n    image: i\n", i)
	}
	const rule = "runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 2000}]}"
	out, results := apply(t, policyOf("a", rule)+"---\n"+policyOf("b", rule), pod)
	if n := strings.Count(out, "runAsUser: 1000\n"); n != containers+1 { // and the pod's
		t.Errorf("runAsUser is written %d times\n%s", n, out)
	}
	for _, r := range results {
		if r.Severity == policy.Error {
			t.Errorf("%s: %s", r.Reason, r.Message)
		}
	}
}

// TestOneOfAListRefused: an object that would keep an error leaves as it came, and
// the others of its List are edited all the same.
func TestOneOfAListRefused(t *testing.T) {
	t.Parallel()
	const refused = `- apiVersion: v1
  kind: Pod
  metadata: {name: b}
  spec:
    containers:
    - name: c
      image: i
      securityContext: {runAsGroup: 5}
`
	in := "apiVersion: v1\nkind: List\nitems:\n" + strings.NewReplacer("name: b", "name: a", "      securityContext: {runAsGroup: 5}\n", "").Replace(refused) + refused
	out, results := apply(t, policyOf("p",
		"runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 2000}]}",
		"runAsGroup: {rule: MayRunAs, ranges: [{min: 1000, max: 2000}]}"), in)
	a, b, _ := strings.Cut(out, "- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n")
	if !strings.Contains(a, "runAsUser: 1000") || !strings.HasSuffix(refused, b) {
		t.Errorf("written:\n%s", out)
	}
	errors := slices.DeleteFunc(said(results), func(s string) bool { return !strings.Contains(s, string(policy.GroupIDOutsideRanges)) })
	if len(errors) != 1 {
		t.Errorf("said %q", said(results))
	}
}

// TestObjectInTwoPlaces: an object that an alias brings in elsewhere too is judged
// once, and is not changed where it would become two.
func TestObjectInTwoPlaces(t *testing.T) {
	t.Parallel()
	const in = `apiVersion: example.com/v1
kind: Both
metadata: {name: a}
blue: &blue
- apiVersion: v1
  kind: Pod
  spec: {containers: [{name: c, image: i}]}
- other
green: *blue
`
	out, results := apply(t, policyOf("p", "runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 2000}]}"), in)
	if out != in {
		t.Errorf("written:\n%s", out)
	}
	if !slices.ContainsFunc(results, func(r report.Result) bool { return r.Reason == policy.NotEdited }) {
		t.Errorf("said %q", said(results))
	}
}
