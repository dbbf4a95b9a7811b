package fn_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	sdk "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// difference is a case in which this function is known to decide other than the
// policies that it comes from.
type difference struct {
	name   string
	policy string // the functionConfig
	in     string // the object
	code   int
	// results are "severity reason path", or "severity reason path=value" for a
	// value that is, or would be, written, in their order.
	results []string
	out     string // the object afterwards, "" where it is as it came
}

// The policies of several differences, in the dialect of the ancestor where it
// is one that is read here.
const (
	kubewardenIDs = `apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: ids}
spec:
  module: registry://registry.example/kubewarden/policies/user-group-psp:v1.0.0
  mutating: true
  rules:
  - {apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE, UPDATE]}
  settings:
    run_as_user: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}
    run_as_group: {rule: MustRunAs, ranges: [{min: 2000, max: 2999}]}
    supplemental_groups: {rule: MustRunAs, ranges: [{min: 3000, max: 3999}]}
`
	kubewardenNonRoot = `apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: ids}
spec:
  module: registry://registry.example/kubewarden/policies/user-group-psp:v1.0.0
  mutating: true
  rules:
  - {apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE, UPDATE]}
  settings:
    run_as_user: {rule: MustRunAsNonRoot}
    run_as_group: {rule: RunAsAny}
    supplemental_groups: {rule: RunAsAny}
`
	userOnly = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}
`
	nonRootOnly = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  validateOnly: true
  runAsUser: {rule: MustRunAsNonRoot}
`
	groupOnly = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsGroup: {rule: MustRunAs, ranges: [{min: 2000, max: 2999}]}
`
	// noRootCUE forbids runAsUser 0, as policies for the policy-controller are
	// written: for a Pod.
	noRootCUE = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: ids}
spec:
  match: [{version: v1, resource: pods}]
  images: [{glob: "**"}]
  authorities: [{static: {action: pass}}]
  policy:
    type: cue
    includeSpec: true
    data: |
      spec: containers: [...{securityContext: runAsUser: !=0}]
`
	restricted = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  podSecurity: {enforce: {level: restricted}}
`
)

// differences has at least one row for each known difference, in the order of
// the ancestors.
var differences = []difference{
	{
		name:   "Kubewarden: validate_only rejects compliant ids",
		policy: strings.Replace(kubewardenIDs, "settings:\n", "settings:\n    validate_only: true\n", 1),
		in: pod(`
  securityContext: {supplementalGroups: [3000]}
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1500, runAsGroup: 2500}}
`),
	},
	{
		name:   "Kubewarden: validate_only rejects compliant runAsNonRoot",
		policy: strings.Replace(kubewardenNonRoot, "settings:\n", "settings:\n    validate_only: true\n", 1),
		in: pod(`
  containers:
  - {name: app, image: app, securityContext: {runAsNonRoot: true}}
`),
	},
	{
		name:   "Kubewarden: a container without runAsUser is rewritten although the pod sets a valid one",
		policy: kubewardenIDs,
		in: pod(`
  securityContext: {runAsUser: 1500, runAsGroup: 2500, supplementalGroups: [3000]}
  containers:
  - name: app
    image: app
`),
	},
	{
		name:   "Kubewarden: ephemeral containers ignored, stops at the first violation",
		policy: kubewardenIDs,
		in: pod(`
  securityContext: {supplementalGroups: [3000, 0]}
  initContainers:
  - {name: setup, image: app, securityContext: {runAsUser: 0, runAsGroup: 2000}}
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000, runAsGroup: 0}}
  ephemeralContainers:
  - {name: debug, image: app, securityContext: {runAsUser: 0, runAsGroup: 0}}
`),
		code: fn.ExitFindings,
		results: []string{
			"error UserIDOutsideRanges spec.initContainers[0].securityContext.runAsUser",
			"error UserIDOutsideRanges spec.ephemeralContainers[0].securityContext.runAsUser",
			"error GroupIDOutsideRanges spec.containers[0].securityContext.runAsGroup",
			"error GroupIDOutsideRanges spec.ephemeralContainers[0].securityContext.runAsGroup",
			"error GroupIDOutsideRanges spec.securityContext.supplementalGroups[1]",
		},
	},
	{
		name:   "Kubewarden: ephemeral containers are not defaulted",
		policy: userOnly,
		in: pod(`
  securityContext:
    fsGroup: 1
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000}}
  ephemeralContainers:
  - name: debug
    image: app
`),
		results: []string{
			"info Defaulted spec.ephemeralContainers[0].securityContext.runAsUser=1000",
			"info Defaulted spec.securityContext.runAsUser=1000",
		},
		out: pod(`
  securityContext:
    fsGroup: 1
    runAsUser: 1000
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000}}
  ephemeralContainers:
  - name: debug
    image: app
    securityContext:
      runAsUser: 1000
