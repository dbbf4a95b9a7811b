package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnknownKinds is about objects of kinds that no row knows: what breaks a
// policy there never passes in silence.
func TestUnknownKinds(t *testing.T) {
	t.Parallel()
	const (
		nonRoot  = "runAsUser: {rule: MustRunAsNonRoot}"
		ranges   = "fsGroup: {rule: MustRunAs, overwrite: true, ranges: [{min: 1000, max: 2000}]}"
		widget   = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n"
		root     = widget + "spec: {securityContext: {runAsUser: 0}}\n"
		finding  = "UncheckedKind spec.securityContext.runAsUser 0"
		template = "UncheckedKind spec.template.spec <nil>"
	)
	tests := []struct {
		name  string
		spec  []string
		input string
		want  []string
	}{
		{"a value", []string{nonRoot}, root, []string{"warning " + finding}},
		{"Fail", []string{nonRoot, "unknownKinds: Fail"}, root, []string{"error " + finding}},
		{"Fail of a policy that only warns", []string{nonRoot, "unknownKinds: Fail", "mode: Warn"}, root, []string{"warning " + finding}},
		{"Warn of a policy that audits", []string{nonRoot, "mode: Audit"}, root, []string{"info " + finding}},
		{"Ignore", []string{nonRoot, "unknownKinds: Ignore"}, root, nil},
		{"a value that is fine", []string{nonRoot}, widget + "spec: {securityContext: {runAsUser: 1}}\n", nil},
		{"no value", []string{nonRoot}, widget + "spec: {securityContext: {runAsGroup: 0}}\n", nil},
		{"a value that is not of its type", []string{nonRoot}, widget + `spec: {securityContext: {runAsUser: "{{ .user }}"}}` + "\n", nil},
		{"a value of the pod", []string{ranges}, widget + "spec: {fsGroup: 5}\n", []string{"warning UncheckedKind spec.fsGroup 5"}},
		{"a value that overwrite would replace", []string{ranges}, widget + "spec: {fsGroup: 2000}\n", nil},
		{"in the rest of a known kind", []string{nonRoot}, "apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: a}\nspec: {x: {securityContext: {runAsUser: 0}}}\n", []string{
			"warning UncheckedKind spec.x.securityContext.runAsUser 0",
		}},
		{"a template", []string{nonRoot}, widget + "spec: {template: {spec: {containers: [{name: c, image: zz}]}}}\n", []string{"warning " + template}},
		{"a template, Fail", []string{nonRoot, "unknownKinds: Fail"}, widget + "spec: {template: {spec: {containers: [{name: c, image: zz}]}}}\n", []string{"error " + template}},
		{
			"a container that is excluded",
			[]string{nonRoot, "exclude: [{containers: [c], reason: r}]"},
			widget + "spec: {sidecars: [{name: c, securityContext: {runAsUser: 0}}]}\n", nil,
		},
		{"an object that is excluded", []string{nonRoot, "exclude: [{kinds: [Widget], reason: r}]"}, root, nil},
		{"a policy of Kyverno", []string{nonRoot}, "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {x: {runAsUser: 0}}\n", nil},
		{"containers of a kind of an operator", []string{nonRoot}, "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {name: a}\nspec: {containers: [{name: c, image: zz}]}\n", nil},
		{"a kind of an operator", []string{nonRoot}, "apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: a}\nspec: {kafka: {template: {pod: {securityContext: {runAsUser: 0}}}}}\n", []string{
			"error CannotUseRootUserID spec.kafka.template.pod.securityContext.runAsUser 0",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, results := apply(t, policyOf("a", tt.spec...), tt.input)
			var got []string
			for _, r := range results {
				if r.Reason != "NothingMatched" {
					got = append(got, fmt.Sprintf("%s %s %s %v", r.Severity, r.Reason, r.Path, r.Current))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestShared: what several pods of an object share is one value, and one finding.
func TestShared(t *testing.T) {
	t.Parallel()
	const workflow = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: a-}\n" +
		"spec: {securityContext: {runAsUser: 0}, templates: [{name: a, container: {name: a, image: zz}}, {name: b, script: {name: b, image: zz}}]}\n"
	_, results := apply(t, policyOf("a", "validateOnly: true", "runAsUser: {rule: MustRunAsNonRoot}", "fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}"), workflow)
	var got []string
	for _, r := range results {
		got = append(got, fmt.Sprintf("%s %s %s", r.Resource.Name, r.Reason, r.Path))
	}
	want := []string{
		"a- MissingFSGroup spec.securityContext.fsGroup",
		"a- CannotUseRootUserID spec.securityContext.runAsUser",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
