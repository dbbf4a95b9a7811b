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
	_, p := decode(d)
	return []*policy.Policy{p}, d.Err()
}

func decode(d *strict.Decoder) (*UserGroupPolicy, *policy.Policy) {
	var obj UserGroupPolicy
	d.Object(&obj)
	if obj.Metadata.Name == "" {
		obj.Metadata.Name = Kind
	}
	return &obj, obj.policy(nil, d)
}

// DecodeList decodes a UserGroupPolicyList.
func DecodeList(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	_, ps := decodeList(d)
	return ps, d.Err()
}

func decodeList(d *strict.Decoder) (*UserGroupPolicyList, []*policy.Policy) {
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
	return &list, out
}

// Translate decodes a UserGroupPolicy, for a caller that writes it again. The
// errors are those of Decode.
func Translate(root *manifest.Node) ([]*Translation, error) {
	d := strict.New(root, strict.Options{})
	obj, _ := decode(d)
	return []*Translation{obj.translation()}, d.Err()
}

// TranslateList is Translate for a UserGroupPolicyList.
func TranslateList(root *manifest.Node) ([]*Translation, error) {
	d := strict.New(root, strict.Options{})
	list, _ := decodeList(d)
	var out []*Translation
	for i := range list.Items {
		out = append(out, list.Items[i].translation())
	}
	return out, d.Err()
}

func (obj *UserGroupPolicy) translation() *Translation {
	return &Translation{Kind: Kind, Name: obj.Metadata.Name, Spec: obj.Spec}
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
		fail(at.Key("metadata", "name"), "must be unique in the list, %q is used more than once", name)
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
