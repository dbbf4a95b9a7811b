package admission

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// variables are those of an admission policy, in the order in which they refer to
// one another.
type variables []admissionv1.Variable

// let adds a variable.
func (v *variables) let(name, expression string) {
	*v = append(*v, admissionv1.Variable{Name: name, Expression: strings.TrimSpace(expression)})
}

// pod adds the variables that judging and writing have in common:
//
//	podSpec      the pod spec, whatever kind of object holds it
//	podContext   its securityContext
//	containers   its containers, see entry
//	judged       those of them that the policy is for
//	windows      whether the pod is for Windows, see operatingSystem
//	contradicts  whether it says that it is for Linux, too
//	onLinux      judged, none where the pod is for Windows: ids mean nothing there
//	excluded     the containers that are not judged
func (g *generator) pod(v *variables, entry entry) {
	v.let("podSpec", perKind(g.kinds, podSpecOf("object")))
	v.let("podContext", "variables.podSpec.?securityContext.orValue({})")
	if entry.indexed {
		v.let("podPath", perKind(g.kinds, podPath))
	}
	v.let("containers", g.containers(v, entry))
	g.judged(v)
	if g.selectsContainers() {
		v.let("judgedNames", "variables.judged.map(c, c.name)")
	}
	g.operatingSystem(v)
	if g.judgesIDs() {
		none := "variables.windows"
		if entry.indexed { // nothing is written to what is refused
			none += " || variables.contradicts"
		}
		v.let("onLinux", none+" ? [] : variables.judged")
	}
	if g.selectsContainers() && entry.excluded {
		v.let("excluded", "variables.containers.filter(c, !(c.name in variables.judgedNames))")
	}
}

// operatingSystem adds the variables that say for which operating system a pod is;
// in lists of them, true is Windows:
//
//	nodes        what its nodes say: os.name, the node selector, and the required
//	             node affinity where all of its terms say the same
//	windowsAt    who has windowsOptions: ofPod is the pod, else a container's name
//	idsAt        who has ids
//	systems      what nodes and windowsOptions say or, where nothing else tells and
//	             ids are beside these, both
//	windows      whether all of it says Windows
//	contradicts  whether it says both, and not in an excluded container alone
func (g *generator) operatingSystem(v *variables) {
	v.let("terms", g.valueOr("variables.podSpec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms", "[]")+`
  .map(term, `+g.valueOr("term.?matchExpressions", "[]")+`
    .filter(e, e.key in ['kubernetes.io/os', 'beta.kubernetes.io/os'] && e.operator == 'In' && e.values.size() == 1)
    .map(e, e.values[0] == 'windows'))`)
	v.let("nodes", "("+g.valueOr("variables.podSpec.?os.?name", "''")+` != '' ? [variables.podSpec.os.name == 'windows'] : [])
+ ['kubernetes.io/os', 'beta.kubernetes.io/os']
  .filter(label, `+g.valueOr("variables.podSpec.?nodeSelector[?label]", "''")+` != '')
  .map(label, variables.podSpec.nodeSelector[label] == 'windows')
+ (variables.terms.size() > 0 && variables.terms.all(said, said.size() > 0 && said[0] == variables.terms[0][0]) ? [variables.terms[0][0]] : [])`)
	contexts := "[{'of': dyn('" + ofPod + "'), 'context': variables.podContext}]"
	for _, kind := range containerKinds {
		contexts += "\n+ " + g.listOf(kind.Field()) + ".map(c, {'of': " + g.text("name") + ", 'context': c.?securityContext.orValue({})})"
	}
	v.let("contexts", contexts)
	v.let("windowsAt", "variables.contexts.filter(c, "+g.valueOr("c.context.?windowsOptions", "{}")+" != {}).map(c, c.of)")
	v.let("idsAt", `variables.contexts
  .filter(c, has(c.context.runAsUser) || has(c.context.runAsGroup) || has(c.context.fsGroup) || has(c.context.supplementalGroups))
  .map(c, c.of)`)
	v.let("systems", `variables.nodes
+ (variables.windowsAt.size() > 0 ? [true] + (variables.nodes.size() == 0 && variables.idsAt.size() > 0 ? [false] : []) : [])`)
	v.let("windows", "variables.systems.size() > 0 && variables.systems.all(windows, windows)")
	contradicts := "!has(request.subResource) && variables.systems.exists(windows, windows) && variables.systems.exists(windows, !windows)"
	if g.selectsContainers() {
		contradicts += `
&& (variables.nodes.exists(windows, windows) || (variables.nodes.size() > 0 ? variables.windowsAt : variables.idsAt)[0] in ['` + ofPod + `'] + variables.judgedNames)`
	}
	v.let("contradicts", contradicts)
}

