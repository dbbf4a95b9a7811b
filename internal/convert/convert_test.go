package convert_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/convert"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

func parse(t *testing.T, text string) *manifest.Node {
	t.Helper()
	n, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		t.Fatalf("the test's YAML: %v", err)
	}
	return n
}

func convertText(t *testing.T, text string) string {
	t.Helper()
	out, err := convert.Convert(parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func decode(t *testing.T, text string) *policy.Policy {
	t.Helper()
	ps, err := config.Decode(parse(t, text), config.Options{Data: []byte(text), Line: 1})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return ps[0]
}

const kubewarden = `apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata:
  name: user-group
spec:
  module: registry://registry.example/policies/user-group-psp:v1.1.3
  mode: monitor
  mutating: true
  rules:
    - {apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: [CREATE, UPDATE]}
  objectSelector: {matchLabels: {app: web}}
  namespaceSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [a]}]}
  settings:
    run_as_user: {rule: MustRunAs, overwrite: true, ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]}
    run_as_group: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}
    supplemental_groups: {rule: RunAsAny}
    validate_container_image_configuration: true
`

const podSecurityPolicy = `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: restricted}
spec:
  privileged: false
  volumes: [configMap]
  runAsUser: {rule: MustRunAsNonRoot}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}
  supplementalGroups: {rule: MayRunAs, ranges: [{min: 1, max: 65535}]}
  fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 65535}]}
`

const constraint = `apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sPSPAllowedUsers
metadata: {name: allowed-users}
spec:
  enforcementAction: warn
  match:
    kinds: [{apiGroups: [""], kinds: [Pod]}]
    namespaces: [team-*]
    excludedNamespaces: [kube-*]
    labelSelector: {matchLabels: {app: web}}
    namespaceSelector: {matchLabels: {tier: a}}
  parameters:
    exemptImages: [registry.example/mesh/*, registry.example/app]
    runAsUser: {rule: MustRunAs, ranges: [{min: 100, max: 200}]}
    runAsGroup: {rule: MustRunAs, ranges: [{min: 100, max: 200}]}
    supplementalGroups: {rule: MayRunAs, ranges: [{min: 100, max: 200}]}
    fsGroup: {rule: RunAsAny}
`

func TestConvert(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"Kubewarden", kubewarden, `# Converted from the ClusterAdmissionPolicy "user-group".
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: user-group
spec:
  runAsUser:
    rule: MustRunAs
    ranges:
    - min: 1000
      max: 1999
    - min: 3000
      max: 3999
    overwrite: true
  runAsGroup:
    rule: MayRunAs
    ranges:
    - min: 1000
      max: 1999
  supplementalGroups:
    rule: RunAsAny
  validateContainerImageConfiguration: true
  mode: Audit
  match:
    kinds:
    - Deployment.apps
    - Deployment.extensions
    labelSelector:
      matchLabels:
        app: web
    namespaceSelector:
      matchExpressions:
      - key: tier
        operator: NotIn
        values:
        - a
`},
		{"PodSecurityPolicy", podSecurityPolicy, `# Converted from the PodSecurityPolicy "restricted".
# - not covered, because it does not concern users and groups: spec.privileged, spec.volumes
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: restricted
spec:
  runAsUser:
    rule: MustRunAsNonRoot
  runAsGroup:
    rule: MustRunAs
    ranges:
    - min: 1000
      max: 1999
  supplementalGroups:
    rule: MayRunAs
    ranges:
    - min: 1
      max: 65535
  fsGroup:
    rule: MustRunAs
    ranges:
    - min: 1
      max: 65535
  placement: Containers
`},
		{"Gatekeeper", constraint, `# Converted from the K8sPSPAllowedUsers "allowed-users".
# - spec.match.kinds select Pods; the policy is for every kind that holds a pod template, judged as the Pod it becomes
# - spec.match selected Pods by their own labels and names; here those of the workload count
# - spec.parameters.exemptImages: "registry.example/app" exempted an image written without a tag; here it exempts any tag
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: allowed-users
spec:
  runAsUser:
    rule: MustRunAs
    ranges:
    - min: 100
      max: 200
  runAsGroup:
    rule: MustRunAs
    ranges:
    - min: 100
      max: 200
  supplementalGroups:
    rule: MayRunAs
    ranges:
    - min: 100
      max: 200
  fsGroup:
    rule: RunAsAny
  validateOnly: true
  mode: Warn
  match:
    namespaces:
    - team-*
    labelSelector:
      matchLabels:
        app: web
    namespaceSelector:
      matchLabels:
        tier: a
  exclude:
  - namespaces:
    - kube-*
    reason: excludedNamespaces of K8sPSPAllowedUsers allowed-users
  - images:
    - registry.example/mesh/*
    - registry.example/app
    reason: exemptImages of K8sPSPAllowedUsers allowed-users
`},
		{"Namespace", `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: baseline
    pod-security.kubernetes.io/enforce-version: v1.30
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/audit-version: latest
`, `# Converted from the Namespace "shop".
# - the label pod-security.kubernetes.io/audit-version has no effect without a level
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: pod-security-shop
spec:
  validateOnly: true
  podSecurity:
    enforce:
      level: baseline
      version: v1.30
    warn:
      level: restricted
    scope: All
  match:
    namespaces:
    - shop
`},
		{"level", "restricted:v1.30", `# Converted from the Pod Security level "restricted:v1.30".
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: pod-security-restricted
spec:
  validateOnly: true
  podSecurity:
    enforce:
      level: restricted
      version: v1.30
    scope: All
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := convertText(t, tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			decode(t, got)
		})
	}
}

// anywhere compares policies wherever they are written.
var anywhere = cmp.Options{
	cmpopts.IgnoreFields(policy.Policy{}, "Source", "Namespace"),
	cmpopts.IgnoreFields(policy.Strategy{}, "Line"),
	cmpopts.IgnoreFields(policy.Exclusion{}, "Line"),
}

// native is a policy with every field, or nearly so.
const native = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: a}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], defaultFrom: Image, overwrite: true}
  runAsGroup: {rule: MustRunAs, rangesFrom: OpenShiftNamespace}
  supplementalGroups: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}], requireStrict: true}
  fsGroup: {rule: MustBeUnset}
  validateContainerImageConfiguration: true
  placement: Pod
  images: {scope: Effective, platform: [linux/amd64, linux/arm64/v8], failurePolicy: Ignore, resolveNames: true, lock: users.lock}
  match: {kinds: [Deployment], namespaces: [team-*], names: [a], labelSelector: {matchLabels: {a: b}}, annotations: {c: d}, images: [x], containers: [y]}
  exclude: [{namespaceSelector: {matchExpressions: [{key: e, operator: In, values: [f]}]}, reason: r}]
  allowExemptionAnnotation: true
  defaultNamespace: g
  podSpecPaths: [{group: a.example, kind: B, paths: ["spec.x[*]"]}]
  annotate: true
  output: items
`

// original is the policy in a text whose other objects convert passes over.
func original(text string) string {
	if strings.Contains(text, "kind: Secret") {
		return podSecurityPolicy
	}
	return text
}

// What a dialect decodes to, its conversion decodes to as well.
func TestRoundTrip(t *testing.T) {
	const rules = "\n  rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*']}]\n"
	head := func(kind, meta string) string {
		return "apiVersion: policies.kubewarden.io/v1\nkind: " + kind + "\nmetadata: {" + meta + "}\nspec:\n  module: user-group-psp" + rules
	}
	tests := map[string]string{
		"Kubewarden":                kubewarden,
		"Kubewarden, no settings":   head("ClusterAdmissionPolicy", "name: a"),
		"Kubewarden, namespaced":    head("AdmissionPolicy", "name: a, namespace: 'true'"),
		"Kubewarden, not mutating":  head("ClusterAdmissionPolicy", "name: '1'") + "  mutating: false\n",
		"Kubewarden, validate only": head("ClusterAdmissionPolicy", "name: a") + "  settings: {validate_only: true, run_as_user: {rule: MustRunAsNonRoot}}\n",
		"PodSecurityPolicy":         podSecurityPolicy,
		"native":                    native,
		"ConfigMap":                 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {run_as_user: '{rule: MustRunAsNonRoot}', validateOnly: 'true'}\n",
		"List":                      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret}\n- " + strings.ReplaceAll(podSecurityPolicy, "\n", "\n  ") + "\n",
		"old PodSecurityPolicy":     strings.Replace(podSecurityPolicy, "policy/v1beta1", "extensions/v1beta1", 1),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			want, got := decode(t, original(text)), decode(t, convertText(t, text))
			if diff := cmp.Diff(want, got, anywhere, cmpopts.IgnoreFields(policy.Policy{}, "Dialect", "Notes")); diff != "" {
				t.Errorf("-original +converted:\n%s", diff)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	gatekeeper := func(spec string) string {
		return "apiVersion: constraints.gatekeeper.sh/v1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec:\n  " + spec + "\n"
	}
	tests := []struct {
		name, text, want string
	}{
		{"conditions", kubewarden + "  matchConditions: [{name: a, expression: 'true'}]\n", "# - spec.matchConditions are not translated: without them the policy applies to more objects\n"},
		{"scoped actions", gatekeeper("{enforcementAction: scoped, scopedEnforcementActions: []}"), "# - spec.scopedEnforcementActions are not translated: the policy enforces\n"},
		{"generated", gatekeeper("{match: {source: Generated}}"), "# - spec.match.source is not translated: a manifest does not know whether it was generated\n"},
		{"kinds without Pods", gatekeeper("{match: {kinds: [{apiGroups: [apps], kinds: [Deployment]}]}}"), "# - spec.match.kinds select no Pods, and the constraint's template judged nothing else; the policy judges the kinds listed\n"},
		{"star inside", gatekeeper("{parameters: {exemptImages: ['a*b*']}}"), "# - spec.parameters.exemptImages: \"a*b*\" matched its own * only; here * matches anything\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := convertText(t, tt.text); !strings.Contains(got, tt.want) {
				t.Errorf("no comment %q in\n%s", tt.want, got)
			}
		})
	}
}

// The kinds of a constraint, as a selector spells them; nil where Pods are among
// them, since every pod template becomes a Pod.
func TestKinds(t *testing.T) {
	tests := map[string][]string{
		"":                                 nil,
		"{apiGroups: [''], kinds: [Pod]}":  nil,
		"{apiGroups: ['*'], kinds: ['*']}": nil,
		"{apiGroups: ['*'], kinds: [Pod]}": nil,
		"{apiGroups: [''], kinds: ['*']}":  nil,
		"{apiGroups: [apps], kinds: [Deployment]}, {apiGroups: [''], kinds: [Pod]}": nil,
		"{apiGroups: [apps, extensions], kinds: [Deployment]}":                      {"Deployment.apps", "Deployment.extensions"},
		"{apiGroups: ['*'], kinds: [Job]}, {apiGroups: [''], kinds: [PodTemplate]}": {"Job", "v1/PodTemplate"},
	}
	for kinds, want := range tests {
		p := decode(t, convertText(t, "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {match: {name: web-*, kinds: ["+kinds+"]}}\n"))
		if diff := cmp.Diff(policy.Selector{Kinds: want, Names: []string{"web-*"}}, p.Match); diff != "" {
			t.Errorf("%s: -want +got:\n%s", kinds, diff)
		}
	}
}

func TestActions(t *testing.T) {
	for action, want := range map[string]policy.Mode{"": "", "enforcementAction: deny": "", "enforcementAction: warn": policy.Warn, "enforcementAction: dryrun": policy.Audit} {
		p := decode(t, convertText(t, "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {"+action+"}\n"))
		if p.Mode != want || p.Mutates() {
			t.Errorf("%q: mode %q, mutates %v; want mode %q and no mutation", action, p.Mode, p.Mutates(), want)
		}
	}
}

func TestErrors(t *testing.T) {
	const kinds = "UserGroupPolicy, UserGroupPolicyList, ConfigMap, ClusterAdmissionPolicy, AdmissionPolicy, PodSecurityPolicy, K8sPSPAllowedUsers, Namespace or a Pod Security level"
	tests := []struct {
		name, text, want string
	}{
		{"another kind", "apiVersion: v1\nkind: Secret\n", `"Secret" of "v1" cannot be converted, must be a ` + kinds},
		{"native, without a spec", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\n", "spec: is required"},
		{"another ConfigMap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {key: value}\n", `the ConfigMap "c" cannot be converted, must have a field of a UserGroupPolicy in its data`},
		{"a ConfigMap with a mistake", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {runAsUser: '{rule: RunAsAny}', validate: 'true'}\n", `data.validate: unknown field, did you mean "validateOnly"`},
		{
			"ClusterImagePolicy", "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: keyed}\nspec: {images: [{glob: '**'}], authorities: []}\n",
			`the ClusterImagePolicy "keyed" cannot be converted: a UserGroupPolicy has no equivalent of spec.images, spec.authorities; give it to --policy as it is`,
		},
		{"a List of other objects", "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret}]\n", `"Secret" of "v1" cannot be converted, must be a ` + kinds},
		{"an empty List", "apiVersion: v1\nkind: List\nitems: []\n", "a List without items cannot be converted"},
		{"a list", "[]", `"" of "" cannot be converted, must be a ` + kinds},
		{"unknown level", "strict", `podSecurity: enforce.level: must be one of privileged, baseline, restricted, is "strict"`},
		{"unknown version", "restricted:1.30", `podSecurity.enforce.version: must be latest or v1.N, is "1.30"`},
		{"no labels", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", `the Namespace "a" cannot be converted, must have a Pod Security level, such as pod-security.kubernetes.io/enforce: restricted`},
		{"no name", "apiVersion: v1\nkind: Namespace\nmetadata: {labels: {pod-security.kubernetes.io/enforce: restricted}}\n", "metadata.name: is required"},
		{
			"a label twice", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce: baseline}}\n",
			`metadata.labels["pod-security.kubernetes.io/enforce"]: duplicate key: parsers disagree on which of the two wins`,
		},
		{
			"a number for a version", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: 1.30}}\n",
			`metadata.labels["pod-security.kubernetes.io/enforce-version"]: must be a string that is not empty`,
		},
		{"Kubewarden", strings.Replace(kubewarden, "MayRunAs", "Never", 1), `spec.settings.run_as_group.rule: must be MustRunAs, MayRunAs or RunAsAny, is "Never"`},
		{"PodSecurityPolicy", strings.Replace(podSecurityPolicy, "min: 1000", "min: 2000", 1), "spec.runAsGroup.ranges[0].min: must not be above max, is 2000 and max is 1999"},
		{"Gatekeeper", strings.Replace(constraint, "{min: 100, max: 200}", "{min: 100}", 1), "spec.parameters.runAsUser.ranges[0].max: is required"},
		{"Gatekeeper, no name", "apiVersion: constraints.gatekeeper.sh/v1\nkind: K8sPSPAllowedUsers\n", "metadata.name: is required"},
		{"Gatekeeper, label selector", "apiVersion: constraints.gatekeeper.sh/v1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {match: {labelSelector: {matchExpressions: [{key: a}]}}}\n", "spec.match.labelSelector.matchExpressions[0].operator: is required"},
		{"Gatekeeper, cluster scope", "apiVersion: constraints.gatekeeper.sh/v1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {match: {scope: Cluster}}\n", "spec.match.scope: must not be Cluster: nothing of that scope runs as a user"},
		{"Gatekeeper, unknown field", "apiVersion: constraints.gatekeeper.sh/v1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {parameter: {}}\n", `spec.parameter: unknown field, did you mean "parameters"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := convert.Convert(parse(t, tt.text))
			if !errors.Is(err, config.ErrConfig) || err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
		})
	}
	if _, err := convert.Convert(nil); !errors.Is(err, config.ErrConfig) {
		t.Errorf("error for nothing at all: %v", err)
	}
}
