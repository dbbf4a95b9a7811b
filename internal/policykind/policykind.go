// Package policykind is the table of the kinds of policies, one row a kind. Whoever
// has a row to add for each kind (how it is decoded, converted, left alone as an
// item, listed in the help) takes the kinds from here, and a test fails where one is
// missing.
package policykind

import (
	"slices"
	"strings"
)

// The kinds of policies.
const (
	UserGroupPolicy        = "UserGroupPolicy"
	UserGroupPolicyList    = "UserGroupPolicyList"
	ConfigMap              = "ConfigMap"
	ClusterAdmissionPolicy = "ClusterAdmissionPolicy"
	AdmissionPolicy        = "AdmissionPolicy"
	PodSecurityPolicy      = "PodSecurityPolicy"
	ClusterImagePolicy     = "ClusterImagePolicy"
	K8sPSPAllowedUsers     = "K8sPSPAllowedUsers"
	Namespace              = "Namespace"
)

// Native is the API version of the native kinds.
const Native = "usergroup.dev/v1alpha1"

// Kind is a kind of policy.
type Kind struct {
	Name string
	// APIVersions are understood, the preferred one first.
	APIVersions []string
	Says        string // what it is, with its article, for the help
	// Item is whether an object of this kind among the items is a policy, and so no
	// workload. The other kinds are policies only where they are given as such.
	Item bool
	// Convert is whether it is only converted to a UserGroupPolicy, and not
	// enforced as it is.
	Convert bool
}

// All returns the kinds in the order in which messages list them.
func All() []Kind {
	const kubewarden = "a Kubewarden policy of user-group-psp or allowed-fsgroups-psp"
	return []Kind{
		{Name: UserGroupPolicy, APIVersions: []string{Native}, Says: "a UserGroupPolicy", Item: true},
		{Name: UserGroupPolicyList, APIVersions: []string{Native}, Says: "a UserGroupPolicyList of them", Item: true},
		{Name: ConfigMap, APIVersions: []string{"v1"}, Says: "a ConfigMap with the fields of a UserGroupPolicy"},
		{Name: ClusterAdmissionPolicy, APIVersions: []string{"policies.kubewarden.io/v1", "policies.kubewarden.io/v1alpha2"}, Says: kubewarden, Item: true},
		{Name: AdmissionPolicy, APIVersions: []string{"policies.kubewarden.io/v1", "policies.kubewarden.io/v1alpha2"}, Says: kubewarden, Item: true},
		{Name: PodSecurityPolicy, APIVersions: []string{"policy/v1beta1", "extensions/v1beta1"}, Says: "a PodSecurityPolicy", Item: true},
		{Name: ClusterImagePolicy, APIVersions: []string{"policy.sigstore.dev/v1beta1", "policy.sigstore.dev/v1alpha1"}, Says: "a Sigstore ClusterImagePolicy", Item: true},
		{Name: K8sPSPAllowedUsers, APIVersions: []string{"constraints.gatekeeper.sh/v1beta1"}, Says: "a Gatekeeper K8sPSPAllowedUsers constraint", Convert: true},
		{Name: Namespace, APIVersions: []string{"v1"}, Says: "a Namespace with Pod Security labels", Convert: true},
	}
}

// Is reports whether an object of this type is of the kind.
func (k Kind) Is(apiVersion, kind string) bool {
	return k.Name == kind && slices.Contains(k.APIVersions, apiVersion)
}

// Groups returns the API groups of the kind, "" for the core group.
func (k Kind) Groups() []string {
	var groups []string
	for _, v := range k.APIVersions {
		g, _, ok := strings.Cut(v, "/")
		if !ok {
			g = ""
		}
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	return groups
}

// String names the kind by its preferred version: "ConfigMap (v1)".
func (k Kind) String() string { return k.Name + " (" + k.APIVersions[0] + ")" }

// List returns what some of the kinds are, one a line behind two spaces, each once.
func List(listed func(Kind) bool) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, k := range All() {
		if listed(k) && !seen[k.Says] {
			seen[k.Says] = true
			b.WriteString("  " + k.Says + "\n")
		}
	}
	return b.String()
}
