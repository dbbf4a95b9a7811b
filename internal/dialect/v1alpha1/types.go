// Package v1alpha1 is the native dialect: the kinds UserGroupPolicy and
// UserGroupPolicyList of usergroup.dev/v1alpha1.
//
// The types below are the reference: the JSON Schema that is shipped in
// docs/schema is generated from them and from their comments, and other
// dialects are translated into a Spec, so that a check of a policy is written
// once. A value that is absent leaves the zero value; what that means is
// in the comment of the field.
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

// UserGroupPolicy says which users and groups the containers of the selected
// workloads run as.
type UserGroupPolicy struct {
	// apiVersion is usergroup.dev/v1alpha1.
	APIVersion string `json:"apiVersion"`
	// kind is UserGroupPolicy.
	Kind string `json:"kind"`
	// metadata names the policy; findings carry the name.
	Metadata Metadata `json:"metadata"`
	// spec is the policy itself.
	Spec *Spec `json:"spec"`
}

// UserGroupPolicyList holds several policies that are applied in one pass.
type UserGroupPolicyList struct {
	// apiVersion is usergroup.dev/v1alpha1.
	APIVersion string `json:"apiVersion"`
	// kind is UserGroupPolicyList.
	Kind string `json:"kind"`
	// metadata of the list; it has no meaning.
	Metadata *manifest.Node `json:"metadata"`
	// items are the policies, each a whole UserGroupPolicy with a name of its own.
	Items []UserGroupPolicy `json:"items"`
}

// Metadata is the metadata of any Kubernetes object. Only the name, and the
// namespace of a policy that is namespaced, mean anything to a policy.
type Metadata struct {
	// name of the policy. Findings and messages carry it.
	Name string `json:"name,omitempty"`
	// namespace has no meaning for a policy that is not namespaced.
	Namespace string `json:"namespace,omitempty"`
	// labels have no meaning for a policy.
	Labels map[string]string `json:"labels,omitempty"`
	// annotations have no meaning for a policy; hosts put their own here, such as config.kubernetes.io/function.
	Annotations map[string]string `json:"annotations,omitempty"`

	// generateName is set by clients of a cluster; it has no meaning.
	GenerateName *manifest.Node `json:"generateName,omitempty"`
	// uid is set by a cluster; it has no meaning.
	UID *manifest.Node `json:"uid,omitempty"`
	// resourceVersion is set by a cluster; it has no meaning.
	ResourceVersion *manifest.Node `json:"resourceVersion,omitempty"`
	// generation is set by a cluster; it has no meaning.
	Generation *manifest.Node `json:"generation,omitempty"`
	// creationTimestamp is set by a cluster; it has no meaning.
	CreationTimestamp *manifest.Node `json:"creationTimestamp,omitempty"`
	// deletionTimestamp is set by a cluster; it has no meaning.
	DeletionTimestamp *manifest.Node `json:"deletionTimestamp,omitempty"`
	// deletionGracePeriodSeconds is set by a cluster; it has no meaning.
	DeletionGracePeriodSeconds *manifest.Node `json:"deletionGracePeriodSeconds,omitempty"`
	// ownerReferences are set by a cluster; they have no meaning.
	OwnerReferences *manifest.Node `json:"ownerReferences,omitempty"`
	// finalizers are set by a cluster; they have no meaning.
	Finalizers *manifest.Node `json:"finalizers,omitempty"`
	// managedFields are set by a cluster; they have no meaning.
	ManagedFields *manifest.Node `json:"managedFields,omitempty"`
	// selfLink was set by old clusters; it has no meaning.
	SelfLink *manifest.Node `json:"selfLink,omitempty"`
}

