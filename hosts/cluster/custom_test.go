package cluster_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// serveCustom makes the server serve a custom resource whose spec may be anything.
func (s *server) serveCustom(t *testing.T, group, version, kind, plural string) {
	t.Helper()
	s.must(t, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", objectsOf(t, fmt.Sprintf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[4]s.%[1]s}
spec:
  group: %[1]s
  scope: Namespaced
  names: {plural: %[4]s, kind: %[3]s}
  versions:
    - name: %[2]s
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}`, group, version, kind, plural))[0])
	o := object{"apiVersion": group + "/" + version, "kind": kind, "metadata": object{"name": "served", "namespace": "default"}}
	s.await(t, "the custom resource to be served", func() bool {
		status, _, err := s.try("POST", pathOf(o)+"?dryRun=All", o)
		return err == nil && status == http.StatusCreated
	})
}

// TestCustomResources: of a custom resource whose schema lets everything through the
// server admits and writes what usergroup does. Values of another type than their
// field's are refused, and null is one.
func TestCustomResources(t *testing.T) {
	s := start(t)
	s.serveCustom(t, "argoproj.io", "v1alpha1", rollout, "rollouts")
	s.serveCustom(t, "apps.kruise.io", "v1beta1", "StatefulSet", "statefulsets")
	const (
		ranges  = "runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}"
		nonRoot = "runAsUser: {rule: MustRunAsNonRoot}"
		groups  = "supplementalGroups: {rule: MayRunAs, ranges: [{min: 1000, max: 1999}]}"
		apps    = "exclude: [{kinds: [StatefulSet.apps], names: [x], reason: r}], "
		kruise  = "exclude: [{kinds: [StatefulSet.apps.kruise.io], names: [x], reason: r}], "
		images  = "exclude: [{images: ['agent'], reason: r}], "
		agents  = "exclude: [{containers: ['agent*'], reason: r}], "
		user    = "securityContext: {runAsUser: 1000}"
	)
	of := func(apiVersion, kind, spec string) string {
		return "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: x, namespace: default}\nspec: " + spec
	}
	rolloutOf := func(spec string) string { return of("argoproj.io/v1alpha1", rollout, spec) }
	pod := func(spec string) string { return rolloutOf("{template: {spec: {" + spec + "}}}") }
	app := func(context string) string { return "containers: [{name: app, image: app, " + context + "}]" }
	set := func(apiVersion string) string {
		return of(apiVersion, "StatefulSet", "{serviceName: x, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: app, image: app}]}}}")
	}
	var trials []*trial
	refusals := map[*trial]string{}
	for i, tt := range []struct{ policy, object, refused string }{
		{ranges, rolloutOf("{workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}}"), ""},
		{ranges, rolloutOf("{template: null}"), ""},
		{ranges, rolloutOf("{template: {spec: null}}"), ""},
		{ranges, pod(""), ""},
		{ranges, pod("containers: null"), ""},
		{ranges, pod("initContainers: null, ephemeralContainers: null, " + app(user)), ""},
		{ranges, pod("nodeSelector: null, affinity: null, os: null, " + app(user)), ""},
		{ranges, pod("securityContext: null, " + app(user)), ""},
		{ranges, pod("securityContext: null, " + app("securityContext: null")), ""},
		{ranges, pod(app("securityContext: {runAsUser: 1000.0}")), ""},
		{nonRoot, pod("securityContext: null, " + app("securityContext: null")), ""},
		{nonRoot, pod(app("securityContext: {runAsUser: 0.0}")), ""},
		{groups, pod("securityContext: {supplementalGroups: [1000, 7]}, " + app(user)), ""},

		// Without a name, without an image.
		{ranges, pod("containers: [{image: app}]"), ""},
		{ranges, pod("containers: [{image: app, securityContext: {runAsUser: 1000}}]"), ""},
		{ranges, pod("containers: [{name: null, image: null, " + user + "}], ephemeralContainers: [{}]"), ""},
		{nonRoot, pod("initContainers: [{image: null}], containers: [{}, {}]"), ""},
		{nonRoot, pod("containers: [{securityContext: {runAsUser: 0}}]"), ""},
		{images + ranges, pod("containers: [{name: app, image: null}, {name: agent, image: agent:1}]"), ""},
		{images + ranges, pod("containers: [{name: app, image: null, " + user + "}, {name: agent, image: agent:1}]"), ""},
		{images + ranges, pod("containers: [{name: app}, {image: agent:1}]"), ""},
		{agents + ranges, pod("containers: [{name: agent}, {name: null, image: app}]"), ""},
		{agents + ranges, pod("containers: [{name: agent}, {image: app, " + user + "}]"), ""},

		// Null within what says the operating system.
		{ranges, pod(app("securityContext: {runAsUser: 1000, windowsOptions: null}")), ""},
		{nonRoot, pod("securityContext: {windowsOptions: null}, " + app(user)), ""},
		{ranges, pod("os: {name: null}, nodeSelector: {kubernetes.io/os: null}, " + app(user)), ""},
		{ranges, pod("os: {name: null}, " + app("securityContext: {windowsOptions: {runAsUserName: x}}")), ""},
		{ranges, pod("nodeSelector: {kubernetes.io/os: null}, " + app("securityContext: {windowsOptions: {runAsUserName: x}}")), ""},
		{nonRoot, pod("os: {name: windows}, " + app("securityContext: {windowsOptions: {runAsUserName: null}}")), ""},
		{"exclude: [{hostUsers: false, reason: r}], " + ranges, pod("hostUsers: null, " + app("")), ""},
		{"exclude: [{hostUsers: true, reason: r}], " + ranges, pod("hostUsers: null, " + app("")), ""},

		// Two kinds of one name.
		{apps + ranges, set("apps/v1"), ""},
		{apps + ranges, set("apps.kruise.io/v1beta1"), ""},
		{kruise + ranges, set("apps/v1"), ""},
		{kruise + ranges, set("apps.kruise.io/v1beta1"), ""},

		{ranges, pod("containers: [{name: 5, " + user + "}]"), `container "": name must be a string or left out`},
		{ranges, pod("initContainers: [{name: app, image: [app], " + user + "}]"), `init container "app": image must be a string or left out`},
		{nonRoot, pod("containers: [{securityContext: {runAsNonRoot: 1}}]"), `container "": runAsNonRoot must be a boolean or left out`},
		{ranges, pod(app(`securityContext: {runAsUser: "1000"}`)), `container "app": runAsUser must be an integer or left out`},
		{ranges, pod(app("securityContext: {runAsUser: 1000.5}")), `container "app": runAsUser must be an integer or left out`},
		{ranges, pod(user + ", " + app("securityContext: {runAsUser: null}")), `container "app": runAsUser must be an integer or left out`},
		{nonRoot, pod(app("securityContext: {runAsUser: null}")), `container "app": runAsUser must be an integer or left out`},
		{nonRoot, pod("securityContext: {runAsUser: 0}, " + app("securityContext: {runAsUser: null}")), `container "app": runAsUser must be an integer or left out`},
		{nonRoot, pod(app(`securityContext: {runAsUser: "0"}`)), `container "app": runAsUser must be an integer or left out`},
		{nonRoot, pod("securityContext: {runAsUser: null}, " + app("")), "pod: runAsUser must be an integer or left out"},
		{nonRoot, pod(app(`securityContext: {runAsNonRoot: "true"}`)), `container "app": runAsNonRoot must be a boolean or left out`},
		{groups, pod("securityContext: {supplementalGroups: ['0']}, " + app(user)), "pod: supplementalGroups must be a list of integers or left out"},
		{groups, pod("securityContext: {supplementalGroups: {}}, " + app(user)), "pod: supplementalGroups must be a list of integers or left out"},
	} {
		tr := &trial{name: fmt.Sprintf("c%d", i), objects: objectsOf(t, tt.object)}
		metadata(tr.objects[0])["labels"] = object{"for": tr.name}
		tr.policy = policyOf(t, tr.name, "{match: {labelSelector: {matchLabels: {for: "+tr.name+"}}}, "+tt.policy+"}")
		tr.file = file(t, tr.policy)
		tr.reports = check(t, tr.file, tr.objects)
		tr.fixed, tr.leftOver = fix(t, tr.file, tr.objects)
		out, _ := usergroup(t, "", "convert", "--to", "admission", "--kinds", "Rollout.argoproj.io", "--kinds", "StatefulSet.apps.kruise.io", tr.file)
		tr.gate, refusals[tr] = objectsOf(t, out), tt.refused
		trials = append(trials, tr)
	}
	each := func(compare func(tr *trial, o, fixed object)) {
		for _, tr := range trials {
			o := tr.objects[0]
			if want := refusals[tr]; want == "" {
				compare(tr, o, tr.fixed[0])
			} else if a := s.dryRun(t, o); a.accepted() || !strings.Contains(a.message, want) {
				tr.fail(t, o, a, "want %q", want)
			}
		}
	}
	s.install(t, trials, "Validating")
	each(func(tr *trial, o, _ object) { tr.compareCheck(t, s, o) })
	s.install(t, trials, "Mutating")
	each(func(tr *trial, o, fixed object) { tr.compareFix(t, s, o, fixed) })
}
