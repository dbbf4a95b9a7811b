// Package fntest is the test of an adapter to an SDK: the same ResourceLists through
// the SDK's own reading and writing, with the same outcome.
package fntest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Policy is a functionConfig that gives containers the user 1000.
const Policy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: ids
spec:
  placement: Containers
  runAsUser:
    rule: MustRunAs
    ranges:
    - min: 1000
      max: 1999
`

// Unset is a Pod that says nothing of users, Fixed what Policy makes of it.
const (
	Unset = `apiVersion: v1
kind: Pod
metadata:
  name: unset
spec:
  containers:
  # the only one
  - name: app
    image: app
`
	Fixed = Unset + `    securityContext:
      runAsUser: 1000
`
)

// Root is a Pod that runs as root.
const Root = `apiVersion: v1
kind: Pod
metadata:
  name: root
spec:
  containers:
  - name: app
    image: app
    securityContext:
      runAsUser: 0
`

// List returns a ResourceList of a functionConfig and objects.
func List(config string, objects ...string) string {
	var b strings.Builder
	b.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	b.WriteString(sequence(objects))
	if config != "" {
		b.WriteString("functionConfig:\n  " + indent(config) + "\n")
	}
	return b.String()
}

func indent(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") }

// The results of Policy on Unset and Root.
const (
	defaulted = `
- message: 'container "app": runAsUser set to 1000 (was unset)'
  severity: info
  resourceRef: {apiVersion: v1, kind: Pod, name: unset}
  field: {path: "spec.containers[0].securityContext.runAsUser", proposedValue: 1000}
  tags: {container: app, policy: ids, reason: Defaulted, rule: MustRunAs}
`
	outside = `
- message: 'container "app": runAsUser must be in 1000-1999, is 0'
  severity: error
  resourceRef: {apiVersion: v1, kind: Pod, name: root}
  field: {path: "spec.containers[0].securityContext.runAsUser", currentValue: 0}
  tags: {container: app, origin: container, policy: ids, reason: UserIDOutsideRanges, rule: MustRunAs}
`
)

// added are a Pod and what a policy with admission adds to it.
var added = []string{"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "Pod", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}

// addsGate tests that what a policy adds to the items leaves, once.
func addsGate(t *testing.T, run func(input []byte) ([]byte, error)) {
	t.Helper()
	in := List(Policy+"  admission: {}\n", Fixed)
	for range 2 {
		out, err := run([]byte(in))
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var got struct {
			Items []struct{ Kind string } `yaml:"items"`
		}
		decode(t, string(out), &got)
		var kinds []string
		for _, it := range got.Items {
			kinds = append(kinds, it.Kind)
		}
		slices.Sort(kinds) // the SDKs have an order of their own
		if diff := cmp.Diff(added, kinds); diff != "" {
			t.Fatalf("items (-want +got): %s", diff)
		}
		in = string(out)
	}
}

// Runner sends ResourceLists through run, which is an SDK's own runner with the
// adapter in it.
func Runner(t *testing.T, run func(input []byte) ([]byte, error)) {
	t.Helper()
	t.Run("a gate is added", func(t *testing.T) { addsGate(t, run) })
	for _, tt := range []struct {
		name, config string
		in, want     []string // objects
		results      string
		fails        bool
	}{
		{"a default is written", Policy, []string{Unset}, []string{Fixed}, defaulted, false},
		{"a finding fails", Policy, []string{Root}, []string{Root}, outside, true},
		{"one of two is fixed", Policy, []string{Root, Unset}, []string{Root, Fixed}, outside + defaulted, true},
		{"none leaves", Policy + "  output: none\n", []string{Fixed}, nil, "", false},
		{"a bad policy", strings.Replace(Policy, "rule: MustRunAs", "rule: MustRun", 1), []string{Unset}, []string{Unset}, "", true},
		{"no policy", "", []string{Unset}, []string{Unset}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Helper()
			out, err := run([]byte(List(tt.config, tt.in...)))
			if (err != nil) != tt.fails {
				t.Errorf("error %v, want one: %t\n%s", err, tt.fails, out)
			}
			if tt.config == "" && len(out) == 0 {
				return // Execute of the SDKs refuses such a list itself
			}
			var got struct {
				Items   []any            `yaml:"items"`
				Results []map[string]any `yaml:"results"`
			}
			decode(t, string(out), &got)
			var items []any
			decode(t, sequence(tt.want), &items)
			if diff := cmp.Diff(items, got.Items, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("items (-want +got): %s", diff)
			}
			if slices.Contains(tt.want, Fixed) && !strings.Contains(string(out), "# the only one") {
				t.Errorf("the comment is gone:\n%s", out)
			}
			if tt.fails && tt.results == "" {
				if len(got.Results) == 0 || got.Results[0]["severity"] != "error" {
					t.Errorf("results %v, want an error", got.Results)
				}
				return
			}
			var want []map[string]any
			decode(t, tt.results, &want)
			for _, r := range got.Results {
				r["tags"] = known(r["tags"])
			}
			if diff := cmp.Diff(want, got.Results); diff != "" {
				t.Errorf("results (-want +got): %s", diff)
			}
		})
	}
}

// known returns the tags that results above have. Others may be added.
func known(tags any) any {
	m, _ := tags.(map[string]any)
	maps.DeleteFunc(m, func(k string, _ any) bool {
		return !slices.Contains([]string{"container", "origin", "policy", "reason", "rule"}, k)
	})
	return m
}

// sequence returns objects as a YAML sequence.
func sequence(objects []string) string {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString("- " + indent(o) + "\n")
	}
	return b.String()
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
}