// Spec is one policy.
type Spec struct {
	// runAsUser rules the effective user of every container. Absent means RunAsAny.
	RunAsUser *UserStrategy `json:"runAsUser,omitempty"`
	// runAsGroup rules the effective primary group of every container. Absent means RunAsAny.
	RunAsGroup *GroupStrategy `json:"runAsGroup,omitempty"`
	// supplementalGroups rules the pod's supplemental groups, each of them. Absent means RunAsAny.
	SupplementalGroups *SupplementalGroupsStrategy `json:"supplementalGroups,omitempty"`
	// fsGroup rules the pod's fsGroup. Absent means RunAsAny.
	FSGroup *FSGroupStrategy `json:"fsGroup,omitempty"`

	// validateOnly judges and never changes an object; it excludes overwrite. Default false.
	ValidateOnly bool `json:"validateOnly,omitempty"`
	// validateContainerImageConfiguration also judges the USER of every container's image. Default false.
	ValidateContainerImageConfiguration bool `json:"validateContainerImageConfiguration,omitempty"`
	// mode says what becomes of a violation: Enforce (default) makes it an error, Warn a warning, Audit a note. Warn and Audit never change an object; they report what would be changed.
	Mode Mode `json:"mode,omitempty"`
	// placement says where defaults are written: Both (default) on the containers that lack a value and on the pod, Containers never on the pod, Pod on the pod alone where every container that lacks a value can inherit it.
	Placement Placement `json:"placement,omitempty"`
	// images configures how the images' USER is read and judged.
	Images *Images `json:"images,omitempty"`
	// podSecurity judges the Pod Security Standards as well, as Kubernetes' own admission does.
	PodSecurity *PodSecurity `json:"podSecurity,omitempty"`
	// namespaceLabels takes the Pod Security levels from the pod-security.kubernetes.io labels of the Namespaces among the items. Default false.
	NamespaceLabels bool `json:"namespaceLabels,omitempty"`

	// match selects the objects and containers that the policy is for. Absent means all.
	Match *Selector `json:"match,omitempty"`
	// exclude lists exemptions, each with its reason. What an entry selects is neither judged nor changed.
	Exclude []Exclusion `json:"exclude,omitempty"`
	// allowExemptionAnnotation lets an object exempt itself by annotation. Default false.
	AllowExemptionAnnotation bool `json:"allowExemptionAnnotation,omitempty"`
	// allowExemptionComments lets a comment beside a value exempt it from one finding: usergroup:allow, the reason code, and why. Default false.
	AllowExemptionComments bool `json:"allowExemptionComments,omitempty"`
	// defaultNamespace is the namespace of objects that name none, for selectors and namespace labels. Default is no namespace.
	DefaultNamespace string `json:"defaultNamespace,omitempty"`
	// podSpecPaths teaches the function kinds of custom resources that embed pod specs, or parts of pods.
	PodSpecPaths []PodSpecPath `json:"podSpecPaths,omitempty"`
	// crds are files and folders of CustomResourceDefinitions that say where kinds which are not known have security contexts. Those among the items are read without being named.
	CRDs []string `json:"crds,omitempty"`
	// unknownKinds says what a value is that breaks the policy where no kind is known to have it: Fail a violation, Warn (default) a warning, Ignore nothing.
	UnknownKinds UnknownKinds `json:"unknownKinds,omitempty"`
	// policiesFromItems also applies the policies found among the items. Default false.
	PoliciesFromItems bool `json:"policiesFromItems,omitempty"`
	// annotate puts usergroup.dev/applied with the policy's name on every changed object, for hosts that drop results. Default false.
	Annotate bool `json:"annotate,omitempty"`
	// output is items (default), or none to emit no items, which only a kustomize validator wants: nothing is changed then, as under validateOnly.
	Output Output `json:"output,omitempty"`
	// admission makes the function also emit the admission policies by which the API server itself holds the policy, with their bindings. Absent (default) means that it does not.
	Admission *Admission `json:"admission,omitempty"`
}

