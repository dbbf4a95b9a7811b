// Package gatekeeper translates K8sPSPAllowedUsers, the constraint of
// Gatekeeper's library on users and groups, into a policy of the native kind.
// It is not a dialect: a constraint says nothing without its template, which
// anybody may change, so it is converted once and then read by its owner.
//
// The constraint judges Pods and never changes them, hence validateOnly. Where
// it selects Pods, the translation selects every kind, since a manifest holds
// the Deployment of which the cluster would have judged the Pods.
package gatekeeper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/psp"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

type object struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   v1alpha1.Metadata `json:"metadata"`
	Spec       spec              `json:"spec"`
	Status     *manifest.Node    `json:"status"`
}

type spec struct {
	EnforcementAction        action         `json:"enforcementAction"`
	ScopedEnforcementActions *manifest.Node `json:"scopedEnforcementActions"`
	Match                    match          `json:"match"`
	Parameters               parameters     `json:"parameters"`
}

type match struct {
	Kinds              []kinds                 `json:"kinds"`
	Scope              scope                   `json:"scope"`
	Namespaces         []string                `json:"namespaces"`
	ExcludedNamespaces []string                `json:"excludedNamespaces"`
	LabelSelector      *v1alpha1.LabelSelector `json:"labelSelector"`
	NamespaceSelector  *v1alpha1.LabelSelector `json:"namespaceSelector"`
	Name               string                  `json:"name"`
	Source             source                  `json:"source"`
}

type kinds struct {
	APIGroups []string `json:"apiGroups"`
	Kinds     []string `json:"kinds"`
}

type parameters struct {
	psp.Strategies
	ExemptImages []string `json:"exemptImages"`
}

type action string

func (action) Values() []string { return []string{"deny", "warn", "dryrun", "scoped"} }

type scope string

func (scope) Values() []string { return []string{"*", "Cluster", "Namespaced"} }

type source string

func (source) Values() []string { return []string{"All", "Original", "Generated"} }

// modes are what becomes of a violation under each action.
var modes = map[action]v1alpha1.Mode{"warn": "Warn", "dryrun": "Audit"}

// Translate decodes a constraint and translates it.
func Translate(root *manifest.Node) (*v1alpha1.Translation, error) {
	d := strict.New(root, strict.Options{})
	var obj object
	d.Object(&obj)
	t := &v1alpha1.Translation{Kind: policykind.K8sPSPAllowedUsers, Name: obj.Metadata.Name, Spec: &v1alpha1.Spec{}}
	obj.Spec.Parameters.Translate(t.Spec)
	if t.Name == "" {
		d.Failf(podspec.Field("metadata", "name"), "is required")
	}
	t.Spec.ValidateOnly = true
	t.Spec.Mode = modes[obj.Spec.EnforcementAction]
	if obj.Spec.EnforcementAction == "scoped" || !obj.Spec.ScopedEnforcementActions.IsNull() {
		note(t, "spec.scopedEnforcementActions are not translated: the policy enforces")
	}
	obj.Spec.Match.translate(d, t)
	exempt(t, obj.Spec.Parameters.ExemptImages)
	t.Policy(v1alpha1.TextOf(d, original))
	return t, d.Err()
}

func note(t *v1alpha1.Translation, format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// original takes a path in the translated spec to its place in the constraint.
func original(at podspec.Path) podspec.Path {
	switch {
	case len(at) == 0:
		return nil
	case at[0].Key == "match", at[0].Key == "exclude":
		return podspec.Field("spec").Join(at)
	}
	return podspec.Field("spec", "parameters").Join(at)
}

func (m match) translate(d *strict.Decoder, t *v1alpha1.Translation) {
	s := v1alpha1.Selector{
		Kinds:             m.kinds(t),
		Namespaces:        m.Namespaces,
		LabelSelector:     m.LabelSelector,
		NamespaceSelector: m.NamespaceSelector,
	}
	if m.Name != "" {
		s.Names = []string{m.Name}
	}
	if len(s.Kinds)+len(s.Namespaces)+len(s.Names) > 0 || s.LabelSelector != nil || s.NamespaceSelector != nil {
		t.Spec.Match = &s
	}
	if s.LabelSelector != nil || m.Name != "" {
		note(t, "spec.match selected Pods by their own labels and names; here those of the workload count")
	}
	if len(m.ExcludedNamespaces) > 0 {
		t.Spec.Exclude = append(t.Spec.Exclude, v1alpha1.Exclusion{
			Selector: v1alpha1.Selector{Namespaces: m.ExcludedNamespaces},
			Reason:   "excludedNamespaces of " + policykind.K8sPSPAllowedUsers + " " + t.Name,
		})
	}
	if m.Scope == "Cluster" {
		d.Failf(podspec.Field("spec", "match", "scope"), "must not be Cluster: nothing of that scope runs as a user")
	}
	if m.Source != "" && m.Source != "All" {
		note(t, "spec.match.source is not translated: a manifest does not know whether it was generated")
	}
}

// kinds translates match.kinds, nil for all kinds.
func (m match) kinds(t *v1alpha1.Translation) []string {
	var out []string
	for _, k := range m.Kinds {
		for _, group := range k.APIGroups {
			for _, kind := range k.Kinds {
				out = append(out, name(group, kind))
			}
		}
	}
	pods := func(s string) bool { return s == "*" || s == "Pod" || s == "v1/Pod" || s == "v1/*" }
	switch {
	case len(out) == 0 || slices.Contains(out, "*"):
		return nil
	case slices.ContainsFunc(out, pods):
		note(t, "spec.match.kinds select Pods; the policy is for every kind that holds a pod template, judged as the Pod it becomes")
		return nil
	}
	note(t, "spec.match.kinds select no Pods, and the constraint's template judged nothing else; the policy judges the kinds listed")
	return out
}

// name names a kind of a group as a selector does; * stands for any.
func name(group, kind string) string {
	switch {
	case group == "*":
		return kind
	case group == "":
		return "v1/" + kind
	}
	return kind + "." + group
}

// exempt translates exemptImages: exact references, or prefixes that end in *.
func exempt(t *v1alpha1.Translation, images []string) {
	if len(images) == 0 {
		return
	}
	t.Spec.Exclude = append(t.Spec.Exclude, v1alpha1.Exclusion{
		Selector: v1alpha1.Selector{Images: images},
		Reason:   "exemptImages of " + policykind.K8sPSPAllowedUsers + " " + t.Name,
	})
	for _, image := range images {
		switch prefix := strings.TrimSuffix(image, "*"); {
		case strings.Contains(prefix, "*"):
			note(t, "spec.parameters.exemptImages: %q matched its own * only; here * matches anything", image)
		case prefix == image && !strings.ContainsAny(image[strings.LastIndexByte(image, '/')+1:], ":@"):
			note(t, "spec.parameters.exemptImages: %q exempted an image written without a tag; here it exempts any tag", image)
		}
	}
}
