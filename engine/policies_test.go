package engine_test

import (
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
)

// Findings and exemptions name their policy, so that two must not have one name,
// however they came.
func TestPolicyNames(t *testing.T) {
	t.Parallel()
	const (
		rule = "runAsUser: {rule: MustRunAsNonRoot}"
		psp  = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\nspec:\n" +
			"  runAsUser: {rule: RunAsAny}\n  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n"
	)
	namespaced := func(namespace string) string {
		return "apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nmetadata: {name: a, namespace: " + namespace + "}\nspec: {module: user-group-psp, settings: {run_as_user: {rule: RunAsAny}}}\n"
	}
	a, b := policyOf("a", rule), policyOf("b", rule)
	items := policyOf("a", rule, "policiesFromItems: true")
	unnamed := strings.Replace(a, "metadata: {name: a}\n", "", 1)
	const also = `metadata.name: must be unique, as findings name their policy by it: "a" is also the UserGroupPolicy at one.yaml:1`
	tests := []struct {
		name     string
		one, two string // files of policies
		items    string
		want     string // the error, "" for none
	}{
		{"different names", a, b, "", ""},
		{"the same file twice", a, a, "", also},
		{"one file", b + "---\n" + b, a, "", `"b" is also the UserGroupPolicy at one.yaml:1`},
		{"of two kinds", a, psp, "", also},
		{"among the items", items, b, a, also},
		{"among the items, twice", items, b, b, `"b" is also the UserGroupPolicy at two.yaml:1`},
		{"among the items, which are not asked for", a, b, a, ""},
		{"without a name", unnamed, unnamed, "", `"UserGroupPolicy" is also the UserGroupPolicy at one.yaml:1`},
		{"in two namespaces", namespaced("x"), namespaced("y"), "", ""},
		{"in one namespace", namespaced("x"), namespaced("x"), "", `"a" is also the AdmissionPolicy at one.yaml:1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var configs []*manifest.Item
			for name, text := range map[string]string{"one.yaml": tt.one, "two.yaml": tt.two} {
				s, err := manifest.ReadStream(name, []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				if name == "one.yaml" {
					configs = append(s.Items, configs...)
				} else {
					configs = append(configs, s.Items...)
				}
			}
			_, err := engine.Policies(configs, stream(t, tt.items).Items)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
