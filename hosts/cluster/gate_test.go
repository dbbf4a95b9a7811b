package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// trial is a policy with the objects that it is tried on.
type trial struct {
	name     string
	policy   object
	file     string
	gate     []object // its admission policies and bindings
	fixed    []object // the objects as usergroup fix makes them
	objects  []object
	reports  map[string][]result // of usergroup check
	leftOver map[string][]result // errors that usergroup fix leaves
}

// TestGate holds the exported policies against check and fix: random policies on
// random objects of every built-in kind, in namespaces of their own.
func TestGate(t *testing.T) {
	for _, tt := range []struct {
		name     string
		seed     uint64
		policies int
		flags    []string
	}{
		{"1.37", 20260715, 120, nil},
		{"emulating 1.36", 20260716, 40, []string{"--emulated-version=1.36"}},
	} {
		t.Run(tt.name, func(t *testing.T) { compare(t, start(t, tt.flags...), newRandom(tt.seed), tt.policies) })
	}
}

// perKind is how many objects of each kind every policy meets, judged and then
// written to.
const perKind = 3

func compare(t *testing.T, s *server, r random, policies int) {
	s.serveCustom(t, "argoproj.io", "v1alpha1", rollout, "rollouts")
	kinds := append(slices.Clone(kinds), rollout)
	var trials []*trial
	for i := range policies {
		tr := &trial{name: fmt.Sprintf("p%d", i)}
		tr.policy = r.policy(tr.name)
		for _, ns := range tr.namespaces() {
			s.must(t, "POST", "/api/v1/namespaces", ns)
		}
		for n := range perKind * len(kinds) {
			tr.objects = append(tr.objects, r.workload(kinds[n%len(kinds)], tr.name+"-"+pick(r, "shop", "shop", "tools"), tr.name, n))
		}
		// What the server refuses of itself says nothing about a gate.
		tr.objects = slices.DeleteFunc(tr.objects, func(o object) bool { return !s.dryRun(t, o).accepted() })
		tr.prepare(t)
		trials = append(trials, tr)
	}
	pairs, refused, written := 0, 0, 0
	s.install(t, trials, "Validating")
	for _, tr := range trials {
		for _, o := range tr.objects {
			tr.compareCheck(t, s, o)
			pairs++
			if len(tr.reports[name(o)]) > 0 {
				refused++
			}
		}
	}
	s.install(t, trials, "Mutating")
	for _, tr := range trials {
		for i, o := range tr.objects {
			tr.compareFix(t, s, o, tr.fixed[i])
			pairs++
			if !cmp.Equal(judged(o), judged(tr.fixed[i])) {
				written++
			}
		}
	}
	t.Logf("%d pairs of a policy and an object; %d objects refused as they are, %d written to", pairs, refused, written)
	if refused < pairs/10 || written < pairs/10 {
		t.Error("the policies have next to nothing to do")
	}
}

// prepare asks usergroup for all that the server is compared with.
func (tr *trial) prepare(t *testing.T) {
	t.Helper()
	tr.file = file(t, tr.policy)
	namespaces := tr.namespaces()
	tr.reports = check(t, tr.file, append(namespaces, tr.objects...))
	fixed, left := fix(t, tr.file, append(namespaces, tr.objects...))
	tr.fixed, tr.leftOver = fixed[len(namespaces):], left
	out, _ := usergroup(t, "", "convert", "--to", "admission", "--kinds", rollout+".argoproj.io", tr.file)
	tr.gate = objectsOf(t, out)
	for _, o := range tr.gate {
		if strings.HasSuffix(o["kind"].(string), "Binding") {
			o["spec"].(object)["matchResources"] = object{"namespaceSelector": object{"matchExpressions": []any{object{
				"key": "kubernetes.io/metadata.name", "operator": "In", "values": []any{tr.name + "-shop", tr.name + "-tools"},
			}}}}
		}
	}
}

// namespaces are those of the trial as usergroup has to know them.
func (tr *trial) namespaces() []object {
	namespace := func(name, env string) object {
		return object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": tr.name + "-" + name, "labels": object{"env": env}}}
	}
	return []object{namespace("shop", "prod"), namespace("tools", "dev")}
}

// compareCheck compares the server's word on an object with that of check.
func (tr *trial) compareCheck(t *testing.T, s *server, o object) {
	t.Helper()
	a := s.dryRun(t, o)
	errs := tr.reports[name(o)]
	if a.accepted() != (len(errs) == 0) {
		tr.fail(t, o, a, "the server and check disagree: check reports %v", errs)
		return
	}
	for _, e := range errs {
		for _, c := range e.Containers {
			if strings.HasSuffix(c, "]") { // its path stands for the name that it lacks
				c = ""
			}
			if !strings.Contains(a.message, "container \""+c+"\": ") {
				tr.fail(t, o, a, "the server does not name the container %q, check reports %v", c, e)
			}
		}
	}
}