`),
	},
	{
		name:    "Kubewarden: negative ranges accepted",
		policy:  strings.Replace(kubewardenIDs, "min: 1000", "min: -1", 1),
		in:      unsetPod,
		code:    fn.ExitInvalid,
		results: []string{"error InvalidConfig"},
	},
	{
		name:   "Kubewarden: MustRunAsNonRoot writes runAsNonRoot even beside a non-zero runAsUser",
		policy: kubewardenNonRoot,
		in: pod(`
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000}}
`),
	},
	{
		name:   "Kubewarden: MustRunAsNonRoot, both unset",
		policy: kubewardenNonRoot,
		in:     unsetPod,
		results: []string{
			"info Defaulted spec.containers[0].securityContext.runAsNonRoot=true",
			"info Defaulted spec.securityContext.runAsNonRoot=true",
		},
		out: `apiVersion: v1
kind: Pod
metadata:
  name: unset
spec:
  securityContext:
    runAsNonRoot: true
  containers:
  # the only one
  - name: app
    image: app
    securityContext:
      runAsNonRoot: true
`,
	},
	{
		name:   "Kubewarden: pod-level runAsGroup may be written without runAsUser",
		policy: groupOnly,
		in: pod(`
  containers:
  - name: app
    image: app
`),
		results: []string{"info Defaulted spec.containers[0].securityContext.runAsGroup=2000"},
		out: pod(`
  containers:
  - name: app
    image: app
    securityContext:
      runAsGroup: 2000
`),
	},
	{
		name:   "Kubewarden: monitor mode hides what would be mutated, Audit",
		policy: strings.Replace(kubewardenIDs, "spec:\n", "spec:\n  mode: monitor\n", 1),
		in:     unsetPod,
		results: []string{
			"info MissingUserID spec.containers[0].securityContext.runAsUser=1000",
			"info Defaulted spec.securityContext.runAsUser=1000",
			"info MissingGroupID spec.containers[0].securityContext.runAsGroup=2000",
			"info Defaulted spec.securityContext.runAsGroup=2000",
			"info MissingSupplementalGroupID spec.securityContext.supplementalGroups=[3000]",
		},
	},
	{
		name:   "Kubewarden: monitor mode hides what would be mutated, Warn",
		policy: userOnly + "  mode: Warn\n",
		in:     unsetPod,
		results: []string{
			"warning MissingUserID spec.containers[0].securityContext.runAsUser=1000",
			"info Defaulted spec.securityContext.runAsUser=1000",
		},
	},
	{
		name:    "PSP, Kubewarden: only the listed built-in kinds, not PodTemplate",
		policy:  userOnly,
		in:      "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: a}\ntemplate:\n" + indent(rootSpec, 2),
		code:    fn.ExitFindings,
		results: []string{"error UserIDOutsideRanges template.spec.containers[0].securityContext.runAsUser"},
	},
	{
		name:   "PSP, Kubewarden: only the listed built-in kinds, not a List",
		policy: userOnly,
		in: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n" +
			"  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n" + indent(rootSpec, 4),
		code:    fn.ExitFindings,
		results: []string{"error UserIDOutsideRanges spec.containers[0].securityContext.runAsUser"},
	},
	{
		name:    "PSP, Kubewarden: only the listed built-in kinds, not a custom resource",
		policy:  userOnly,
		in:      "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n  template:\n" + indent(rootSpec, 4),
		code:    fn.ExitFindings,
		results: []string{"error UserIDOutsideRanges spec.template.spec.containers[0].securityContext.runAsUser"},
	},
	{
		name:    "PSP, Kubewarden: only the listed built-in kinds, not a configured one",
		policy:  userOnly + "  podSpecPaths: [{group: example.com, kind: Fleet, paths: ['spec.ships[*].template.spec']}]\n",
		in:      "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: a}\nspec:\n  ships:\n  - template:\n" + indent(rootSpec, 6),
		code:    fn.ExitFindings,
		results: []string{"error UserIDOutsideRanges spec.ships[0].template.spec.containers[0].securityContext.runAsUser"},
	},
	{
		name:   "PSP, Kubewarden: no warning of an unknown kind",
		policy: userOnly,
		in:     "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: a}\nspec:\n  template:\n" + indent(rootSpec, 4),
		results: []string{
			"warning UncheckedKind spec.template.spec",
			"warning UncheckedKind spec.template.spec.containers[0].securityContext.runAsUser",
		},
	},
	{
		name:    "Sigstore: passes Deployments",
		policy:  noRootCUE,
		in:      deployment(rootSpec),
		code:    fn.ExitFindings,
		results: []string{"error ImagePolicyViolation spec.template.spec.containers[0].securityContext.runAsUser"},
	},
	{
		name:    "Sigstore: passes a missing securityContext",
		policy:  nonRootOnly,
		in:      deployment("spec:\n  containers:\n  - {name: app, image: app}\n"),
		code:    fn.ExitFindings,
		results: []string{"error ShouldRunAsNonRoot spec.template.spec.containers[0].securityContext.runAsNonRoot=true"},
	},
	{
		name:    "Sigstore: passes a pod-level uid 0",
		policy:  nonRootOnly,
		in:      deployment("spec:\n  securityContext: {runAsUser: 0, runAsNonRoot: true}\n  containers:\n  - {name: app, image: app}\n"),
		code:    fn.ExitFindings,
		results: []string{"error CannotUseRootUserID spec.template.spec.securityContext.runAsUser"},
	},
	{
		name: "Pod Security Admission: never looks at groups",
		policy: `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  podSecurity: {enforce: {level: restricted}}
  runAsGroup: {rule: MayRunAs, ranges: [{min: 1, max: 65535}]}
  supplementalGroups: {rule: MayRunAs, ranges: [{min: 1, max: 65535}]}
  fsGroup: {rule: MayRunAs, ranges: [{min: 1, max: 65535}]}
