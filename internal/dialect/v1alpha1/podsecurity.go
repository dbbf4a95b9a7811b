package v1alpha1

import (
	"regexp"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/dialect/podsecurity"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// evaluators returns the evaluator of Pod Security levels, if one is asked for.
func (s *Spec) evaluators(name string, text Text) []policy.Evaluator {
	if s.PodSecurity == nil && !s.NamespaceLabels || !s.PodSecurity.check(s.NamespaceLabels, text.Fail) {
		return nil
	}
	o := podsecurity.Options{Policy: name, NamespaceLabels: s.NamespaceLabels, Line: text.Line(podspec.Field("namespaceLabels"))}
	if p := s.PodSecurity; p != nil {
		o.Line = text.Line(podspec.Field("podSecurity"))
		o.Enforce, o.Warn, o.Audit = p.Enforce.level(), p.Warn.level(), p.Audit.level()
		o.Scope = podsecurity.Scope(p.Scope)
		if p.Exemptions != nil {
			o.ExemptNamespaces = p.Exemptions.Namespaces
			o.ExemptRuntimeClasses = p.Exemptions.RuntimeClasses
		}
	}
	e, err := podsecurity.New(o)
	if err != nil {
		text.Fail(podspec.Field("podSecurity"), "%v", err)
		return nil
	}
	return []policy.Evaluator{e}
}

func (l *Level) level() podsecurity.Level {
	if l == nil {
		return podsecurity.Level{}
	}
	return podsecurity.Level{Level: string(l.Level), Version: l.Version}
}

// version is a version of the Pod Security Standards as their labels spell it.
var version = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(latest|v1\.(0|[1-9][0-9]*))$`) })

// check reports what is wrong with the levels, and whether nothing is. labels
// is whether levels come from Namespaces as well.
func (p *PodSecurity) check(labels bool, fail Fail) bool {
	if p == nil {
		return true
	}
	ok, at := true, podspec.Field("podSecurity")
	bad := func(path podspec.Path, format string, args ...any) {
		ok = false
		fail(path, format, args...)
	}
	if p.Enforce == nil && p.Warn == nil && p.Audit == nil && !labels {
		bad(at, "must have at least one of enforce, warn and audit, or namespaceLabels")
	}
	for _, l := range []struct {
		key   string
		level *Level
	}{{"enforce", p.Enforce}, {"warn", p.Warn}, {"audit", p.Audit}} {
		if l.level == nil {
			continue
		}
		if l.level.Level == "" {
			bad(at.Key(l.key, "level"), "is required")
		}
		if v := l.level.Version; v != "" && !version().MatchString(v) {
			bad(at.Key(l.key, "version"), "must be latest or v1.N, is %q", v)
		}
	}
	return ok
}
