package workload_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// TestLoose is about security contexts in kinds that no table knows. What is
// found is written as the place of its runAsUser, with the name of the container.
func TestLoose(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"under its key", "spec: {a: {securityContext: {runAsUser: 0}}}", []string{"spec.a.securityContext.runAsUser"}},
		{"in another spelling", "spec: {pod_security_context: {runAsUser: 0}, sidecarSecurityContext: {fsGroup: 1}}", []string{
			"spec.pod_security_context.runAsUser", "spec.sidecarSecurityContext.fsGroup",
		}},
		{"by what it says", "spec: {proxy: {capabilities: {runAsNonRoot: false}}, list: [{runAsGroup: 5}]}", []string{
			"spec.proxy.capabilities.runAsNonRoot", "spec.list[0].runAsGroup",
		}},
		{"in one", "spec: {fsGroup: 1, runAsUser: 2, worker: {securityContext: {runAsUser: 0}}, list: [{runAsUser: 3, a: [{runAsUser: 4}]}]}", []string{
			"spec.runAsUser", "spec.worker.securityContext.runAsUser", "spec.list[0].runAsUser", "spec.list[0].a[0].runAsUser",
		}},
		{"an operator's own field in one", "spec: {securityContext: {runAsUser: 1, spiloRunAsUser: 5}}", []string{"spec.securityContext.runAsUser", "spec.securityContext.spiloRunAsUser"}},
		{"of a container", "spec: {main: {image: x, securityContext: {runAsUser: 0}}}", []string{"spec.main.securityContext.runAsUser of "}},
		{"of a container in a list", "spec: {extraContainers: [{name: a, securityContext: {runAsUser: 0}}]}", []string{
			"spec.extraContainers[0].securityContext.runAsUser of a",
		}},
		{"of a pod beside an image", "spec: {image: x, podSecurityContext: {runAsUser: 0}, securityContext: {fsGroup: 0}}", []string{
			"spec.podSecurityContext.runAsUser", "spec.securityContext.fsGroup", "spec of ",
		}},
		{"of a container that is the object", "{image: x, securityContext: {runAsUser: 0}}", []string{"securityContext.runAsUser of "}},
		{"an image without one", "spec: {image: x}", []string{"spec of "}},
		{"empty", "spec: {securityContext: {}}", nil},
		{"of strings under its key", `spec: {securityContext: {runAsUser: "0"}}`, []string{"spec.securityContext.runAsUser"}},
		{"a pattern", `spec: {x: {runAsUser: ">0"}, y: {runAsUser: {rule: MustRunAs}, supplementalGroups: [a], fsGroup: null}}`, nil},
		{"at the root", "runAsUser: 0", []string{"runAsUser"}},
		{"a string that says a mapping", `spec: {podSecurityContext: "runAsUser: 0"}`, []string{"spec.podSecurityContext.runAsUser"}},
		{"an operation of a JSON patch", "spec: {plaintext: [{path: /spec/template/spec/securityContext/runAsUser, operator: replace, value: 0}]}", []string{"spec.plaintext[0].value"}},
		{"a parameter of a chart", `spec: {parameters: [{name: podSecurityContext.runAsUser, value: "0"}]}`, []string{"spec.parameters[0].value"}},
		{"a test of a JSON patch", "spec: [{op: test, path: /spec/securityContext/runAsUser, value: 0}]", nil},
		{"the removal of a field", "spec: [{op: remove, path: /spec/securityContext/runAsUser}]", nil},
		{"a variable that is called like a field", `spec: [{name: runAsUser, value: "0"}]`, nil},
		{"an operator's own field", "spec: {spiloRunAsUser: 5}", []string{"spec.spiloRunAsUser"}},
		{"a schema of an operator's own field", "spec: {properties: {spiloRunAsUser: {type: integer}}}", nil},
		{"a schema", "spec: {openAPIV3Schema: {properties: {x: {default: {runAsUser: 0}}}}}", nil},
		{"in metadata", "metadata: {annotations: {runAsUser: 0}}", nil},
		{"an object within", "spec: {x: {apiVersion: v1, kind: Pod, spec: {securityContext: {runAsUser: 0}}}}", nil},
		{"containers of an object within", "spec: {x: {apiVersion: v1, kind: Pod, spec: {initContainers: [{name: a, securityContext: {runAsUser: 0}}], containers: [{name: a, image: x, securityContext: {runAsUser: 0}}]}}}", nil},
		{"beside what is an object within's own", "spec: {apiVersion: v1, kind: Pod, spec: {securityContext: {runAsUser: 0}}, podSecurityContext: {runAsUser: 1}}", []string{"spec.podSecurityContext.runAsUser"}},
		{"where an object within has no pod", "spec: {apiVersion: batch/v1, kind: CronJob, spec: {securityContext: {runAsUser: 0}}}", []string{"spec.spec.securityContext.runAsUser"}},
		{"an object within of an operator", "spec: {apiVersion: kafka.strimzi.io/v1, kind: Kafka, spec: {}, securityContext: {runAsUser: 0}}", nil},
		{"beside a list within", "spec: {apiVersion: v1, kind: List, items: [{securityContext: {runAsUser: 0}}], securityContext: {runAsUser: 1}}", []string{"spec.securityContext.runAsUser"}},
		{"in a list within that has no items", "spec: {apiVersion: v1, kind: List, items: {securityContext: {runAsUser: 0}}}", []string{"spec.items.securityContext.runAsUser"}},
		{"a policy within", "spec: {apiVersion: kyverno.io/v1, kind: Policy, spec: {securityContext: {runAsUser: 0}}, metadata: {securityContext: {runAsUser: 0}}}", nil},
		{"beside a policy within", "spec: {apiVersion: kyverno.io/v1, kind: Policy, metadata: {name: a}, securityContext: {runAsUser: 0}}", []string{"spec.securityContext.runAsUser"}},
		{"a reference to one", "spec: {x: {apiVersion: v1, kind: Pod, securityContext: {runAsUser: 0}}}", []string{"spec.x.securityContext.runAsUser"}},
		{"through an alias, once", "spec: {a: &x {runAsUser: 0}, b: *x}", []string{"spec.a.runAsUser"}},
		{"merged", "x: &x {runAsUser: 0}\nspec: {securityContext: {<<: *x}}", []string{"x.runAsUser", "spec.securityContext.runAsUser"}},
		{"a duplicate key", "spec: {a: {}, a: {securityContext: {runAsUser: 0}}}", []string{"spec.a.securityContext.runAsUser DuplicateKey"}},
		{"a container that is to be deleted", "spec: {sidecars: [{name: a, $patch: delete}]}", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := workload.Builtin().Find(nil, decode(t, tt.text), "example.com/v1", "Unknown", nil)
			var got []string
			for _, p := range found.Loose {
				got = append(got, loosePlace(p))
				if !p.Partial {
					t.Errorf("%s: the pod is not partial", p.Path)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

// loosePlace is the place of the first field that is set, or of a container without one.
func loosePlace(p *podspec.Pod) string {
	place := firstPath(&p.SecurityContext, p.FSGroup.Path, p.SupplementalGroups.Path, p.SupplementalGroupsPolicy.Path)
	if len(p.Containers) == 1 {
		place = firstPath(&p.Containers[0].SecurityContext, p.Containers[0].Path) + " of " + p.Containers[0].Name
	}
	for _, q := range p.Problems {
		place += " " + string(q.Code)
	}
	return place
}

func firstPath(sc *podspec.SecurityContext, more ...podspec.Path) string {
	for _, at := range append([]podspec.Path{sc.RunAsUser.Path, sc.RunAsGroup.Path, sc.RunAsNonRoot.Path, sc.RunAsUserName.Path}, more...) {
		if at != nil {
			return at.String()
		}
	}
	return ""
}

// TestParts is about pods that no PodSpec describes.
func TestParts(t *testing.T) {
	const workflow, task, pipelineRun = "Workflow", "Task", "PipelineRun"
	type pod struct {
		Path, User, FSGroup string // the user and the fsGroup are those of the pod, with their places
		Context             podspec.ContextPlace
		Containers          []string // places of their users, and what they are
	}
	for _, tt := range []struct {
		name, kind, text string
		want             []pod
	}{
		{
			"a workflow's own", workflow, "spec: {securityContext: {runAsUser: 1}, templates: [{name: a, container: {image: x}}]}",
			[]pod{{
				"spec.templates[0]", "spec.securityContext.runAsUser 1", "spec.securityContext.fsGroup ", podspec.SharedContext,
				[]string{"spec.templates[0].container.securityContext.runAsUser "},
			}},
		},
		{
			"a template's own, in place of the workflow's", workflow,
			"spec: {securityContext: {runAsUser: 1, fsGroup: 2}, templates: [{securityContext: {runAsUser: 3}, script: {image: x}}]}",
			[]pod{{
				"spec.templates[0]", "spec.templates[0].securityContext.runAsUser 3", "spec.templates[0].securityContext.fsGroup ", podspec.OwnContext,
				[]string{"spec.templates[0].script.securityContext.runAsUser "},
			}},
		},
		{
			"merged with templateDefaults", workflow,
			"spec: {securityContext: {runAsUser: 1}, templateDefaults: {securityContext: {fsGroup: 2}, container: {securityContext: {runAsUser: 4}}}, templates: [{securityContext: {runAsUser: 3}, container: {image: x}}]}",
			[]pod{{
				"spec.templates[0]", "spec.templates[0].securityContext.runAsUser 3", "spec.templateDefaults.securityContext.fsGroup 2", podspec.OwnContext,
				[]string{"spec.templateDefaults.container.securityContext.runAsUser 4"},
			}},
		},
		{"a template of steps", workflow, "spec: {templates: [{name: a, steps: []}]}", nil},
		{
			"a task", task, "spec: {stepTemplate: {securityContext: {runAsUser: 1}}, steps: [{image: x}, {image: x, securityContext: {runAsUser: 2}}], sidecars: [{image: x}]}",
			[]pod{{"spec", " ", " ", podspec.NoContext, []string{
				"spec.stepTemplate.securityContext.runAsUser 1", "spec.steps[1].securityContext.runAsUser 2", "spec.sidecars[0].securityContext.runAsUser ",
			}}},
		},
		{
			"a pipeline run of v1", pipelineRun, "spec: {taskRunTemplate: {podTemplate: {securityContext: {runAsUser: 1}}}, pipelineSpec: {finally: [{taskSpec: {steps: [{image: x}]}}]}}",
			[]pod{{
				"spec.pipelineSpec.finally[0].taskSpec", "spec.taskRunTemplate.podTemplate.securityContext.runAsUser 1",
				"spec.taskRunTemplate.podTemplate.securityContext.fsGroup ", podspec.SharedContext,
				[]string{"spec.pipelineSpec.finally[0].taskSpec.steps[0].securityContext.runAsUser "},
			}},
		},
		{
			"a pipeline run without a place yet", pipelineRun, "spec: {pipelineSpec: {tasks: [{taskSpec: {steps: [{image: x}]}}]}}",
			[]pod{{
				"spec.pipelineSpec.tasks[0].taskSpec", "spec.taskRunTemplate.podTemplate.securityContext.runAsUser ",
				"spec.taskRunTemplate.podTemplate.securityContext.fsGroup ", podspec.SharedContext,
				[]string{"spec.pipelineSpec.tasks[0].taskSpec.steps[0].securityContext.runAsUser "},
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			group := "tekton.dev/v1"
			if tt.kind == workflow {
				group = "argoproj.io/v1alpha1"
			}
			show := func(v podspec.Value[int64]) string { return v.Path.String() + " " + v.Raw }
			var got []pod
			for _, p := range workload.Builtin().Pods(decode(t, tt.text), group, tt.kind, nil) {
				if p.Partial {
					t.Errorf("%s: the pod is partial", p.Path)
				}
				out := pod{p.Path.String(), show(p.RunAsUser), show(p.FSGroup), p.Context, nil}
				for _, c := range p.Containers {
					out.Containers = append(out.Containers, show(c.RunAsUser))
				}
				got = append(got, out)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("pods (-want +got):\n%s", diff)
			}
		})
	}
}
