// Package podspec is a read-only model of the part of a pod spec that decides
// which users and groups its containers run as.
//
// A Pod holds the fields as they are in the manifest, each with its path and
// with what is wrong with it, if anything. RunAsUser, RunAsGroup and
// RunAsNonRoot give the effective value for a container, as the kubelet sees
// it: the container's own field, else the pod's. Edit says how a manifest is to
// change.
//
// The package knows nothing of YAML, files or policies.
package podspec

import "slices"

// MaxID is the largest user or group id that the API server accepts; the
// smallest is 0. Source: k8s.io/kubernetes pkg/apis/core/validation.
const MaxID = 1<<31 - 1

// State says whether a field has a value that can be judged.
type State uint8

// The states of a Value.
const (
	Unset   State = iota // absent or null, also below a securityContext that is absent, null or empty
	Set                  // V holds the value
	Invalid              // there is something, but not a value that every parser reads alike; see Problem
)

// Value is one field of a pod spec.
type Value[T any] struct {
	State   State
	V       T        // valid where State is Set
	Raw     string   // the text in the manifest, for messages; "" where State is Unset
	Path    Path     // where the value is, or would be; may be nil in a Partial pod where State is Unset
	Problem *Problem // not nil exactly where State is Invalid
}

// IsSet reports whether the field has a valid value.
func (v Value[T]) IsSet() bool { return v.State == Set }

// Code names what is wrong with a manifest at a place. The codes are reason
// codes of the results.
type Code string

// The codes of a Problem.
const (
	InvalidType    Code = "InvalidType"    // not of the field's type: a string for an id, a list for a mapping
	InvalidID      Code = "InvalidID"      // an integer outside 0..MaxID
	AmbiguousValue Code = "AmbiguousValue" // yes, on, no, off: parsers disagree whether this is a boolean
	DuplicateKey   Code = "DuplicateKey"   // parsers disagree which of the two wins
)

// Problem is something in a pod spec that cannot be judged because the cluster
// refuses it or because parsers disagree on it.
type Problem struct {
	Code   Code
	Path   Path
	Raw    string // the text in the manifest; "" where there is none to show
	Detail string // what must be and what is, lower case: `must be an integer, is the string "1000"`
}

// Pod is a pod spec, in a Pod or in the template of a workload.
type Pod struct {
	// Path is the place of the pod spec in its object: spec, or
	// spec.template.spec.
	Path Path
	// MetadataPath is the place of the metadata of the pod or the template:
	// metadata, or spec.template.metadata.
	MetadataPath Path

	// Partial is whether an operator fills in the rest: what is absent is the
	// operator's to say, so only what is written is judged, and the values of the
	// pod also where no container inherits them.
	Partial bool
	// Context is the place that the pod's securityContext has.
	Context ContextPlace

	Windows      bool        // the pod is for Windows
	OSPath       Path        // what says so: os.name, a label of nodes, windowsOptions
	HostUsers    Value[bool] // hostUsers
	RuntimeClass string      // runtimeClassName

	SecurityContext

	SupplementalGroups       Groups
	SupplementalGroupsPolicy Value[string] // Merge or Strict
	FSGroup                  Value[int64]
	FSGroupChangePolicy      Value[string] // OnRootMismatch or Always

	HostNetwork, HostPID, HostIPC Value[bool] // the host's namespaces

	// Containers are the init, the regular and the ephemeral containers, in
	// that order.
	Containers []Container

	// Problems are those of the structure on the way to the fields: a
	// duplicate securityContext, a containers that is not a list. Problems of
	// single fields are at their Value.
	Problems []Problem
}

// ContextPlace says what may be written to the securityContext of a pod.
type ContextPlace uint8

// The places of a pod's securityContext.
const (
	// OwnContext is the pod's own, as in a PodSpec.
	OwnContext ContextPlace = iota
	// SharedContext is also that of other pods: ids go on the containers.
	SharedContext
	// RefusedContext is refused by the kind's webhook, as by Knative's: ids go on
	// the containers, and what only a pod has cannot be written.
	RefusedContext
	// NoContext is no place at all, as in a Tekton Task: what only a pod has is
	// not this object's to say.
	NoContext
)

