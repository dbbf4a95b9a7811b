package imagepolicy_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// noRootUser is the policy of the controller's documentation in our words: no
// container may set runAsUser: 0.
const noRootUser = `spec: {
	initContainers: [...{securityContext: runAsUser: !=0}]
	containers: [...{securityContext: runAsUser: !=0}]
	ephemeralContainers: [...{securityContext: runAsUser: !=0}]
}`

// clusterImagePolicy is a policy on every image, with CUE over the spec.
func clusterImagePolicy(cue string, tweaks ...func(string) string) string {
	y := `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: no-root}
spec:
  match: [{version: v1, resource: pods}]
  images: [{glob: "**"}]
  authorities: [{static: {action: pass}}]
  mode: enforce
  policy:
    type: cue
    includeSpec: true
    data: |
` + "      " + strings.ReplaceAll(cue, "\n", "\n      ") + "\n"
	for _, t := range tweaks {
		y = t(y)
	}
	return y
}

// replace is a tweak that replaces text that must be there.
func replace(old, with string) func(string) string {
	return func(s string) string {
		if !strings.Contains(s, old) {
			panic("no " + old + " in " + s)
		}
		return strings.Replace(s, old, with, 1)
	}
}

func decode(t testing.TB, text string) *policy.Policy {
	t.Helper()
	ps, err := imagepolicy.Decode(parse(t, text), strict.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ps[0]
}

func parse(t testing.TB, text string) *manifest.Node {
	t.Helper()
	n, err := parseQuietly(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return n
}

func parseQuietly(text string) (*manifest.Node, error) {
	return yamltext.DecodeFull([]byte(text), 0)
}

// subjects returns the pods of a manifest as a caller gives them to evaluators.
func subjects(t testing.TB, text string) []policy.Subject {
	t.Helper()
	node := parse(t, text)
	objects := workload.Builtin().Objects(node)
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	o := objects[0]
	var out []policy.Subject
	for _, pod := range workload.Builtin().Pods(o.Node, o.APIVersion, o.Kind, nil) {
		out = append(out, policy.Subject{
			Object: o.Object,
			Pod:    pod,
			JSON:   func() (map[string]any, error) { return mapping(o.Node) },
			PodJSON: func() (map[string]any, error) {
				all := map[string]any{}
				for key, at := range map[string]podspec.Path{"metadata": pod.MetadataPath, "spec": pod.Path} {
					n := o.Node
					for _, s := range at {
						n = n.Get(s.Key)
					}
					if n.IsNull() {
						continue
					}
					m, err := mapping(n)
					if err != nil {
						return nil, err
					}
					all[key] = m
				}
				return all, nil
			},
		})
	}
	if len(out) == 0 {
		t.Fatalf("no pod in\n%s", text)
	}
	return out
}

func mapping(n *manifest.Node) (map[string]any, error) {
	v, err := n.JSON()
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%T is not a mapping", v)
	}
	return m, nil
}

// said is what a test looks at in a finding.
type said struct {
	Severity   policy.Severity
	Reason     policy.Reason
	Path       string
	Message    string
	Current    any
	Containers []string
}

func evaluate(t testing.TB, p *policy.Policy, manifest string, tweaks ...func(*policy.Subject)) []said {
	t.Helper()
	var out []said
	for _, s := range subjects(t, manifest) {
		for _, tweak := range tweaks {
			tweak(&s)
		}
		for _, f := range p.Evaluators[0].Evaluate(context.Background(), s) {
			if f.Policy != p.Name || f.Rule == "" {
				t.Errorf("finding without policy or rule: %+v", f)
			}
			out = append(out, said{f.Severity, f.Reason, f.Path.String(), f.Message, f.Current, f.Containers})
		}
	}
	return out
}

// pod and deployment are manifests with a container list each, in flow style.
func pod(spec string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: " + spec + "\n"
}

func deployment(spec string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {replicas: 1, template: {metadata: {labels: {app: web}}, spec: " + spec + "}}\n"
}

func violation(path, container string, current any, message string) said {
	return said{policy.Error, policy.ImagePolicyViolation, path, message, current, []string{container}}
}

// TestNoRootUser holds the documented example, and the gaps that come with how
// the controller evaluates CUE, for pods and for what makes pods.
func TestNoRootUser(t *testing.T) {
	const root = `invalid value 0 (out of bound !=0)`
	tests := []struct {
		name     string
		manifest string
		want     []said
	}{
		{name: "user 0", manifest: pod(`{containers: [{name: web, image: web, securityContext: {runAsUser: 0}}]}`), want: []said{
			violation("spec.containers[0].securityContext.runAsUser", "web", int64(0),
				`container "web": failed policy "no-root": spec.containers.0.securityContext.runAsUser: `+root),
		}},
		{name: "user 65532", manifest: pod(`{containers: [{name: web, image: web, securityContext: {runAsUser: 65532}}]}`)},
		{name: "every kind of container, one finding each", manifest: pod(`{
  initContainers: [{name: setup, image: setup, securityContext: {runAsUser: 0}}],
  containers: [{name: web, image: web}, {name: log, image: log, securityContext: {runAsUser: 0}}],
  ephemeralContainers: [{name: debug, image: debug, securityContext: {runAsUser: 0}}]}`), want: []said{
			violation("spec.initContainers[0].securityContext.runAsUser", "setup", int64(0),
				`init container "setup": failed policy "no-root": spec.initContainers.0.securityContext.runAsUser: `+root),
			violation("spec.containers[1].securityContext.runAsUser", "log", int64(0),
				`container "log": failed policy "no-root": spec.containers.1.securityContext.runAsUser: `+root),
			violation("spec.ephemeralContainers[0].securityContext.runAsUser", "debug", int64(0),
				`ephemeral container "debug": failed policy "no-root": spec.ephemeralContainers.0.securityContext.runAsUser: `+root),
		}},
		{name: "a template is the pod it will become", manifest: deployment(`{containers: [{name: web, image: web, securityContext: {runAsUser: 0}}]}`), want: []said{
			violation("spec.template.spec.containers[0].securityContext.runAsUser", "web", int64(0),
				`container "web": failed policy "no-root": spec.containers.0.securityContext.runAsUser: `+root),
		}},
		// What follows is the controller's verdict on a Pod.
		{name: "no securityContext passes", manifest: pod(`{containers: [{name: web, image: web}]}`)},
		{name: "an empty securityContext passes", manifest: pod(`{containers: [{name: web, image: web, securityContext: {}}]}`)},
		{name: "user 0 on the pod passes", manifest: pod(`{securityContext: {runAsUser: 0}, containers: [{name: web, image: web}]}`)},
		{name: "a negative user passes", manifest: pod(`{containers: [{name: web, image: web, securityContext: {runAsUser: -1}}]}`)},
		{name: "a string", manifest: pod(`{containers: [{name: web, image: web, securityContext: {runAsUser: "1000"}}]}`), want: []said{
			violation("spec.containers[0].securityContext.runAsUser", "web", "1000",
				`container "web": failed policy "no-root": spec.containers.0.securityContext.runAsUser: conflicting values "1000" and !=0 (mismatched types string and number)`),
		}},
		{name: "null", manifest: pod(`{containers: [{name: web, image: web, securityContext: {runAsUser: null}}]}`), want: []said{
			violation("spec.containers[0].securityContext.runAsUser", "web", nil,
				`container "web": failed policy "no-root": spec.containers.0.securityContext.runAsUser: conflicting values null and !=0 (mismatched types null and number)`),
		}},
		{name: "a securityContext that is null", manifest: pod(`{containers: [{name: web, image: web, securityContext: null}]}`), want: []said{
			violation("spec.containers[0].securityContext", "web", nil,
				`container "web": failed policy "no-root": spec.containers.0.securityContext: conflicting values null and {runAsUser:!=0} (mismatched types null and struct)`),
		}},
		{name: "initContainers that are null", manifest: pod(`{initContainers: null, containers: [{name: web, image: web}]}`), want: []said{{
			policy.Error, policy.ImagePolicyViolation, "spec.initContainers",
			`pod: failed policy "no-root": spec.initContainers: conflicting values [...{securityContext:{runAsUser:!=0}}] and null (mismatched types list and null)`,
			nil, nil,
		}}},
	}
	p := decode(t, clusterImagePolicy(noRootUser))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, evaluate(t, p, tt.manifest)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// quote writes a text as a double-quoted scalar.
func quote(s string) string { return strconv.Quote(s) }