// ofPod is what variables call the pod among the names of its containers, of which
// none has a slash.
const ofPod = "/"

// containerKinds are the kinds of containers in the order of their lists.
var containerKinds = []podspec.ContainerKind{podspec.InitContainer, podspec.RegularContainer, podspec.EphemeralContainer}

// entry says what is kept of a container.
type entry struct {
	// indexed is whether containers are to be written to: path is then the JSON
	// pointer of the securityContext and hasContext whether there is one. Else is
	// is what a message calls the container.
	indexed bool
	// excluded is whether it matters what the containers that are not judged
	// inherit.
	excluded bool
}

// containers are the containers that can still be decided on: all of them or,
// where a pod is being debugged, those that are new.
func (g *generator) containers(v *variables, e entry) string {
	var lists []string
	for _, kind := range containerKinds {
		lists = append(lists, g.list(kind, e))
	}
	if !g.judgesPods() {
		return strings.Join(lists, "\n+ ")
	}
	v.let("running", "has(request.subResource) ? dyn(oldObject).spec.?ephemeralContainers.orValue([]).map(c, c.name) : []")
	return fmt.Sprintf("(has(request.subResource) ? [] :\n  %s\n  + %s)\n+ %s",
		indent(lists[0]), indent(lists[1]), lists[2])
}

// list is one list of containers with what is kept of each.
func (g *generator) list(kind podspec.ContainerKind, e entry) string {
	keys := []string{`'is': dyn('` + kind.String() + ` "' + ` + g.text("name") + ` + '"')`}
	if e.indexed {
		keys = []string{
			"'path': dyn(variables.podPath + '/" + kind.Field() + "/' + string(i) + '/securityContext')",
			"'hasContext': dyn(" + g.hasContext() + ")",
		}
	}
	keys = append(keys, "'context': dyn(c.?securityContext.orValue({}))")
	if g.selectsContainers() {
		keys = append(keys, "'name': dyn("+g.text("name")+")")
	}
	if g.selectsImages() {
		keys = append(keys, "'image': dyn("+g.text("image")+")", "'repository': dyn("+repository(g.text("image"))+")")
	}
	if g.selectsContainerKinds() {
		is := quote(string(policy.KindOf(&podspec.Container{Kind: kind})))
		if kind == podspec.InitContainer {
			is = fmt.Sprintf("c.?restartPolicy.orValue('') == 'Always' ? %s : %s", quote(string(policy.Sidecar)), is)
		}
		keys = append(keys, "'kind': dyn("+is+")")
	}
	literal := "{\n  " + strings.Join(keys, ",\n  ") + "\n}"

	field := g.listOf(kind.Field())
	filter := ""
	if kind == podspec.EphemeralContainer && g.judgesPods() {
		filter = "!(" + g.text("name") + " in variables.running)"
	}
	switch {
	case e.indexed && filter != "":
		return field + ".transformList(i, c, " + filter + ", " + literal + ")"
	case e.indexed:
		return field + ".transformList(i, c, " + literal + ")"
	case filter != "":
		field += ".filter(c, " + filter + ")"
	}
	return field + ".map(c, " + literal + ")"
}

// hasContext says in CEL that a container c has a securityContext.
func (g *generator) hasContext() string {
	if g.judgesCustom() {
		return "c.?securityContext.orValue(null) != null"
	}
	return "has(c.securityContext)"
}

// listOf is a list of the pod spec.
func (g *generator) listOf(field string) string {
	return g.valueOr("variables.podSpec.?"+field, "[]")
}

// valueOr is an optional value or, where there is none, another one. Only in a custom
// resource may it be null, which is none.
func (g *generator) valueOr(optional, other string) string {
	if g.judgesCustom() {
		optional = "optional.ofNonZeroValue(dyn(" + optional + ".orValue(null)))"
	}
	return optional + ".orValue(" + other + ")"
}

// text is the name or the image of a container c. Every container has a name, but in
// a custom resource it may lack one, and both may be null.
func (g *generator) text(field string) string {
	switch {
	case g.judgesCustom():
		return "(type(c.?" + field + ".orValue(null)) == string ? c." + field + " : '')"
	case field == "name":
		return "c.name"
	}
	return "c.?" + field + ".orValue('')"
}

// repository is an image without its tag and digest. A colon before the last slash
// is that of a port.
func repository(image string) string {
	return "[" + image + ".split('@')[0]].map(ref,\n" +
		"    ref.lastIndexOf(':') > ref.lastIndexOf('/') ? ref.substring(0, ref.lastIndexOf(':')) : ref)[0]"
}

