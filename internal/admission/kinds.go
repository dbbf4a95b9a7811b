package admission

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/policy"
)

// kind is a kind of object that a gate judges: one row of the table of kinds,
// with what the API server has to know of it.
type kind struct {
	group, version, kind string
	path                 []string // of the pod spec
	// fixed is whether the template cannot be changed once the object exists, so
	// that nothing may be written to it on an update.
	fixed bool
}

// builtin are the kinds of Kubernetes itself, at the versions that the API server
// converts every request to.
var builtin = []kind{
	{"", "v1", "Pod", []string{"spec"}, true},
	{"", "v1", "PodTemplate", []string{"template", "spec"}, false},
	{"", "v1", "ReplicationController", []string{"spec", "template", "spec"}, false},
	{"apps", "v1", "DaemonSet", []string{"spec", "template", "spec"}, false},
	{"apps", "v1", "Deployment", []string{"spec", "template", "spec"}, false},
	{"apps", "v1", "ReplicaSet", []string{"spec", "template", "spec"}, false},
	{"apps", "v1", "StatefulSet", []string{"spec", "template", "spec"}, false},
	{"batch", "v1", "CronJob", []string{"spec", "jobTemplate", "spec", "template", "spec"}, false},
	{"batch", "v1", "Job", []string{"spec", "template", "spec"}, true},
}

// anyVersion stands for all versions of a custom resource.
const anyVersion = "*"

// customKinds returns the kinds that a user asks for by Kind or Kind.group.
func customKinds(name string) ([]kind, error) {
	want := policy.Selector{Kinds: []string{name}}
	var out []kind
	for _, row := range workload.Builtin().Kinds() {
		if row.Project == "Kubernetes" || !want.MatchObject(policy.Object{APIVersion: row.Group + "/", Kind: row.Kind}, nil) {
			continue
		}
		if !hasOnePodSpec(row) {
			return nil, fmt.Errorf("kind %q: no one PodSpec of it describes its pods, so that a gate judges these alone, when they are created", name)
		}
		out = append(out, kind{row.Group, anyVersion, row.Kind, strings.Split(row.Paths[0], "."), false})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("kind %q: must be a custom resource of the table of kinds, such as Rollout.argoproj.io", name)
	}
	return out, nil
}

// hasOnePodSpec reports whether the pods of a kind are what one PodSpec says, at one
// place, and nothing besides.
func hasOnePodSpec(row workload.Kind) bool {
	return len(row.Paths) == 1 && !strings.Contains(row.Paths[0], "*") && !row.Operator && !row.NoPodContext &&
		len(row.Pods)+len(row.Contexts)+len(row.Below) == 0
}

// object is the kind as selectors see it.
func (k kind) object() policy.Object {
	version := k.version
	if k.group != "" {
		version = k.group + "/" + version
	}
	return policy.Object{APIVersion: version, Kind: k.kind}
}

func (k kind) isPod() bool { return k.group == "" && k.kind == "Pod" }

// resource is the plural that requests name.
func (k kind) resource() string {
	plural, _ := meta.UnsafeGuessKindToResource(schema.GroupVersionKind{Group: k.group, Version: k.version, Kind: k.kind})
	return plural.Resource
}

// matching returns the kinds that a selector is for.
func matching(kinds []kind, s policy.Selector) []kind {
	only := policy.Selector{Kinds: s.Kinds}
	return slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return !only.MatchObject(k.object(), nil) })
}

// operations says on which requests the objects of a kind are looked at.
type operations func(kind) []admissionv1.OperationType

var (
	onCreate         = []admissionv1.OperationType{admissionv1.Create}
	onCreateOrUpdate = []admissionv1.OperationType{admissionv1.Create, admissionv1.Update}
	onUpdate         = []admissionv1.OperationType{admissionv1.Update}
)

// validatedOn and writtenOn are the operations of both policies: what of an object
// cannot change is not judged again, and nothing is written to it.
func (g *generator) validatedOn(k kind) []admissionv1.OperationType {
	if k.isPod() && !g.judgesPodUpdates() {
		return onCreate
	}
	return onCreateOrUpdate
}

