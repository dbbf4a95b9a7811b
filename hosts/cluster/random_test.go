package cluster_test

import (
	"fmt"
	"math/rand/v2"
)

// random makes policies and objects, the same ones for the same seed.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

// chance is true in one of n cases.
func (r random) chance(n int) bool { return r.IntN(n) == 0 }

// pick chooses one of several.
func pick[T any](r random, of ...T) T { return of[r.IntN(len(of))] }

// object is a mapping of a manifest.
type object = map[string]any

// idValues are those that the ranges of random policies are about, with their
// neighbours.
var idValues = []int64{0, 1, 999, 1000, 1001, 1999, 2000, 2999, 3000, 65534, 2147483647}

func (r random) id() int64 { return pick(r, idValues...) }

// maybe puts a value under a key in one of n cases.
func (r random) maybe(n int, o object, key string, value func() any) {
	if r.chance(n) {
		o[key] = value()
	}
}

func (r random) anyID() any { return r.id() }

func (r random) groups() any {
	out := []any{}
	for range 1 + r.IntN(3) {
		out = append(out, r.id())
	}
	return out
}

func (r random) ranges() any {
	all := []object{{"min": 1000, "max": 1999}, {"min": 3000, "max": 3000}, {"min": 65534, "max": 2147483647}, {"min": 0, "max": 0}}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+r.IntN(3)]
}

// strategy is a rule with what belongs to it.
func (r random) strategy(overwrite bool, rules ...string) object {
	s := object{"rule": pick(r, rules...)}
	switch s["rule"] {
	case "MustRunAs":
		s["ranges"] = r.ranges()
		if overwrite && r.chance(3) {
			s["overwrite"] = true
		}
	case "MayRunAs":
		s["ranges"] = r.ranges()
	}
	return s
}