// judged adds the containers that the policy is for. What an expression may cost is
// limited, so that many globs are asked for one part after the other.
func (g *generator) judged(v *variables) {
	rest := "variables.containers"
	terms := g.matched(v)
	parts := parts(g.containerExclusions())
	for i, part := range parts {
		rest += ".filter(c, " + and(append(terms, "!("+alternatives(part)+")")...) + ")"
		terms = nil
		if i < len(parts)-1 {
			name := fmt.Sprintf("judged%d", i+1)
			v.let(name, rest)
			rest = "variables." + name
		}
	}
	if len(terms) > 0 {
		rest += ".filter(c, " + and(terms...) + ")"
	}
	v.let("judged", rest)
}

// matched says in CEL that match is for a container c. Where it has too many globs
// for one expression, variables have the names of those that it is for.
func (g *generator) matched(v *variables) []string {
	all := split(g.policy.Match)
	if len(all) == 1 {
		return ownTerms(all[0])
	}
	var terms []string
	for i, s := range all {
		name := fmt.Sprintf("matched%d", i+1)
		v.let(name, "variables.containers.filter(c, "+and(ownTerms(s)...)+").map(c, c.name)")
		terms = append(terms, "c.name in variables."+name)
	}
	return []string{or(terms...)}
}

// maxGlobs is how many exclusions and globs an expression compares with each
// container: with a hundred containers, and regular expressions, half of what it may
// cost.
const maxGlobs = 10

// split returns selectors of which one is for a container where the given one is,
// each with no more globs than one expression may compare.
func split(s policy.Selector) []policy.Selector {
	if len(s.Images) <= maxGlobs && len(s.Containers) <= maxGlobs {
		return []policy.Selector{s}
	}
	var out []policy.Selector
	for _, images := range chunks(s.Images) {
		for _, containers := range chunks(s.Containers) {
			one := s
			one.Images, one.Containers = images, containers
			out = append(out, one)
		}
	}
	return out
}

// chunks divides globs, none into none. What has no wildcard is compared at once.
func chunks(globs []string) [][]string {
	var exact []string
	wild := slices.DeleteFunc(slices.Clone(globs), func(g string) bool { return !strings.ContainsAny(g, "*?") })
	for _, g := range globs {
		if !strings.ContainsAny(g, "*?") {
			exact = append(exact, g)
		}
	}
	out := slices.Collect(slices.Chunk(wild, maxGlobs))
	switch {
	case len(out) == 0:
		return [][]string{exact}
	case len(exact) > 0:
		out[0] = slices.Concat(exact, out[0])
	}
	return out
}

// containerExclusion is an exclusion that must be asked for each container.
type containerExclusion struct {
	text  string
	globs int // how much is compared, at least 1
}

// parts divides exclusions into those that one expression may ask for.
func parts(all []containerExclusion) [][]string {
	var out [][]string
	room := 0
	for _, e := range all {
		if room < e.globs {
			out, room = append(out, nil), maxGlobs
		}
		room -= e.globs
		out[len(out)-1] = append(out[len(out)-1], e.text)
	}
	return out
}

// containerExclusions are the exclusions that must be asked for each container.
func (g *generator) containerExclusions() []containerExclusion {
	var out []containerExclusion
	for _, e := range g.policy.Exclude {
		if e.NamespaceSelector == nil && !e.IsContainerScoped() {
			continue
		}
		for _, s := range split(e.Selector) {
			e.Selector = s
			if text := g.exclusion(e, g.containerTerms); text != "" {
				out = append(out, containerExclusion{text, min(max(1, len(s.Images), len(s.Containers)), maxGlobs)})
			}
		}
	}
	return out
}

// selectsContainers reports whether the policy may be for some containers of a
// pod only.
func (g *generator) selectsContainers() bool {
	return and(ownTerms(g.policy.Match)...) != always || len(g.containerExclusions()) > 0
}

// judgesPods reports whether Pods themselves are among the kinds.
func (g *generator) judgesPods() bool {
	for _, k := range g.kinds {
		if k.isPod() {
			return true
		}
	}
	return false
}

// judgesIDs reports whether a rule is on ids, which mean nothing on Windows.
func (g *generator) judgesIDs() bool {
	p := g.policy
	for _, s := range []policy.Strategy{p.RunAsUser, p.RunAsGroup, p.SupplementalGroups, p.FSGroup} {
		if s.Active() && s.Rule != policy.MustRunAsNonRoot {
			return true
		}
	}
	return false
}

// own is a field of the securityContext of a container c as an optional value,
// podOwn that of the pod, and effective what the container runs with.
func own(field string) string    { return "c.context.?" + field }
func podOwn(field string) string { return "variables.podContext.?" + field }

func effective(field string) string { return own(field) + ".or(" + podOwn(field) + ")" }

// hasOwn and podHas say that the field is set.
func hasOwn(field string) string { return "has(c.context." + field + ")" }
func podHas(field string) string { return "has(variables.podContext." + field + ")" }
