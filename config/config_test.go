package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

func parse(text string) (*manifest.Node, error) {
	return manifest.Decode([]byte(text), 0)
}

// decode decodes a policy as a host hands it over.
func decode(t *testing.T, text string) ([]*policy.Policy, error) {
	t.Helper()
	n, err := parse(text)
	if err != nil {
		t.Fatalf("the test's YAML: %v", err)
	}
	return config.Decode(n, config.Options{Data: []byte(text), Line: 1})
}

// decodeOne decodes a text that must be one policy.
func decodeOne(t *testing.T, text string) *policy.Policy {
	t.Helper()
	ps, err := decode(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) != 1 {
		t.Fatalf("%d policies, want 1", len(ps))
	}
	return ps[0]
}

// messages renders errors as "path: message", which is how the tables have them.
func messages(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	if !errors.Is(err, config.ErrConfig) {
		t.Errorf("error %v is not config.ErrConfig", err)
	}
	var es config.Errors
	if !errors.As(err, &es) {
		t.Fatalf("error is a %T, want config.Errors", err)
	}
	var out []string
	for _, e := range es {
		out = append(out, (&config.Error{Path: e.Path, Msg: e.Msg}).Error())
	}
	return out
}

// indent indents every line of a block of YAML.
func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.Trim(text, "\n"), "\n", "\n  ") + "\n"
}

const nativeHead = "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: p}\n"

func native(spec string) string { return nativeHead + "spec:\n" + indent(spec) }

var (
	twoRanges = policy.Ranges{{Min: 1000, Max: 1999}, {Min: 3000, Max: 3999}}
	oneRange  = policy.Ranges{{Min: 1000, Max: 1999}}
	adjoining = policy.Ranges{{Min: 1000, Max: 2000}, {Min: 2001, Max: 3000}}
)

// settings are those that Kubewarden's documentation of user-group-psp shows,
// with the policy that each means.
var settings = []struct {
	name, yaml string
	want       policy.Policy
}{
	{
		name: "MustRunAs with two ranges",
		yaml: `
run_as_user:
  rule: MustRunAs
  ranges:
    - min: 1000
      max: 1999
    - min: 3000
      max: 3999
run_as_group:
  rule: MustRunAs
  ranges:
    - min: 1000
      max: 1999
    - min: 3000
      max: 3999
supplemental_groups:
  rule: MustRunAs
  ranges:
    - min: 1000
      max: 1999
    - min: 3000
      max: 3999
`,
		want: policy.Policy{
			RunAsUser:          policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
			RunAsGroup:         policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
			SupplementalGroups: policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
		},
	},
	{
		name: "MustRunAs with two ranges, validate only",
		yaml: `
validate_only: true
run_as_user:
  rule: MustRunAs
  ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]
run_as_group:
  rule: MustRunAs
  ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]
supplemental_groups:
  rule: MustRunAs
  ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]
`,
		want: policy.Policy{
			ValidateOnly:       true,
			RunAsUser:          policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
			RunAsGroup:         policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
			SupplementalGroups: policy.Strategy{Rule: policy.MustRunAs, Ranges: twoRanges},
		},
	},
	{
		name: "RunAsAny everywhere",
		yaml: `
run_as_user:
  rule: RunAsAny
run_as_group:
  rule: RunAsAny
supplemental_groups:
  rule: RunAsAny
`,
		want: policy.Policy{
			RunAsUser:          policy.Strategy{Rule: policy.RunAsAny},
			RunAsGroup:         policy.Strategy{Rule: policy.RunAsAny},
			SupplementalGroups: policy.Strategy{Rule: policy.RunAsAny},
		},
	},
	{
		name: "MustRunAsNonRoot with any group",
		yaml: `
run_as_user:
  rule: MustRunAsNonRoot
run_as_group:
  rule: RunAsAny
supplemental_groups:
  rule: RunAsAny
`,
		want: policy.Policy{
			RunAsUser:          policy.Strategy{Rule: policy.MustRunAsNonRoot},
			RunAsGroup:         policy.Strategy{Rule: policy.RunAsAny},
			SupplementalGroups: policy.Strategy{Rule: policy.RunAsAny},
		},
	},
	{
		name: "MayRunAs with adjoining ranges",
		yaml: `
run_as_user:
  rule: RunAsAny
run_as_group:
  rule: MayRunAs
  ranges:
    - min: 1000
      max: 2000
    - min: 2001
      max: 3000
supplemental_groups:
  rule: MayRunAs
  ranges:
    - min: 1000
      max: 2000
    - min: 2001
      max: 3000
`,
		want: policy.Policy{
			RunAsUser:          policy.Strategy{Rule: policy.RunAsAny},
			RunAsGroup:         policy.Strategy{Rule: policy.MayRunAs, Ranges: adjoining},
			SupplementalGroups: policy.Strategy{Rule: policy.MayRunAs, Ranges: adjoining},
		},
	},
	{
		name: "MustRunAs with overwrite",
		yaml: `
run_as_user:
  rule: MustRunAs
  overwrite: true
  ranges:
    - min: 1000
      max: 1999
run_as_group:
  rule: MustRunAs
  overwrite: true
  ranges:
    - min: 1000
      max: 1999
supplemental_groups:
  rule: MustRunAs
  overwrite: true
  ranges:
    - min: 1000
      max: 1999
`,
		want: policy.Policy{
			RunAsUser:          policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange, Overwrite: true},
			RunAsGroup:         policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange, Overwrite: true},
			SupplementalGroups: policy.Strategy{Rule: policy.MustRunAs, Ranges: oneRange, Overwrite: true},
		},
	},
	{
		name: "image configuration, settings left out",
		yaml: "validate_container_image_configuration: true",
		want: policy.Policy{Images: policy.Images{Check: true}},
	},
}

