package admission

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"github.com/usergroup-dev/usergroup/policy"
)

// idField is a field with an id.
type idField struct {
	name     string
	variable string // what the names of its variables begin with
	strategy policy.Strategy
}

// inherited are the fields that containers inherit, in the order in which they are
// written: the pod's group depends on its user.
func (g *generator) inherited() []idField {
	return []idField{
		{"runAsUser", "user", g.policy.RunAsUser},
		{"runAsGroup", "group", g.policy.RunAsGroup},
	}
}

// podFields are the fields that only a pod has.
func (g *generator) podFields() []idField {
	return []idField{
		{"supplementalGroups", "supplementalGroup", g.policy.SupplementalGroups},
		{"fsGroup", "fsGroup", g.policy.FSGroup},
	}
}

// fromPod is what a message adds where a container c inherits the value.
const fromPod = `" (from the pod's securityContext)"`

// validating adds the variables that find violations, each a list of messages, and
// returns the names of these.
func (g *generator) validating(v *variables) []string {
	var lists []string
	violations := func(name, expression string) {
		v.let(name, expression)
		lists = append(lists, "variables."+name)
	}
	violations("systemViolations", `variables.judged.size() > 0 && variables.contradicts
  ? ['pod: must be for one operating system, is for windows and for linux'] : []`)
	for _, f := range g.inherited() {
		switch f.strategy.Rule {
		case policy.MustBeUnset:
			violations(f.variable+"Violations", g.unsetViolations(f))
		case policy.MustRunAs, policy.MayRunAs:
			if f.strategy.Overwrite && f.strategy.DefaultFrom != policy.DefaultFromImage {
				violations(f.variable+"Violations", g.overwriteViolations(f))
				continue
			}
			v.let(f.variable+"Ranges", bounds(f.strategy.Ranges))
			violations(f.variable+"Violations", rangeViolations(f))
		case policy.MustRunAsNonRoot:
			violations("nonRootViolations", g.nonRootViolations())
		}
	}
	pod := g.podViolations(v)
	if len(pod) > 0 {
		violations("podViolations", "variables.onLinux.size() == 0 || has(request.subResource) ? [] :\n  "+indent(strings.Join(pod, "\n+ ")))
	}
	return lists
}

// typeViolations are the values that are not of their field's type, null among them.
// The API server refuses these itself but in custom resources, of which some have
// schemas that let everything through.
func (g *generator) typeViolations() []string {
	const integer = "(type(%[1]s) == int || type(%[1]s) == double && double(int(%[1]s)) == %[1]s)"
	where := "variables.contexts"
	if g.selectsContainers() {
		where += ".filter(c, c.of in ['" + ofPod + "'] + variables.judgedNames)"
	}
	found := func(field, must, is string) string {
		is = fmt.Sprintf(is, "c.context."+field)
		return fmt.Sprintf(`%[1]s.filter(c, has(c.context.%[2]s) && !%[3]s)
  .map(c, (c.of == '`+ofPod+`' ? 'pod' : 'container "' + c.of + '"') + ': %[2]s must be %[4]s or left out')`, where, field, is, must)
	}
	var ids []string
	for _, f := range append(g.inherited(), g.podFields()...) {
		switch rule := f.strategy.Rule; {
		case rule == "" || rule == policy.RunAsAny:
		case f.name == "supplementalGroups":
			each := strings.ReplaceAll(integer, "%[1]s", "id")
			ids = append(ids, found(f.name, "a list of integers", "(type(%[1]s) == list && %[1]s.all(id, "+each+"))"))
		default:
			ids = append(ids, found(f.name, "an integer", integer))
		}
	}
	var lists []string
	for _, kind := range containerKinds {
		lists = append(lists, fmt.Sprintf(`%s.map(c, ['name', 'image'].filter(field, c[?field].orValue(null) != null && type(c[field]) != string)
    .map(field, '%s "' + %s + '": ' + field + ' must be a string or left out')).flatten()`, g.listOf(kind.Field()), kind, g.text("name")))
	}
	if len(ids) > 0 {
		lists = append(lists, "(variables.windows ? [] :\n  "+indent(strings.Join(ids, "\n+ "))+")")
	}
	if g.policy.RunAsUser.Rule == policy.MustRunAsNonRoot {
		lists = append(lists, found("runAsNonRoot", "a boolean", "(type(%[1]s) == bool)"))
	}
	return lists
}

// rangeViolations are the containers whose effective id is in no range, or that
// have none where they must.
func rangeViolations(f idField) string {
	bad := fmt.Sprintf("!variables.%sRanges.exists(r, r[0] <= c.id && c.id <= r[1])", f.variable)
	is := "string(c.id) + (c.own ? '' : " + fromPod + ")"
	if f.strategy.Rule == policy.MustRunAs {
		bad = "c.id == null || " + bad
		is = "(c.id == null ? 'unset' : " + is + ")"
	} else {
		bad = "c.id != null && " + bad
	}
	return fmt.Sprintf(`variables.onLinux
  .map(c, {'is': c.is, 'id': dyn(%s.orValue(null)), 'own': dyn(%s)})
  .filter(c, %s)
  .map(c, c.is + %s + %s)`,
		effective(f.name), hasOwn(f.name), bad, quote(": "+f.name+" must be "+f.strategy.Ranges.Demand()+", is "), is)
}

