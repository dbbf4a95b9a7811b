// Package psp is the dialect of PodSecurityPolicy, policy/v1beta1 and
// extensions/v1beta1, as Kubernetes served it until 1.24.
//
// runAsUser, runAsGroup, supplementalGroups and fsGroup are taken over with
// their strategies and ranges, and defaults are written to containers as the
// admission plugin did (placement Containers). Every other field of the spec
// that asks for something is named in one note as not covered, so that nobody
// takes a pass for more than it is. The use verb in RBAC, which said whose pods
// a PodSecurityPolicy was for, has no counterpart: the policy is for all.
package psp

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// object is a PodSecurityPolicy.
type object struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   v1alpha1.Metadata `json:"metadata"`
	Spec       *spec             `json:"spec"`
}

type spec struct {
	Strategies
	uncovered
}

// Strategies are the strategies on users and groups, which Gatekeeper's library
// has taken over with their names.
type Strategies struct {
	RunAsUser          *userStrategy  `json:"runAsUser"`
	RunAsGroup         *groupStrategy `json:"runAsGroup"`
	SupplementalGroups *groupStrategy `json:"supplementalGroups"`
	FSGroup            *groupStrategy `json:"fsGroup"`
}

// Translate writes the strategies that are there to a spec.
func (s Strategies) Translate(out *v1alpha1.Spec) {
	if u := s.RunAsUser; u != nil {
		out.RunAsUser = &v1alpha1.UserStrategy{Rule: v1alpha1.UserRule(u.Rule), Ranges: u.Ranges}
	}
	if g := s.RunAsGroup; g != nil {
		out.RunAsGroup = &v1alpha1.GroupStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges}
	}
	if g := s.SupplementalGroups; g != nil {
		out.SupplementalGroups = &v1alpha1.SupplementalGroupsStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges}
	}
	if g := s.FSGroup; g != nil {
		out.FSGroup = &v1alpha1.FSGroupStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges}
	}
}

// uncovered are the fields that are about something else than users and groups.
type uncovered struct {
	Privileged                      *manifest.Node `json:"privileged"`
	DefaultAddCapabilities          *manifest.Node `json:"defaultAddCapabilities"`
	RequiredDropCapabilities        *manifest.Node `json:"requiredDropCapabilities"`
	AllowedCapabilities             *manifest.Node `json:"allowedCapabilities"`
	Volumes                         *manifest.Node `json:"volumes"`
	HostNetwork                     *manifest.Node `json:"hostNetwork"`
	HostPorts                       *manifest.Node `json:"hostPorts"`
	HostPID                         *manifest.Node `json:"hostPID"`
	HostIPC                         *manifest.Node `json:"hostIPC"`
	SELinux                         *manifest.Node `json:"seLinux"`
	ReadOnlyRootFilesystem          *manifest.Node `json:"readOnlyRootFilesystem"`
	DefaultAllowPrivilegeEscalation *manifest.Node `json:"defaultAllowPrivilegeEscalation"`
	AllowPrivilegeEscalation        *manifest.Node `json:"allowPrivilegeEscalation"`
	AllowedHostPaths                *manifest.Node `json:"allowedHostPaths"`
	AllowedFlexVolumes              *manifest.Node `json:"allowedFlexVolumes"`
	AllowedCSIDrivers               *manifest.Node `json:"allowedCSIDrivers"`
	AllowedUnsafeSysctls            *manifest.Node `json:"allowedUnsafeSysctls"`
	ForbiddenSysctls                *manifest.Node `json:"forbiddenSysctls"`
	AllowedProcMountTypes           *manifest.Node `json:"allowedProcMountTypes"`
	RuntimeClass                    *manifest.Node `json:"runtimeClass"`
}

type userStrategy struct {
	Rule   userRule         `json:"rule"`
	Ranges []v1alpha1.Range `json:"ranges"`
}

type groupStrategy struct {
	Rule   groupRule        `json:"rule"`
	Ranges []v1alpha1.Range `json:"ranges"`
}

type userRule string

func (userRule) Values() []string { return []string{"MustRunAs", "MustRunAsNonRoot", "RunAsAny"} }

type groupRule string

func (groupRule) Values() []string { return []string{"MustRunAs", "MayRunAs", "RunAsAny"} }

// Decode decodes a PodSecurityPolicy.
func Decode(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	_, p := translate(d)
	return []*policy.Policy{p}, d.Err()
}

// Translate decodes a PodSecurityPolicy and translates it. The errors are those
// of Decode.
func Translate(root *manifest.Node) (*v1alpha1.Translation, error) {
	d := strict.New(root, strict.Options{})
	t, _ := translate(d)
	return t, d.Err()
}

func translate(d *strict.Decoder) (*v1alpha1.Translation, *policy.Policy) {
	var obj object
	d.Object(&obj)
	t := &v1alpha1.Translation{Kind: policykind.PodSecurityPolicy, Name: obj.Metadata.Name, Spec: &v1alpha1.Spec{Placement: "Containers"}}
	if t.Name == "" {
		d.Failf(podspec.Field("metadata", "name"), "is required")
	}
	if obj.Spec == nil {
		d.Failf(podspec.Field("spec"), "is required")
	} else {
		obj.Spec.require(d)
		obj.Spec.Translate(t.Spec)
		if rest := obj.Spec.uncovered.list(obj.Metadata.Annotations); len(rest) > 0 {
			t.Notes = []string{"not covered, because it does not concern users and groups: " + strings.Join(rest, ", ")}
		}
	}
	p := t.Policy(v1alpha1.TextOf(d, podspec.Field("spec").Join))
	p.Source.Line = d.LineAt(nil)
	return t, p
}

// require demands the strategies that the API server demands: all but runAsGroup.
func (s *spec) require(d *strict.Decoder) {
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"runAsUser", s.RunAsUser != nil},
		{"supplementalGroups", s.SupplementalGroups != nil},
		{"fsGroup", s.FSGroup != nil},
	} {
		if !f.given {
			d.Failf(podspec.Field("spec", f.key), "is required")
		}
	}
}

// annotationPrefixes are those of annotations that were part of the policy
// before they became fields of pods.
var annotationPrefixes = []string{"seccomp.security.alpha.kubernetes.io/", "apparmor.security.beta.kubernetes.io/"}

// list names what the policy says beyond users and groups, in the order of the
// fields' documentation.
func (u uncovered) list(annotations map[string]string) []string {
	var out []string
	v := reflect.ValueOf(u)
	for _, f := range strict.Fields(v.Type()) {
		if !v.FieldByIndex(f.Index).Interface().(*manifest.Node).IsNull() {
			out = append(out, podspec.Field("spec", f.Name).String())
		}
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if slices.ContainsFunc(annotationPrefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			out = append(out, podspec.Field("metadata", "annotations").Key(key).String())
		}
	}
	return out
}