// compareFix compares what the server makes of an object with what fix does.
func (tr *trial) compareFix(t *testing.T, s *server, o, fixed object) {
	t.Helper()
	a := s.dryRun(t, o)
	errs := tr.leftOver[name(o)]
	if a.accepted() != (len(errs) == 0) {
		tr.fail(t, o, a, "the server and fix disagree: fix reports %v", errs)
		return
	}
	if !a.accepted() {
		return
	}
	if diff := cmp.Diff(judged(fixed), judged(a.object)); diff != "" {
		tr.fail(t, o, a, "the server writes something else (-fix +server):\n%s", diff)
		return
	}
	again := s.dryRun(t, fixed)
	if diff := cmp.Diff(judged(fixed), judged(again.object)); diff != "" {
		tr.fail(t, fixed, again, "what fix makes is refused or changed (-fix +server):\n%s", diff)
	}
}

func (tr *trial) fail(t *testing.T, o object, a answer, format string, args ...any) {
	t.Helper()
	t.Errorf(format+"\nserver: %d %s\npolicy:\n%s\nobject:\n%s", append(args, a.code, a.message, stream(t, []object{tr.policy}), stream(t, []object{o}))...)
}

// install applies the objects of one sort of policy and waits until they hold.
func (s *server) install(t *testing.T, trials []*trial, sort string) {
	t.Helper()
	for _, tr := range trials {
		for _, o := range tr.gate {
			if strings.HasPrefix(o["kind"].(string), sort) {
				s.must(t, "POST", pathOf(o), o)
			}
		}
	}
	s.settle(t, sort)
}

// settle waits until every policy that was applied holds: the server takes all
// that there are at once, so that one which came last shows it.
func (s *server) settle(t *testing.T, sort string) {
	t.Helper()
	s.canaries++
	canary := fmt.Sprintf("canary-%d", s.canaries)
	spec := object{"matchConstraints": object{"resourceRules": []any{object{
		"operations": []any{"CREATE"}, "apiGroups": []any{""}, "apiVersions": []any{"v1"}, "resources": []any{"configmaps"},
	}}}}
	binding := object{"policyName": canary}
	if sort == "Validating" {
		spec["validations"] = []any{object{"expression": "object.metadata.name != '" + canary + "'"}}
		binding["validationActions"] = []any{"Deny"}
	} else {
		spec["reinvocationPolicy"] = "Never"
		spec["mutations"] = []any{object{"patchType": "JSONPatch", "jsonPatch": object{
			"expression": "[JSONPatch{op: 'add', path: '/data', value: {'canary': 'seen'}}]",
		}}}
	}
	for kind, spec := range map[string]object{"AdmissionPolicy": spec, "AdmissionPolicyBinding": binding} {
		o := object{"apiVersion": "admissionregistration.k8s.io/v1", "kind": sort + kind, "metadata": object{"name": canary}, "spec": spec}
		s.must(t, "POST", pathOf(o), o)
	}
	s.await(t, "the policies to hold", func() bool {
		a := s.dryRun(t, object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": canary, "namespace": "default"}})
		return !a.accepted() || a.object["data"] != nil
	})
}

// dryRun asks the server for an object with everything that it does to it but to
// keep it.
func (s *server) dryRun(t *testing.T, o object) answer {
	t.Helper()
	return s.send(t, "POST", pathOf(o)+"?dryRun=All&fieldValidation=Strict", o)
}

// pathOf is where objects of this kind and namespace are created.
func pathOf(o object) string {
	apiVersion := o["apiVersion"].(string)
	path := "/apis/" + apiVersion
	if !strings.Contains(apiVersion, "/") {
		path = "/api/" + apiVersion
	}
	if ns, ok := metadata(o)["namespace"].(string); ok {
		path += "/namespaces/" + ns
	}
	plural := strings.ToLower(o["kind"].(string)) + "s"
	return path + "/" + strings.Replace(plural, "policys", "policies", 1)
}

func metadata(o object) object { return o["metadata"].(object) }

func name(o object) string { return metadata(o)["name"].(string) }

// podSpecOf is the pod spec of an object of a built-in kind.
func podSpecOf(o object) object {
	path := []string{"spec", "template", "spec"}
	switch o["kind"] {
	case "Pod":
		path = []string{"spec"}
	case "PodTemplate":
		path = []string{"template", "spec"}
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	}
	for _, key := range path {
		o, _ = o[key].(object)
	}
	return o
}

// judged are the fields of an object that policies are about: those of the pod
// under "", those of the containers under their names or, without one, their places.
func judged(o object) map[string]object {
	spec := podSpecOf(o)
	keep := func(holder object) object {
		out := object{}
		sc, _ := holder["securityContext"].(object)
		for _, field := range []string{"runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "supplementalGroupsPolicy", "fsGroup"} {
			if v, ok := sc[field]; ok {
				out[field] = fmt.Sprint(v)
			}
		}
		return out
	}
	all := map[string]object{"": keep(spec)}
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		containers, _ := spec[list].([]any)
		for i, c := range containers {
			name, ok := c.(object)["name"].(string)
			if !ok {
				name = fmt.Sprintf("%s[%d]", list, i)
			}
			all[name] = keep(c.(object))
		}
	}
	return all
}
