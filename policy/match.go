package policy

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/podspec"
)

// nameLabel is the label that the API server puts on every Namespace.
const nameLabel = "kubernetes.io/metadata.name"

// MatchObject reports whether the selector is for an object. ns is the object's
// Namespace, nil where it is not known; its labels are then the one that every
// Namespace has, its name. Images and Containers are not looked at: they select
// within the object, see MatchContainer.
func (s Selector) MatchObject(o Object, ns *Namespace) bool {
	return s.matchKind(o) &&
		matchAny(s.Namespaces, o.Namespace) &&
		s.matchName(o) &&
		(s.LabelSelector == nil || s.LabelSelector.Matches(o.Labels)) &&
		(s.NamespaceSelector == nil || s.NamespaceSelector.Matches(namespaceLabels(o, ns))) &&
		s.matchAnnotations(o)
}

// MatchContainer reports whether the selector is for a container of a pod. A
// hostUsers that cannot be read is anything: a policy must not be avoided by it.
//
// The globs of Images are compared with the reference as it is written in the
// manifest, and with the reference without tag and digest: registry.example/app
// is for registry.example/app:1 too, and so is registry.example/*. A reference
// is not completed first, so that nginx is not docker.io/library/nginx.
func (s Selector) MatchContainer(pod *podspec.Pod, c *podspec.Container) bool {
	return matchAny(s.Containers, c.Name) &&
		(matchAny(s.Images, c.Image) || matchAny(s.Images, repository(c.Image))) &&
		(len(s.ContainerKinds) == 0 || slices.Contains(s.ContainerKinds, KindOf(c))) &&
		(s.HostUsers == nil || *s.HostUsers == hostUsers(pod) || pod.HostUsers.State == podspec.Invalid)
}

// MatchContainer is that of a Selector, but that a hostUsers that cannot be read
// excludes nothing.
func (e Exclusion) MatchContainer(pod *podspec.Pod, c *podspec.Container) bool {
	return (e.HostUsers == nil || pod.HostUsers.State != podspec.Invalid) && e.Selector.MatchContainer(pod, c)
}

// hostUsers reports whether a pod runs in the host's user namespace.
func hostUsers(pod *podspec.Pod) bool { return !pod.HostUsers.IsSet() || pod.HostUsers.V }

// IsContainerScoped reports whether the selector is for some containers or pods of
// an object and not for whole objects.
func (s Selector) IsContainerScoped() bool {
	return len(s.Images) > 0 || len(s.Containers) > 0 || len(s.ContainerKinds) > 0 || s.HostUsers != nil
}

// matchKind compares the kind in each of its three spellings: Deployment,
// Deployment.apps, apps/v1/Deployment.
func (s Selector) matchKind(o Object) bool {
	return matchAny(s.Kinds, o.Kind) ||
		o.Group() != "" && matchAny(s.Kinds, o.Kind+"."+o.Group()) ||
		matchAny(s.Kinds, strings.TrimPrefix(o.APIVersion, "/")+"/"+o.Kind) // /v1 is v1
}

// matchName reports whether the object has one of the names or, where it is given
// one by the API server, may get it.
func (s Selector) matchName(o Object) bool {
	if o.Name != "" || o.GenerateName == "" || len(s.Names) == 0 {
		return matchAny(s.Names, o.Name)
	}
	return slices.ContainsFunc(s.Names, func(p string) bool { return mayMatch(p, o.GenerateName) })
}

// MatchObject is that of the selector, but for an object whose name is generated:
// the exclusion is for it where it is for every name that it may get.
func (e Exclusion) MatchObject(o Object, ns *Namespace) bool {
	return e.Selector.MatchObject(o, ns) && e.matchesEveryName(o)
}

// matchesEveryName reports whether whatever name the object gets is one of the
// selector's: an exclusion of some of them would be a way around the policy.
func (s Selector) matchesEveryName(o Object) bool {
	if o.Name != "" || o.GenerateName == "" || len(s.Names) == 0 {
		return true
	}
	return slices.ContainsFunc(s.Names, func(p string) bool { return strings.HasSuffix(p, "*") && Glob(p, o.GenerateName) })
}

// generated is the length of what the API server adds to a generateName.
const generated = 5

// mayMatch reports whether a pattern may match a name that begins with prefix and
// ends in characters of the API server's choice.
func mayMatch(pattern, prefix string) bool {
	return slices.ContainsFunc(GenerateNames(pattern), func(g string) bool { return Glob(g, prefix) })
}

// GenerateNames are the globs of the generateNames from which the API server may
// make a name that the pattern matches: what is left of the pattern where the rest
// of it matches the characters that are added.
func GenerateNames(pattern string) []string {
	var out []string
	fixed, star := 0, false // how many characters the rest has but for *, and whether it has one
	for head := pattern; fixed <= generated; {
		last, size := utf8.DecodeLastRuneInString(head)
		matches := fixed == generated || star || last == '*'
		if matches && !strings.HasSuffix(head, "**") { // which is the same with one * less
			out = append(out, head)
		}
		if size == 0 {
			break
		}
		head = head[:len(head)-size]
		if last == '*' {
			star = true
		} else {
			fixed++
		}
	}
	slices.Reverse(out)
	return out
}

// matchAnnotations demands every annotation; its value may be a glob, its key
// is taken as it is.
func (s Selector) matchAnnotations(o Object) bool {
	for k, pattern := range s.Annotations {
		if v, ok := o.Annotations[k]; !ok || !Glob(pattern, v) {
			return false
		}
	}
	return true
}

// NewNamespace returns the Namespace that an object is, with the label that the API
// server puts on it, whatever the manifest says.
func NewNamespace(o Object) *Namespace {
	labels := o.Labels
	if labels[nameLabel] != o.Name {
		labels = make(map[string]string, len(o.Labels)+1)
		maps.Copy(labels, o.Labels)
		labels[nameLabel] = o.Name
	}
	return &Namespace{Name: o.Name, Labels: labels, Annotations: o.Annotations}
}

// namespaceLabels are the labels of the object's Namespace, its name among them
// as in a cluster, where a manifest need not say it.
func namespaceLabels(o Object, ns *Namespace) map[string]string {
	labels, name := map[string]string(nil), o.Namespace
	if ns != nil {
		labels, name = ns.Labels, ns.Name
	}
	if labels[nameLabel] == name {
		return labels // it says so itself, or has neither labels nor a name
	}
	out := make(map[string]string, len(labels)+1)
	maps.Copy(out, labels)
	out[nameLabel] = name // whatever the manifest says: the API server sets it
	return out
}

// matchAny reports whether any of the patterns matches, or there is none.
func matchAny(patterns []string, s string) bool {
	for _, p := range patterns {
		if Glob(p, s) {
			return true
		}
	}
	return len(patterns) == 0
}

// repository is an image reference without its tag and digest. A colon before
// the last slash is that of a port.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		return ref[:i]
	}
	return ref
}

// Glob reports whether a pattern matches the whole of s: * stands for any run
// of characters, also none and also with slashes, ? for one character, anything
// else for itself. It takes time in proportion to len(pattern) * len(s) at
// worst.
func Glob(pattern, s string) bool {
	// star is where to resume in pattern after the last *, and from where in s
	// it has swallowed characters so far.
	star := -1
	var from, p, i int
	for i < len(s) {
		_, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, from = p, i
		case p < len(pattern) && pattern[p] == '?':
			p++
			i += width
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			_, width = utf8.DecodeRuneInString(s[from:])
			from += width
			p, i = star, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