// UserStrategy is the rule of runAsUser.
type UserStrategy struct {
	// rule is MustRunAs (in the ranges; an unset user is given the default), MustRunAsNonRoot, MayRunAs (in the ranges where it is set), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule UserRule `json:"rule,omitempty"`
	// ranges of allowed ids; any of them may match, and the first one's min is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default everywhere, whatever is there; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// defaultFrom is Range (default), or Image for the image's own USER where that satisfies the rule; MustRunAs only.
	DefaultFrom DefaultFrom `json:"defaultFrom,omitempty"`
	// rangesFrom is OpenShiftNamespace: the ranges are those annotated on the object's Namespace, in place of ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// GroupStrategy is the rule of runAsGroup.
type GroupStrategy struct {
	// rule is MustRunAs (in the ranges; an unset group is given the default), MayRunAs (in the ranges where it is set), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids; any of them may match, and the first one's min is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default everywhere, whatever is there; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// defaultFrom is Range (default), or Image for the group of the image's own USER where that satisfies the rule; MustRunAs only.
	DefaultFrom DefaultFrom `json:"defaultFrom,omitempty"`
	// rangesFrom is OpenShiftNamespace: the ranges are those annotated on the object's Namespace, in place of ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// SupplementalGroupsStrategy is the rule of supplementalGroups.
type SupplementalGroupsStrategy struct {
	// rule is MustRunAs (each group in the ranges; an unset list is given the default), MayRunAs (each group in the ranges), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids; any of them may match, and the first one's min is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default in place of whatever is there; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// rangesFrom is OpenShiftNamespace: the ranges are those annotated on the object's Namespace, in place of ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
	// requireStrict demands supplementalGroupsPolicy: Strict, without which the image's own /etc/group adds groups that no rule sees. Default false.
	RequireStrict bool `json:"requireStrict,omitempty"`
}

// FSGroupStrategy is the rule of fsGroup.
type FSGroupStrategy struct {
	// rule is MustRunAs (in the ranges; an unset group is given the default), MayRunAs (in the ranges where it is set), RunAsAny or MustBeUnset (removed, for OpenShift).
	Rule GroupRule `json:"rule,omitempty"`
	// ranges of allowed ids; any of them may match, and the first one's min is the default. Required for MustRunAs and MayRunAs unless rangesFrom is set.
	Ranges []Range `json:"ranges,omitempty"`
	// overwrite writes the default in place of whatever is there; MustRunAs only. Default false.
	Overwrite bool `json:"overwrite,omitempty"`
	// rangesFrom is OpenShiftNamespace: the ranges are those annotated on the object's Namespace, in place of ranges.
	RangesFrom RangesFrom `json:"rangesFrom,omitempty"`
}

// Range is a range of ids.
type Range struct {
	// min is the lowest id of the range, inclusive: 0 to 2147483647. Required.
	Min *int64 `json:"min,omitempty"`
	// max is the highest id of the range, inclusive: min to 2147483647. Required.
	Max *int64 `json:"max,omitempty"`
}

// Images configures the check of the images' USER.
type Images struct {
	// scope is All (default): a USER that is present is judged even where runAsUser overrides it; or Effective: only where neither container nor pod sets runAsUser.
	Scope ImageScope `json:"scope,omitempty"`
	// platform whose image is read, os/arch or os/arch/variant, or a list of several, each of which is judged. Default linux/amd64.
	Platform Platforms `json:"platform,omitempty"`
	// failurePolicy says what an image that cannot be read is: Fail (default) an error, Warn a warning, Ignore nothing.
	FailurePolicy FailurePolicy `json:"failurePolicy,omitempty"`
	// resolveNames looks a USER that is a name up in the image's own /etc/passwd and /etc/group. Default false: a name is a violation, since the kubelet cannot verify it.
	ResolveNames bool `json:"resolveNames,omitempty"`
	// lock is the file of an image lock that answers instead of a registry.
	Lock string `json:"lock,omitempty"`
	// lockFromItems also asks the image locks among the items, after everything that the policy and the command line name. Default false: whoever writes the manifests writes them, too.
	LockFromItems bool `json:"lockFromItems,omitempty"`
}

// PodSecurity asks for levels of the Pod Security Standards.
type PodSecurity struct {
	// enforce is the level whose violations are errors.
	Enforce *Level `json:"enforce,omitempty"`
	// warn is the level whose violations are warnings.
	Warn *Level `json:"warn,omitempty"`
	// audit is the level whose violations are notes.
	Audit *Level `json:"audit,omitempty"`
	// scope is UserGroup (default): only the checks of users, or All: every check of the level.
	Scope PodSecurityScope `json:"scope,omitempty"`
	// exemptions lists what is not judged.
	Exemptions *Exemptions `json:"exemptions,omitempty"`
}

// Level is a level of the Pod Security Standards.
type Level struct {
	// level is privileged, baseline or restricted. Required.
	Level PodSecurityLevel `json:"level,omitempty"`
	// version of the level, latest (default) or v1.N.
	Version string `json:"version,omitempty"`
}

// Exemptions are the exemptions of Pod Security admission that a manifest can
// be judged by.
type Exemptions struct {
	// namespaces whose pods are not judged, by exact name.
	Namespaces []string `json:"namespaces,omitempty"`
	// runtimeClasses whose pods are not judged, by exact name.
	RuntimeClasses []string `json:"runtimeClasses,omitempty"`
}

// Selector selects objects, and containers in them. All fields that are set
// must hold, any entry of a list may match, and in strings * stands for any run
// of characters and ? for one.
type Selector struct {
	// kinds of the objects: Deployment, Deployment.apps or apps/v1/Deployment.
	Kinds []string `json:"kinds,omitempty"`
	// namespaces of the objects.
	Namespaces []string `json:"namespaces,omitempty"`
	// names of the objects.
	Names []string `json:"names,omitempty"`
	// labelSelector selects by the object's own labels.
	LabelSelector *LabelSelector `json:"labelSelector,omitempty"`
	// namespaceSelector selects by the labels of the object's Namespace, where that is among the items.
	NamespaceSelector *LabelSelector `json:"namespaceSelector,omitempty"`
	// annotations that the object must have, with their values.
	Annotations map[string]string `json:"annotations,omitempty"`
	// images of the containers.
	Images []string `json:"images,omitempty"`
	// containers by name.
	Containers []string `json:"containers,omitempty"`
	// containerKinds selects containers by what they are in the pod: Init, Sidecar (an init container with restartPolicy Always), Regular or Ephemeral.
	ContainerKinds []ContainerKind `json:"containerKinds,omitempty"`
	// hostUsers selects pods by the field of that name: false for those that say false and run in a user namespace, where root is not root on the host, true for all others.
	HostUsers *bool `json:"hostUsers,omitempty"`
}

// Exclusion is an exemption.
type Exclusion struct {
	Selector
	// reason for the exemption; reports carry it. Required.
	Reason string `json:"reason,omitempty"`
}

// LabelSelector selects by labels, as in Kubernetes: all requirements must hold.
type LabelSelector struct {
	// matchLabels are labels that must be there with these values.
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
	// kinds of custom resources that they judge as well: Kind or Kind.group.
	Kinds []string `json:"kinds,omitempty"`
	// allowWeaker emits them also where the API server cannot judge all of the policy. Default false: that is an error.
	AllowWeaker bool `json:"allowWeaker,omitempty"`
}

// PodSpecPath teaches the function a kind that embeds pod specs.
type PodSpecPath struct {
	// group is the API group of the kind, * for any; empty (default) is the core group.
	Group string `json:"group,omitempty"`
	// kind that embeds pod specs. Required.
	Kind string `json:"kind,omitempty"`
	// paths of the pod specs, such as spec.jobs[*].template.spec, where [*] stands for every element of a list and * for every value of a mapping. This or another of the fields below is required.
	Paths []string `json:"paths,omitempty"`
	// pods are those that no pod spec describes: their parts are apart.
	Pods []PodParts `json:"pods,omitempty"`
	// containers are the paths of containers of which nothing more is known; only what is written there is judged.
	Containers []string `json:"containers,omitempty"`
	// securityContexts are the paths of security contexts of which nothing more is known; only what is written there is judged.
	SecurityContexts []string `json:"securityContexts,omitempty"`
	// below are the paths below which every security context is judged that the other fields do not name, wherever it is; only what is written there.
	Below []string `json:"below,omitempty"`
	// operator is whether an operator fills in the rest of the pods: only what is written is judged, and nothing is defaulted. Default false: the object describes the whole pod.
	Operator bool `json:"operator,omitempty"`
}

// PodParts says where the parts of pods are that no pod spec describes.
type PodParts struct {
	// path of the mappings that stand for a pod each. Required.
	Path string `json:"path,omitempty"`
	// securityContext is the place of the pod's security context below path. Default securityContext.
	SecurityContext string `json:"securityContext,omitempty"`
	// containers are the places of containers below path: steps[*], or main for a single one. Required.
	Containers []string `json:"containers,omitempty"`
	// containerDefaults is the place, below path, of a security context that the containers take what they lack from before they take it from the pod.
	ContainerDefaults string `json:"containerDefaults,omitempty"`
}
