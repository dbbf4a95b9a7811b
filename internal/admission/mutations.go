package admission

import (
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"github.com/usergroup-dev/usergroup/policy"
)

// mutations are what the policy writes, in the order of package validator's
// rules. The API server makes them one after the other, each on what the one
// before has left.
func (g *generator) mutations(v *variables) []admissionv1.Mutation {
	var out []admissionv1.Mutation
	add := func(expression string) {
		if expression != "" {
			out = append(out, admissionv1.Mutation{
				PatchType: admissionv1.PatchTypeJSONPatch,
				JSONPatch: &admissionv1.JSONPatch{Expression: expression},
			})
		}
	}
	for _, f := range g.inherited() {
		if f.strategy.Rule == policy.MustBeUnset {
			add(g.unset(f))
		}
	}
	for _, f := range g.podFields() {
		if f.strategy.Rule == policy.MustBeUnset {
			add(onPod("has(variables.podContext."+f.name+")", removeFromPod(f.name)))
		}
	}
	for _, f := range g.inherited() {
		if s := f.strategy; s.Rule == policy.MustRunAs && s.DefaultFrom != policy.DefaultFromImage {
			add(g.give(v, f))
		}
	}
	for _, f := range g.podFields() {
		if s := f.strategy; s.Rule == policy.MustRunAs {
			add(g.giveOnPod(f))
		}
	}
	if g.policy.RunAsUser.Rule == policy.MustRunAsNonRoot {
		add(g.giveNonRoot(v))
	}
	if g.policy.SupplementalGroups.RequireStrict {
		add(onPod("!"+podHas("supplementalGroupsPolicy"), g.writeToPod("supplementalGroupsPolicy", "'Strict'")))
	}
	return out
}

// onPod is a patch of the pod's own field where the condition holds.
func onPod(condition, patch string) string {
	return fmt.Sprintf("variables.onLinux.size() > 0 && !has(request.subResource) && %s ?\n  [%s] : []", condition, patch)
}

// writeTo is a patch that sets a field of a container c. A securityContext that is
// absent is added with it.
func writeTo(field, value string) string {
	return fmt.Sprintf(`c.hasContext
  ? JSONPatch{op: 'add', path: c.path + '/%[1]s', value: %[2]s}
  : JSONPatch{op: 'add', path: c.path, value: {'%[1]s': %[2]s}}`, field, value)
}

// writeToPod is writeTo for the pod. The API server gives each pod of its own
// kinds a securityContext.
func (g *generator) writeToPod(field, value string) string {
	text := fmt.Sprintf("JSONPatch{op: 'add', path: variables.podPath + '/securityContext/%s', value: %s}", field, value)
	if !g.judgesCustom() {
		return text
	}
	return fmt.Sprintf("has(variables.podSpec.securityContext) && variables.podSpec.securityContext != null\n    ? %s\n    : JSONPatch{op: 'add', path: variables.podPath + '/securityContext', value: {'%s': %s}}", text, field, value)
}

func removeFrom(field string) string {
	return "JSONPatch{op: 'remove', path: c.path + '/" + field + "'}"
}

func removeFromPod(field string) string {
	return "JSONPatch{op: 'remove', path: variables.podPath + '/securityContext/" + field + "'}"
}

// unset removes a field of the pod and of its containers. One that an excluded
// container inherits stays.
func (g *generator) unset(f idField) string {
	condition := podHas(f.name)
	if keeps := g.inheritedByExcluded(f.name); keeps != "" {
		condition += " && " + keeps
	}
	return fmt.Sprintf("(%s)\n+ variables.onLinux.filter(c, %s).map(c, %s)", onPod(condition, removeFromPod(f.name)), hasOwn(f.name), removeFrom(f.name))
}

// give writes the default of a field that containers inherit.
func (g *generator) give(v *variables, f idField) string {
	id := fmt.Sprint(f.strategy.Ranges.Default())
	if f.strategy.Overwrite {
		return g.overwrite(f, id)
	}
	v.let(f.variable+"Lacking", fmt.Sprintf("variables.onLinux.filter(c, !%s.hasValue())", effective(f.name)))
	return g.giveLacking(f, id)
}

// giveNonRoot writes runAsNonRoot: true for the containers of which nothing says
// whether they run as root.
func (g *generator) giveNonRoot(v *variables) string {
	v.let("nonRootLacking", "variables.contradicts ? [] : variables.judged.filter(c, "+g.saysNothing()+")")
	return g.giveLacking(idField{name: "runAsNonRoot", variable: "nonRoot"}, "true")
}

// giveLacking writes a value for the containers that lack one: on them, on the
// pod, or on both, as the placement has it.
func (g *generator) giveLacking(f idField, value string) string {
	lacking := "variables." + f.variable + "Lacking"
	each := fmt.Sprintf("%s.map(c, %s)", lacking, indent(writeTo(f.name, value)))
	writable, ok := g.podWritable(f, podHas("runAsUser"))
	if !ok {
		return each
	}
	some, pod := lacking+".size() > 0", g.writeToPod(f.name, value)
	switch {
	case g.policy.Placement != policy.PlacePod:
		return fmt.Sprintf("(%s ?\n  [%s] : [])\n+ %s", and(some, writable), pod, each)
	case writable == always:
		return fmt.Sprintf("%s ? [%s] : []", some, pod)
	}
	return fmt.Sprintf("%s ?\n  (%s ? [%s] : []) :\n%s", writable, some, pod, each)
}

// overwrite writes the default of a field over whatever is there.
func (g *generator) overwrite(f idField, id string) string {
	value := own(f.name) + ".orValue(null)"
	writable, ok := g.podWritable(f, podHas("runAsUser"))
	if ok && g.policy.Placement == policy.PlacePod {
		// Who has no value of its own inherits the pod's, once that is written.
		value = fmt.Sprintf("%s.orValue(%s ? %s : %s.orValue(null))", own(f.name), writable, id, podOwn(f.name))
	}
	each := fmt.Sprintf("variables.onLinux.filter(c, %s != %s).map(c, %s)", value, id, indent(writeTo(f.name, id)))
	if !ok {
		return each
	}
	different := and("variables.onLinux.size() > 0", writable, podOwn(f.name)+".orValue(null) != "+id)
	return fmt.Sprintf("(%s ?\n  [%s] : [])\n+ %s", different, g.writeToPod(f.name, id), each)
}

// giveOnPod writes the default of a field that only a pod has.
func (g *generator) giveOnPod(f idField) string {
	id := fmt.Sprint(f.strategy.Ranges.Default())
	condition := "!" + podHas(f.name)
	if f.name == "supplementalGroups" {
		condition = podOwn(f.name) + ".orValue([]).size() == 0"
		if f.strategy.Overwrite {
			condition = podOwn(f.name) + ".orValue([]) != [" + id + "]"
		}
		id = "[" + id + "]"
	} else if f.strategy.Overwrite {
		condition = podOwn(f.name) + ".orValue(null) != " + id
	}
	return onPod(condition, g.writeToPod(f.name, id))
}
