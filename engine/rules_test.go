package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/policy"
)

// fieldRules are the rules that each field of a policy has.
func fieldRules() map[string][]string {
	users, groups := v1alpha1.UserRule("").Values(), v1alpha1.GroupRule("").Values()
	return map[string][]string{"runAsUser": users, "runAsGroup": groups, "supplementalGroups": groups, "fsGroup": groups}
}

// A rule that a field may have is judged there: it is among everyRule, each of
// which TestSelectedContainers sees to say something on twoContainers. RunAsAny says
// nothing.
func TestEveryRuleIsJudged(t *testing.T) {
	t.Parallel()
	for field, rules := range fieldRules() {
		for _, rule := range rules {
			spec := fmt.Sprintf("%s: {rule: %s", field, rule)
			known := slices.ContainsFunc(everyRule, func(s string) bool { return strings.HasPrefix(s, spec) })
			if rule != string(policy.RunAsAny) {
				if !known {
					t.Errorf("everyRule has no row for %s of %s", rule, field)
				}
				continue
			}
			out, results := apply(t, policyOf("a", spec+"}"), twoContainers)
			if len(results) > 0 || out != twoContainers {
				t.Errorf("RunAsAny of %s says %v", field, said(results))
			}
		}
	}
}

// Rules that write different values to one place are in conflict, where policies have
// one each.
func TestEveryWriteConflicts(t *testing.T) {
	t.Parallel()
	const unset = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: in, image: 'in.example/app:1'}]}\n"
	var specs []string
	for _, spec := range everyRule {
		specs = append(specs, spec, strings.Replace(spec, "min: 1000, max: 1999", "min: 3000, max: 3999", 1))
	}
	compared := 0
	for _, input := range []string{unset, twoContainers} {
		for i, a := range specs {
			for _, b := range specs[:i] {
				if !disagree(writes(t, a, input), writes(t, b, input)) {
					continue
				}
				compared++
				_, results := apply(t, policyOf("a", a)+"---\n"+policyOf("b", b), input)
				if !slices.Contains(said(results), "error "+string(policy.PolicyConflict)) {
					t.Errorf("%s and %s write different values, and are in no conflict: %v", a, b, said(results))
				}
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d pairs write to one place", compared)
	}
}

// writes are the values that a policy writes, by their place; nil for one that it
// removes.
func writes(t *testing.T, spec, input string) map[string]any {
	t.Helper()
	_, results := apply(t, policyOf("a", spec), input)
	out := map[string]any{}
	for _, r := range results {
		if r.Changed {
			out[r.Path.String()] = r.Proposed
		}
	}
	return out
}

// disagree reports whether a place is in both with different values.
func disagree(a, b map[string]any) bool {
	for place, v := range a {
		if w, ok := b[place]; ok && !cmp.Equal(v, w) {
			return true
		}
	}
	return false
}

// Each rule of each field has a row in the manual, and each rule one in the list of
// rules, a scenario and an example.
func TestEveryRuleIsShown(t *testing.T) {
	t.Parallel()
	files := func(pattern string) string {
		var b strings.Builder
		paths, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
		}
		return b.String()
	}
	manual := files("docs/policy.md")
	places := map[string]struct{ text, as string }{
		"docs/rules/README.md": {files("docs/rules/README.md"), "| `%s` |"},
		"testdata/script":      {files("testdata/script/*.txtar"), "rule: %s"},
		"examples":             {files("examples/*/policy.yaml"), "rule: %s"},
	}
	for field, rules := range fieldRules() {
		_, row, _ := strings.Cut(manual, "\n| `"+field+"` |")
		row, _, _ = strings.Cut(row, "\n")
		for _, rule := range rules {
			if !strings.Contains(row, "`"+rule+"`") {
				t.Errorf("docs/policy.md: the row of %s does not name %s", field, rule)
			}
			for place, p := range places {
				if want := fmt.Sprintf(p.as, rule); !strings.Contains(p.text, want) {
					t.Errorf("%s does not show %s", place, rule)
				}
			}
		}
	}
}
