package imagepolicy

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// match selects objects of one type, by labels where labels is not nil.
type match struct {
	schema.GroupVersionResource
	labels policy.Labels
}

// compileMatches compiles the match of a policy.
func compileMatches(d *strict.Decoder, at podspec.Path, rs []resource) []match {
	var out []match
	for i, r := range rs {
		at := at.Index(i)
		switch {
		case r.Resource == "":
			d.Failf(at.Key("resource"), "is required: the controller matches nothing without it")
		case !slices.Contains(resources(), r.Resource):
			d.Failf(at.Key("resource"), "must be %s, is %q: the controller refuses any other", strict.OneOf(resources()), r.Resource)
		}
		if r.Version == "" {
			d.Failf(at.Key("version"), "is required, * for any: the controller matches nothing without it")
		}
		r.Selector.Check(at.Key("selector"), d.Failf)
		out = append(out, match{
			schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource},
			r.Selector.Labels(),
		})
	}
	return out
}

// selects reports whether the match is for an object of this type with these
// labels. The group and the resource are compared as they are.
func (m match) selects(t schema.GroupVersionResource, labels map[string]string) bool {
	return m.Resource == t.Resource && m.Group == t.Group &&
		(m.Version == t.Version || m.Version == "*") &&
		(m.labels == nil || m.labels.Matches(labels))
}

// selectsObject reports whether the policy is for an object of this type with
// these labels. Without a match it is for every type that the controller's
// webhook is asked about.
func (e *evaluator) selectsObject(t schema.GroupVersionResource, labels map[string]string) bool {
	if len(e.matches) == 0 {
		return slices.ContainsFunc(webhookTypes, func(m match) bool { return m.selects(t, labels) })
	}
	return slices.ContainsFunc(e.matches, func(m match) bool { return m.selects(t, labels) })
}

// pods is the type of a Pod.
var pods = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

// webhookTypes are the types that policy-controller's webhook is asked about.
var webhookTypes = []match{
	{GroupVersionResource: pods},
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "cronjobs"}},
	{GroupVersionResource: schema.GroupVersionResource{Group: "batch", Version: "v1beta1", Resource: "cronjobs"}},
}

// resources are the names of the webhook's types.
func resources() []string {
	var out []string
	for _, m := range webhookTypes {
		if !slices.Contains(out, m.Resource) {
			out = append(out, m.Resource)
		}
	}
	return out
}

// typeOf returns the type of an object. Kubernetes guesses the resource in the
// same way, by the plural of the kind.
func typeOf(o policy.Object) schema.GroupVersionResource {
	gv, err := schema.ParseGroupVersion(o.APIVersion)
	if err != nil {
		return schema.GroupVersionResource{}
	}
	gvr, _ := meta.UnsafeGuessKindToResource(gv.WithKind(o.Kind))
	return gvr
}