func writtenOn(k kind) []admissionv1.OperationType {
	if k.fixed {
		return onCreate
	}
	return onCreateOrUpdate
}

// rules are the requests for the given kinds: one rule for each group and set of
// operations, and one for the debugging of pods.
func rules(kinds []kind, on operations) []admissionv1.NamedRuleWithOperations {
	var out []admissionv1.NamedRuleWithOperations
	for _, k := range kinds {
		ops := on(k)
		i := slices.IndexFunc(out, func(r admissionv1.NamedRuleWithOperations) bool {
			return r.APIGroups[0] == k.group && r.APIVersions[0] == k.version && slices.Equal(r.Operations, ops)
		})
		if i < 0 {
			i = len(out)
			out = append(out, rule(k, ops))
		}
		out[i].Resources = append(out[i].Resources, k.resource())
	}
	if i := slices.IndexFunc(kinds, kind.isPod); i >= 0 {
		debug := rule(kinds[i], onUpdate)
		debug.Resources = []string{"pods/ephemeralcontainers"}
		out = append(out, debug)
	}
	return out
}

func rule(k kind, ops []admissionv1.OperationType) admissionv1.NamedRuleWithOperations {
	return admissionv1.NamedRuleWithOperations{RuleWithOperations: admissionv1.RuleWithOperations{
		Operations: ops,
		Rule:       admissionv1.Rule{APIGroups: []string{k.group}, APIVersions: []string{k.version}},
	}}
}

// perKind chooses in CEL by the kind of the request among what value gives for
// each. The last one is taken without a question.
func perKind(kinds []kind, value func(kind) string) string {
	type choice struct {
		kinds []kind
		value string
	}
	var choices []choice
	for _, k := range kinds {
		v := value(k)
		i := slices.IndexFunc(choices, func(c choice) bool { return c.value == v })
		if i < 0 {
			i = len(choices)
			choices = append(choices, choice{value: v})
		}
		choices[i].kinds = append(choices[i].kinds, k)
	}
	// The longest comes last, as the one that need not be told apart.
	slices.SortStableFunc(choices, func(a, b choice) int { return len(a.kinds) - len(b.kinds) })
	var b strings.Builder
	for i, c := range choices {
		if i > 0 {
			b.WriteString("\n: ")
		}
		if i < len(choices)-1 {
			fmt.Fprintf(&b, "%s ? ", kindTerm(kinds, c.kinds))
		}
		b.WriteString(c.value)
	}
	return b.String()
}

// kindTerm says in CEL that the request is for one of some kinds, where it is for one
// of all. Two kinds of one name are told apart by their groups.
func kindTerm(all, some []kind) string {
	var names, grouped []string
	for _, k := range some {
		namesake := func(o kind) bool {
			return o.kind == k.kind && !slices.ContainsFunc(some, func(s kind) bool { return s.kind == o.kind && s.group == o.group })
		}
		switch {
		case slices.Contains(names, k.kind):
		case slices.ContainsFunc(all, namesake):
			grouped = append(grouped, fmt.Sprintf("request.kind.kind == %s && request.kind.group == %s", quote(k.kind), quote(k.group)))
		default:
			names = append(names, k.kind)
		}
	}
	if len(names) > 0 {
		grouped = append([]string{matchesAny("request.kind.kind", names)}, grouped...)
	}
	return or(grouped...)
}

// podSpecOf is the pod spec of an object of the kind in CEL. dyn keeps the API
// server from comparing the path with the schemas of the other kinds. A custom
// resource may lack it: a Rollout may refer to the template of a Deployment.
func podSpecOf(object string) func(kind) string {
	return func(k kind) string {
		if k.version == anyVersion {
			return "dyn(" + object + ").?" + strings.Join(k.path, ".?") + ".orValue({})"
		}
		return "dyn(" + object + ")." + strings.Join(k.path, ".")
	}
}

// podPath is the JSON pointer of the pod spec.
func podPath(k kind) string { return quote("/" + strings.Join(k.path, "/")) }
