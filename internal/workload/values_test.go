package workload_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// said lists what pods say, each value as its place and what it is.
func said(pods []*podspec.Pod) []string {
	var out []string
	add := func(path podspec.Path, state podspec.State, raw string) {
		switch state {
		case podspec.Set:
			out = append(out, path.String()+" = "+raw)
		case podspec.Invalid:
			out = append(out, path.String()+" invalid "+raw)
		}
	}
	for _, p := range pods {
		contexts := []podspec.SecurityContext{p.SecurityContext}
		for _, c := range p.Containers {
			contexts = append(contexts, c.SecurityContext)
		}
		for _, sc := range contexts {
			add(sc.RunAsUser.Path, sc.RunAsUser.State, sc.RunAsUser.Raw)
			add(sc.RunAsGroup.Path, sc.RunAsGroup.State, sc.RunAsGroup.Raw)
			add(sc.RunAsNonRoot.Path, sc.RunAsNonRoot.State, sc.RunAsNonRoot.Raw)
		}
		add(p.FSGroup.Path, p.FSGroup.State, p.FSGroup.Raw)
	}
	return out
}

// TestValues is about users and groups that are not written in a security context, and
// about strings in one: where nothing is known of an object, they may become numbers.
func TestValues(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"Zalando's", "{spiloRunAsUser: 5, spiloRunAsGroup: 6, spiloFSGroup: 7}", []string{
			"spec.spiloRunAsUser = 5", "spec.spiloRunAsGroup = 6", "spec.spiloFSGroup = 7",
		}},
		{"those of Zalando's operator", "{spilo_runasuser: 5, spilo_runasgroup: 6, spilo_fsgroup: 7}", []string{
			"spec.spilo_runasuser = 5", "spec.spilo_runasgroup = 6", "spec.spilo_fsgroup = 7",
		}},
		{"Che's", `{securityContextRunAsUser: "0", securityContextFsGroup: '1724'}`, []string{
			`spec.securityContextRunAsUser = "0"`, `spec.securityContextFsGroup = "1724"`,
		}},
		{"what only ends like one", "{skipFSGroup: true, restrictedFsGroup: a, runasuser: 0, mustRunAsUser: [1]}", nil},
		{"CloudNativePG's", "{postgresUID: 26, postgresGID: 27}", []string{"spec.postgresUID = 26", "spec.postgresGID = 27"}},
		{"by an alias", "{a: {postgresUID: &u 26}, b: {postgresUID: *u}}", []string{"spec.a.postgresUID = 26", "spec.b.postgresUID = 26"}},
		{"fields of a patch", `[{path: /a/runAsUser, value: 1}, {path: /a/runAsGroup, value: 2}, {path: /a/fsGroup, value: 3}, {path: /a/runAsNonRoot, value: false}, {path: /a/x, value: 4}]`, []string{
			"spec[0].value = 1", "spec[1].value = 2", "spec[2].value = 3", "spec[3].value = false",
		}},
		{"parameters by their paths", `{securityContext.runAsUser: "0", a: {b/runAsNonRoot: false, c.runAsGroup: {d: 1}, .fsGroup: 5}}`, []string{
			`spec["securityContext.runAsUser"] = "0"`, `spec.a["b/runAsNonRoot"] = false`, `spec.a[".fsGroup"] = 5`,
		}},
		{"a field of a patch without a path to it", "[{path: runAsUser, value: 1}]", nil},
		{"the value of a patch that is a mapping", "[{path: /a/runAsUser, value: {a: 1}}]", nil},
		{"strings", `{securityContext: {runAsUser: "1", runAsGroup: '2', runAsNonRoot: "false", fsGroup: "4"}}`, []string{
			`spec.securityContext.runAsUser = "1"`, `spec.securityContext.runAsGroup = "2"`, `spec.securityContext.runAsNonRoot = "false"`, `spec.securityContext.fsGroup = "4"`,
		}},
		{"strings of a container", `{image: x, securityContext: {runAsUser: "1"}}`, []string{`spec.securityContext.runAsUser = "1"`}},
		{"strings that are other values", `{securityContext: {runAsUser: "a", runAsGroup: "1.5", runAsNonRoot: "no", fsGroup: ""}}`, []string{
			`spec.securityContext.runAsUser invalid "a"`, `spec.securityContext.runAsGroup invalid "1.5"`, `spec.securityContext.runAsNonRoot invalid "no"`, `spec.securityContext.fsGroup invalid ""`,
		}},
		{"the largest string", `{securityContext: {runAsUser: "9223372036854775807"}}`, []string{`spec.securityContext.runAsUser = "9223372036854775807"`}},
		{"a larger one", `{securityContext: {runAsUser: "9223372036854775808"}}`, []string{`spec.securityContext.runAsUser invalid "9223372036854775808"`}},
		{"a decimal string", `{securityContext: {runAsUser: "19"}}`, []string{`spec.securityContext.runAsUser = "19"`}},
		{"a string that is no decimal", `{securityContext: {runAsUser: "1a"}}`, []string{`spec.securityContext.runAsUser invalid "1a"`}},
		{"a duplicate string", `{securityContext: {runAsUser: "1", runAsUser: "2"}}`, []string{`spec.securityContext.runAsUser invalid "1"`}},
		{"a word", `{securityContext: {runAsUser: a}}`, []string{`spec.securityContext.runAsUser invalid a`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loose := workload.Builtin().Find(nil, decode(t, "spec: "+tt.text), "example.com/v1", "Unknown", nil).Loose
			if diff := cmp.Diff(tt.want, said(loose)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			for _, p := range loose {
				if !p.Partial {
					t.Errorf("%s: the pod is not partial", p.Path)
				}
			}
		})
	}
	loose := workload.Builtin().Find(nil, decode(t, `spec: {securityContext: {runAsUser: "019"}}`), "example.com/v1", "Unknown", nil).Loose
	if user := loose[0].RunAsUser; user.V != 19 {
		t.Errorf("the string 019 is read as %d, want 19", user.V)
	}
}

