package cluster_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// change is an update of an object that is older than the gate.
type change struct {
	*trial
	was, o, fixed object
	path          string
	judged        bool // whether something that is judged is another than before
}

// TestRandomUpdates: of what was there before the gate an update is judged and
// written to as check and fix do it where the template, or a label or annotation
// that selects, is another than before; any other update changes nothing.
func TestRandomUpdates(t *testing.T) {
	s, r := start(t), newRandom(20261126)
	s.serveCustom(t, "argoproj.io", "v1alpha1", rollout, "rollouts")
	kinds := []string{"PodTemplate", "ReplicationController", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", rollout}
	var trials []*trial
	var changes []*change
	for i := range 40 {
		tr := &trial{name: fmt.Sprintf("u%d", i)}
		tr.policy = r.policy(tr.name)
		if i%2 == 0 { // which an update may change
			tr.policy["spec"].(object)["match"] = pick(r,
				object{"labelSelector": object{"matchExpressions": []any{r.requirement("tier", "front", "back")}}},
				object{"annotations": object{"owner": "team-*"}})
		}
		for _, ns := range tr.namespaces() {
			s.must(t, "POST", "/api/v1/namespaces", ns)
		}
		trials = append(trials, tr)
		for n, kind := range slices.Repeat(kinds, 2) {
			was := r.workload(kind, tr.name+"-"+pick(r, "shop", "tools"), tr.name, n)
			if a := s.send(t, "POST", pathOf(was), was); !a.accepted() {
				continue
			}
			c := &change{trial: tr, path: pathOf(was) + "/" + name(was)}
			c.was = s.must(t, "GET", c.path, nil).object
			c.o = s.must(t, "GET", c.path, nil).object
			c.judged = r.update(c.o, kind, tr)
			if s.send(t, "PUT", c.path+"?dryRun=All", c.o).accepted() {
				changes = append(changes, c)
				tr.objects = append(tr.objects, c.o)
			}
		}
	}
	for _, tr := range trials {
		tr.prepare(t)
	}
	for _, c := range changes {
		c.fixed = c.trial.fixed[slices.IndexFunc(c.objects, func(o object) bool { return name(o) == name(c.o) })]
	}
	s.install(t, trials, "Validating")
	refused := 0
	for _, c := range changes {
		a := s.send(t, "PUT", c.path+"?dryRun=All", c.o)
		errs := c.reports[name(c.o)]
		if want := !c.judged || len(errs) == 0; a.accepted() != want {
			c.fail(t, c.o, a, "changed %v, check reports %v", c.judged, errs)
		}
		if !a.accepted() {
			refused++
		}
	}
	s.install(t, trials, "Mutating")
	written := 0
	for _, c := range changes {
		a := s.send(t, "PUT", c.path+"?dryRun=All", c.o)
		want, errs := c.fixed, c.leftOver[name(c.o)]
		if !c.judged {
			want, errs = c.was, nil
		}
		if a.accepted() != (len(errs) == 0) {
			c.fail(t, c.o, a, "changed %v, fix reports %v", c.judged, errs)
		} else if a.accepted() {
			if diff := cmp.Diff(judged(want), judged(a.object)); diff != "" {
				c.fail(t, c.o, a, "changed %v, the server writes something else (-fix +server):\n%s", c.judged, diff)
			}
			written += min(1, len(cmp.Diff(judged(c.o), judged(a.object))))
		}
	}
	t.Logf("%d updates, %d refused, %d written to", len(changes), refused, written)
	if refused < len(changes)/20 || written < len(changes)/20 {
		t.Error("next to nothing is refused, or written to")
	}
}

// update changes an object and reports whether what is judged of it is another then.
func (r random) update(o object, kind string, tr *trial) (judged bool) {
	was := metadata(o)
	if r.chance(3) {
		annotations := object{"seen": "yes"}
		before, _ := was["annotations"].(object)
		maps.Copy(annotations, before)
		was["annotations"] = annotations
		return false
	}
	if r.chance(2) {
		restart := "Always"
		if kind == "CronJob" {
			restart = "Never"
		}
		spec := podSpecOf(o)
		clear(spec)
		maps.Copy(spec, r.podSpec(restart))
		return true
	}
	meta := metadata(r.workload(kind, "", tr.name, 0))
	policy := fmt.Sprint(tr.policy["spec"])
	for _, key := range []string{"labels", "annotations"} {
		before, _ := was[key].(object)
		after, _ := meta[key].(object)
		for _, k := range []string{"tier", "owner", "usergroup.dev/exempt-from"} {
			selects := strings.Contains(policy, k) || k == "usergroup.dev/exempt-from" && strings.Contains(policy, "allowExemptionAnnotation")
			judged = judged || selects && !cmp.Equal(before[k], after[k])
		}
		was[key] = after
	}
	return judged
}

// TestRandomDebugging: a container that is added to a pod which runs is judged and
// written to as check and fix do it in the pod as it then is, and nothing else is.
func TestRandomDebugging(t *testing.T) {
	s, r := start(t), newRandom(20261127)
	var trials []*trial
	for i := range 60 {
		tr := &trial{name: fmt.Sprintf("d%d", i)}
		tr.policy = r.policy(tr.name)
		for _, ns := range tr.namespaces() {
			s.must(t, "POST", "/api/v1/namespaces", ns)
		}
		for n := range 8 {
			pod := r.workload("Pod", tr.name+"-"+pick(r, "shop", "tools"), tr.name, n)
			// The system of a pod was judged when it was created.
			if strings.Contains(fmt.Sprint(pod), "windows") || !s.send(t, "POST", pathOf(pod), pod).accepted() {
				continue
			}
			o := s.must(t, "GET", pathOf(pod)+"/"+name(pod), nil).object
			debugger := object{"name": "debugger", "image": pick(r, images...), "securityContext": r.context(false)}
			delete(debugger["securityContext"].(object), "windowsOptions")
			podSpecOf(o)["ephemeralContainers"] = []any{debugger}
			tr.objects = append(tr.objects, o)
		}
		tr.prepare(t)
		trials = append(trials, tr)
	}
	debug := func(o object) answer {
		return s.send(t, "PUT", pathOf(o)+"/"+name(o)+"/ephemeralcontainers?dryRun=All", o)
	}
	s.install(t, trials, "Validating")
	pairs, refused, written := 0, 0, 0
	for _, tr := range trials {
		for _, o := range tr.objects {
			pairs++
			a, errs := debug(o), ofDebugger(tr.reports[name(o)])
			if a.accepted() != (len(errs) == 0) {
				tr.fail(t, o, a, "check reports %v", errs)
			}
			if !a.accepted() {
				refused++
			}
		}
	}
	s.install(t, trials, "Mutating")
	for _, tr := range trials {
		for i, o := range tr.objects {
			a, errs := debug(o), ofDebugger(tr.leftOver[name(o)])
			if a.accepted() != (len(errs) == 0) {
				tr.fail(t, o, a, "fix reports %v", errs)
			}
			if !a.accepted() {
				continue
			}
			was, is, fixed := judged(o), judged(a.object), judged(tr.fixed[i])
			if len(tr.leftOver[name(o)]) == 0 && !cmp.Equal(runsAs(fixed), runsAs(is)) && !strings.Contains(fmt.Sprint(tr.policy), "MustBeUnset") {
				tr.fail(t, o, a, "the debugger runs otherwise (-fix +server):\n%s", cmp.Diff(runsAs(fixed), runsAs(is)))
			}
			if !cmp.Equal(was["debugger"], is["debugger"]) {
				written++
			}
			delete(was, "debugger")
			delete(is, "debugger")
			if diff := cmp.Diff(was, is); diff != "" {
				tr.fail(t, o, a, "what runs already is written to:\n%s", diff)
			}
		}
	}
	t.Logf("%d debuggers, %d refused, %d written to", pairs, refused, written)
	if refused < pairs/20 || written < pairs/20 {
		t.Error("next to nothing is refused, or written to")
	}
}

// ofDebugger are the errors on the debugger, but for the pod's ids that must be unset:
// these can be removed no more.
func ofDebugger(errs []result) []result {
	return slices.DeleteFunc(slices.Clone(errs), func(e result) bool {
		return !slices.Contains(e.Containers, "debugger") || e.Reason == "MustBeUnset" && !strings.Contains(e.Path, "ephemeralContainers")
	})
}

// runsAs is what the debugger among judged fields runs as. A runAsNonRoot that the pod
// is given is for its other containers.
func runsAs(judged map[string]object) object {
	out := object{"runAsNonRoot": judged["debugger"]["runAsNonRoot"]}
	for _, field := range []string{"runAsUser", "runAsGroup"} {
		out[field] = judged[""][field]
		if own := judged["debugger"][field]; own != nil {
			out[field] = own
		}
	}
	return out
}
