package imagepolicy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
)

// A policy that takes too long whatever it is given is refused.
func TestEffort(t *testing.T) {
	t.Parallel()
	disjunctions := func(n int, arm string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " & ("+arm+" | "+arm+")", i, i)
		}
		return b.String()[3:]
	}
	doubling := func(n int) string {
		s := "a0: {x: 1}\n"
		for i := 1; i <= n; i++ {
			s += fmt.Sprintf("a%d: {l: a%d, r: a%d}\n", i, i-1, i-1)
		}
		return s
	}
	numbers := "[" + strings.Repeat("1, ", 99) + "1]"
	tests := []struct{ name, cue, want string }{
		{"disjunctions", "spec: {hostNetwork: *false | bool, if hostNetwork {x: {y: 1} & " + disjunctions(24, "{x%d: 1}") + "}}", "it may have 1.68e+07 alternatives, at most 1024"},
		{"of bounds", "spec: x: " + disjunctions(11, ">%d"), "it may have 2.05e+03 alternatives, at most 1024"},
		{"by a name", "d: {a: 1} | {b: 1}\ne: d & d & d & d & d & d\nspec: x: e & e", "alternatives, at most 1024"},
		{"by or and and", "l: [for x in " + numbers + " {{a: x} | {b: x}}]\nspec: x: and(l)", "alternatives, at most 1024"},
		{"doubling", doubling(24), "it may produce 2.68e+08 values, at most 1000000"},
		{"comprehensions", "l: " + numbers + "\nm: [for a in l for b in l for c in l {a}]", "values, at most 1000000"},
		{"comprehensions of comprehensions", "l: " + numbers + "\nm: [for a in l for b in l {a}]\nn: [for a in m for b in m {a}]", "values, at most 1000000"},
		{"ten disjunctions", "spec: x: " + disjunctions(10, ">%d"), ""},
		{"scalars, as many as there are", "spec: {" + strings.Repeat("a: \"x\" | \"y\" | *\"z\"\n", 40) + "}", ""},
		{"a cycle", "a: b\nb: a\nspec: x: a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := imagepolicy.Decode(parse(t, clusterImagePolicy("", replace("    data: |\n      \n", "    data: "+quote(tt.cue)+"\n"))), strict.Options{})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), "spec.policy.data: ") || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A policy that takes too long on a large object says so of that object, and goes on
// to judge others. What it says depends on nothing but the policy and the object.
func TestEffortOnObject(t *testing.T) {
	t.Parallel()
	pods := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "{name: c%d, image: web}, ", i)
		}
		return pod("{hostNetwork: true, containers: [" + strings.TrimSuffix(b.String(), ", ") + "]}")
	}
	p := decode(t, clusterImagePolicy("spec: {hostNetwork: false, containers: [...]}\npairs: [for a in spec.containers for b in spec.containers for c in spec.containers {a.name}]"))
	const failed = `policy "no-root" was not evaluated: on this object it may produce`
	for range 2 {
		if got := evaluate(t, p, pods(300)); len(got) != 1 || !strings.HasPrefix(got[0].Message, failed) {
			t.Errorf("a large object: got %+v", got)
		}
		if got := evaluate(t, p, pods(3)); len(got) != 1 || !strings.Contains(got[0].Message, "conflicting values") {
			t.Errorf("a small object: got %+v", got)
		}
	}
}

// Policies as they are in use are judged on objects as large as there are.
func TestEffortInUse(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "{name: c%d, image: web, env: [%s], securityContext: {runAsUser: 1}}, ", i, strings.TrimSuffix(strings.Repeat("{name: A, value: b}, ", 60), ", "))
	}
	large := pod("{containers: [" + strings.TrimSuffix(b.String(), ", ") + "]}")
	for name, cue := range map[string]string{
		"users":          "spec: containers: [...{securityContext: runAsUser: !=0}]",
		"nested":         "spec: containers: [...{env: [...{name: !=\"SECRET\"}], image: =~\"^web\"}]",
		"alternatives":   "spec: containers: [...({securityContext: runAsNonRoot: true} | {securityContext: runAsUser: >0})]",
		"a definition":   "#E: {name: string, value?: string, ...}\n#C: {env: [...#E], ...}\nspec: {containers: [...#C], initContainers?: [...#C]}",
		"comprehensions": "import \"list\"\nspec: containers: [...]\n_names: [for c in spec.containers for e in c.env {e.name}]\n_ok: list.MaxItems(5000) & _names",
	} {
		p := decode(t, clusterImagePolicy(cue))
		if got := evaluate(t, p, large); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
