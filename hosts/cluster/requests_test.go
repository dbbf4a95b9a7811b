package cluster_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// policyOf is a policy with a spec in YAML.
func policyOf(t *testing.T, name, spec string) object {
	t.Helper()
	return objectsOf(t, "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: "+name+"}\nspec: "+spec)[0]
}

// enforce exports a policy to the server and waits until it holds.
func (s *server) enforce(t *testing.T, policy object) {
	t.Helper()
	out, _ := usergroup(t, "", "convert", "--to", "admission", file(t, policy))
	tr := &trial{gate: objectsOf(t, out)}
	s.install(t, []*trial{tr}, "Validating")
	s.install(t, []*trial{tr}, "Mutating")
}

// podOf is a Pod with a spec in YAML.
func podOf(t *testing.T, name, spec string) object {
	t.Helper()
	return objectsOf(t, "apiVersion: v1\nkind: Pod\nmetadata: {namespace: default, name: "+name+"}\nspec: "+spec)[0]
}

// deploymentOf is a Deployment with a pod spec in YAML.
func deploymentOf(t *testing.T, name, spec string) object {
	t.Helper()
	return objectsOf(t, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: default, name: "+name+`}
spec:
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec: `+spec)[0]
}

const ids = `{
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]},
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]},
  fsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}`

// debug adds an ephemeral container to a pod that runs.
func (s *server) debug(t *testing.T, pod, container string) answer {
	t.Helper()
	path := "/api/v1/namespaces/default/pods/" + pod
	o := s.must(t, "GET", path, nil).object
	var c any
	if err := json.Unmarshal([]byte(container), &c); err != nil {
		t.Fatal(err)
	}
	spec := o["spec"].(object)
	running, _ := spec["ephemeralContainers"].([]any)
	spec["ephemeralContainers"] = append(running, c)
	return s.send(t, "PUT", path+"/ephemeralcontainers", o)
}

// TestDebugging: of a pod that is being debugged only the new containers are
// judged and written to, as nothing else of it can be changed.
func TestDebugging(t *testing.T) {
	for _, placement := range []string{"Both", "Pod", "Containers"} {
		t.Run(placement, func(t *testing.T) {
			s := start(t)
			s.must(t, "POST", "/api/v1/namespaces/default/pods", podOf(t, "old", "{containers: [{name: app, image: app}]}"))
			if a := s.debug(t, "old", `{"name": "early", "image": "busybox", "securityContext": {"runAsUser": 0}}`); !a.accepted() {
				t.Fatal(a.message)
			}
			s.enforce(t, policyOf(t, "ids", ids+", placement: "+placement+"}"))
			s.must(t, "POST", "/api/v1/namespaces/default/pods", podOf(t, "new", "{containers: [{name: app, image: app}]}"))

			a := s.debug(t, "old", `{"name": "root", "image": "busybox", "securityContext": {"runAsUser": 0}}`)
			if a.accepted() || !strings.Contains(a.message, `ephemeral container "root": runAsUser must be in 1000-1999, is 0`) {
				t.Errorf("root debugs: %d %s", a.code, a.message)
			}
			if strings.Contains(a.message, "early") || strings.Contains(a.message, `"app"`) || strings.Contains(a.message, "fsGroup") {
				t.Errorf("what runs already is judged: %s", a.message)
			}
			a = s.debug(t, "old", `{"name": "debugger", "image": "busybox"}`)
			if !a.accepted() {
				t.Fatalf("a debugger that says nothing is refused: %s", a.message)
			}
			if got := judged(a.object)["debugger"]; got["runAsUser"] != "1000" || got["runAsGroup"] != "1000" {
				t.Errorf("the debugger runs as %v", got)
			}
			if got := judged(a.object); len(got["app"]) > 0 || len(got[""]) > 0 {
				t.Errorf("what runs already is written to: %v", got)
			}
			if a := s.debug(t, "new", `{"name": "debugger", "image": "busybox"}`); !a.accepted() {
				t.Errorf("a debugger of a pod with ids is refused: %s", a.message)
			}
		})
	}
}

// TestUpdates: what was there before the gate goes on; what changes must follow.
func TestUpdates(t *testing.T) {
	s := start(t)
	deployments := "/apis/apps/v1/namespaces/default/deployments"
	s.must(t, "POST", deployments, deploymentOf(t, "web", "{containers: [{name: app, image: app}]}"))
	s.must(t, "POST", "/apis/batch/v1/namespaces/default/jobs", objectsOf(t, `{apiVersion: batch/v1, kind: Job, metadata: {name: once, namespace: default},
spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: app}]}}}}`)[0])
	s.must(t, "POST", "/api/v1/namespaces/default/pods", podOf(t, "old", "{containers: [{name: agent, image: agent}]}"))
	s.enforce(t, policyOf(t, "ids", ids+", exclude: [{images: [agent], reason: it watches the node}]}"))

	update := func(path string, change func(object)) answer {
		t.Helper()
		o := s.must(t, "GET", path, nil).object
		change(o)
		return s.send(t, "PUT", path, o)
	}
	label := func(o object) { metadata(o)["labels"] = object{"seen": "yes"} }
	for _, path := range []string{deployments + "/web", "/apis/batch/v1/namespaces/default/jobs/once", "/api/v1/namespaces/default/pods/old"} {
		a := update(path, label)
		if !a.accepted() {
			t.Errorf("%s cannot be labelled: %s", path, a.message)
		} else if got := judged(a.object); len(got[""])+len(got["app"])+len(got["agent"]) > 0 {
			t.Errorf("%s is written to by a label: %v", path, got)
		}
	}
	if a := update(deployments+"/web/scale", func(o object) { o["spec"] = object{"replicas": 3} }); !a.accepted() {
		t.Errorf("the deployment cannot be scaled: %s", a.message)
	}
	container := func(o object) object { return podSpecOf(o)["containers"].([]any)[0].(object) }
	if a := update(deployments+"/web", func(o object) { container(o)["securityContext"] = object{"runAsUser": 0} }); a.accepted() {
		t.Error("the deployment becomes root")
	}
	a := update(deployments+"/web", func(o object) { container(o)["image"] = "app:2" })
	if !a.accepted() || judged(a.object)["app"]["runAsUser"] != "1000" {
		t.Errorf("a new image brings no user: %d %s %v", a.code, a.message, judged(a.object))
	}
	// An image that was exempt becomes one that is not.
	a = update("/api/v1/namespaces/default/pods/old", func(o object) { container(o)["image"] = "app" })
	if a.accepted() || !strings.Contains(a.message, `container "agent": runAsUser must be in`) {
		t.Errorf("the pod leaves its exemption: %d %s", a.code, a.message)
	}
	// A ReplicaSet that differs from its Deployment would be made again and again.
	a = s.dryRun(t, objectsOf(t, `{apiVersion: apps/v1, kind: ReplicaSet,
metadata: {name: web-1, namespace: default, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: x, controller: true}]},
spec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: agent, image: agent}]}}}}`)[0])
	if !a.accepted() || len(judged(a.object)["agent"])+len(judged(a.object)[""]) > 0 {
		t.Errorf("the ReplicaSet of a Deployment is written to: %d %s %v", a.code, a.message, judged(a.object))
	}
}

// TestLabelledUpdates: an update is judged and written to where the object has the
// label that selects after it, whatever it had before.
func TestLabelledUpdates(t *testing.T) {
	s := start(t)
	deployments, pods := "/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/pods"
	labelled := func(o object, tier string) object {
		metadata(o)["labels"] = object{"tier": tier}
		return o
	}
	const root = "{containers: [{name: app, image: app, securityContext: {runAsGroup: 0}}]}"
	for path, make := range map[string]func(*testing.T, string, string) object{deployments: deploymentOf, pods: podOf} {
		s.must(t, "POST", path, labelled(make(t, "leaves", root), "front"))
		s.must(t, "POST", path, labelled(make(t, "joins", root), "back"))
	}
	s.enforce(t, policyOf(t, "ids", ids+", match: {labelSelector: {matchLabels: {tier: front}}}}"))
	for _, path := range []string{deployments, pods} {
		leaves, joins := s.must(t, "GET", path+"/leaves", nil).object, s.must(t, "GET", path+"/joins", nil).object
		a := s.send(t, "PUT", path+"/leaves", labelled(leaves, "back"))
		if !a.accepted() {
			t.Errorf("%s: what the policy is no longer for is judged: %s", path, a.message)
		} else if got := judged(a.object); len(got[""]) > 0 || got["app"]["runAsUser"] != nil {
			t.Errorf("%s: what the policy is no longer for is written to: %v", path, got)
		}
		if a := s.send(t, "PUT", path+"/joins", labelled(joins, "front")); a.accepted() || !strings.Contains(a.message, `container "app": runAsGroup must be in`) {
			t.Errorf("%s: what the policy is for from now on: %d %s", path, a.code, a.message)
		}
	}
}

// TestModes: Warn admits with a warning, Audit without one.
func TestModes(t *testing.T) {
	s := start(t)
	s.enforce(t, policyOf(t, "warns", ids+", mode: Warn, match: {names: [warned]}}"))
	s.enforce(t, policyOf(t, "audits", ids+", mode: Audit, match: {names: [audited]}}"))
	pod := func(name string) object {
		return podOf(t, name, "{containers: [{name: app, image: app, securityContext: {runAsUser: 0}}]}")
	}
	a := s.dryRun(t, pod("warned"))
	says := func(w string) bool { return strings.Contains(w, `runAsUser must be in 1000-1999, is 0`) }
	if !a.accepted() || !slices.ContainsFunc(a.warnings, says) || len(judged(a.object)[""]) > 0 {
		t.Errorf("Warn: %d %s %q", a.code, a.message, a.warnings)
	}
	for _, name := range []string{"audited", "other"} {
		if a := s.dryRun(t, pod(name)); !a.accepted() || len(a.warnings) > 0 || len(judged(a.object)[""]) > 0 {
			t.Errorf("%s: %d %s %q", name, a.code, a.message, a.warnings)
		}
	}
}

// TestExamples: kubectl applies what the examples are exported as, to the first
// version that has all of it as well.
func TestExamples(t *testing.T) {
	policies, err := filepath.Glob("../../examples/*/policy.yaml")
	if err != nil || len(policies) < 5 {
		t.Fatalf("examples %v, error %v", policies, err)
	}
	for _, flags := range [][]string{nil, {"--emulated-version=1.36"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			s := start(t, flags...)
			for _, policy := range policies {
				gate, _ := usergroup(t, "", "convert", "--to", "admission", "--allow-weaker", policy)
				for range 2 {
					s.kubectl(t, gate, "apply", "-f", "-")
				}
			}
			if a := s.dryRun(t, podOf(t, "x", "{containers: [{name: app, image: app, securityContext: {runAsUser: 0, runAsNonRoot: false}}]}")); a.accepted() {
				t.Error("root is admitted by all of them")
			}
		})
	}
}

// TestManyGlobs: a policy with more globs than one expression may compare is for the
// same containers.
func TestManyGlobs(t *testing.T) {
	s := start(t)
	images, names := imageGlobsOf(manyImages(25)), namesOf(25, "c*-%d")
	var trials []*trial
	for i, spec := range []object{
		{"match": object{"images": append(images, "plain")}},
		{"match": object{"images": images, "containers": names}},
		{"exclude": []any{object{"reason": "x", "images": append(images, "plain")}}},
		{"exclude": []any{object{"reason": "x", "images": images, "containers": names}, object{"reason": "x", "containers": []any{"other"}}}},
	} {
		tr := &trial{name: fmt.Sprintf("g%d", i)}
		spec["runAsUser"] = object{"rule": "MustRunAsNonRoot"}
		tr.policy = object{"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": tr.name}, "spec": spec}
		for n, image := range []string{"plain", "registry.example:5000/a/team-with-a-name/b/legacy-application-24:1", "registry.example:5000/a/team-with-a-name/b/legacy-application-25"} {
			for m, name := range []string{"c-24", "other"} {
				o := podOf(t, fmt.Sprintf("p%d-%d", n, m), "{containers: [{name: "+name+", image: '"+image+"'}, {name: c1-1, image: 'registry.example:5000/team-with-a-name/x/legacy-application-1'}]}")
				metadata(o)["namespace"] = tr.name + "-shop"
				tr.objects = append(tr.objects, o)
			}
		}
		for _, ns := range tr.namespaces() {
			s.must(t, "POST", "/api/v1/namespaces", ns)
		}
		tr.prepare(t)
		trials = append(trials, tr)
	}
	s.install(t, trials, "Validating")
	refused := 0
	for _, tr := range trials {
		for _, o := range tr.objects {
			tr.compareCheck(t, s, o)
			refused += min(1, len(tr.reports[name(o)]))
		}
	}
	s.install(t, trials, "Mutating")
	for _, tr := range trials {
		for i, o := range tr.objects {
			tr.compareFix(t, s, o, tr.fixed[i])
		}
	}
	t.Logf("%d refused", refused)
	if refused < 5 || refused > 22 {
		t.Error("the policies are for all or for nothing")
	}
}
