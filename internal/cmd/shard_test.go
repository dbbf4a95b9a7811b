package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

// shardPolicies together need everything that no shard has alone: Namespaces in
// other files, a CustomResourceDefinition, what was selected and excluded at all,
// and notes on a policy.
const shardPolicies = `
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicyList
metadata: {name: all}
items:
- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: ids}, spec: {
    runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]},
    exclude: [{names: [web-3], reason: known}, {names: [nobody], reason: gone}]}}
- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: labelled}, spec: {
    runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 9}]}, match: {namespaceSelector: {matchLabels: {team: a}}}}}
- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: one}, spec: {
    fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 9}]}, match: {names: [web-7], kinds: [Deploymnet, Pod, Gadget]}}}
- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: none}, spec: {
    fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 9}]}, match: {names: [nobody]}}}
- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: empty}, spec: {}}
`

const gadgetSchema = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  names: {kind: Gadget, plural: gadgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {pod: {type: object, properties: {
      securityContext: {type: object, properties: {runAsUser: {type: integer}, runAsNonRoot: {type: boolean}, fsGroup: {type: integer}}},
      containers: {type: array, items: {type: object, properties: {name: {type: string}, image: {type: string},
        securityContext: {type: object, properties: {runAsUser: {type: integer}, runAsNonRoot: {type: boolean}}}}}}}}}}}}}
