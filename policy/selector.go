package policy

import "github.com/usergroup-dev/usergroup/podspec"

// Labels selects by labels. k8s.io/apimachinery's labels.Selector, wrapped for
// plain maps, is one.
type Labels interface {
	Matches(labels map[string]string) bool
	// Reads reports whether the label of this key decides.
	Reads(key string) bool
}

// Selector says which objects and containers a policy is for. Lists are
// alternatives, fields must all hold, and an empty field holds for everything.
// Strings are globs: * stands for any run of characters, ? for one.
type Selector struct {
	Kinds             []string // Kind, or Kind.group, or apiVersion/Kind
	Namespaces        []string
	Names             []string
	LabelSelector     Labels // of the object's own labels
	NamespaceSelector Labels // of the labels of its Namespace among the items
	Annotations       map[string]string
	Images            []string // of containers
	Containers        []string // of containers
	ContainerKinds    []ContainerKind
	HostUsers         *bool // of the pod: false for one in a user namespace
}

// ContainerKind is what a container is in its pod, by which a Selector selects.
type ContainerKind string

// The kinds of containers.
const (
	Init      ContainerKind = "Init"
	Sidecar   ContainerKind = "Sidecar" // an init container with restartPolicy Always
	Regular   ContainerKind = "Regular"
	Ephemeral ContainerKind = "Ephemeral"
)

// KindOf returns what a container is in its pod.
func KindOf(c *podspec.Container) ContainerKind {
	switch {
	case c.Sidecar:
		return Sidecar
	case c.Kind == podspec.InitContainer:
		return Init
	case c.Kind == podspec.EphemeralContainer:
		return Ephemeral
	}
	return Regular
}

// Exclusion is a Selector with the reason that makes the exemption visible.
type Exclusion struct {
	Selector
	Reason string
	Line   int // in Policy.Source.File; 0 where unknown
}
