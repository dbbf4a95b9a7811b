package imagepolicy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/policy"
)

// refuseAll refuses every image that it selects.
const refuseAll = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: refuse}
spec:
  images: [{glob: "**"}]
  authorities: [{static: {action: fail, message: nothing is good enough}}]
`

// TestGlobs holds globs against the rules of policy-controller: * ends at a
// slash, ** does not, a glob is anchored, and it sees the full reference first
// and then the reference as written.
func TestGlobs(t *testing.T) {
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	hub := name.DefaultRegistry
	tests := []struct {
		glob, image string
		want        bool
	}{
		{"**", "web", true},
		{"*", "web", true},
		{"*", "web:1.2", true},
		{"*", "team/web", false},
		{"*", "registry.example/web", false},
		{"*/*", "team/web", true},
		{"*/*", "web", true}, // library/web
		{"*/*", "registry.example/web", false},
		{"*/**", "registry.example/a/b/c", true},
		{hub + "/library/*", "web", true},
		{hub + "/library/web:latest", "web", true},
		{hub + "/library/web", "web", false},
		{hub + "/library/web:*", "web:1.2", true},
		{hub + "/*/*", "team/web", true},
		{hub + "/**", "team/web", true},
		{hub[:5] + "**", "web", true},
		{"web", "web", true}, // as written
		{"web*", "web:1", true},
		{"web", "web:1", false},
		{"team/*", "team/web", true},
		{"registry.example/*", "registry.example/web", true},
		{"registry.example/*", "registry.example/web:1", true}, // a colon is not a slash
		{"registry.example/*", "registry.example/team/web", false},
		{"registry.example/**", "registry.example/team/web", true},
		{"registry.example/*/web*", "registry.example/team/web:1", true},
		{"registry.example/***", "registry.example/team/web", true},
		{"registry.example:5000/**", "registry.example:5000/web", true},
		{"registry.example/**", "registryxexample/web", false}, // a dot is a dot
		{"registry.example/web", "old-registry.example/web", false},
		{"registry.example/web", "registry.example/web-old", false},
		{"registry.example/web:latest", "registry.example/web", true},
		{"registry.example/web" + digest, "registry.example/web" + digest, true},
		{"registry.example/web@*", "registry.example/web:1" + digest, true}, // a digest makes the tag moot
		{"registry.example/web:*", "registry.example/web" + digest, false},
	}
	for _, tt := range tests {
		p := decode(t, replace(`"**"`, `"`+tt.glob+`"`)(refuseAll))
		got := evaluate(t, p, pod(`{containers: [{name: web, image: "`+tt.image+`"}]}`))
		if (len(got) > 0) != tt.want {
			t.Errorf("glob %s, image %s: got %v, want match %v", tt.glob, tt.image, got, tt.want)
		}
	}
}

func TestImages(t *testing.T) {
	const refused = `: failed policy "refuse": disallowed by static policy: nothing is good enough`
	p := decode(t, replace(`"**"`, `registry.example/**`)(refuseAll))
	got := evaluate(t, p, deployment(`{
  initContainers: [{name: setup, image: registry.example/setup}],
  containers: [{name: web, image: elsewhere.example/web}, {name: bad, image: "a b"}],
  volumes: [{name: data}, {name: model, image: {reference: registry.example/model}}]}`))
	want := []said{
		violation("spec.template.spec.containers[1].image", "bad", "a b", `container "bad": failed policy "refuse": could not parse reference: a b`),
		violation("spec.template.spec.initContainers[0].image", "setup", "registry.example/setup", `init container "setup"`+refused),
		{policy.Error, policy.ImagePolicyViolation, "spec.template.spec.volumes[1].image.reference", `volume "model"` + refused, "registry.example/model", nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMatch says which objects a policy is for, as what. Each policy refuses
// replicas: 1 of an object and hostNetwork: true of a pod.
func TestMatch(t *testing.T) {
	const cue = "spec: {replicas?: !=1, hostNetwork?: !=true, jobTemplate?: spec: completions: !=1}"
	const asPod, asObject = "pod", "object"
	const deploy = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {app: outer}}
spec: {replicas: 1, template: {metadata: {labels: {app: inner}}, spec: {hostNetwork: true, containers: [{name: web, image: web}]}}}`
	const plainPod = `apiVersion: v1
kind: Pod
metadata: {name: app, labels: {app: inner}}
spec: {hostNetwork: true, containers: [{name: web, image: web}]}`
	const cronJob = `apiVersion: batch/v1
kind: CronJob
metadata: {name: app}
spec: {jobTemplate: {spec: {completions: 1, template: {spec: {hostNetwork: true, containers: [{name: web, image: web}]}}}}}`
	const podTemplate = `apiVersion: v1
kind: PodTemplate
metadata: {name: app}
template: {spec: {hostNetwork: true, containers: [{name: web, image: web}]}}`
	tests := []struct {
		name, match, manifest string
		want                  []string
	}{
		{"no match, pod", "", plainPod, []string{asPod}},
		{"no match, deployment", "", deploy, []string{asPod, asObject}},
		{"no match, cron job", "", cronJob, []string{asPod, asObject}},
		{"no match, pod template", "", podTemplate, []string{asPod}},
		{"pods", "{version: v1, resource: pods}", plainPod, []string{asPod}},
		{"pods, deployment", "{version: v1, resource: pods}", deploy, []string{asPod}},
		{"any version", `{version: "*", resource: pods}`, deploy, []string{asPod}},
		{"another version", "{version: v2, resource: pods}", deploy, nil},
		{"the group is exact", `{group: "*", version: v1, resource: pods}`, deploy, nil},
		{"deployments", "{group: apps, version: v1, resource: deployments}", deploy, []string{asObject}},
		{"deployments, pod", "{group: apps, version: v1, resource: deployments}", plainPod, nil},
		{"both", "{version: v1, resource: pods}, {group: apps, version: v1, resource: deployments}", deploy, []string{asPod, asObject}},
		{"cron jobs", "{group: batch, version: v1, resource: cronjobs}", cronJob, []string{asObject}},
		{"labels of the pod", "{version: v1, resource: pods, selector: {matchLabels: {app: inner}}}", deploy, []string{asPod}},
		{"other labels of the pod", "{version: v1, resource: pods, selector: {matchLabels: {app: outer}}}", deploy, nil},
		{"labels of the object", "{group: apps, version: v1, resource: deployments, selector: {matchExpressions: [{key: app, operator: NotIn, values: [inner]}]}}", deploy, []string{asObject}},
		{"an empty selector", "{version: v1, resource: pods, selector: {}}", deploy, []string{asPod}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := decode(t, clusterImagePolicy(cue, replace("{version: v1, resource: pods}", tt.match)))
			var got []string
			for _, f := range evaluate(t, p, tt.manifest) {
				switch {
				case strings.HasSuffix(f.Path, "hostNetwork"):
					got = append(got, asPod)
				case strings.HasSuffix(f.Path, "spec.replicas"), strings.HasSuffix(f.Path, "spec.completions"):
					got = append(got, asObject)
				default:
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