// Every dialect that knows the settings reads them alike.
func TestSettings(t *testing.T) {
	forms := []struct {
		name, dialect string
		text          func(yaml string) string
	}{
		{"UserGroupPolicy", "UserGroupPolicy", func(y string) string { return native(camel(y)) }},
		{"UserGroupPolicyList", "UserGroupPolicy", func(y string) string {
			return "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicyList\nitems:\n- metadata: {name: p}\n  spec:\n" + indent(indent(camel(y)))
		}},
		{"ConfigMap in snake_case", "ConfigMap", func(y string) string { return configMap(t, y) }},
		{"ConfigMap in camelCase", "ConfigMap", func(y string) string { return configMap(t, camel(y)) }},
		{"ClusterAdmissionPolicy", "ClusterAdmissionPolicy", func(y string) string { return kubewardenHead + "  settings:\n" + indent(indent(y)) }},
		{"List", "ClusterAdmissionPolicy", func(y string) string {
			return "apiVersion: v1\nkind: List\nitems:\n-\n" + indent(kubewardenHead+"  settings:\n"+indent(indent(y)))
		}},
	}
	for _, s := range settings {
		for _, f := range forms {
			t.Run(s.name+"/"+f.name, func(t *testing.T) {
				want := s.want
				want.Name, want.Dialect = "p", f.dialect
				if diff := cmp.Diff(&want, decodeOne(t, f.text(s.yaml)), anywhere); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// camel spells the settings as the native kind does.
func camel(yaml string) string {
	return strings.NewReplacer(
		"run_as_user", "runAsUser", "run_as_group", "runAsGroup",
		"supplemental_groups", "supplementalGroups", "validate_only", "validateOnly",
		"validate_container_image_configuration", "validateContainerImageConfiguration",
	).Replace(yaml)
}

// configMap puts each top-level key of the settings into data, as text.
func configMap(t *testing.T, yaml string) string {
	t.Helper()
	text := strings.TrimSpace(yaml) + "\n"
	n, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata:\n")
	for _, f := range n.Fields {
		value := text[f.Value.Start:f.Value.End]
		// The first line of a block is two columns in, as the others do.
		b.WriteString("  " + f.Key.Value + ": |\n    " + strings.ReplaceAll(value, "\n", "\n  ") + "\n")
	}
	return b.String()
}

const kubewardenHead = `apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata:
  name: p
spec:
  module: registry://registry.example/kubewarden/policies/user-group-psp:v0.6.4
  mutating: true
  rules:
    - {apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: [CREATE, UPDATE]}
`

// Section 7 of the semantics: each of these is refused, whatever else is right.
func TestConfigurationErrors(t *testing.T) {
	tests := []struct {
		name, spec string
		want       []string
	}{
		{"unknown field", "runAsUsr: {rule: RunAsAny}", []string{`spec.runAsUsr: unknown field, did you mean "runAsUser"`}},
		{"unknown field of a strategy", "fsGroup: {rule: RunAsAny, requireStrict: true}", []string{"spec.fsGroup.requireStrict: unknown field"}},
		{"wrong type", "validateContainerImageConfiguration: 1", []string{"spec.validateContainerImageConfiguration: must be a boolean, is the integer 1"}},
		{"wrong type of a bound", `runAsUser: {rule: MustRunAs, ranges: [{min: "1000", max: 1999}]}`, []string{`spec.runAsUser.ranges[0].min: must be an integer, is the string "1000"`}},
		{"wrong type of ranges", "runAsUser: {rule: MustRunAs, ranges: {min: 1, max: 2}}", []string{"spec.runAsUser.ranges: must be a list, is a mapping"}},
		{"unknown rule", "runAsUser: {rule: MustRunAsRoot}", []string{`spec.runAsUser.rule: must be MustRunAs, MustRunAsNonRoot, MayRunAs, RunAsAny or MustBeUnset, is "MustRunAsRoot"`}},
		{"no rule", "runAsUser: {ranges: [{min: 1, max: 2}]}", []string{"spec.runAsUser.rule: is required"}},
		{"an empty strategy", "runAsUser: {}", []string{"spec.runAsUser.rule: is required"}},
		{"a rule that groups do not have", "runAsGroup: {rule: MustRunAsNonRoot}\nsupplementalGroups: {rule: MustRunAsNonRoot}\nfsGroup: {rule: MustRunAsNonRoot}", []string{
			`spec.runAsGroup.rule: must be MustRunAs, MayRunAs, RunAsAny or MustBeUnset, is "MustRunAsNonRoot"`,
			`spec.supplementalGroups.rule: must be MustRunAs, MayRunAs, RunAsAny or MustBeUnset, is "MustRunAsNonRoot"`,
			`spec.fsGroup.rule: must be MustRunAs, MayRunAs, RunAsAny or MustBeUnset, is "MustRunAsNonRoot"`,
		}},
		{"MustRunAs without ranges", "runAsUser: {rule: MustRunAs}", []string{"spec.runAsUser.ranges: must hold at least one range for MustRunAs"}},
		{"MayRunAs without ranges", "fsGroup: {rule: MayRunAs, ranges: []}", []string{"spec.fsGroup.ranges: must hold at least one range for MayRunAs"}},
		{"min above max", "runAsUser: {rule: MustRunAs, ranges: [{min: 2, max: 1}]}", []string{"spec.runAsUser.ranges[0].min: must not be above max, is 2 and max is 1"}},
		{"negative bound", "runAsGroup: {rule: MustRunAs, ranges: [{min: -1, max: 1}]}", []string{"spec.runAsGroup.ranges[0].min: must be in 0-2147483647, is -1"}},
		{"too large bound", "runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 1}, {min: 1, max: 2147483648}]}", []string{"spec.runAsGroup.ranges[1].max: must be in 0-2147483647, is 2147483648"}},
		{"a bad range beside a rule that has no use for it", "runAsUser: {rule: RunAsAny, ranges: [{min: 2, max: 1}]}", []string{"spec.runAsUser.ranges[0].min: must not be above max, is 2 and max is 1"}},
		{"half a range", "runAsUser: {rule: MustRunAs, ranges: [{min: 1000}]}", []string{"spec.runAsUser.ranges[0].max: is required"}},
		{"overwrite with MustRunAsNonRoot", "runAsUser: {rule: MustRunAsNonRoot, overwrite: true}", []string{"spec.runAsUser.overwrite: needs the rule MustRunAs, the rule is MustRunAsNonRoot"}},
		{"overwrite with MayRunAs", "runAsGroup: {rule: MayRunAs, overwrite: true, ranges: [{min: 1, max: 2}]}", []string{"spec.runAsGroup.overwrite: needs the rule MustRunAs, the rule is MayRunAs"}},
		{"overwrite with RunAsAny", "fsGroup: {rule: RunAsAny, overwrite: true}", []string{"spec.fsGroup.overwrite: needs the rule MustRunAs, the rule is RunAsAny"}},
		{"overwrite with MustBeUnset", "fsGroup: {rule: MustBeUnset, overwrite: true}", []string{"spec.fsGroup.overwrite: needs the rule MustRunAs, the rule is MustBeUnset"}},
		{"validateOnly with overwrite", "validateOnly: true\nrunAsUser: {rule: MustRunAs, overwrite: true, ranges: [{min: 1, max: 2}]}", []string{"spec.validateOnly: must not be true together with runAsUser.overwrite"}},
		{"defaultFrom without MustRunAs", "runAsUser: {rule: MustRunAsNonRoot, defaultFrom: Image}", []string{"spec.runAsUser.defaultFrom: needs the rule MustRunAs, the rule is MustRunAsNonRoot"}},
		{"rangesFrom beside ranges", "fsGroup: {rule: MustRunAs, rangesFrom: OpenShiftNamespace, ranges: [{min: 1, max: 2}]}", []string{"spec.fsGroup.rangesFrom: must not be given with ranges"}},
		{"rangesFrom with RunAsAny", "fsGroup: {rule: RunAsAny, rangesFrom: OpenShiftNamespace}", []string{"spec.fsGroup.rangesFrom: needs a rule with ranges, the rule is RunAsAny"}},
		{"unknown mode", "mode: enforce", []string{`spec.mode: must be Enforce, Warn or Audit, is "enforce", did you mean "Enforce"`}},
		{"unknown placement", "placement: Everywhere", []string{`spec.placement: must be Both, Containers or Pod, is "Everywhere"`}},
		{"platform", "images: {platform: linux}", []string{`spec.images.platform: must be os/arch or os/arch/variant, is "linux"`}},
		{"one of several platforms", "images: {platform: [linux/amd64, arm64]}", []string{`spec.images.platform[1]: must be os/arch or os/arch/variant, is "arm64"`}},
		{"too many platforms", "images: {platform: [" + strings.Repeat("a/b, ", 33) + "]}", []string{"spec.images.platform: must be at most 32 platforms, are 33"}},
		{"failure policy", "images: {failurePolicy: Allow}", []string{`spec.images.failurePolicy: must be Fail, Warn or Ignore, is "Allow"`}},
		{"exclusion without a reason", "exclude: [{names: [a]}]", []string{"spec.exclude[0].reason: is required: it makes the exemption visible"}},
		{"exclusion of everything", "exclude: [{reason: because}]", []string{"spec.exclude[0]: must select something: an exclusion of everything switches the policy off"}},
		{"label selector", "match: {labelSelector: {matchExpressions: [{key: a, operator: In}]}}", []string{"spec.match.labelSelector.matchExpressions[0]: values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"}},
		{"label selector without an operator", "match: {namespaceSelector: {matchExpressions: [{key: a}]}}", []string{"spec.match.namespaceSelector.matchExpressions[0].operator: is required"}},
		{"label value", "exclude: [{reason: x, labelSelector: {matchLabels: {a: 'no spaces'}}}]", nil}, // in apimachinery's words
		{"path of a pod spec", "podSpecPaths: [{kind: Rollout, paths: ['spec..template']}]", []string{`spec.podSpecPaths[0].paths[0]: must be a dotted path such as spec.jobs[*].template.spec, is "spec..template"`}},
		{"path of a pod spec without a kind", "podSpecPaths: [{}]", []string{"spec.podSpecPaths[0].kind: is required", "spec.podSpecPaths[0].paths: must hold at least one path"}},
		{"pod security without a level", "podSecurity: {enforce: {version: v1.30}, warn: {level: restricted, version: '1.30'}}", []string{
			"spec.podSecurity.enforce.level: is required",
			`spec.podSecurity.warn.version: must be latest or v1.N, is "1.30"`,
		}},
		{"pod security that asks for nothing", "podSecurity: {scope: All}", []string{"spec.podSecurity: must have at least one of enforce, warn and audit, or namespaceLabels"}},
		{"duplicate key", "validateOnly: true\nvalidateOnly: false", []string{"spec.validateOnly: duplicate key: parsers disagree on which of the two wins"}},
		{"all at once", `
runAsUser: {rule: MustRunAs, ranges: [{min: 5, max: 1}]}
runAsGroup: {rule: Never}
validateOnly: 1
fsGroup: {rule: RunAsAny, overwrite: true}
bogus: true
`, []string{
			"spec.runAsUser.ranges[0].min: must not be above max, is 5 and max is 1",
			`spec.runAsGroup.rule: must be MustRunAs, MayRunAs, RunAsAny or MustBeUnset, is "Never"`,
			"spec.validateOnly: must be a boolean, is the integer 1",
			"spec.fsGroup.overwrite: needs the rule MustRunAs, the rule is RunAsAny",
			"spec.bogus: unknown field",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ps, err := decode(t, native(tt.spec))
			if tt.want == nil {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if ps != nil {
				t.Error("policies beside errors")
			}
		})
	}
}

func TestObjectErrors(t *testing.T) {
	const knownKinds = "UserGroupPolicy (usergroup.dev/v1alpha1), UserGroupPolicyList (usergroup.dev/v1alpha1), ConfigMap (v1), ClusterAdmissionPolicy (policies.kubewarden.io/v1), AdmissionPolicy (policies.kubewarden.io/v1), PodSecurityPolicy (policy/v1beta1), ClusterImagePolicy (policy.sigstore.dev/v1beta1) or List (v1)"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no policy", "null", []string{"no policy: functionConfig must be a policy, such as a " + knownKinds}},
		{"not a mapping", "[]", []string{"must be a mapping, is a list"}},
		{"no kind", "spec: {}", []string{"an object without a kind is not a supported policy, must be a " + knownKinds}},
		{"no apiVersion", "kind: UserGroupPolicy", []string{`"UserGroupPolicy" without an apiVersion is not a supported policy, its apiVersion must be usergroup.dev/v1alpha1`}},
		{"a kind that is misspelt", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolcy", []string{`"UserGroupPolcy" of "usergroup.dev/v1alpha1" is not a supported policy, did you mean "UserGroupPolicy"`}},
		{"another version", "apiVersion: usergroup.dev/v2\nkind: UserGroupPolicy", []string{`"UserGroupPolicy" of "usergroup.dev/v2" is not a supported policy, its apiVersion must be usergroup.dev/v1alpha1`}},
		{"no spec", nativeHead, []string{"spec: is required"}},
		{"null spec", nativeHead + "spec: null", []string{"spec: is required"}},
		{"spec of another type", nativeHead + "spec: []", []string{"spec: must be a mapping, is a list"}},
		{"unknown top level field", nativeHead + "spec: {}\nsettings: {}", []string{"settings: unknown field"}},
		{"empty list", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicyList\nitems: []", []string{"items: must hold at least one policy"}},
		{"list without names", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicyList\nitems: [{spec: {}}, {metadata: {name: a}, spec: {}}, {metadata: {name: a}, spec: {}}]", []string{
			"items[0].metadata.name: is required in a list: findings name their policy by it",
			`items[2].metadata.name: must be unique in the list, "a" is used more than once`,
		}},
		{"list with another kind", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicyList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, spec: {}}]", []string{
			`items[0].apiVersion: must be usergroup.dev/v1alpha1, is "v1"`,
			`items[0].kind: must be UserGroupPolicy, is "ConfigMap"`,
		}},
		{"List with errors in three items", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, spec: {mode: X}}\n- {apiVersion: v1, kind: Secret}\n- null\n", []string{
			"items[2]: must be a mapping, is null",
			`items[0].spec.mode: must be Enforce, Warn or Audit, is "X"`,
			`items[1]: "Secret" of "v1" is not a supported policy, must be a ` + knownKinds,
		}},
		{"List in a List", "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: []}]", []string{"items[0]: must not be a List in a List"}},
		{"List of namesakes", "apiVersion: v1\nkind: List\nitems: [&a {apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: a}, spec: {}}, *a]", []string{
			`metadata.name: must be unique, as findings name their policy by it: "a" is also the UserGroupPolicy at line 3`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, tt.text)
			if diff := cmp.Diff(tt.want, messages(t, err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		if _, err := config.Decode(nil, config.Options{}); !errors.Is(err, config.ErrConfig) {
			t.Errorf("error = %v, want ErrConfig", err)
		}
	})
}

func TestIsPolicy(t *testing.T) {
	tests := []struct {
		apiVersion, kind string
		want             bool
	}{
		{"usergroup.dev/v1alpha1", "UserGroupPolicy", true},
		{"usergroup.dev/v1alpha1", "UserGroupPolicyList", true},
		{"policies.kubewarden.io/v1", "ClusterAdmissionPolicy", true},
		{"policies.kubewarden.io/v1alpha2", "AdmissionPolicy", true},
		{"policy/v1beta1", "PodSecurityPolicy", true},
		{"extensions/v1beta1", "PodSecurityPolicy", true},
		{"policy.sigstore.dev/v1beta1", "ClusterImagePolicy", true},
		{"policy.sigstore.dev/v1alpha1", "ClusterImagePolicy", true},
		{"v1", "ConfigMap", false},
		{"v1", "List", false},
		{"policy/v1", "PodDisruptionBudget", false},
		{"example.dev/v1", "UserGroupPolicy", false},
	}
	for _, tt := range tests {
		if got := config.IsPolicy(tt.apiVersion, tt.kind); got != tt.want {
			t.Errorf("IsPolicy(%q, %q) = %v", tt.apiVersion, tt.kind, got)
		}
	}
}
