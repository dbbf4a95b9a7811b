package config_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Every field of the native kind reaches the policy.
func TestNative(t *testing.T) {
	got := decodeOne(t, native(`
runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], defaultFrom: Image}
runAsGroup: {rule: MustRunAs, rangesFrom: OpenShiftNamespace}
supplementalGroups: {rule: MayRunAs, ranges: [{min: 0x3e8, max: 1999}], requireStrict: true}
fsGroup: {rule: MustBeUnset}
validateContainerImageConfiguration: true
mode: Warn
placement: Pod
images: {scope: Effective, platform: [linux/amd64, linux/arm64/v8], failurePolicy: Ignore, resolveNames: true, lock: users.lock}
match:
  kinds: [Deployment, StatefulSet.apps]
  namespaces: [team-*]
  names: [web]
  labelSelector: {matchLabels: {app: web}}
  namespaceSelector: {matchExpressions: [{key: tier, operator: In, values: [a, b]}]}
  annotations: {owner: me}
  images: ["registry.example/*"]
  containers: [web]
exclude:
- {containers: [istio-proxy], reason: the mesh needs 1337}
allowExemptionAnnotation: true
defaultNamespace: team-a
podSpecPaths:
- {group: argoproj.io, kind: Rollout, paths: [spec.template.spec]}
- {group: jobset.x-k8s.io, kind: JobSet, paths: ["spec.replicatedJobs[*].template.spec.template.spec"]}
policiesFromItems: true
annotate: true
output: none
`))
	if l := got.Match.LabelSelector; l == nil || !l.Matches(map[string]string{"app": "web"}) || l.Matches(map[string]string{"app": "db"}) {
		t.Errorf("labelSelector = %v, want app=web", l)
	}
	if l := got.Match.NamespaceSelector; l == nil || !l.Matches(map[string]string{"tier": "b"}) || l.Matches(nil) {
		t.Errorf("namespaceSelector = %v, want tier in (a,b)", l)
	}
	got.Match.LabelSelector, got.Match.NamespaceSelector = nil, nil
	want := &policy.Policy{
		Name: "p", Dialect: "UserGroupPolicy",
		RunAsUser:          policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange, DefaultFrom: policy.DefaultFromImage},
		RunAsGroup:         policy.Strategy{Rule: policy.MustRunAs, RangesFrom: policy.RangesFromOpenShift},
		SupplementalGroups: policy.Strategy{Rule: policy.MayRunAs, Ranges: oneRange, RequireStrict: true},
		FSGroup:            policy.Strategy{Rule: policy.MustBeUnset},
		Mode:               policy.Warn,
		Placement:          policy.PlacePod,
		Images: policy.Images{
			Check: true, Scope: policy.ScopeEffective, Platforms: []string{"linux/amd64", "linux/arm64/v8"},
			FailurePolicy: policy.FailureIgnore, ResolveNames: true, Lock: "users.lock",
		},
		Match: policy.Selector{
			Kinds: []string{"Deployment", "StatefulSet.apps"}, Namespaces: []string{"team-*"}, Names: []string{"web"},
			Annotations: map[string]string{"owner": "me"}, Images: []string{"registry.example/*"}, Containers: []string{"web"},
		},
		Exclude:                  []policy.Exclusion{{Selector: policy.Selector{Containers: []string{"istio-proxy"}}, Reason: "the mesh needs 1337"}},
		AllowExemptionAnnotation: true,
		DefaultNamespace:         "team-a",
		PodSpecPaths: []policy.PodSpecPath{
			{Group: "argoproj.io", Kind: "Rollout", Paths: []string{"spec.template.spec"}},
			{Group: "jobset.x-k8s.io", Kind: "JobSet", Paths: []string{"spec.replicatedJobs[*].template.spec.template.spec"}},
		},
		PoliciesFromItems: true,
		Annotate:          true,
		Output:            policy.OutputNone,
	}
	if diff := cmp.Diff(want, got, anywhere); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNativeDefaults(t *testing.T) {
	tests := []struct {
		name, text string
		want       policy.Policy
	}{
		{"an empty spec", native("{}"), policy.Policy{Name: "p"}},
		{"no name", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nspec: {}", policy.Policy{Name: "UserGroupPolicy"}},
		{"null is absent", native("runAsUser: null\nmode: null\nmatch: ~\nexclude:\nvalidateOnly:"), policy.Policy{Name: "p"}},
		{"requireStrict needs no rule", native("supplementalGroups: {requireStrict: true}"), policy.Policy{Name: "p", SupplementalGroups: policy.Strategy{RequireStrict: true}}},
		{"one platform", native("images: {platform: linux/arm64}"), policy.Policy{Name: "p", Images: policy.Images{Platforms: []string{"linux/arm64"}}}},
		{"an empty selector holds for everything", native("match: {labelSelector: {}}"), policy.Policy{Name: "p"}},
		{"metadata as hosts and clusters write it", `
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: p
  namespace: x
  creationTimestamp: null
  labels: {a: b}
  annotations:
    config.kubernetes.io/function: "container: {image: registry.example/usergroup}"
spec: {}
`, policy.Policy{Name: "p"}},
		{
			"ranges through an alias", native("runAsUser: {rule: MustRunAs, ranges: &r [{min: 1000, max: 1999}]}\nrunAsGroup: {rule: MustRunAs, ranges: *r}"),
			policy.Policy{Name: "p", RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange}, RunAsGroup: policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Dialect = "UserGroupPolicy"
			if diff := cmp.Diff(&tt.want, decodeOne(t, tt.text), anywhere); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Pod Security levels become an evaluator that judges by them.
func TestPodSecurity(t *testing.T) {
	for _, text := range []string{
		"podSecurity: {enforce: {level: restricted, version: v1.30}, exemptions: {namespaces: [kube-system], runtimeClasses: [kata]}}",
		"podSecurity: {warn: {level: baseline}, audit: {level: restricted, version: latest}, scope: All}",
		"namespaceLabels: true",
		"namespaceLabels: true\npodSecurity: {scope: All}",
	} {
		p := decodeOne(t, native(text))
		if len(p.Evaluators) != 1 {
			t.Errorf("%s: %d evaluators, want 1", text, len(p.Evaluators))
		}
	}
	root := func() (map[string]any, error) {
		return map[string]any{
			"metadata": map[string]any{"name": "a"},
			"spec": map[string]any{"containers": []any{
				map[string]any{"name": "web", "image": "web", "securityContext": map[string]any{"runAsUser": int64(0)}},
			}},
		}, nil
	}
	pod := &podspec.Pod{Path: podspec.Field("spec"), MetadataPath: podspec.Field("metadata"), Containers: []podspec.Container{{
		Kind: podspec.RegularContainer, Name: "web", Image: "web", Path: podspec.Field("spec", "containers").Index(0),
		SecurityContext: podspec.SecurityContext{RunAsUser: podspec.Value[int64]{State: podspec.Set, Raw: "0", Path: podspec.Field("spec", "containers").Index(0).Key("securityContext", "runAsUser")}},
	}}}
	p := decodeOne(t, native("podSecurity: {enforce: {level: restricted}}"))
	fs := p.Evaluators[0].Evaluate(context.Background(), policy.Subject{
		Object: policy.Object{APIVersion: "v1", Kind: "Pod", Name: "a"}, Pod: pod, JSON: root, PodJSON: root,
	})
	if len(fs) == 0 || fs[0].Policy != "p" || fs[0].Severity != policy.Error {
		t.Errorf("findings on a pod that runs as root: %+v, want errors of policy p", fs)
	}
}

func TestConfigMap(t *testing.T) {
	head := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\n"
	tests := []struct {
		name, data string
		want       policy.Policy
	}{
		{
			"as kpt writes arguments", `data: {run_as_user: '{rule: MustRunAsNonRoot}', validate_only: "true"}`,
			policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}, ValidateOnly: true},
		},
		{
			"JSON in a value", `data: {runAsUser: '{"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 1999}]}'}`,
			policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange}},
		},
		{
			"a scalar without quotes", "data: {validate_only: true, fs_group: '{rule: RunAsAny}', pod_spec_paths: '[{kind: A, paths: [spec]}]'}",
			policy.Policy{ValidateOnly: true, FSGroup: policy.Strategy{Rule: policy.RunAsAny}, PodSpecPaths: []policy.PodSpecPath{{Kind: "A", Paths: []string{"spec"}}}},
		},
		{"a word", "data: {mode: Audit}", policy.Policy{Mode: policy.Audit}},
		{"immutable", "immutable: true\ndata: {annotate: 'true'}", policy.Policy{Annotate: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Name, tt.want.Dialect = "function-input", "ConfigMap"
			if diff := cmp.Diff(&tt.want, decodeOne(t, head+tt.data), anywhere); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	bad := []struct {
		name, data string
		want       []string
	}{
		{"unknown key", "data: {run_as_usr: '{rule: RunAsAny}'}", []string{`data.run_as_usr: unknown field, did you mean "runAsUser"`}},
		{"a field twice", "data: {run_as_user: '{rule: RunAsAny}', runAsUser: '{rule: RunAsAny}'}", []string{"data.run_as_user: is the same field as runAsUser"}},
		{"no data", "data: {}", []string{"data: must hold at least one rule: without one the policy accepts everything"}},
		{"binaryData", "data: {annotate: 'true'}\nbinaryData: {a: Yg==}", []string{"binaryData: unknown field"}},
		{"wrong type in the text", "data: {validate_container_image_configuration: '1'}", []string{"data.validate_container_image_configuration: must be a boolean, is the integer 1"}},
		{"wrong type without quotes", "data: {validate_container_image_configuration: 1}", []string{"data.validate_container_image_configuration: must be a boolean, is the integer 1"}},
		{"empty value", "data: {run_as_user: ''}", []string{"data.run_as_user: must not be empty"}},
		{"null", "data: {run_as_user: null}", []string{"data.run_as_user: must not be null"}},
		{"mapping", "data: {run_as_user: {rule: RunAsAny}}", []string{"data.run_as_user: must be a string that holds YAML, is a mapping"}},
		{"errors of the checks", "data: {run_as_user: '{rule: MustRunAs}', validate_only: 'true', run_as_group: '{rule: MustRunAs, overwrite: true, ranges: [{min: 2, max: 1}]}'}", []string{
			"data.run_as_user.ranges: must hold at least one range for MustRunAs",
			"data.validate_only: must not be true together with runAsGroup.overwrite",
			"data.run_as_group.ranges[0].min: must not be above max, is 2 and max is 1",
		}},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, head+tt.data)
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("broken YAML", func(t *testing.T) {
		_, err := decode(t, head+"data: {run_as_user: '{rule: '}")
		if got := messages(t, err); len(got) != 1 || !strings.HasPrefix(got[0], "data.run_as_user: must be YAML: ") {
			t.Errorf("errors = %q", got)
		}
	})
	t.Run("lines", func(t *testing.T) {
		_, err := decode(t, head+"data:\n  run_as_user: |\n    rule: MustRunAs\n    ranges:\n    - min: x\n      max: 2\n  run_as_group: \"{rule: Never}\"\n")
		want := config.Errors{
			{Path: "data.run_as_user.ranges[0].min", Line: 8, Msg: `must be an integer, is the string "x"`},
			{Path: "data.run_as_group.rule", Line: 10, Msg: `must be MustRunAs, MayRunAs, RunAsAny or MustBeUnset, is "Never"`},
		}
		if diff := cmp.Diff(error(want), err); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func kubewarden(kind, meta, spec string) string {
	return fmt.Sprintf("apiVersion: policies.kubewarden.io/v1\nkind: %s\nmetadata: {%s}\nspec:\n  module: registry.example/policies/user-group-psp:v1.1.3\n%s", kind, meta, indent(spec))
}

func TestKubewarden(t *testing.T) {
	const any = "{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*']}"
	const published = `
rules:
- {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE, UPDATE]}
- {apiGroups: [''], apiVersions: [v1], resources: [replicationcontrollers], operations: [CREATE, UPDATE]}
- {apiGroups: [apps], apiVersions: [v1], resources: [deployments, replicasets, statefulsets, daemonsets], operations: [CREATE, UPDATE]}
- {apiGroups: [batch], apiVersions: [v1], resources: [jobs, cronjobs], operations: [CREATE, UPDATE]}
`
	tests := []struct {
		name, kind, meta, spec string
		want                   policy.Policy
		notes                  []string
	}{
		{name: "everything", spec: "rules: [" + any + "]"},
		{name: "monitor", spec: "mode: monitor\nrules: [" + any + "]", want: policy.Policy{Mode: policy.Audit}},
		{name: "protect", spec: "mode: protect\nrules: [" + any + "]"},
		{name: "not mutating", spec: "mutating: false\nrules: [" + any + "]", want: policy.Policy{ValidateOnly: true}},
		{name: "mutating", spec: "mutating: true\nrules: [" + any + "]"},
		{name: "null settings", spec: "settings: null\nrules: [" + any + "]"},
		{name: "the rules that the policy is published with", spec: published, want: policy.Policy{Match: policy.Selector{Kinds: []string{
			"CronJob.batch", "DaemonSet.apps", "DaemonSet.extensions", "Deployment.apps", "Deployment.extensions", "Job.batch",
			"ReplicaSet.apps", "ReplicaSet.extensions", "StatefulSet.apps", "v1/Pod", "v1/ReplicationController",
		}}}},
		{
			name: "exact", spec: "matchPolicy: Exact\nrules: [{apiGroups: [apps, batch], apiVersions: [v1], resources: [deployments, cronjobs], operations: [CREATE]}]",
			want: policy.Policy{Match: policy.Selector{Kinds: []string{"apps/v1/Deployment", "batch/v1/CronJob"}}},
		},
		{
			name: "exact, any version", spec: "matchPolicy: Exact\nrules: [{apiGroups: [batch], apiVersions: ['*'], resources: [cronjobs], operations: [CREATE]}]",
			want: policy.Policy{Match: policy.Selector{Kinds: []string{"batch/v1/CronJob", "batch/v1beta1/CronJob"}}},
		},
		{
			name: "all resources of one group", spec: "rules: [{apiGroups: [batch], apiVersions: [v1], resources: ['*'], operations: [CREATE]}]",
			want: policy.Policy{Match: policy.Selector{Kinds: []string{"CronJob.batch", "Job.batch", "batch/v1/*"}}},
		},
		{
			name: "ephemeral containers beside pods", spec: "rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods, pods/ephemeralcontainers], operations: [CREATE, UPDATE]}]",
			want: policy.Policy{Match: policy.Selector{Kinds: []string{"v1/Pod"}}},
			notes: []string{
				`ClusterAdmissionPolicy "p": spec.rules[0]: the subresource pods/ephemeralcontainers does not occur in manifests`,
				`ClusterAdmissionPolicy "p": spec.rules select Pods, and not ReplicationController, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob: what these create is judged in the cluster only, as a Pod`,
			},
		},
		{
			name: "parts that select nothing", spec: `
rules:
- {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}
- {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [DELETE]}
- {apiGroups: [''], apiVersions: [v1], resources: [services, deployments], operations: [CREATE]}
- {apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE], scope: Cluster}
`,
			want: policy.Policy{Match: policy.Selector{Kinds: []string{"v1/Pod"}}},
			notes: []string{
				`ClusterAdmissionPolicy "p": spec.rules[1]: operations other than CREATE and UPDATE do not concern manifests`,
				`ClusterAdmissionPolicy "p": spec.rules[2]: services is not a workload of the API groups and versions listed`,
				`ClusterAdmissionPolicy "p": spec.rules[2]: deployments is not a workload of the API groups and versions listed`,
				`ClusterAdmissionPolicy "p": spec.rules[3]: no resource of scope Cluster holds a pod template`,
				`ClusterAdmissionPolicy "p": spec.rules select Pods, and not ReplicationController, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob: what these create is judged in the cluster only, as a Pod`,
			},
		},
		{name: "no rules", spec: "settings: {}", notes: []string{`ClusterAdmissionPolicy "p": spec.rules is absent: the policy applies to every kind that holds a pod template`}},
		{
			name: "namespaced", kind: "AdmissionPolicy", meta: "name: p, namespace: team-a", spec: "rules: [" + any + "]",
			want: policy.Policy{Namespace: "team-a", Match: policy.Selector{Namespaces: []string{"team-a"}}},
		},
		{name: "what a policy server needs", spec: `
rules: [` + any + `]
policyServer: default
backgroundAudit: true
failurePolicy: Fail
sideEffects: None
timeoutSeconds: 10
message: no root
contextAwareResources: []
matchConditions: []
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.kind == "" {
				tt.kind, tt.meta = "ClusterAdmissionPolicy", "name: p"
			}
			tt.want.Name, tt.want.Dialect = "p", tt.kind
			got := decodeOne(t, kubewarden(tt.kind, tt.meta, tt.spec))
			if diff := cmp.Diff(tt.notes, noteMessages(t, got)); diff != "" {
				t.Errorf("notes: -want +got:\n%s", diff)
			}
			got.Notes = nil
			if diff := cmp.Diff(&tt.want, got, anywhere); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("selectors", func(t *testing.T) {
		p := decodeOne(t, kubewarden("ClusterAdmissionPolicy", "name: p", "rules: ["+any+"]\nobjectSelector: {matchLabels: {app: web}}\nnamespaceSelector: {matchLabels: {team: a}}"))
		if l := p.Match.LabelSelector; l == nil || !l.Matches(map[string]string{"app": "web"}) || l.Matches(nil) {
			t.Errorf("labels = %v, want app=web", l)
		}
		if l := p.Match.NamespaceSelector; l == nil || !l.Matches(map[string]string{"team": "a"}) || l.Matches(nil) {
			t.Errorf("namespace = %v, want team=a", l)
		}
	})
}

// noteMessages returns the messages of a policy's notes, which must all be
// infos that name the policy.
func noteMessages(t *testing.T, p *policy.Policy) []string {
	t.Helper()
	var out []string
	for _, n := range p.Notes {
		if n.Severity != policy.Info || n.Reason != policy.NotEvaluated || n.Policy != p.Name {
			t.Errorf("note %+v, want an info of the policy with the reason NotEvaluated", n)
		}
		out = append(out, n.Message)
	}
	return out
}

func TestKubewardenErrors(t *testing.T) {
	const rules = "rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*']}]\n"
	tests := []struct {
		name, kind, meta, spec string
		want                   []string
	}{
		{name: "unknown setting", spec: rules + "settings: {runAsUser: {rule: RunAsAny}}", want: []string{`spec.settings.runAsUser: unknown field, did you mean "run_as_user"`}},
		{name: "a rule of the native kind only", spec: rules + "settings: {run_as_user: {rule: MustBeUnset}}", want: []string{`spec.settings.run_as_user.rule: must be MustRunAs, MustRunAsNonRoot or RunAsAny, is "MustBeUnset"`}},
		{name: "fsGroup is another policy's", spec: rules + "settings: {fs_group: {rule: RunAsAny}}", want: []string{"spec.settings.fs_group: unknown field"}},
		{name: "checks name the settings", spec: rules + "settings: {run_as_user: {rule: MustRunAs}, run_as_group: {rule: MayRunAs, overwrite: true, ranges: [{min: -1, max: 1}]}, supplemental_groups: {ranges: [{min: 1, max: 2}]}}", want: []string{
			"spec.settings.run_as_user.ranges: must hold at least one range for MustRunAs",
			"spec.settings.run_as_group.overwrite: needs the rule MustRunAs, the rule is MayRunAs",
			"spec.settings.run_as_group.ranges[0].min: must be in 0-2147483647, is -1",
			"spec.settings.supplemental_groups.rule: is required",
		}},
		{name: "validate_only with overwrite", spec: rules + "settings: {validate_only: true, run_as_user: {rule: MustRunAs, overwrite: true, ranges: [{min: 1, max: 2}]}}", want: []string{"spec.settings.validate_only: must not be true together with runAsUser.overwrite"}},
		{name: "not mutating with overwrite", spec: rules + "mutating: false\nsettings: {run_as_user: {rule: MustRunAs, overwrite: true, ranges: [{min: 1, max: 2}]}}", want: []string{"spec.mutating: must not be false together with settings.run_as_user.overwrite"}},
		{name: "wrong type", spec: rules + "settings: {validate_container_image_configuration: 1}", want: []string{"spec.settings.validate_container_image_configuration: must be a boolean, is the integer 1"}},
		{name: "conditions", spec: rules + "matchConditions: [{name: a, expression: 'true'}]", want: []string{"spec.matchConditions: must be empty: they are not evaluated here, and the policy would apply to more objects than in the cluster"}},
		{name: "mode", spec: rules + "mode: Enforce", want: []string{`spec.mode: must be protect or monitor, is "Enforce"`}},
		{name: "unknown field", spec: rules + "mutatin: true", want: []string{`spec.mutatin: unknown field, did you mean "mutating"`}},
		{name: "rules that select nothing", spec: "rules: [{apiGroups: [''], apiVersions: [v1], resources: [services], operations: [CREATE]}]", want: []string{"spec.rules: must select at least one workload, or the policy applies to nothing"}},
		{name: "empty rules", spec: "rules: []", want: []string{"spec.rules: must select at least one workload, or the policy applies to nothing"}},
		{name: "a rule without lists", spec: "rules: [{operations: [CREATE], resources: ['*']}]", want: []string{
			"spec.rules: must select at least one workload, or the policy applies to nothing",
			"spec.rules[0].apiGroups: must hold at least one entry",
			"spec.rules[0].apiVersions: must hold at least one entry",
		}},
		{name: "an unknown operator", spec: rules + "objectSelector: {matchExpressions: [{key: a, operator: Is}]}", want: []string{`spec.objectSelector.matchExpressions[0].operator: must be In, NotIn, Exists or DoesNotExist, is "Is"`}},
		{name: "an operator the API server refuses", spec: rules + "namespaceSelector: {matchExpressions: [{key: a}]}", want: []string{"spec.namespaceSelector.matchExpressions[0].operator: is required"}},
		{name: "no namespace", kind: "AdmissionPolicy", meta: "name: p", spec: rules, want: []string{"metadata.namespace: is required: an AdmissionPolicy is for the objects of its own namespace"}},
		{name: "a namespace selector on a namespaced policy", kind: "AdmissionPolicy", meta: "name: p, namespace: a", spec: rules + "namespaceSelector: {}", want: []string{"spec.namespaceSelector: unknown field"}},
		{name: "no name", meta: "labels: {}", kind: "ClusterAdmissionPolicy", spec: rules, want: []string{"metadata.name: is required"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.kind == "" {
				tt.kind, tt.meta = "ClusterAdmissionPolicy", "name: p"
			}
			_, err := decode(t, kubewarden(tt.kind, tt.meta, tt.spec))
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestForeignWithoutSpec(t *testing.T) {
	for _, head := range []string{
		"apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\n",
		"apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\n",
		"apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n",
	} {
		_, err := decode(t, head+"metadata: {name: a, namespace: b}\n")
		if diff := cmp.Diff([]string{"spec: is required"}, messages(t, err)); diff != "" {
			t.Errorf("%s-want +got:\n%s", head, diff)
		}
		_, err = decode(t, head+"metadata: {namespace: b}\nspec: null\n")
		if diff := cmp.Diff([]string{"metadata.name: is required", "spec: is required"}, messages(t, err)); diff != "" {
			t.Errorf("%s-want +got:\n%s", head, diff)
		}
	}
}

func TestKubewardenModule(t *testing.T) {
	tests := []struct {
		module string
		ok     bool
	}{
		{"registry://registry.example/kubewarden/policies/user-group-psp:v0.6.4", true},
		{"registry.example:5000/kubewarden/policies/user-group-psp", true},
		{"registry://registry.example/user-group-psp@sha256:0123", true},
		{"registry://registry.example/user-group-psp:v1@sha256:0123", true},
		{"user-group-psp:latest", true},
		{"https://files.example/user-group-psp-policy/releases/download/v0.2.0/policy.wasm", true},
		{"file:///policies/user-group-psp.wasm", true},
		{"registry://registry.example/policies/allowed-fsgroups:v1", false},
		{"registry://registry.example/kubewarden/policies/pod-privileged:v0.1.0", false},
		{"registry://registry.example/user-group-psp/other:v1", false},
		{"registry://registry.example/not-user-group-psp:v1", false},
		{"registry://user-group-psp/other", false},
		{"https://files.example/other/policy.wasm", false},
	}
	for _, tt := range tests {
		_, err := decode(t, strings.ReplaceAll(kubewardenHead, "registry://registry.example/kubewarden/policies/user-group-psp:v0.6.4", tt.module))
		if ok := err == nil; ok != tt.ok {
			t.Errorf("module %s: error %v", tt.module, err)
		}
	}
	_, err := decode(t, "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {name: p}\nspec: {}")
	if diff := cmp.Diff([]string{"spec.module: is required"}, messages(t, err)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPodSecurityPolicy(t *testing.T) {
	psp := func(spec string) string {
		return "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata:\n  name: restricted\n  annotations: {seccomp.security.alpha.kubernetes.io/allowedProfileNames: runtime/default, owner: me}\nspec:\n" + indent(spec)
	}
	const groups = "supplementalGroups: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}\nfsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}\n"
	got := decodeOne(t, psp("privileged: false\nvolumes: [configMap]\nhostPID: null\nrunAsUser: {rule: MustRunAsNonRoot}\nrunAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]}\n"+groups))
	want := &policy.Policy{
		Name: "restricted", Dialect: "PodSecurityPolicy",
		RunAsUser:          policy.Strategy{Rule: policy.MustRunAsNonRoot},
		RunAsGroup:         policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
		SupplementalGroups: policy.Strategy{Rule: policy.MayRunAs, Ranges: oneRange},
		FSGroup:            policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange},
		Placement:          policy.PlaceContainers,
	}
	notes := []string{`PodSecurityPolicy "restricted": not covered, because it does not concern users and groups: spec.privileged, spec.volumes, metadata.annotations["seccomp.security.alpha.kubernetes.io/allowedProfileNames"]`}
	if diff := cmp.Diff(notes, noteMessages(t, got)); diff != "" {
		t.Errorf("notes: -want +got:\n%s", diff)
	}
	got.Notes = nil
	if diff := cmp.Diff(want, got, anywhere); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	tests := []struct {
		name, spec string
		want       []string
	}{
		{"required strategies", "privileged: true", []string{"spec.runAsUser: is required", "spec.supplementalGroups: is required", "spec.fsGroup: is required"}},
		{"a rule that PodSecurityPolicy does not have", "runAsUser: {rule: MustBeUnset}\n" + groups, []string{`spec.runAsUser.rule: must be MustRunAs, MustRunAsNonRoot or RunAsAny, is "MustBeUnset"`}},
		{"overwrite", "runAsUser: {rule: RunAsAny, overwrite: true}\n" + groups, []string{"spec.runAsUser.overwrite: unknown field"}},
		{"unknown field", "runAsUser: {rule: RunAsAny}\nhostpid: true\n" + groups, []string{`spec.hostpid: unknown field, did you mean "hostPID"`}},
		{"ranges", "runAsUser: {rule: MustRunAs}\n" + groups, []string{"spec.runAsUser.ranges: must hold at least one range for MustRunAs"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, psp(tt.spec))
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A ClusterImagePolicy is decoded by its own package, with its own tests; here
// it must only be found.
func TestClusterImagePolicy(t *testing.T) {
	p := decodeOne(t, `
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: no-root}
spec:
  images: [{glob: "**"}]
  authorities: [{static: {action: pass}}]
  policy:
    includeSpec: true
    type: cue
    data: |
      spec: containers: [...{securityContext: runAsUser: != 0}]
`)
	if p.Name != "no-root" || p.Dialect != "ClusterImagePolicy" || len(p.Evaluators) != 1 {
		t.Errorf("policy = %+v, want one with an evaluator", p)
	}
}

func TestLines(t *testing.T) {
	text := "kind: UserGroupPolicy\napiVersion: usergroup.dev/v1alpha1\nspec:\n  runAsUser:\n    rule: MustRunAs\n    ranges:\n    - min: 5\n      max: 1\n  foo: 1\n"
	n, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		o    config.Options
		want []int
	}{
		{"from the first line", config.Options{Data: []byte(text), Line: 1}, []int{7, 9}},
		{"within a file", config.Options{Data: []byte(text), Line: 101}, []int{107, 109}},
		{"without the text", config.Options{Line: 101}, []int{0, 0}},
	} {
		_, err := config.Decode(n, tt.o)
		es, _ := err.(config.Errors)
		var got []int
		for _, e := range es {
			got = append(got, e.Line)
		}
		if diff := cmp.Diff(tt.want, got, anywhere); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}
