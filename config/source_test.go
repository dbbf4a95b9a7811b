package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/policy"
)

// anywhere compares policies wherever they are written.
var anywhere = cmp.Options{
	cmpopts.IgnoreFields(policy.Policy{}, "Source"),
	cmpopts.IgnoreFields(policy.Strategy{}, "Line"),
	cmpopts.IgnoreFields(policy.Exclusion{}, "Line"),
}

// Each dialect says at which line each of its rules is written.
func TestSources(t *testing.T) {
	t.Parallel()
	type lines struct{ Policy, User, Group, Groups, FSGroup, Exclude, Note int }
	tests := []struct {
		name, text string
		want       []lines
	}{
		{"UserGroupPolicy", `# a comment
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: a}
spec:
  runAsUser:
    rule: MustRunAsNonRoot
  runAsGroup: {rule: RunAsAny}
  supplementalGroups:

    requireStrict: true
  exclude:
  - names: [a]
    reason: it is old
`, []lines{{Policy: 2, User: 6, Group: 8, Groups: 9, Exclude: 13}}},
		{"UserGroupPolicyList", `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicyList
items:
- metadata: {name: a}
  spec:
    runAsUser: {rule: MustRunAsNonRoot}
- metadata: {name: b}
  spec:
    fsGroup: {rule: MustBeUnset}
`, []lines{{Policy: 4, User: 6}, {Policy: 7, FSGroup: 9}}},
		{"ConfigMap", `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  run_as_user: "{rule: MustRunAsNonRoot}"
  runAsGroup: |
    rule: MustBeUnset
`, []lines{{Policy: 1, User: 5, Group: 6}}},
		{"ClusterAdmissionPolicy", `apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: a}
spec:
  module: user-group-psp
  settings:
    run_as_user:
      rule: MustRunAsNonRoot
    supplemental_groups: {rule: RunAsAny}
`, []lines{{Policy: 1, User: 7, Groups: 9, Note: 1}}},
		{"PodSecurityPolicy", `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: a}
spec:
  privileged: false
  runAsUser: {rule: MustRunAsNonRoot}
  supplementalGroups: {rule: RunAsAny}
  fsGroup:
    rule: RunAsAny
`, []lines{{Policy: 1, User: 6, Groups: 7, FSGroup: 8, Note: 1}}},
		{"List", `apiVersion: v1
kind: List
items:
- apiVersion: usergroup.dev/v1alpha1
  kind: UserGroupPolicy
  spec:
    runAsUser: {rule: MustRunAsNonRoot}
`, []lines{{Policy: 4, User: 7}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const above = 10 // lines before the policy in its file
			node, err := yamltext.DecodeFull([]byte(tt.text), 0)
			if err != nil {
				t.Fatal(err)
			}
			ps, err := config.Decode(node, config.Options{Data: []byte(tt.text), Line: above + 1, File: "policy.yaml"})
			if err != nil {
				t.Fatal(err)
			}
			var got []lines
			for _, p := range ps {
				l := lines{p.Source.Line, p.RunAsUser.Line, p.RunAsGroup.Line, p.SupplementalGroups.Line, p.FSGroup.Line, 0, 0}
				for _, e := range p.Exclude {
					l.Exclude = e.Line
				}
				for _, n := range p.Notes {
					l.Note = n.PolicyLine
					if n.PolicyFile != "policy.yaml" {
						t.Errorf("note from %q: %s", n.PolicyFile, n.Message)
					}
				}
				got = append(got, l)
				if p.Source.File != "policy.yaml" {
					t.Errorf("policy from %q", p.Source.File)
				}
			}
			for i := range tt.want {
				w := &tt.want[i]
				for _, n := range []*int{&w.Policy, &w.User, &w.Group, &w.Groups, &w.FSGroup, &w.Exclude, &w.Note} {
					if *n > 0 {
						*n += above
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
