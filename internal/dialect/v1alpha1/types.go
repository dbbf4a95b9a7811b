// Package v1alpha1 is the native dialect: the kinds UserGroupPolicy and
// UserGroupPolicyList of usergroup.dev/v1alpha1.
//
// The types below are the reference. The JSON Schema in docs/schema is generated
// from them and their comments. Other dialects are translated into a Spec, so that
// every check of a policy is written once. A missing field has the zero value; the
// comment of the field says what that means.
package v1alpha1

import (
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
)

// The kinds of this dialect.
const (
	APIVersion = policykind.Native
	Kind       = policykind.UserGroupPolicy
	ListKind   = policykind.UserGroupPolicyList
)

// UserGroupPolicy defines which users and groups the containers of the selected
// workloads may run as.
type UserGroupPolicy struct {
	// apiVersion is usergroup.dev/v1alpha1.
	APIVersion string `json:"apiVersion"`
	// kind is UserGroupPolicy.
	Kind string `json:"kind"`
	// metadata names the policy; findings show the name.
	Metadata Metadata `json:"metadata"`
	// spec is the policy itself.
	Spec *Spec `json:"spec"`
}

// UserGroupPolicyList holds several policies that are applied in one run.
type UserGroupPolicyList struct {
	// apiVersion is usergroup.dev/v1alpha1.
	APIVersion string `json:"apiVersion"`
	// kind is UserGroupPolicyList.
	Kind string `json:"kind"`
	// metadata of the list; it is ignored.
	Metadata *manifest.Node `json:"metadata"`
	// items are the policies, each a complete UserGroupPolicy with a unique name.
	Items []UserGroupPolicy `json:"items"`
}

// Metadata is the metadata of any Kubernetes object. A policy uses only the name,
// and the namespace if its kind is namespaced.
type Metadata struct {
	// name of the policy. Findings and messages show it.
	Name string `json:"name,omitempty"`
	// namespace is ignored unless the kind of the policy is namespaced.
	Namespace string `json:"namespace,omitempty"`
	// labels are ignored.
	Labels map[string]string `json:"labels,omitempty"`
	// annotations are ignored; hosts put their own here, such as config.kubernetes.io/function.
	Annotations map[string]string `json:"annotations,omitempty"`

	// generateName is set by clients of a cluster; it is ignored.
	GenerateName *manifest.Node `json:"generateName,omitempty"`
	// uid is set by a cluster; it is ignored.
	UID *manifest.Node `json:"uid,omitempty"`
	// resourceVersion is set by a cluster; it is ignored.
	ResourceVersion *manifest.Node `json:"resourceVersion,omitempty"`
	// generation is set by a cluster; it is ignored.
	Generation *manifest.Node `json:"generation,omitempty"`
	// creationTimestamp is set by a cluster; it is ignored.
	CreationTimestamp *manifest.Node `json:"creationTimestamp,omitempty"`
	// deletionTimestamp is set by a cluster; it is ignored.
	DeletionTimestamp *manifest.Node `json:"deletionTimestamp,omitempty"`
	// deletionGracePeriodSeconds is set by a cluster; it is ignored.
	DeletionGracePeriodSeconds *manifest.Node `json:"deletionGracePeriodSeconds,omitempty"`
	// ownerReferences are set by a cluster; they are ignored.
	OwnerReferences *manifest.Node `json:"ownerReferences,omitempty"`
	// finalizers are set by a cluster; they are ignored.
	Finalizers *manifest.Node `json:"finalizers,omitempty"`
	// managedFields are set by a cluster; they are ignored.
	ManagedFields *manifest.Node `json:"managedFields,omitempty"`
	// selfLink was set by old clusters; it is ignored.
	SelfLink *manifest.Node `json:"selfLink,omitempty"`
}