// SecurityContext holds the fields that a pod and a container have in common.
type SecurityContext struct {
	RunAsUser     Value[int64]
	RunAsGroup    Value[int64]
	RunAsNonRoot  Value[bool]
	RunAsUserName Value[string] // windowsOptions.runAsUserName
}

// Groups is a list of group ids.
type Groups struct {
	State   State // Set also for an empty list
	Items   []Value[int64]
	Raw     string
	Path    Path
	Problem *Problem // of the list itself; those of an element are at the element
}

// ContainerKind is the list a container is in.
type ContainerKind uint8

// The kinds of containers, in the order of Pod.Containers.
const (
	InitContainer ContainerKind = iota
	RegularContainer
	EphemeralContainer
)

// String returns the name as a message uses it: "init container".
func (k ContainerKind) String() string {
	return [...]string{"init container", "container", "ephemeral container"}[k]
}

// Field returns the key of the list in a pod spec: "initContainers".
func (k ContainerKind) Field() string {
	return [...]string{"initContainers", "containers", "ephemeralContainers"}[k]
}

// Container is one container of a Pod.
type Container struct {
	Kind  ContainerKind
	Index int // in its own list
	Name  string
	Image string
	Path  Path // of the container; its fields are at Path.securityContext
	// Sidecar is whether it is an init container that runs beside the others:
	// restartPolicy is Always.
	Sidecar bool
	// Inherits is whether what it lacks is taken from a template of containers,
	// as Tekton's stepTemplate: such values have the template's path.
	Inherits bool

	ProcMount Value[string] // securityContext.procMount: Default or Unmasked
	SecurityContext
}

// Origin says where an effective value comes from.
type Origin string

// The origins of an effective value.
const (
	FromNowhere   Origin = "" // unset everywhere
	FromContainer Origin = "container"
	FromPod       Origin = "pod"
	FromImage     Origin = "image"
)

// EffectiveUser returns the runAsUser that the container runs with and where it
// comes from.
func (p *Pod) EffectiveUser(c *Container) (Value[int64], Origin) {
	return effective(c.RunAsUser, p.RunAsUser)
}

// EffectiveGroup returns the runAsGroup that the container runs with and where
// it comes from.
func (p *Pod) EffectiveGroup(c *Container) (Value[int64], Origin) {
	return effective(c.RunAsGroup, p.RunAsGroup)
}

// EffectiveNonRoot returns the runAsNonRoot that the kubelet applies to the
// container and where it comes from.
func (p *Pod) EffectiveNonRoot(c *Container) (Value[bool], Origin) {
	return effective(c.RunAsNonRoot, p.RunAsNonRoot)
}

// EffectiveUserName returns the windowsOptions.runAsUserName that the container
// runs with and where it comes from.
func (p *Pod) EffectiveUserName(c *Container) (Value[string], Origin) {
	return effective(c.RunAsUserName, p.RunAsUserName)
}

// effective resolves one field. An Invalid value counts as present: it must
// not be hidden by what it would have overridden.
func effective[T any](container, pod Value[T]) (Value[T], Origin) {
	switch {
	case container.State != Unset:
		return container, FromContainer
	case pod.State != Unset:
		return pod, FromPod
	}
	return container, FromNowhere
}

// Op is what an Edit does.
type Op uint8

// The operations of an Edit.
const (
	Put    Op = iota // set the key to Value, creating the mappings above it
	Remove           // remove the key; a mapping left empty stays, as {}
)

// Edit is one change of an object. All edits of one object refer to the same
// baseline, its state before any of them.
type Edit struct {
	Op    Op
	Path  Path
	Value any // int64, bool, string or []int64; nil for Remove
}

// Equal reports whether both edits do the same.
func (e Edit) Equal(o Edit) bool {
	if e.Op != o.Op || !e.Path.Equal(o.Path) {
		return false
	}
	a, aIsList := e.Value.([]int64)
	b, bIsList := o.Value.([]int64)
	if aIsList && bIsList {
		return slices.Equal(a, b)
	}
	return e.Value == o.Value // values of two types differ
}