`

// shardTree writes manifests: many small files, and one that is divided.
func shardTree(t *testing.T) (dir, policies string) {
	t.Helper()
	dir = t.TempDir()
	policies = filepath.Join(t.TempDir(), "policies.yaml")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(policies, shardPolicies)
	pod := func(i int) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: web-%d, namespace: ns-%d}\nspec: {containers: [{name: c, image: i, securityContext: {runAsUser: %d}}]}\n", i, i%4, 990+i)
	}
	for i := range 20 {
		write(filepath.Join(dir, fmt.Sprintf("pod-%d.yaml", i)), pod(i))
	}
	for i := range 4 {
		write(filepath.Join(dir, fmt.Sprintf("ns-%d.yaml", i)), fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: ns-%d, labels: {team: %c}}\n", i, 'a'+rune(i%2)))
	}
	write(filepath.Join(dir, "crd.yaml"), gadgetSchema)
	write(filepath.Join(dir, "gadget.yaml"), "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g, namespace: ns-0}\nspec: {pod: {securityContext: {runAsUser: 0}, containers: [{name: c, image: i}]}}\n")
	var big strings.Builder
	for i := range 8000 {
		fmt.Fprintf(&big, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-%d}\ndata: {text: %q}\n", i, strings.Repeat("x", 100))
		if i%200 == 0 {
			big.WriteString("---\n" + pod(i))
		}
	}
	if big.Len() < 1<<20 {
		t.Fatal("the large file is small")
	}
	write(filepath.Join(dir, "big.yaml"), big.String())
	return dir, policies
}

// usergroup runs the program and returns its exit code and what it printed.
func usergroup(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	code = cmd.Main(args, cmd.Streams{In: strings.NewReader(""), Out: &out, Err: &log})
	return code, out.String(), log.String()
}

// TestShards: the shards together say what one run says, in every format, whatever
// order their reports come in.
func TestShards(t *testing.T) {
	dir, policies := shardTree(t)
	for _, tt := range []struct {
		name, broken string
		code         int
	}{{"valid", "", 1}, {"a broken file", "a: [", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.broken != "" {
				if err := os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte(tt.broken), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			out := t.TempDir()
			whole := filepath.Join(out, "whole.json")
			if code, _, log := usergroup(t, "check", "-p", policies, "-o", "json="+whole, dir); code != tt.code {
				t.Fatalf("exit code %d\n%s", code, log)
			}
			for _, n := range []int{1, 2, 7} {
				var reports []string
				judged := 0
				for k := n - 1; k >= 0; k-- {
					path := filepath.Join(out, fmt.Sprintf("%d-of-%d.json", k, n))
					usergroup(t, "check", "-p", policies, "--shard", fmt.Sprintf("%d/%d", k, n), "-o", "json="+path, dir)
					reports = append(reports, path)
					if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), "UserIDOutsideRanges") {
						judged++
					}
				}
				if judged < min(n, 2) {
					t.Errorf("%d shards: only %d judged anything", n, judged)
				}
				for _, format := range []string{"json", "text", "sarif", "junit", "gitlab", "markdown"} {
					code, want, _ := usergroup(t, "report", "merge", "-o", format, whole)
					gotCode, got, log := usergroup(t, append([]string{"report", "merge", "-o", format}, reports...)...)
					if code != tt.code || gotCode != code {
						t.Errorf("%d shards, %s: exit code %d, want %d: %s", n, format, gotCode, tt.code, log)
					}
					if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
						t.Fatalf("%d shards, %s: %s", n, format, d)
					}
				}
			}
		})
	}
}

// TestMergeOfOneRun: a report that is read back and merged says what it said.
func TestMergeOfOneRun(t *testing.T) {
	dir, policies := shardTree(t)
	whole := filepath.Join(t.TempDir(), "whole.json")
	_, _, summary := usergroup(t, "check", "-p", policies, "-o", "json="+whole, dir)
	_, stdout, _ := usergroup(t, "check", "-p", policies, "-o", "compact", dir)
	_, merged, _ := usergroup(t, "report", "merge", "-o", "compact", whole)
	lines := func(s string) map[string]int {
		m := map[string]int{}
		for l := range strings.Lines(s) {
			m[l]++
		}
		return m
	}
	if d := cmp.Diff(lines(stdout), lines(merged)); d != "" {
		t.Errorf("%s%s", d, summary)
	}
	for _, reason := range []string{
		`policy "none" selects none of the workloads`, `policy "ids" has an exclusion that matches nothing: exclude[1]`, `did you mean "Deployment"`,
		`policy "empty" has no rule`, "v1/Pod/ns-0/web-4 spec.containers[0].securityContext.runAsGroup: ", "example.com/v1/Gadget/ns-0/g",
	} {
		if !strings.Contains(merged, reason) {
			t.Errorf("nothing says %s", reason)
		}
	}
}

// TestMergeRefuses what would say less than was judged.
func TestMergeRefuses(t *testing.T) {
	dir, policies := shardTree(t)
	out := t.TempDir()
	shards := map[string]string{}
	for _, s := range []string{"1/2", "2/2", "1/3"} {
		shards[s] = filepath.Join(out, strings.ReplaceAll(s, "/", "-")+".json")
		usergroup(t, "check", "-p", policies, "--shard", s, "-o", "json="+shards[s], dir)
	}
	none := filepath.Join(out, "none.json")
	if err := os.WriteFile(none, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"the report of shard 2/2 is missing": {shards["1/2"]},
		"shard 1/2 is given more than once":  {shards["1/2"], shards["1/2"]},
		"shard 1/3 and shards of 2":          {shards["1/2"], shards["2/2"], shards["1/3"]},
		"none.json: is not a JSON report":    {shards["1/2"], shards["2/2"], none},
		"no such file":                       {filepath.Join(out, "nowhere.json")},
		"no reports given":                   {},
	} {
		if code, stdout, stderr := usergroup(t, append([]string{"report", "merge"}, args...)...); code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, %q, want %q", code, stderr, want)
		}
	}
	for _, s := range []string{"", "1", "1/0", "3/2", "-1/2", "a/b", "1/2/3"} {
		if code, _, stderr := usergroup(t, "check", "-p", policies, "--shard", s, dir); code != 2 || !strings.Contains(stderr, "must be K/N") {
			t.Errorf("--shard %q: exit code %d, %s", s, code, stderr)
		}
	}
}