// Spec is one policy.
type Spec struct {
	// runAsUser is the rule for the effective user of every container. Default RunAsAny.
	RunAsUser *UserStrategy `json:"runAsUser,omitempty"`
	// runAsGroup is the rule for the effective primary group of every container. Default RunAsAny.
	RunAsGroup *GroupStrategy `json:"runAsGroup,omitempty"`
	// supplementalGroups is the rule for each of the pod's supplemental groups. Default RunAsAny.
	SupplementalGroups *SupplementalGroupsStrategy `json:"supplementalGroups,omitempty"`
	// fsGroup is the rule for the pod's fsGroup. Default RunAsAny.
	FSGroup *FSGroupStrategy `json:"fsGroup,omitempty"`

	// validateOnly checks objects and never changes them; it cannot be combined with overwrite. Default false.
	ValidateOnly bool `json:"validateOnly,omitempty"`
	// validateContainerImageConfiguration also checks the USER of every container's image. Default false.
	ValidateContainerImageConfiguration bool `json:"validateContainerImageConfiguration,omitempty"`
	// mode sets the severity of a violation: Enforce (default) reports an error, Warn a warning, Audit an info. Warn and Audit never change an object; they report what would change.
	Mode Mode `json:"mode,omitempty"`
	// placement sets where defaults are written: Both (default) on the pod and on every container that lacks a value, Containers never on the pod, Pod on the pod only if every container that lacks a value can inherit it.
	Placement Placement `json:"placement,omitempty"`
	// images configures how the USER of images is read and checked.
	Images *Images `json:"images,omitempty"`
	// podSecurity also checks the Pod Security Standards, as the admission of Kubernetes does.
	PodSecurity *PodSecurity `json:"podSecurity,omitempty"`
	// namespaceLabels takes the Pod Security levels from the pod-security.kubernetes.io labels of the Namespaces among the items. Default false.
	NamespaceLabels bool `json:"namespaceLabels,omitempty"`

	// match selects the objects and containers that the policy applies to. Default all.
	Match *Selector `json:"match,omitempty"`
	// exclude lists exemptions, each with its reason. The policy neither checks nor changes what an entry selects.
	Exclude []Exclusion `json:"exclude,omitempty"`
	// allowExemptionAnnotation lets an object exempt itself by annotation. Default false.
	AllowExemptionAnnotation bool `json:"allowExemptionAnnotation,omitempty"`
	// allowExemptionComments lets a comment beside a value exempt it from one finding: usergroup:allow, the reason code, and why. Default false.
	AllowExemptionComments bool `json:"allowExemptionComments,omitempty"`
	// defaultNamespace is the namespace of objects that have none, for selectors and Namespace labels. Default is no namespace.
	DefaultNamespace string `json:"defaultNamespace,omitempty"`
	// podSpecPaths lists kinds of custom resources that embed pod specs, or parts of pods.
	PodSpecPaths []PodSpecPath `json:"podSpecPaths,omitempty"`
	// crds lists files and folders of CustomResourceDefinitions, whose schemas show where unknown kinds have security contexts. CustomResourceDefinitions among the items are always read.
	CRDs []string `json:"crds,omitempty"`
	// unknownKinds sets how to report a value that breaks the policy in an object of an unknown kind: Fail as a violation, Warn (default) as a warning, Ignore not at all.
	UnknownKinds UnknownKinds `json:"unknownKinds,omitempty"`
	// policiesFromItems also applies the policies among the items. Default false.
	PoliciesFromItems bool `json:"policiesFromItems,omitempty"`
	// annotate adds the annotation usergroup.dev/applied with the policy's name to every changed object, for hosts that drop results. Default false.
	Annotate bool `json:"annotate,omitempty"`
	// output is items (default), or none to emit no items, which is for kustomize validators only: nothing is changed then, as with validateOnly.
	Output Output `json:"output,omitempty"`
	// admission makes the function also emit the admission policies, with their bindings, with which the API server enforces this policy. Without it, the function emits none.
	Admission *Admission `json:"admission,omitempty"`
}

