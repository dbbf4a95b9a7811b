package policy

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
}

// Exclusion is a Selector with the reason that makes the exemption visible.
type Exclusion struct {
	Selector
	Reason string
	Line   int // in Policy.Source.File; 0 where unknown
}
