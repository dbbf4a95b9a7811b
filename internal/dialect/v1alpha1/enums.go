package v1alpha1

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// UserRule is a rule that runAsUser can have.
type UserRule string

// Values lists the rules of runAsUser.
func (UserRule) Values() []string {
	return []string{"MustRunAs", "MustRunAsNonRoot", "MayRunAs", "RunAsAny", "MustBeUnset"}
}

// GroupRule is a rule that runAsGroup, supplementalGroups and fsGroup can have.
type GroupRule string

// Values lists the rules of groups.
func (GroupRule) Values() []string {
	return []string{"MustRunAs", "MayRunAs", "RunAsAny", "MustBeUnset"}
}

// DefaultFrom says where a default comes from.
type DefaultFrom string

// Values lists the sources of defaults.
func (DefaultFrom) Values() []string { return []string{"Range", "Image"} }

// RangesFrom says where ranges come from other than the policy.
type RangesFrom string

// Values lists the sources of ranges.
func (RangesFrom) Values() []string { return []string{"OpenShiftNamespace"} }

// Mode says what becomes of violations.
type Mode string

// Values lists the modes.
func (Mode) Values() []string { return []string{"Enforce", "Warn", "Audit"} }

// Placement says where defaults are written.
type Placement string

// Values lists the placements.
func (Placement) Values() []string { return []string{"Both", "Containers", "Pod"} }

// ImageScope says which images are judged.
type ImageScope string

// Values lists the scopes.
func (ImageScope) Values() []string { return []string{"All", "Effective"} }

// FailurePolicy says what an image that cannot be read means.
type FailurePolicy string

// Values lists the failure policies.
func (FailurePolicy) Values() []string { return []string{"Fail", "Warn", "Ignore"} }

// UnknownKinds says what becomes of security contexts in kinds that are not known.
type UnknownKinds string

// Values lists what may become of them.
func (UnknownKinds) Values() []string { return []string{"Fail", "Warn", "Ignore"} }

// Output says which items the function emits.
type Output string

// Values lists the outputs.
func (Output) Values() []string { return []string{"items", "none"} }

// PodSecurityScope says which checks of a level are asked for.
type PodSecurityScope string

// Values lists the scopes.
func (PodSecurityScope) Values() []string { return []string{"UserGroup", "All"} }

// PodSecurityLevel is a level of the Pod Security Standards.
type PodSecurityLevel string

// Values lists the levels, the most permissive first.
func (PodSecurityLevel) Values() []string {
	return []string{"privileged", "baseline", "restricted"}
}

// ContainerKind is what a container is in its pod.
type ContainerKind string

// Values lists the kinds.
func (ContainerKind) Values() []string { return []string{"Init", "Sidecar", "Regular", "Ephemeral"} }

// Operator relates a label to values.
type Operator string

// Values lists the operators.
func (Operator) Values() []string { return []string{"In", "NotIn", "Exists", "DoesNotExist"} }

// Platforms are platforms of images, written as one string or as a list.
type Platforms []string

// UnmarshalNode decodes one string as a list of one.
func (p *Platforms) UnmarshalNode(d *strict.Decoder, n *manifest.Node, path podspec.Path) {
	if n.Kind == manifest.Sequence {
		d.Decode(n, path, (*[]string)(p))
		return
	}
	var one string
	d.Decode(n, path, &one)
	if one != "" {
		*p = Platforms{one}
	}
}