// UserStrategy is the rule for runAsUser.
type UserStrategy struct {
	// rule is MustRunAs (in the ranges; an unset user gets the default), MustRunAsNonRoot, MayRunAs (unset, or in the ranges), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule UserRule `json:"rule,omitempty"`
	// ranges of allowed ids: a value must be in one of them, and the min of the first is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default over any value; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// defaultFrom is Range (default), or Image to use the image's own USER if that satisfies the rule; MustRunAs only.
	DefaultFrom DefaultFrom `json:"defaultFrom,omitempty"`
	// rangesFrom is OpenShiftNamespace to take the ranges from the annotations of the object's Namespace instead of from ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// GroupStrategy is the rule for runAsGroup.
type GroupStrategy struct {
	// rule is MustRunAs (in the ranges; an unset group gets the default), MayRunAs (unset, or in the ranges), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids: a value must be in one of them, and the min of the first is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default over any value; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// defaultFrom is Range (default), or Image to use the group of the image's own USER if that satisfies the rule; MustRunAs only.
	DefaultFrom DefaultFrom `json:"defaultFrom,omitempty"`
	// rangesFrom is OpenShiftNamespace to take the ranges from the annotations of the object's Namespace instead of from ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// SupplementalGroupsStrategy is the rule for supplementalGroups.
type SupplementalGroupsStrategy struct {
	// rule is MustRunAs (each group in the ranges; an unset list gets the default), MayRunAs (each group in the ranges), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids: a value must be in one of them, and the min of the first is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default over any value; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// rangesFrom is OpenShiftNamespace to take the ranges from the annotations of the object's Namespace instead of from ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
	// requireStrict requires supplementalGroupsPolicy: Strict. Without it, the image's own /etc/group adds groups that no rule checks. Default false.
	RequireStrict bool `json:"requireStrict,omitempty"`
}

// FSGroupStrategy is the rule for fsGroup.
type FSGroupStrategy struct {
	// rule is MustRunAs (in the ranges; an unset group gets the default), MayRunAs (unset, or in the ranges), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids: a value must be in one of them, and the min of the first is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default over any value; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// rangesFrom is OpenShiftNamespace to take the ranges from the annotations of the object's Namespace instead of from ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// Range is a range of ids.
type Range struct {
	// min is the lowest id of the range, inclusive: 0 to 2147483647. Required.
	Min *int64 `json:"min,omitempty"`
	// max is the highest id of the range, inclusive: min to 2147483647. Required.
	Max *int64 `json:"max,omitempty"`
}

// Images configures the check of the USER of images.
type Images struct {
	// scope is All (default) to check every USER that is set, even if runAsUser overrides it, or Effective to check it only if neither the container nor the pod sets runAsUser.
	Scope ImageScope `json:"scope,omitempty"`
	// platform whose image is read, os/arch or os/arch/variant, or a list of up to 32, each of which is checked. Default linux/amd64.
	Platform Platforms `json:"platform,omitempty"`
	// failurePolicy sets how to report an image that cannot be read: Fail (default) as an error, Warn as a warning, Ignore not at all.
	FailurePolicy FailurePolicy `json:"failurePolicy,omitempty"`
	// resolveNames looks up a USER that is a name in the image's own /etc/passwd and /etc/group. Default false: a name is a violation, since the kubelet cannot verify it.
	ResolveNames bool `json:"resolveNames,omitempty"`
	// lock is a lock file with the users of images, read instead of asking a registry.
	Lock string `json:"lock,omitempty"`
	// lockFromItems also reads the lock files among the items, after all sources that the policy and the command line name. Default false, because the author of the manifests also controls them.
	LockFromItems bool `json:"lockFromItems,omitempty"`
}

// PodSecurity requires levels of the Pod Security Standards.
type PodSecurity struct {
	// enforce is the level whose violations are errors.
	Enforce *Level `json:"enforce,omitempty"`
	// warn is the level whose violations are warnings.
	Warn *Level `json:"warn,omitempty"`
	// audit is the level whose violations are infos.
	Audit *Level `json:"audit,omitempty"`
	// scope is UserGroup (default) for the checks on users only, or All for every check of the level.
	Scope PodSecurityScope `json:"scope,omitempty"`
	// exemptions lists what is exempt.
	Exemptions *Exemptions `json:"exemptions,omitempty"`
}

// Level is a level of the Pod Security Standards.
type Level struct {
	// level is privileged, baseline or restricted. Required.
	Level PodSecurityLevel `json:"level,omitempty"`
	// version of the level, latest (default) or v1.N.
	Version string `json:"version,omitempty"`
}

// Exemptions are the exemptions of Pod Security admission that can be decided from
// a manifest.
type Exemptions struct {
	// namespaces whose pods are not checked, by exact name.
	Namespaces []string `json:"namespaces,omitempty"`
	// runtimeClasses whose pods are not checked, by exact name.
	RuntimeClasses []string `json:"runtimeClasses,omitempty"`
}

// Selector selects objects, and containers in them. All fields that are set must
// match. A list matches if any of its entries does. In strings, * stands for any
// run of characters and ? for one.
type Selector struct {
	// kinds of the objects: Deployment, Deployment.apps or apps/v1/Deployment.
	Kinds []string `json:"kinds,omitempty"`
	// namespaces of the objects.
	Namespaces []string `json:"namespaces,omitempty"`
	// names of the objects.
	Names []string `json:"names,omitempty"`
	// labelSelector selects by the object's own labels.
	LabelSelector *LabelSelector `json:"labelSelector,omitempty"`
	// namespaceSelector selects by the labels of the object's Namespace, if that is among the items; otherwise only the label with its name is known.
	NamespaceSelector *LabelSelector `json:"namespaceSelector,omitempty"`
	// annotations that the object must have, with their values.
	Annotations map[string]string `json:"annotations,omitempty"`
	// images of the containers.
	Images []string `json:"images,omitempty"`
	// containers by name.
	Containers []string `json:"containers,omitempty"`
	// containerKinds selects containers by type: Init, Sidecar (an init container with restartPolicy Always), Regular or Ephemeral.
	ContainerKinds []ContainerKind `json:"containerKinds,omitempty"`
	// hostUsers selects pods by the field of that name: false selects those with hostUsers: false, which run in a user namespace, where root is not root on the host; true selects all others.
	HostUsers *bool `json:"hostUsers,omitempty"`
}

// Exclusion is an exemption.
type Exclusion struct {
	Selector
	// reason for the exemption; reports show it. Required.
	Reason string `json:"reason,omitempty"`
}

// LabelSelector selects by labels, as in Kubernetes: all requirements must match.
type LabelSelector struct {
	// matchLabels are labels that must be present with these values.
	MatchLabels map[string]string `json:"matchLabels,omitempty"`
	// matchExpressions are requirements on single labels.
	MatchExpressions []Requirement `json:"matchExpressions,omitempty"`
}

// Requirement is a requirement on one label.
type Requirement struct {
	// key of the label. Required.
	Key string `json:"key,omitempty"`
	// operator is In, NotIn, Exists or DoesNotExist. Required.
	Operator Operator `json:"operator,omitempty"`
	// values for In and NotIn.
	Values []string `json:"values,omitempty"`
}

// Admission configures the admission policies that the function emits.
type Admission struct {
	// kinds of custom resources that the admission policies also check: Kind or Kind.group.
	Kinds []string `json:"kinds,omitempty"`
	// allowWeaker emits the admission policies even if the API server cannot check all of the policy. Default false: that is an error.
	AllowWeaker bool `json:"allowWeaker,omitempty"`
}

// PodSpecPath describes a kind that embeds pod specs.
type PodSpecPath struct {
	// group is the API group of the kind, * for any; empty (default) is the core group.
	Group string `json:"group,omitempty"`
	// kind that embeds pod specs. Required.
	Kind string `json:"kind,omitempty"`
	// paths of the pod specs, such as spec.jobs[*].template.spec, where [*] stands for every element of a list and * for every value of a mapping. This or another of the fields below is required.
	Paths []string `json:"paths,omitempty"`
	// pods are pods without a pod spec, whose parts are in separate fields.
	Pods []PodParts `json:"pods,omitempty"`
	// containers are the paths of containers whose pod is not known; only values that are set are checked.
	Containers []string `json:"containers,omitempty"`
	// securityContexts are the paths of security contexts whose pod is not known; only values that are set are checked.
	SecurityContexts []string `json:"securityContexts,omitempty"`
	// below are the paths below which every other security context is checked, at any depth; only values that are set are checked.
	Below []string `json:"below,omitempty"`
	// operator is true if an operator fills in the rest of the pods: only values that are set are checked, and no defaults are written. Default false: the object describes the whole pod.
	Operator bool `json:"operator,omitempty"`
}

// PodParts describes where the parts of pods without a pod spec are.
type PodParts struct {
	// path of the mappings that each describe one pod. Required.
	Path string `json:"path,omitempty"`
	// securityContext is the path of the pod's security context below path. Default securityContext.
	SecurityContext string `json:"securityContext,omitempty"`
	// containers are the paths of containers below path: steps[*], or main for a single one. Required.
	Containers []string `json:"containers,omitempty"`
	// containerDefaults is the path, below path, of a security context with defaults for the containers; it comes before the pod's.
	ContainerDefaults string `json:"containerDefaults,omitempty"`
}
