package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/policy"
)

// nameLabel is the label that every Namespace has, with its name.
const nameLabel = "kubernetes.io/metadata.name"

// requirements are those of a selector by labels; nil where there is none.
func requirements(l policy.Labels) labels.Requirements {
	if s, ok := l.(interface{ Requirements() labels.Requirements }); ok {
		return s.Requirements()
	}
	return nil
}

// matchExpressions are requirements as the API writes them.
func matchExpressions(rs labels.Requirements) []metav1.LabelSelectorRequirement {
	var out []metav1.LabelSelectorRequirement
	for _, r := range rs {
		e := metav1.LabelSelectorRequirement{Key: r.Key(), Values: slices.Sorted(maps.Keys(r.Values()))}
		switch r.Operator() {
		case selection.Exists:
			e.Operator = metav1.LabelSelectorOpExists
		case selection.DoesNotExist:
			e.Operator = metav1.LabelSelectorOpDoesNotExist
		case selection.NotIn, selection.NotEquals:
			e.Operator = metav1.LabelSelectorOpNotIn
		default:
			e.Operator = metav1.LabelSelectorOpIn
		}
		out = append(out, e)
	}
	return out
}

// constraints say which requests reach the gate at all: what the API server can
// decide without CEL.
func (g *generator) constraints(on operations) *admissionv1.MatchResources {
	m := &admissionv1.MatchResources{ResourceRules: rules(g.kinds, on)}
	namespaces := matchExpressions(requirements(g.policy.Match.NamespaceSelector))
	if exact(g.policy.Match.Namespaces) && len(g.policy.Match.Namespaces) > 0 {
		namespaces = append(namespaces, metav1.LabelSelectorRequirement{
			Key: nameLabel, Operator: metav1.LabelSelectorOpIn, Values: g.policy.Match.Namespaces,
		})
	}
	if names := g.excludedNamespaces(); len(names) > 0 {
		namespaces = append(namespaces, metav1.LabelSelectorRequirement{
			Key: nameLabel, Operator: metav1.LabelSelectorOpNotIn, Values: names,
		})
	}
	if len(namespaces) > 0 {
		m.NamespaceSelector = &metav1.LabelSelector{MatchExpressions: namespaces}
	}
	if objects := matchExpressions(requirements(g.policy.Match.LabelSelector)); len(objects) > 0 {
		m.ObjectSelector = &metav1.LabelSelector{MatchExpressions: objects}
	}
	return m
}

// exact reports whether no string has a wildcard.
func exact(globs []string) bool {
	return !slices.ContainsFunc(globs, func(g string) bool { return strings.ContainsAny(g, "*?") })
}

// byNamespaceAlone reports whether an exclusion is for whole namespaces, each
// given by its name.
func byNamespaceAlone(e policy.Exclusion) bool {
	s := e.Selector
	return len(s.Namespaces) > 0 && exact(s.Namespaces) && len(s.Kinds)+len(s.Names)+len(s.Annotations) == 0 &&
		s.LabelSelector == nil && s.NamespaceSelector == nil && !e.IsContainerScoped()
}

