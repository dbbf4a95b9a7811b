package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/policy"
)

// The settings that the documentation of allowed-fsgroups-psp shows, and those
// that its own validation refuses.
func TestAllowedFSGroups(t *testing.T) {
	t.Parallel()
	head := func(settings string) string {
		return "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {name: a}\nspec:\n" +
			"  module: registry://registry.example/kubewarden/policies/allowed-fsgroups-psp:v1.0.5\n" +
			"  rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*']}]\n" + indent(settings)
	}
	tests := []struct {
		name, settings string
		want           policy.Strategy
		errs           []string
	}{
		{"RunAsAny", "settings: {rule: RunAsAny}", policy.Strategy{Rule: policy.RunAsAny}, nil},
		{"no settings", "mutating: true", policy.Strategy{Rule: policy.RunAsAny}, nil},
		{
			"MayRunAs", "settings: {rule: MayRunAs, ranges: [{min: 1000, max: 2000}, {min: 3000, max: 4000}]}",
			policy.Strategy{Rule: policy.MayRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 2000}, {Min: 3000, Max: 4000}}},
			nil,
		},
		{
			"MustRunAs", "settings: {rule: MustRunAs, ranges: [{min: 1000, max: 2000}]}",
			policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 2000}}},
			nil,
		},
		{"no range", "settings: {rule: MayRunAs, ranges: []}", policy.Strategy{}, []string{"spec.settings.ranges: must hold at least one range for MayRunAs"}},
		{"backwards", "settings: {rule: MustRunAs, ranges: [{min: 1000, max: 500}]}", policy.Strategy{}, []string{"spec.settings.ranges[0].min: must not be above max, is 1000 and max is 500"}},
		{"no rule", "settings: {}", policy.Strategy{}, []string{"spec.settings.rule: is required"}},
		{"settings of another policy", "settings: {run_as_user: {rule: RunAsAny}, rule: RunAsAny}", policy.Strategy{}, []string{"spec.settings.run_as_user: unknown field"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ps, err := decode(t, head(tt.settings))
			if diff := cmp.Diff(tt.errs, messages(t, err)); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
			if err != nil {
				return
			}
			want := policy.Policy{Name: "a", Dialect: "ClusterAdmissionPolicy", FSGroup: tt.want}
			if diff := cmp.Diff(&want, ps[0], anywhere); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Every field of the custom resource definitions of Kubewarden 1.33 is known.
func TestKubewardenFields(t *testing.T) {
	t.Parallel()
	const common = `
module: user-group-psp
settings: {run_as_user: {rule: MustRunAsNonRoot}}
mode: protect
mutating: true
rules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
matchPolicy: Equivalent
matchConditions: []
objectSelector: {matchLabels: {a: b}}
policyServer: default
backgroundAudit: true
failurePolicy: Fail
sideEffects: None
timeoutSeconds: 10
timeoutEvalSeconds: 2
message: no
`
	for _, tt := range []struct{ name, text string }{
		{"ClusterAdmissionPolicy", "metadata: {name: a}\nspec:\n" + indent(common+`namespaceSelector: {}
contextAwareResources: [{apiVersion: v1, kind: Namespace}]
allowInsideAdmissionControllerNamespace: true
`)},
		{"AdmissionPolicy", "metadata: {name: a, namespace: b}\nspec:\n" + indent(common)},
	} {
		if _, err := decode(t, "apiVersion: policies.kubewarden.io/v1\nkind: "+tt.name+"\n"+tt.text); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	_, err := decode(t, "apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nmetadata: {name: a, namespace: b}\nspec: {module: user-group-psp, allowInsideAdmissionControllerNamespace: true}\n")
	if diff := cmp.Diff([]string{"spec.allowInsideAdmissionControllerNamespace: unknown field"}, messages(t, err)); diff != "" {
		t.Errorf("it is a field of the cluster-wide kind only: -want +got:\n%s", diff)
	}
}
