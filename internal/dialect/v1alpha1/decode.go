package v1alpha1

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Decode decodes a UserGroupPolicy.
func Decode(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	var obj UserGroupPolicy
	d.Object(&obj)
	if obj.Metadata.Name == "" {
		obj.Metadata.Name = Kind
	}
	p := obj.policy(nil, d)
	return []*policy.Policy{p}, d.Err()
}

// DecodeList decodes a UserGroupPolicyList.
func DecodeList(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	var list UserGroupPolicyList
	d.Object(&list)
	if len(list.Items) == 0 {
		d.Failf(podspec.Field("items"), "must hold at least one policy")
	}
	var out []*policy.Policy
	names := map[string]bool{}
	for i := range list.Items {
		obj, at := &list.Items[i], podspec.Field("items").Index(i)
		obj.checkItem(at, names, d.Failf)
		out = append(out, obj.policy(at, d))
	}
	return out, d.Err()
}

// checkItem checks what makes an object a policy of a list. names are those of
// the policies before it.
func (obj *UserGroupPolicy) checkItem(at podspec.Path, names map[string]bool, fail Fail) {
	// Kubernetes leaves the type out of the items of a typed list.
	if obj.APIVersion != "" && obj.APIVersion != APIVersion {
		fail(at.Key("apiVersion"), "must be %s, is %q", APIVersion, obj.APIVersion)
	}
	if obj.Kind != "" && obj.Kind != Kind {
		fail(at.Key("kind"), "must be %s, is %q", Kind, obj.Kind)
	}
	switch name := obj.Metadata.Name; {
	case name == "":
		fail(at.Key("metadata", "name"), "is required in a list: findings name their policy by it")
	case names[name]:
		fail(at.Key("metadata", "name"), "must be unique in the list, is %q again", name)
	default:
		names[name] = true
	}
}

// policy checks and converts the policy at path.
func (obj *UserGroupPolicy) policy(path podspec.Path, d *strict.Decoder) *policy.Policy {
	if obj.Spec == nil {
		d.Failf(path.Key("spec"), "is required")
		obj.Spec = &Spec{}
	}
	p := obj.Spec.Policy(obj.Metadata.Name, TextOf(d, path.Key("spec").Join))
	p.Source.Line = d.LineAt(path)
	return p
}
