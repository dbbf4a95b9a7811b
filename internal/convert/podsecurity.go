package convert

import (
	"fmt"
	"strings"

	"k8s.io/pod-security-admission/api"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// everything is the scope of admission in a cluster, which judges every check
// of a level, and changes nothing.
const everything = "All"

// level translates a Pod Security level by itself: restricted, or
// restricted:v1.30.
func level(text string) (*v1alpha1.Translation, error) {
	l, version, _ := strings.Cut(text, ":")
	t := &v1alpha1.Translation{Kind: "Pod Security level", Name: "pod-security-" + l, Original: text, Spec: &v1alpha1.Spec{
		ValidateOnly: true,
		PodSecurity: &v1alpha1.PodSecurity{
			Enforce: &v1alpha1.Level{Level: v1alpha1.PodSecurityLevel(l), Version: version},
			Scope:   everything,
		},
	}}
	return t, check(t)
}

// namespace translates the Pod Security labels of a Namespace. Its other
// labels and fields are about other things.
func namespace(root *manifest.Node) (*v1alpha1.Translation, error) {
	meta := root.Get("metadata")
	name := meta.Get("name").Text()
	ps := &v1alpha1.PodSecurity{Scope: everything}
	t := &v1alpha1.Translation{Kind: "Namespace", Name: "pod-security-" + name, Original: name, Spec: &v1alpha1.Spec{
		ValidateOnly: true,
		PodSecurity:  ps,
		Match:        &v1alpha1.Selector{Namespaces: []string{name}},
	}}
	var errs config.Errors
	for _, l := range []struct {
		level, version string
		out            **v1alpha1.Level
	}{
		{api.EnforceLevelLabel, api.EnforceVersionLabel, &ps.Enforce},
		{api.WarnLevelLabel, api.WarnVersionLabel, &ps.Warn},
		{api.AuditLevelLabel, api.AuditVersionLabel, &ps.Audit},
	} {
		level, version := label(meta, l.level, &errs), label(meta, l.version, &errs)
		switch {
		case level != "":
			*l.out = &v1alpha1.Level{Level: v1alpha1.PodSecurityLevel(level), Version: version}
		case version != "":
			t.Notes = append(t.Notes, "the label "+l.version+" has no effect without a level")
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if name == "" {
		return nil, &config.Error{Path: "metadata.name", Msg: "is required"}
	}
	if ps.Enforce == nil && ps.Warn == nil && ps.Audit == nil {
		return nil, other("the Namespace %q cannot be converted, must have a Pod Security level, such as %s: restricted", name, api.EnforceLevelLabel)
	}
	return t, check(t)
}

// label returns the value of a label, "" where it is absent.
func label(meta *manifest.Node, key string, errs *config.Errors) string {
	e := meta.Get("labels").Lookup(key)
	msg := ""
	switch {
	case e.Flaw != yamlvalue.Fine:
		msg = "duplicate key: parsers disagree on which of the two wins"
	case e.From != nil && e.Value.Text() == "":
		msg = "must be a string that is not empty"
	}
	if msg != "" {
		*errs = append(*errs, &config.Error{Path: podspec.Field("metadata", "labels", key).String(), Msg: msg})
	}
	return e.Value.Text()
}

// check refuses levels and versions that Pod Security admission does not know.
// There it reads them as restricted or privileged; here their owner can still
// be asked.
func check(t *v1alpha1.Translation) error {
	var errs config.Errors
	t.Policy(v1alpha1.Text{
		Fail: func(path podspec.Path, format string, args ...any) {
			errs = append(errs, &config.Error{Path: path.String(), Msg: fmt.Sprintf(format, args...)})
		},
		Line: func(podspec.Path) int { return 0 },
	})
	if len(errs) > 0 {
		return errs
	}
	return nil
}