// unsetViolations are the containers with an id, their own or the pod's, and the
// pod where none inherits its id.
func (g *generator) unsetViolations(f idField) string {
	must := f.name + " must be unset, is "
	return fmt.Sprintf(`variables.onLinux
  .filter(c, %[1]s || %[2]s && !has(request.subResource))
  .map(c, c.is + %[4]s + (%[1]s ? string(c.context.%[3]s) : string(variables.podContext.%[3]s) + %[6]s))
+ (variables.onLinux.size() > 0 && variables.onLinux.all(c, %[1]s) && %[2]s && !has(request.subResource)
  ? [%[5]s + string(variables.podContext.%[3]s)] : [])`,
		hasOwn(f.name), podHas(f.name), f.name, quote(": "+must), quote("pod: "+must), fromPod)
}

// overwriteViolations are the containers, and the pod where it may be written to,
// with anything but the default.
func (g *generator) overwriteViolations(f idField) string {
	id := f.strategy.Ranges.Default()
	value := own(f.name) // every container must say it
	if g.policy.Placement == policy.PlacePod {
		value = effective(f.name)
	}
	text := fmt.Sprintf(`variables.onLinux
  .map(c, {'is': c.is, 'id': dyn(%s.orValue(null))})
  .filter(c, c.id != %d)
  .map(c, c.is + %s + (c.id == null ? 'unset' : string(c.id)))`,
		value, id, quote(fmt.Sprintf(": %s must be %d, is ", f.name, id)))
	writable, ok := g.podWritable(f, g.userAfter())
	if !ok {
		return text
	}
	different := and("variables.onLinux.size() > 0", writable, fmt.Sprintf("%s.orValue(null) != %d", podOwn(f.name), id))
	return fmt.Sprintf(`(%s ?
  [%s + (%s ? string(variables.podContext.%s) : 'unset')] : [])
+ %s`, different, quote(fmt.Sprintf("pod: %s must be %d, is ", f.name, id)), podHas(f.name), f.name, text)
}

// userAfter says in CEL whether the pod has a runAsUser once it is written.
func (g *generator) userAfter() string {
	user := g.inherited()[0]
	has := podHas(user.name)
	writable, ok := g.podWritable(user, has)
	switch s := user.strategy; {
	case s.Rule == policy.MustBeUnset:
		if keeps := g.inheritedByExcluded(user.name); keeps != "" {
			return has + " && !(" + keeps + ")"
		}
		return never
	case s.Rule != policy.MustRunAs || !ok:
		return has
	case s.Overwrite:
		return "(" + has + " || " + writable + ")"
	}
	return fmt.Sprintf("(%s || %s && variables.onLinux.exists(c, !%s))", has, writable, hasOwn(user.name))
}

// podWritable says in CEL whether the pod's field may be given the default, where
// hasUser says whether the pod has a runAsUser by then. ok is false where it never
// may.
func (g *generator) podWritable(f idField, hasUser string) (expression string, ok bool) {
	if g.policy.Placement == policy.PlaceContainers || f.strategy.DefaultFrom == policy.DefaultFromImage {
		return "", false
	}
	var terms []string
	if g.judgesPods() {
		terms = append(terms, "!has(request.subResource)")
	}
	if keeps := g.inheritedByExcluded(f.name); keeps != "" {
		terms = append(terms, keeps)
	}
	if f.name == "runAsGroup" {
		terms = append(terms, hasUser)
	}
	return and(terms...), true
}

// inheritedByExcluded says in CEL that no container which the policy is not for
// inherits a field, "" where there are none.
func (g *generator) inheritedByExcluded(field string) string {
	if !g.selectsContainers() {
		return ""
	}
	return "variables.excluded.all(c, " + hasOwn(field) + ")"
}

// nonRootViolations are the containers that run as root or of which nothing says
// that they do not.
func (g *generator) nonRootViolations() string {
	return `variables.judged
  .filter(c, !c.context.?runAsNonRoot.or(variables.podContext.?runAsNonRoot).orValue(true))
  .map(c, c.is + ': runAsNonRoot must be true, is false' + (has(c.context.runAsNonRoot) ? '' : ` + fromPod + `))
+ (variables.windows ? variables.judged
    .filter(c, ` + g.windowsUser() + ` == 'containeradministrator')
    .map(c, c.is + ': windowsOptions.runAsUserName must be another user, is ContainerAdministrator')
  : variables.judged
    .filter(c, c.context.?runAsUser.or(variables.podContext.?runAsUser).orValue(null) == 0)
    .map(c, c.is + ': runAsUser must not be 0, is 0' + (has(c.context.runAsUser) ? '' : ` + fromPod + `)))
+ variables.judged
  .filter(c, ` + g.saysNothing() + `)
  .map(c, c.is + (variables.windows ? ': runAsNonRoot must be true, is unset' : ': runAsNonRoot must be true unless runAsUser is set and not 0, is unset'))`
}