// The values that selectors of random policies choose among.
var (
	containerNames = []string{"app", "agent", "sidecar", "setup", "web"}
	images         = []string{
		"nginx", "nginx:1.27", "registry.example/team/app:1", "registry.example/team/app@sha256:" + digest,
		"registry.example:5000/team/app", "registry.example:5000/agent:2", "other.example/agent:v1@sha256:" + digest,
		"registry.example/app",
	}
	imageGlobs = []string{"nginx", "registry.example/*", "registry.example:5000/agent", "*/agent", "*team*", "other.example/agent:?1", "registry.example/*/app", "*/team/*:1"}
	objectName = []string{"web", "db", "node-agent"}
	kinds      = []string{"Pod", "PodTemplate", "ReplicationController", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job"}
)

// rollout is a custom resource that gates judge on request.
const rollout = "Rollout"

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// policy is a policy for the namespaces <name>-shop and <name>-tools.
func (r random) policy(name string) object {
	spec := object{}
	judgesOnly := r.chance(5)
	groups := []string{"MustRunAs", "MustRunAs", "MayRunAs", "RunAsAny", "MustBeUnset"}
	r.maybe(4, spec, "fsGroup", func() any { return r.strategy(!judgesOnly, groups...) })
	r.maybe(4, spec, "supplementalGroups", func() any {
		s := r.strategy(!judgesOnly, groups...)
		r.maybe(3, s, "requireStrict", func() any { return true })
		return s
	})
	r.maybe(2, spec, "runAsGroup", func() any { return r.strategy(!judgesOnly, groups...) })
	if !active(spec) || !r.chance(4) {
		spec["runAsUser"] = r.strategy(!judgesOnly, "MustRunAs", "MustRunAs", "MustRunAsNonRoot", "MustRunAsNonRoot", "MayRunAs", "MustBeUnset")
	}
	r.maybe(2, spec, "placement", func() any { return pick(r, "Both", "Containers", "Pod") })
	if judgesOnly {
		spec["validateOnly"] = true
	}
	if r.chance(4) {
		spec["match"] = r.selector(name)
	}
	if r.chance(3) {
		var exclude []any
		for range 1 + r.IntN(3) {
			e := r.selector(name)
			e["reason"] = "because it's so"
			exclude = append(exclude, e)
		}
		spec["exclude"] = exclude
	}
	r.maybe(6, spec, "allowExemptionAnnotation", func() any { return true })
	return object{"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": object{"name": name}, "spec": spec}
}

// active reports whether a spec has a rule that asks for something.
func active(spec object) bool {
	for _, s := range spec {
		if s := s.(object); s["rule"] != "RunAsAny" || s["requireStrict"] == true {
			return true
		}
	}
	return false
}

// selector selects by one or two things.
func (r random) selector(name string) object {
	s := object{}
	for range 1 + r.IntN(2) {
		switch r.IntN(10) {
		case 0:
			s["kinds"] = []any{pick(r, "Deployment", "Pod", "*Set", "batch/v1/*", "Deployment.apps", "*Job", "v1/*")}
		case 1:
			s["namespaces"] = []any{pick(r, name+"-shop", "*-shop", "*tools", "elsewhere")}
		case 2:
			s["names"] = []any{pick(r, "web*", "*db*", "node-agent-?", "w*b*")}
		case 3:
			s["labelSelector"] = object{"matchExpressions": []any{r.requirement("tier", "front", "back")}}
		case 4:
			s["namespaceSelector"] = object{"matchExpressions": []any{r.requirement("env", "prod", "dev")}}
		case 5:
			s["annotations"] = object{"owner": pick(r, "team-a", "team-*", "*", "*\nb")}
		case 6:
			s["images"] = []any{pick(r, imageGlobs...), pick(r, imageGlobs...)}
		case 8:
			s["containerKinds"] = []any{pick(r, "Init", "Sidecar", "Regular")}
		case 9:
			s["hostUsers"] = r.chance(2)
		case 7:
			s["containers"] = []any{pick(r, "app", "a*", "s*", "*e*t*")}
		}
	}
	return s
}

func (r random) requirement(key string, values ...string) object {
	e := object{"key": key, "operator": pick(r, "In", "NotIn", "Exists", "DoesNotExist")}
	if e["operator"] == "In" || e["operator"] == "NotIn" {
		e["values"] = []any{pick(r, values...)}
	}
	return e
}

// context is a securityContext with the fields that pods and containers share.
func (r random) context(windows bool) object {
	sc := object{}
	r.maybe(4, sc, "runAsNonRoot", func() any { return pick(r, true, true, false) })
	if windows {
		r.maybe(3, sc, "windowsOptions", func() any {
			return object{"runAsUserName": pick(r, "ContainerUser", "ContainerAdministrator", "containeradministrator")}
		})
		return sc
	}
	r.maybe(25, sc, "windowsOptions", func() any { return object{"runAsUserName": "ContainerUser"} })
	r.maybe(2, sc, "runAsUser", r.anyID)
	r.maybe(3, sc, "runAsGroup", r.anyID)
	return sc
}

// windows says in one or two ways, or does not say, that a pod is for Windows. Some
// of them contradict what else it says.
func (r random) windows(spec object) {
	term := func() any {
		return object{"matchExpressions": []any{
			object{"key": "kubernetes.io/arch", "operator": "Exists"},
			object{"key": "kubernetes.io/os", "operator": "In", "values": pick(r, []any{"windows"}, []any{"windows"}, []any{"linux"}, []any{"linux", "windows"})},
		}}
	}
	for range 1 + r.IntN(2) {
		switch r.IntN(4) {
		case 0, 1:
			spec["os"] = object{"name": "windows"}
		case 2:
			spec["nodeSelector"] = object{pick(r, "kubernetes.io/os", "beta.kubernetes.io/os", "kubernetes.io/arch"): pick(r, "windows", "windows", "linux")}
		case 3:
			terms := []any{term()}
			if r.chance(2) {
				terms = append(terms, term())
			}
			spec["affinity"] = object{"nodeAffinity": object{"requiredDuringSchedulingIgnoredDuringExecution": object{"nodeSelectorTerms": terms}}}
		}
	}
}

// podSpec is what a pod or a template holds.
func (r random) podSpec(restart string) object {
	spec := object{"restartPolicy": restart}
	windows := r.chance(8)
	if windows || r.chance(12) {
		r.windows(spec)
	}
	r.maybe(2, spec, "securityContext", func() any {
		sc := r.context(windows)
		if !windows {
			r.maybe(3, sc, "fsGroup", r.anyID)
			r.maybe(3, sc, "supplementalGroups", r.groups)
			r.maybe(4, sc, "supplementalGroupsPolicy", func() any { return pick(r, "Strict", "Merge") })
		}
		return sc
	})
	r.maybe(4, spec, "hostUsers", func() any { return r.chance(2) })
	names := append([]string{}, containerNames...)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	n := 1 + r.IntN(3)
	container := func(name string) any {
		c := object{"name": name, "image": pick(r, images...)}
		if !r.chance(4) {
			c["securityContext"] = r.context(windows)
		}
		return c
	}
	var regular, initial []any
	for _, name := range names[:n] {
		regular = append(regular, container(name))
	}
	spec["containers"] = regular
	for range r.IntN(3) {
		c := container(names[n])
		r.maybe(3, c.(object), "restartPolicy", func() any { return "Always" })
		initial = append(initial, c)
		n++
	}
	if len(initial) > 0 && n <= len(names) {
		spec["initContainers"] = initial
	}
	return spec
}

// workload is an object of the given kind; its name ends in -n.
func (r random) workload(kind, namespace, policy string, n int) object {
	meta := object{"namespace": namespace, "name": fmt.Sprintf("%s-%d", pick(r, objectName...), n)}
	r.maybe(2, meta, "labels", func() any { return object{"tier": pick(r, "front", "back")} })
	annotations := object{}
	r.maybe(2, annotations, "owner", func() any { return pick(r, "team-a", "team-b", "a\nb") })
	r.maybe(5, annotations, "usergroup.dev/exempt-from", func() any { return pick(r, policy, "other, "+policy, "other") })
	if len(annotations) > 0 {
		meta["annotations"] = annotations
	}
	template := func(restart string) object {
		return object{"metadata": object{"labels": object{"app": "x"}}, "spec": r.podSpec(restart)}
	}
	selector := object{"matchLabels": object{"app": "x"}}
	o := object{"apiVersion": "apps/v1", "kind": kind, "metadata": meta}
	switch kind {
	case "Pod":
		o["apiVersion"], o["spec"] = "v1", r.podSpec("Always")
	case "PodTemplate":
		o["apiVersion"], o["template"] = "v1", template("Always")
	case "ReplicationController":
		o["apiVersion"], o["spec"] = "v1", object{"selector": object{"app": "x"}, "template": template("Always")}
	case rollout:
		o["apiVersion"], o["spec"] = "argoproj.io/v1alpha1", object{"selector": selector, "template": template("Always")}
	case "StatefulSet":
		o["spec"] = object{"selector": selector, "serviceName": "x", "template": template("Always")}
	case "Job":
		o["apiVersion"], o["spec"] = "batch/v1", object{"template": template("Never")}
	case "CronJob":
		o["apiVersion"] = "batch/v1"
		o["spec"] = object{"schedule": "0 0 * * *", "jobTemplate": object{"spec": object{"template": template("Never")}}}
	default:
		o["spec"] = object{"selector": selector, "template": template("Always")}
	}
	return o
}
