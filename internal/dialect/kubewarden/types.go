// Package kubewarden is the dialect of Kubewarden: a ClusterAdmissionPolicy or
// an AdmissionPolicy whose module is one of those on users and groups, as it is
// deployed to a cluster.
//
// spec.settings are taken as the module documents them. Those of user-group-psp:
// run_as_user, run_as_group and supplemental_groups default to RunAsAny,
// validate_container_image_configuration and validate_only to false. Those of
// allowed-fsgroups-psp are a rule on fsGroup. Stricter than the originals, a
// strategy without a rule, a range without one of its bounds, a negative bound and
// an unknown setting are errors; there they pass, the first as RunAsAny.
//
// The rest of spec says where the policy applies: see scope.go for rules and
// selectors. spec.mode protect is Enforce and monitor is Audit;
// spec.mutating: false is validateOnly, since the policy server would refuse
// every change. spec.matchConditions are CEL and are not evaluated: leaving
// them out would apply the policy to more than it was written for, leaving the
// policy out to less, so they are an error.
package kubewarden

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/manifest"
)

// object is a policy of either kind.
type object[S any] struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   v1alpha1.Metadata `json:"metadata"`
	Spec       *S                `json:"spec"`
	Status     *manifest.Node    `json:"status"`
}

// spec is what both kinds have in common.
type spec struct {
	Module          string                  `json:"module"`
	Settings        *manifest.Node          `json:"settings"` // of the module
	Mode            mode                    `json:"mode"`
	Mutating        *bool                   `json:"mutating"`
	Rules           *[]rule                 `json:"rules"`
	MatchPolicy     matchPolicy             `json:"matchPolicy"`
	MatchConditions []*manifest.Node        `json:"matchConditions"`
	ObjectSelector  *v1alpha1.LabelSelector `json:"objectSelector"`

	// How a policy server runs the policy has no counterpart in one run over
	// manifests and takes nothing from what is judged.
	PolicyServer          *manifest.Node `json:"policyServer"`
	BackgroundAudit       *manifest.Node `json:"backgroundAudit"`
	FailurePolicy         *manifest.Node `json:"failurePolicy"`
	SideEffects           *manifest.Node `json:"sideEffects"`
	TimeoutSeconds        *manifest.Node `json:"timeoutSeconds"`
	TimeoutEvalSeconds    *manifest.Node `json:"timeoutEvalSeconds"`
	Message               *manifest.Node `json:"message"`
	ContextAwareResources *manifest.Node `json:"contextAwareResources"`
}

// clusterSpec is the spec of a ClusterAdmissionPolicy.
type clusterSpec struct {
	spec
	NamespaceSelector *v1alpha1.LabelSelector `json:"namespaceSelector"`
	// AllowInsideAdmissionControllerNamespace says whether the policy is also for
	// the namespace that Kubewarden runs in, which no manifest names.
	AllowInsideAdmissionControllerNamespace bool `json:"allowInsideAdmissionControllerNamespace"`
}

// userGroupSettings are the settings of user-group-psp.
type userGroupSettings struct {
	RunAsUser          *userStrategy  `json:"run_as_user"`
	RunAsGroup         *groupStrategy `json:"run_as_group"`
	SupplementalGroups *groupStrategy `json:"supplemental_groups"`

	ValidateContainerImageConfiguration bool `json:"validate_container_image_configuration"`
	ValidateOnly                        bool `json:"validate_only"`
}

// fsGroupSettings are the settings of allowed-fsgroups-psp.
type fsGroupSettings struct {
	Rule   groupRule        `json:"rule"`
	Ranges []v1alpha1.Range `json:"ranges"`
}

type userStrategy struct {
	Rule      userRule         `json:"rule"`
	Ranges    []v1alpha1.Range `json:"ranges"`
	Overwrite bool             `json:"overwrite"`
}

type groupStrategy struct {
	Rule      groupRule        `json:"rule"`
	Ranges    []v1alpha1.Range `json:"ranges"`
	Overwrite bool             `json:"overwrite"`
}

// rule is a RuleWithOperations of admissionregistration.k8s.io.
type rule struct {
	APIGroups   []string    `json:"apiGroups"`
	APIVersions []string    `json:"apiVersions"`
	Resources   []string    `json:"resources"`
	Operations  []operation `json:"operations"`
	Scope       ruleScope   `json:"scope"`
}

type userRule string

func (userRule) Values() []string { return []string{"MustRunAs", "MustRunAsNonRoot", "RunAsAny"} }

type groupRule string

func (groupRule) Values() []string { return []string{"MustRunAs", "MayRunAs", "RunAsAny"} }

type mode string

func (mode) Values() []string { return []string{"protect", "monitor"} }

type matchPolicy string

func (matchPolicy) Values() []string { return []string{"Equivalent", "Exact"} }

type operation string

func (operation) Values() []string { return []string{"CREATE", "UPDATE", "DELETE", "CONNECT", "*"} }

type ruleScope string

func (ruleScope) Values() []string { return []string{"Cluster", "Namespaced", "*"} }