`,
		in:   pod(groupZero),
		code: fn.ExitFindings,
		results: []string{
			"error GroupIDOutsideRanges spec.securityContext.runAsGroup",
			"error GroupIDOutsideRanges spec.securityContext.supplementalGroups[0]",
			"error GroupIDOutsideRanges spec.securityContext.fsGroup",
		},
	},
	{
		name:   "Pod Security Admission: the same pod by the level alone",
		policy: restricted,
		in:     pod(groupZero),
	},
	{
		name:    "Pod Security Admission: controllers only warned",
		policy:  restricted,
		in:      deployment("spec:\n  securityContext: {runAsNonRoot: true}\n  containers:\n  - {name: app, image: app, securityContext: {runAsUser: 0}}\n"),
		code:    fn.ExitFindings,
		results: []string{"error PodSecurityViolation spec.template.spec.containers[0].securityContext.runAsUser"},
	},
}

const (
	rootSpec  = "spec:\n  containers:\n  - {name: app, image: app, securityContext: {runAsUser: 0}}\n"
	groupZero = `
  securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 0, supplementalGroups: [0], fsGroup: 0}
  containers:
  - {name: app, image: app}
`
)

// pod returns a Pod with the given fields of its spec.
func pod(spec string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:" + spec
}

// deployment returns a Deployment of pods with the given spec.
func deployment(spec string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n" + indent(spec, 4)
}

// TestDifferences holds every known difference against the function as a whole:
// a ResourceList in, and out of it the results, the objects and the exit code.
// On what it wrote, the function changes nothing more.
func TestDifferences(t *testing.T) {
	for _, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			code, results, out := runFunction(t, d.policy, d.in)
			if code != d.code {
				t.Errorf("exit code %d, want %d", code, d.code)
			}
			if diff := cmp.Diff(d.results, results, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("results (-want +got)\n%s", diff)
			}
			want := d.out
			if want == "" {
				want = d.in
			}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("object (-want +got)\n%s", diff)
			}
			if _, _, again := runFunction(t, d.policy, out); again != out {
				t.Errorf("a second run changes the object:\n%s", again)
			}
		})
	}
}

// runFunction runs the function on one object.
func runFunction(t *testing.T, functionConfig, object string) (code int, results []string, out string) {
	t.Helper()
	const end = "functionConfig:\n"
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + items(object) + end + indent(functionConfig, 2)
	var stdout, stderr bytes.Buffer
	code = fn.Run(context.Background(), strings.NewReader(list), &stdout, &stderr, nil)
	rl, err := sdk.ParseResourceList(stdout.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	for _, r := range rl.Results {
		if r.ResourceRef == nil && r.Severity == sdk.Info {
			continue // what a dialect says of its own policy
		}
		results = append(results, resultText(r))
	}
	_, text, _ := strings.Cut(stdout.String(), "items:\n- ")
	text, _, _ = strings.Cut(text, end)
	return code, results, strings.ReplaceAll(text, "\n  ", "\n")
}

// resultText is a result as the table of differences has it.
func resultText(r *sdk.Result) string {
	s := string(r.Severity) + " " + r.Tags["reason"]
	if r.Field == nil {
		return s
	}
	s += " " + r.Field.Path
	if v := r.Field.ProposedValue; v != nil {
		s += fmt.Sprintf("=%v", v)
	}
	return s
}

// policies decodes policies as the functionConfig is decoded.
func policies(t testing.TB, text string) []*policy.Policy {
	t.Helper()
	s, err := manifest.ReadStream("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ps, err := engine.Policies(s.Items, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// apply sends manifests through the whole pipeline.
func apply(t testing.TB, ps []*policy.Policy, manifests string) (outcome engine.Outcome, out string) {
	t.Helper()
	p, err := engine.New(ps, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := manifest.ReadStream("", []byte(manifests))
	if err != nil {
		t.Fatal(err)
	}
	if outcome, err = p.Apply(context.Background(), s.Items); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return outcome, b.String()
}
