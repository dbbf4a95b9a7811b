package config

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/dialect/configmap"
	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/kubewarden"
	"github.com/usergroup-dev/usergroup/internal/dialect/psp"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// dialect is one kind of policy.
type dialect struct {
	kind string
	// apiVersions that are understood, the preferred one first.
	apiVersions []string
	decode      func(*manifest.Node, strict.Options) ([]*policy.Policy, error)
	// policy is whether an item of this kind is a policy wherever it stands.
	policy bool
}

// listKind is the kind of a v1 List.
const listKind = "List"

// dialects are all kinds of policies, in the order in which messages list them.
func dialects() []dialect {
	native := []string{v1alpha1.APIVersion}
	core := []string{"v1"}
	kubewardens := []string{kubewarden.Group + "/v1", kubewarden.Group + "/v1alpha2"}
	psps := []string{"policy/v1beta1", "extensions/v1beta1"}
	imagepolicies := []string{imagepolicy.Group + "/v1beta1", imagepolicy.Group + "/v1alpha1"}
	return []dialect{
		{v1alpha1.Kind, native, v1alpha1.Decode, true},
		{v1alpha1.ListKind, native, v1alpha1.DecodeList, true},
		{configmap.Kind, core, configmap.Decode, false},
		{kubewarden.ClusterKind, kubewardens, kubewarden.Decode, true},
		{kubewarden.NamespacedKind, kubewardens, kubewarden.Decode, true},
		{psp.Kind, psps, psp.Decode, true},
		{imagepolicy.Kind, imagepolicies, imagepolicy.Decode, true},
		{listKind, core, decodeList, false},
	}
}

// is reports whether the type is of this dialect.
func (d dialect) is(apiVersion, kind string) bool {
	return d.kind == kind && slices.Contains(d.apiVersions, apiVersion)
}

// String names the dialect by its preferred version: "ConfigMap (v1)".
func (d dialect) String() string {
	return d.kind + " (" + d.apiVersions[0] + ")"
}