// TestOperatorValues: where an operator's row says that all below a path counts, values
// are of their types, and neither texts nor what a mapping names is looked at.
func TestOperatorValues(t *testing.T) {
	for _, tt := range []struct {
		name, apiVersion, kind, text string
		pods, loose                  []string
	}{
		{"a string", "kafka.strimzi.io/v1", "Kafka", `{securityContext: {runAsUser: "1"}}`, []string{`spec.securityContext.runAsUser invalid "1"`}, nil},
		{"a text", "argoproj.io/v1alpha1", "Workflow", `{podSpecPatch: "securityContext: {runAsUser: 1}"}`, nil, []string{"spec.podSpecPatch.securityContext.runAsUser = 1"}},
		{"a text with an escape", "argoproj.io/v1alpha1", "Workflow", `{podSpecPatch: '{"securityContext": {"run\u0041sUser": 1}}'}`, nil, []string{"spec.podSpecPatch.securityContext.runAsUser = 1"}},
		{"a text with another escape", "argoproj.io/v1alpha1", "Workflow", `{podSpecPatch: '{"securityContext": {"run\x41sUser": 1}}'}`, nil, []string{"spec.podSpecPatch.securityContext.runAsUser = 1"}},
		{"a parameter", "kafka.strimzi.io/v1", "Kafka", `{a: [{name: a.runAsUser, value: 1}]}`, nil, []string{"spec.a[0].value = 1"}},
		{"a parameter by its path", "kafka.strimzi.io/v1", "Kafka", `{a.runAsUser: 5}`, nil, []string{`spec["a.runAsUser"] = 5`}},
		{"Che's", "org.eclipse.che/v1", "CheCluster", `{k8s: {securityContextRunAsUser: "0"}}`, nil, []string{`spec.k8s.securityContextRunAsUser = "0"`}},
		{"an operator's own field, once", "postgresql.cnpg.io/v1", "Cluster", `{postgresUID: 5}`, []string{"spec.postgresUID = 5"}, nil},
		{"what a schema may be called", "kafka.strimzi.io/v1", "Kafka", `{openAPIV3Schema: {securityContext: {runAsUser: 1}}}`, []string{"spec.openAPIV3Schema.securityContext.runAsUser = 1"}, nil},
		{"a container with an image", "kafka.strimzi.io/v1", "Kafka", `{pod: {containers: [{name: a, image: x, securityContext: {runAsUser: 1}}]}}`, []string{"spec.pod.containers[0].securityContext.runAsUser = 1"}, nil},
		{"a policy within", "kafka.strimzi.io/v1", "Kafka", `{a: {apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: a}, spec: {securityContext: {runAsUser: 1}}}}`, []string{"spec.a.spec.securityContext.runAsUser = 1"}, nil},
		{"a pod beside a policy within", "kafka.strimzi.io/v1", "Kafka", `{a: {apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: a}, securityContext: {runAsUser: 1}}, b: {apiVersion: v1, kind: Pod, spec: {securityContext: {runAsUser: 2}}}}`, []string{"spec.a.securityContext.runAsUser = 1"}, nil},
		{"beside another operator's", "kafka.strimzi.io/v1", "Kafka", `{a: {apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: a}, securityContext: {runAsUser: 1}}}`, []string{"spec.a.securityContext.runAsUser = 1"}, nil},
		{"another operator's own", "kafka.strimzi.io/v1", "Kafka", `{a: {apiVersion: ray.io/v1, kind: RayCluster, spec: {autoscalerOptions: {securityContext: {runAsUser: 1}}}}}`, nil, nil},
		{"a pod of a row", "argoproj.io/v1alpha1", "Rollout", `{template: {spec: {containers: [{name: a, image: x, securityContext: {runAsUser: 1}}]}}}`, []string{"spec.template.spec.containers[0].securityContext.runAsUser = 1"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := workload.Builtin().Find(nil, decode(t, "spec: "+tt.text), tt.apiVersion, tt.kind, nil)
			if diff := cmp.Diff(tt.pods, said(found.Pods)); diff != "" {
				t.Errorf("pods (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.loose, said(found.Loose)); diff != "" {
				t.Errorf("loose (-want +got):\n%s", diff)
			}
			if len(found.Templates) > 0 {
				t.Errorf("templates at %v", found.Templates)
			}
		})
	}
}
