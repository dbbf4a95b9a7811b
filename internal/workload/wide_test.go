package workload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestWideMapping: what is found in a mapping of many keys is what is found in one of
// a few.
func TestWideMapping(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 1000} {
		fields := ""
		for i := range n {
			fields += fmt.Sprintf("  k%d: {x: %d}\n", i, i)
		}
		for _, tt := range []struct{ name, text, want string }{
			{"a pod spec", "  template: {containers: [{name: c, image: i}]}\n", "spec.template"},
			{"a key that is there twice", "  template: {containers: [{name: c, image: a}]}\n  template: {containers: [{name: c, image: i}]}\n", "spec.template DuplicateKey spec.template"},
			{"a key that is merged", "  <<: {template: {containers: [{name: c, image: i}]}}\n", "spec.template"},
			{"none", "", ""},
		} {
			root, err := manifest.Decode([]byte("apiVersion: a.b/v1\nkind: X\nspec:\n"+tt.text+fields), 0)
			if err != nil {
				t.Fatal(err)
			}
			table, err := workload.Builtin().With([]policy.PodSpecPath{{Group: "a.b", Kind: "X", Paths: []string{"spec.template"}}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range table.Find(nil, root, "a.b/v1", "X", nil).Pods {
				got = append(got, p.Path.String())
				for _, problem := range p.Problems {
					got = append(got, string(problem.Code), problem.Path.String())
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s, %d keys: got %q, want %q", tt.name, n, s, tt.want)
			}
		}
	}
}
