package cmd_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLargeFile: a file that is judged in batches gives what a small one does.
func TestLargeFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "policy.yaml", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec:\n  runAsUser: {rule: MustRunAsNonRoot}\n")
	var b strings.Builder
	const n = 4000
	for i := range n {
		user := 1000
		if i%1000 == 999 {
			user = 0
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p%d\n  annotations:\n    text: %s\nspec:\n  securityContext: {runAsUser: %d}\n  containers:\n  - name: c\n    image: c\n", i, strings.Repeat("x", 2500), user)
	}
	for name, tc := range map[string]struct {
		end      string
		code     int
		findings int
		says     string
	}{
		"judged":                 {"", 1, 4, "4000 objects read, 4000 checked"},
		"broken at the end":      {"---\na: [\n", 2, 0, "Unreadable"},
		"with a schema in it":    {"---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n", 1, 4, "4001 objects read, 4000 checked"},
		"more than --max-items":  {strings.Repeat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", 1001), 2, 0, "more than 5000 objects"},
		"a finding in the batch": {"---\napiVersion: v1\nkind: Pod\nmetadata: {name: last}\nspec: {containers: [{name: c}]}\n", 1, 5, "v1/Pod/last"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{{"large.yaml"}, {"-"}} {
				write(t, "large.yaml", b.String()+tc.end)
				args = append([]string{"check", "-p", "policy.yaml", "-o", "compact", "--max-items", "5000"}, args...)
				code, out, errs := run(t, b.String()+tc.end, args...)
				findings := strings.Count(out, "CannotUseRootUserID") + strings.Count(out, "ShouldRunAsNonRoot")
				if code != tc.code || findings != tc.findings || !strings.Contains(out, tc.says) {
					t.Errorf("%v: exit code %d, %d findings:\n%s%s", args, code, findings, out, errs)
				}
			}
		})
	}
}