// excludedNamespaces are the namespaces that are excluded as a whole.
func (g *generator) excludedNamespaces() []string {
	var out []string
	for _, e := range g.policy.Exclude {
		if byNamespaceAlone(e) {
			out = append(out, e.Namespaces...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// conditions say what more must hold of an object for the gate to look at it.
func (g *generator) conditions() []admissionv1.MatchCondition {
	var out []admissionv1.MatchCondition
	add := func(name, expression string) {
		out = append(out, admissionv1.MatchCondition{Name: name, Expression: expression})
	}
	if text := g.changed(); text != "" {
		add("changed", text)
	}
	// The API server asks the objectSelector of the object before an update as well.
	match := policy.Selector{Names: g.policy.Match.Names, Annotations: g.policy.Match.Annotations, LabelSelector: g.policy.Match.LabelSelector}
	if !exact(g.policy.Match.Namespaces) {
		match.Namespaces = g.policy.Match.Namespaces
	}
	if terms := g.objectTerms(match, selectedNames); len(terms) > 0 {
		add("selected", and(terms...))
	}
	if g.policy.AllowExemptionAnnotation {
		add("not-exempt", fmt.Sprintf("!object.metadata.?annotations[?%s].orValue('').split(',').exists(name, name.trim() == %s)",
			quote(engine.ExemptAnnotation), quote(g.policy.Name)))
	}
	var excluded []string
	for _, e := range g.policy.Exclude {
		if e.NamespaceSelector != nil || e.IsContainerScoped() {
			continue
		}
		if text := g.exclusion(e, g.excludedObject); text != "" {
			excluded = append(excluded, text)
		}
	}
	if len(excluded) > 0 {
		add("not-excluded", "!("+alternatives(excluded)+")")
	}
	return out
}

// changed says that something that is judged is new. An update that leaves it
// alone must stay possible, or nothing that was there before the gate could be
// scaled down, debugged or deleted.
func (g *generator) changed() string {
	templates := slices.DeleteFunc(slices.Clone(g.kinds), kind.isPod)
	if len(templates) == 0 && !g.judgesPodUpdates() {
		return ""
	}
	terms := []string{"request.operation == 'CREATE'"}
	if slices.ContainsFunc(g.kinds, kind.isPod) {
		terms = append(terms, "has(request.subResource)")
	}
	terms = append(terms, g.changedMetadata()...)
	differ := "(" + perKind(g.kinds, func(k kind) string {
		now, before := podSpecOf("object")(k), podSpecOf("oldObject")(k)
		if !k.isPod() {
			return now + " != " + before
		}
		// Of what is judged, a pod can only change its images.
		if !g.selectsImages() {
			return "false"
		}
		const images = "[%[1]s.containers, %[1]s.?initContainers.orValue([])].map(list, list.map(c, c.image))"
		return fmt.Sprintf(images+" != "+strings.ReplaceAll(images, "[1]", "[2]"), now, before)
	}) + ")"
	return strings.Join(append(terms, differ), "\n|| ")
}

// changedMetadata compares the labels and annotations that select.
func (g *generator) changedMetadata() []string {
	var out []string
	for _, field := range []struct {
		name string
		keys []string
	}{{"labels", g.labelKeys()}, {"annotations", g.annotationKeys()}} {
		for _, key := range field.keys {
			at := fmt.Sprintf("metadata.?%s[?%s]", field.name, quote(key))
			out = append(out, "object."+at+" != oldObject."+at)
		}
	}
	return out
}

// judgesPodUpdates reports whether an update of a pod can change whether the
// policy is for it.
func (g *generator) judgesPodUpdates() bool {
	return slices.ContainsFunc(g.kinds, kind.isPod) &&
		(g.selectsImages() || len(g.labelKeys()) > 0 || len(g.annotationKeys()) > 0)
}

// selectors are those of match and of all exclusions.
func (g *generator) selectors() []policy.Selector {
	out := []policy.Selector{g.policy.Match}
	for _, e := range g.policy.Exclude {
		out = append(out, e.Selector)
	}
	return out
}

func (g *generator) selectsImages() bool {
	return slices.ContainsFunc(g.selectors(), func(s policy.Selector) bool { return len(s.Images) > 0 })
}

func (g *generator) selectsContainerKinds() bool {
	return slices.ContainsFunc(g.selectors(), func(s policy.Selector) bool { return len(s.ContainerKinds) > 0 })
}

func (g *generator) labelKeys() []string {
	var keys []string
	for _, s := range g.selectors() {
		for _, r := range requirements(s.LabelSelector) {
			keys = append(keys, r.Key())
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (g *generator) annotationKeys() []string {
	var keys []string
	for _, s := range g.selectors() {
		keys = slices.AppendSeq(keys, maps.Keys(s.Annotations))
	}
	if g.policy.AllowExemptionAnnotation {
		keys = append(keys, engine.ExemptAnnotation)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// exclusion renders one of the policy's exclusions after its reason. It is "" for
// whole namespaces, which are a constraint, and for kinds that the gate does not judge.
func (g *generator) exclusion(e policy.Exclusion, terms func(policy.Selector) []string) string {
	if byNamespaceAlone(e) || len(matching(g.kinds, e.Selector)) == 0 {
		return ""
	}
	reason := ""
	if text := oneLine(e.Reason); text != "" {
		reason = "  // " + text + "\n"
	}
	return reason + "  " + and(terms(e.Selector)...)
}

// alternatives joins exclusions, one a line.
func alternatives(exclusions []string) string {
	return "\n" + strings.Join(exclusions, "\n  ||\n") + "\n"
}

// objectTerms says in CEL what a selector demands of an object, apart from the
// labels of its namespace. generateNames are the globs for an object without a name.
func (g *generator) objectTerms(s policy.Selector, generateNames func(globs []string) []string) []string {
	var terms []string
	if kinds := matching(g.kinds, s); len(kinds) < len(g.kinds) {
		terms = append(terms, kindTerm(g.kinds, kinds))
	}
	if len(s.Namespaces) > 0 {
		terms = append(terms, matchesAny("request.namespace", s.Namespaces))
	}
	if len(s.Names) > 0 {
		terms = append(terms, nameTerm(s.Names, generateNames(s.Names)))
	}
	terms = append(terms, labelTerms("object.metadata", requirements(s.LabelSelector))...)
	for _, key := range slices.Sorted(maps.Keys(s.Annotations)) {
		at := fmt.Sprintf("object.metadata.?annotations[?%s]", quote(key))
		if s.Annotations[key] == "*" {
			terms = append(terms, at+".hasValue()")
			continue
		}
		terms = append(terms, fmt.Sprintf("%s.optMap(value, %s).orValue(false)", at, matchesAny("value", []string{s.Annotations[key]})))
	}
	return terms
}

// named says in CEL that an object has a name of its own. The API server makes one
// from generateName between mutating and validating policies: of that, only the
// beginning is the object's.
const named = "(!has(object.metadata.generateName) || request.operation != 'CREATE'\n" +
	"  || has(request.name) && !(request.name.startsWith(object.metadata.generateName) && request.name.size() == object.metadata.generateName.size() + 5))"

// nameTerm says that an object has a name that matches or, where the API server
// names it, a generateName that does.
func nameTerm(globs, generateNames []string) string {
	return fmt.Sprintf("(%s\n  ? %s\n  : %s)", named,
		matchesAny("object.metadata.name", globs), matchesAny("object.metadata.generateName", generateNames))
}

// selectedNames are the globs of generateNames from which a name may come that is
// selected.
func selectedNames(globs []string) []string {
	var out []string
	for _, g := range globs {
		out = append(out, policy.GenerateNames(g)...)
	}
	return out
}

// excludedNames are the globs of generateNames from which only names can come that
// are excluded: else a lucky name would be a way around the policy.
func excludedNames(globs []string) []string {
	return slices.DeleteFunc(slices.Clone(globs), func(g string) bool { return !strings.HasSuffix(g, "*") })
}

// labelTerms says in CEL what requirements demand of the labels of metadata.
func labelTerms(metadata string, rs labels.Requirements) []string {
	var terms []string
	for _, r := range rs {
		at := fmt.Sprintf("%s.?labels[?%s]", metadata, quote(r.Key()))
		in := matchesAny("value", slices.Sorted(maps.Keys(r.Values())))
		switch r.Operator() {
		case selection.Exists:
			terms = append(terms, at+".hasValue()")
		case selection.DoesNotExist:
			terms = append(terms, "!"+at+".hasValue()")
		case selection.NotIn, selection.NotEquals:
			terms = append(terms, fmt.Sprintf("!%s.optMap(value, %s).orValue(false)", at, in))
		default:
			terms = append(terms, fmt.Sprintf("%s.optMap(value, %s).orValue(false)", at, in))
		}
	}
	return terms
}

// excludedObject says in CEL what an exclusion demands of an object.
func (g *generator) excludedObject(s policy.Selector) []string {
	return g.objectTerms(s, excludedNames)
}

// containerTerms says in CEL what an exclusion demands of a container c, and of its
// object where that was not asked before.
func (g *generator) containerTerms(s policy.Selector) []string {
	terms := append(g.excludedObject(s), labelTerms("namespaceObject.metadata", requirements(s.NamespaceSelector))...)
	return append(terms, ownTerms(s)...)
}

// ownTerms says in CEL what a selector demands of a container c itself.
func ownTerms(s policy.Selector) []string {
	var terms []string
	if len(s.Containers) > 0 {
		terms = append(terms, matchesAny("c.name", s.Containers))
	}
	if len(s.Images) > 0 {
		image, repository := matchesAny("c.image", s.Images), matchesAny("c.repository", s.Images)
		terms = append(terms, or(image, repository))
	}
	if len(s.ContainerKinds) > 0 {
		var kinds []string
		for _, k := range s.ContainerKinds {
			kinds = append(kinds, quote(string(k)))
		}
		terms = append(terms, "c.kind in ["+strings.Join(kinds, ", ")+"]")
	}
	if s.HostUsers != nil {
		is := "=="
		if *s.HostUsers { // also where it is null, in a custom resource
			is = "!="
		}
		terms = append(terms, "variables.podSpec.?hostUsers.orValue(true) "+is+" false")
	}
	return terms
}