// saysNothing says in CEL that nothing says whether a container c runs as root. On
// Windows no name of a user does but that of the administrator.
func (g *generator) saysNothing() string {
	return `!c.context.?runAsNonRoot.or(variables.podContext.?runAsNonRoot).hasValue() && (variables.windows
    ? ` + g.windowsUser() + ` != 'containeradministrator'
    : !c.context.?runAsUser.or(variables.podContext.?runAsUser).hasValue())`
}

// windowsUser is the name in small letters of the user that a container c runs as on
// Windows, "" where there is none.
func (g *generator) windowsUser() string {
	const name = ".?windowsOptions.?runAsUserName"
	return g.valueOr("c.context"+name, g.valueOr("variables.podContext"+name, "''")) + ".lowerAscii()"
}

// podViolations are lists of violations of the fields that only a pod has.
func (g *generator) podViolations(v *variables) []string {
	var out []string
	for _, f := range g.podFields() {
		if s := f.strategy; (s.Rule == policy.MustRunAs || s.Rule == policy.MayRunAs) && !s.Overwrite {
			v.let(f.variable+"Ranges", bounds(s.Ranges))
		}
		out = append(out, podFieldViolations(f)...)
	}
	if g.policy.SupplementalGroups.RequireStrict {
		out = append(out, `(variables.podContext.?supplementalGroupsPolicy.orValue('') == 'Strict' ? [] :
  ['pod: supplementalGroupsPolicy must be Strict, is ' + variables.podContext.?supplementalGroupsPolicy.orValue('unset')])`)
	}
	return out
}

// podFieldViolations judges one field that only a pod has. A list of groups is
// judged one by one; where it is empty, the API server takes it for unset.
func podFieldViolations(f idField) []string {
	has, is := podHas(f.name), "string(variables.podContext."+f.name+")"
	values := "(" + has + " ? [variables.podContext." + f.name + "] : [])"
	if f.name == "supplementalGroups" {
		values = podOwn(f.name) + ".orValue([])"
		has = values + ".size() > 0"
		is = "'[' + variables.podContext." + f.name + ".map(id, string(id)).join(', ') + ']'"
	}
	one := func(condition, must, is string) string {
		return fmt.Sprintf("(%s ? [%s + %s] : [])", condition, quote("pod: "+f.name+" must be "+must+", is "), is)
	}
	s := f.strategy
	switch {
	case s.Rule == policy.MustBeUnset:
		return []string{one(has, "unset", is)}
	case s.Rule != policy.MustRunAs && s.Rule != policy.MayRunAs:
		return nil
	case s.Overwrite:
		id := fmt.Sprint(s.Ranges.Default())
		return []string{one(values+" != ["+id+"]", id, "("+has+" ? "+is+" : 'unset')")}
	}
	in := s.Ranges.Demand()
	outside := fmt.Sprintf("%s.filter(id, !variables.%sRanges.exists(r, r[0] <= id && id <= r[1]))\n  .map(id, %s + string(id))",
		values, f.variable, quote("pod: "+f.name+" must be "+in+", is "))
	if s.Rule == policy.MayRunAs {
		return []string{outside}
	}
	return []string{one("!("+has+")", in, "'unset'"), outside}
}

// maxMessage is how long a message may be, in characters; the API server drops
// what is longer than 5 KiB.
const maxMessage = 4000

// validations are what must hold. It is one, whose message has all violations:
// the API server tells a user of the first one only.
func (g *generator) validations(v *variables, lists []string) []admissionv1.Validation {
	violations := strings.Join(lists, " + ")
	if g.judgesCustom() {
		v.let("typeViolations", "variables.judged.size() == 0 ? [] :\n  "+indent(strings.Join(g.typeViolations(), "\n+ ")))
		violations = "variables.typeViolations.size() > 0 ? variables.typeViolations : " + violations
	}
	v.let("violations", violations)
	v.let("message", "variables.violations.join('; ')")
	return []admissionv1.Validation{{
		Expression: "variables.violations.size() == 0",
		Message:    fmt.Sprintf("must follow the policy %q", g.policy.Name),
		MessageExpression: fmt.Sprintf("variables.message.size() <= %[1]d ? variables.message : variables.message.substring(0, %[1]d) + ' and more'",
			maxMessage),
	}}
}

// overwrites reports whether a field that containers inherit is overwritten, so
// that it matters what can be written to the pod.
func (g *generator) overwrites() bool {
	return slices.ContainsFunc(g.inherited(), func(f idField) bool { return f.strategy.Overwrite })
}
