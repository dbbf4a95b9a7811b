package kubewarden

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Decode decodes a ClusterAdmissionPolicy or an AdmissionPolicy.
func Decode(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	_, p, conditions := translate(d)
	if conditions {
		d.Failf(podspec.Field("spec", "matchConditions"), "must be empty: they are not evaluated here, and the policy would apply to more objects than in the cluster")
	}
	return []*policy.Policy{p}, d.Err()
}

// Translate decodes a policy of this dialect and translates it. The errors are
// those of Decode, except that conditions are no error but a note, for somebody
// to write what they select into match and exclude.
func Translate(root *manifest.Node) (*v1alpha1.Translation, error) {
	d := strict.New(root, strict.Options{})
	t, _, conditions := translate(d)
	if conditions {
		t.Notes = append(t.Notes, "spec.matchConditions are not translated: without them the policy applies to more objects")
	}
	return t, d.Err()
}

func translate(d *strict.Decoder) (t *v1alpha1.Translation, p *policy.Policy, conditions bool) {
	if d.Root().Get("kind").Text() == policykind.AdmissionPolicy {
		t, conditions = namespaced(d)
	} else {
		t, conditions = clusterWide(d)
	}
	p = t.Policy(v1alpha1.TextOf(d, original))
	p.Source.Line = d.LineAt(nil)
	p.Namespace = t.Namespace
	return t, p, conditions
}

func clusterWide(d *strict.Decoder) (t *v1alpha1.Translation, conditions bool) {
	var obj object[clusterSpec]
	d.Object(&obj)
	t = &v1alpha1.Translation{Kind: policykind.ClusterAdmissionPolicy, Name: obj.Metadata.Name, Spec: &v1alpha1.Spec{}}
	if obj.Spec == nil {
		common(d, t, nil)
		return t, false
	}
	common(d, t, &obj.Spec.spec)
	if obj.Spec.NamespaceSelector != nil {
		t.Spec.Selector().NamespaceSelector = obj.Spec.NamespaceSelector
	}
	return t, len(obj.Spec.MatchConditions) > 0
}

func namespaced(d *strict.Decoder) (t *v1alpha1.Translation, conditions bool) {
	var obj object[spec]
	d.Object(&obj)
	t = &v1alpha1.Translation{Kind: policykind.AdmissionPolicy, Name: obj.Metadata.Name, Spec: &v1alpha1.Spec{}}
	common(d, t, obj.Spec)
	if obj.Metadata.Namespace == "" {
		d.Failf(podspec.Field("metadata", "namespace"), "is required: an AdmissionPolicy is for the objects of its own namespace")
	}
	t.Namespace = obj.Metadata.Namespace
	t.Spec.Selector().Namespaces = []string{obj.Metadata.Namespace}
	return t, obj.Spec != nil && len(obj.Spec.MatchConditions) > 0
}

// common translates what both kinds have in common.
func common(d *strict.Decoder, t *v1alpha1.Translation, s *spec) {
	if t.Name == "" {
		d.Failf(podspec.Field("metadata", "name"), "is required")
	}
	if s == nil {
		d.Failf(podspec.Field("spec"), "is required")
		return
	}
	if m := findModule(d, s.Module); m != nil {
		t.Spec = m.translate(d, s.Settings)
	}
	if s.Mode == "monitor" {
		t.Spec.Mode = "Audit"
	}
	if s.Mutating != nil && !*s.Mutating {
		immutable(d, t.Spec)
	}
	if s.ObjectSelector != nil {
		t.Spec.Selector().LabelSelector = s.ObjectSelector
	}
	s.scope(d, t)
}

// immutable makes the policy one that only validates. The policy server would
// refuse every object that overwrite changes, which is what validateOnly with
// overwrite is refused for; the error then names the field that says so here.
func immutable(d *strict.Decoder, out *v1alpha1.Spec) {
	for _, st := range []struct {
		key string
		on  bool
	}{
		{"run_as_user", out.RunAsUser != nil && out.RunAsUser.Overwrite},
		{"run_as_group", out.RunAsGroup != nil && out.RunAsGroup.Overwrite},
		{"supplemental_groups", out.SupplementalGroups != nil && out.SupplementalGroups.Overwrite},
	} {
		if st.on && !out.ValidateOnly {
			d.Failf(podspec.Field("spec", "mutating"), "must not be false together with settings.%s.overwrite", st.key)
			return
		}
	}
	out.ValidateOnly = true
}

// scope translates the rules to the kinds of the selector.
func (s *spec) scope(d *strict.Decoder, t *v1alpha1.Translation) {
	at := podspec.Field("spec", "rules")
	if s.Rules == nil {
		t.Notes = append(t.Notes, "spec.rules is absent: the policy applies to every kind that holds a pod template")
		return
	}
	for i, r := range *s.Rules {
		r.check(d, at.Index(i))
	}
	ks, all, notes := kinds(*s.Rules, s.MatchPolicy == "Exact")
	t.Notes = append(t.Notes, notes...)
	switch {
	case all:
	case len(ks) == 0:
		d.Failf(at, "must select at least one workload, or the policy applies to nothing")
	default:
		t.Spec.Selector().Kinds = ks
	}
}

// check reports lists that the API server demands and that are empty.
func (r rule) check(d *strict.Decoder, at podspec.Path) {
	for _, l := range []struct {
		key    string
		length int
	}{
		{"apiGroups", len(r.APIGroups)},
		{"apiVersions", len(r.APIVersions)},
		{"resources", len(r.Resources)},
		{"operations", len(r.Operations)},
	} {
		if l.length == 0 {
			d.Failf(at.Key(l.key), "must hold at least one entry")
		}
	}
}

// originals are the places in a Kubewarden policy of what is elsewhere in a
// spec, longest first.
var originals = []struct{ native, original podspec.Path }{
	{podspec.Field("match", "labelSelector"), podspec.Field("spec", "objectSelector")},
	{podspec.Field("match", "namespaceSelector"), podspec.Field("spec", "namespaceSelector")},
	{podspec.Field("runAsUser"), podspec.Field("spec", "settings", "run_as_user")},
	{podspec.Field("runAsGroup"), podspec.Field("spec", "settings", "run_as_group")},
	{podspec.Field("supplementalGroups"), podspec.Field("spec", "settings", "supplemental_groups")},
	{podspec.Field("validateOnly"), podspec.Field("spec", "settings", "validate_only")},
	{podspec.Field("fsGroup"), podspec.Field("spec", "settings")},
}

// original takes a path in the spec of the translation to the place in the
// policy that it came from.
func original(at podspec.Path) podspec.Path {
	for _, o := range originals {
		if n := len(o.native); n <= len(at) && o.native.Equal(at[:n]) {
			return o.original.Join(at[n:])
		}
	}
	return podspec.Field("spec").Join(at)
}
