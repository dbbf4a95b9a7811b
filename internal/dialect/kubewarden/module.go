package kubewarden

import (
	"path"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// module is a policy of Kubewarden's that this program stands in for.
type module struct {
	// names are those of its image, and of its repository and crate.
	names     []string
	translate func(d *strict.Decoder, settings *manifest.Node) *v1alpha1.Spec
}

// modules are the policies on users and groups.
var modules = []module{
	{[]string{"user-group-psp", "user-group-psp-policy", "user_group_psp", "user_group_psp_policy"}, userGroups},
	{[]string{"allowed-fsgroups-psp", "allowed-fsgroups-psp-policy", "allowed_fsgroups_psp", "allowed_fsgroups_psp_policy"}, allowedFSGroups},
}

var settingsPath = podspec.Field("spec", "settings")

// findModule returns the row of a module, nil where there is none, which is an
// error: the rules of other policies are not supported.
func findModule(d *strict.Decoder, ref string) *module {
	at := podspec.Field("spec", "module")
	if ref == "" {
		d.Failf(at, "is required")
		return nil
	}
	for i := range modules {
		if modules[i].is(ref) {
			return &modules[i]
		}
	}
	var known []string
	for _, m := range modules {
		known = append(known, m.names[0])
	}
	d.Failf(at, "must be the policy %s, is %q: the rules of other policies are not supported", strict.OneOf(known), ref)
	return nil
}

// is reports whether a reference is this module: an image of one of its names in
// any registry, with any tag or digest, or a file of one of its releases.
func (m module) is(ref string) bool {
	if _, after, ok := strings.Cut(ref, "://"); ok {
		ref = after
	}
	if path.Ext(ref) == ".wasm" {
		return slices.ContainsFunc(strings.Split(ref, "/"), func(s string) bool {
			return slices.Contains(m.names, strings.TrimSuffix(s, ".wasm"))
		})
	}
	ref, _, _ = strings.Cut(ref, "@")
	image, _, _ := strings.Cut(path.Base(ref), ":")
	return slices.Contains(m.names, image)
}

// userGroups translates the settings of user-group-psp.
func userGroups(d *strict.Decoder, node *manifest.Node) *v1alpha1.Spec {
	var s userGroupSettings
	d.Decode(node, settingsPath, &s)
	out := &v1alpha1.Spec{
		ValidateOnly:                        s.ValidateOnly,
		ValidateContainerImageConfiguration: s.ValidateContainerImageConfiguration,
	}
	if u := s.RunAsUser; u != nil {
		out.RunAsUser = &v1alpha1.UserStrategy{Rule: v1alpha1.UserRule(u.Rule), Ranges: u.Ranges, Overwrite: u.Overwrite}
	}
	if g := s.RunAsGroup; g != nil {
		out.RunAsGroup = &v1alpha1.GroupStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges, Overwrite: g.Overwrite}
	}
	if g := s.SupplementalGroups; g != nil {
		out.SupplementalGroups = &v1alpha1.SupplementalGroupsStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges, Overwrite: g.Overwrite}
	}
	return out
}

// allowedFSGroups translates the settings of allowed-fsgroups-psp, which are a
// rule by themselves.
func allowedFSGroups(d *strict.Decoder, node *manifest.Node) *v1alpha1.Spec {
	g := &fsGroupSettings{Rule: "RunAsAny"} // of a policy without settings
	if !node.IsNull() {
		g.Rule = ""
		d.Decode(node, settingsPath, g)
	}
	return &v1alpha1.Spec{FSGroup: &v1alpha1.FSGroupStrategy{Rule: v1alpha1.GroupRule(g.Rule), Ranges: g.Ranges}}
}
