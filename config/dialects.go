package config

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/configmap"
	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/kubewarden"
	"github.com/usergroup-dev/usergroup/internal/dialect/psp"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// decoder reads policies of one kind.
type decoder func(*manifest.Node, strict.Options) ([]*policy.Policy, error)

// list is the List of policies of any kind.
var list = policykind.Kind{Name: "List", APIVersions: []string{"v1"}}

// decoderOf returns what reads a kind of policy, nil where none does.
func decoderOf(kind string) decoder {
	switch kind {
	case policykind.UserGroupPolicy:
		return v1alpha1.Decode
	case policykind.UserGroupPolicyList:
		return v1alpha1.DecodeList
	case policykind.ConfigMap:
		return configmap.Decode
	case policykind.ClusterAdmissionPolicy, policykind.AdmissionPolicy:
		return kubewarden.Decode
	case policykind.PodSecurityPolicy:
		return psp.Decode
	case policykind.ClusterImagePolicy:
		return imagepolicy.Decode
	case list.Name:
		return decodeList
	}
	return nil
}

// decodable are the kinds that are read, in the order in which messages list them.
func decodable() []policykind.Kind {
	var kinds []policykind.Kind
	for _, k := range policykind.All() {
		if !k.Convert {
			kinds = append(kinds, k)
		}
	}
	return append(kinds, list)
}
