// Package podsecurity judges pods by the Pod Security Standards, with the
// checks of k8s.io/pod-security-admission themselves.
//
// New turns Options into a policy.Evaluator. It judges each pod spec it is
// given, that of a Pod or of a template, by up to three levels, as the labels
// of a Namespace ask for them in a cluster: what violates the enforce level is
// an error, the warn level a warning and the audit level an info. Where the
// cluster only warns of a template, this package judges it like its pods.
//
// What the package adds to the library: a finding for each offending field
// with its path, and the fix of a missing runAsNonRoot.
package podsecurity

import (
	"errors"
	"fmt"
	"slices"

	"k8s.io/pod-security-admission/api"

	"github.com/usergroup-dev/usergroup/policy"
)

// Level is a Pod Security level as a Namespace's labels spell it. The zero
// Level asks for nothing.
type Level struct {
	Level   string // privileged, baseline or restricted
	Version string // latest or v1.N; "" means latest
}

// Scope says which checks of a level are judged.
type Scope string

// The scopes. The zero Scope is ScopeUserGroup.
const (
	// ScopeUserGroup judges runAsNonRoot and runAsUser only. Both belong to
	// restricted: baseline then asks for nothing.
	ScopeUserGroup Scope = "UserGroup"
	ScopeAll       Scope = "All"
)

// Options configures an Evaluator.
type Options struct {
	Policy string // name for findings
	Line   int    // of the levels in the policy's file, for findings
	// Enforce, Warn and Audit are the levels of every pod; with NamespaceLabels
	// they are the defaults for what the labels leave open.
	Enforce, Warn, Audit Level
	NamespaceLabels      bool // read the pod-security.kubernetes.io labels of the pod's Namespace
	Scope                Scope
	// Exemptions, compared as exact strings.
	ExemptNamespaces, ExemptRuntimeClasses []string
}

// New returns the Evaluator for the options, or all that is wrong with them:
// an unknown level, version or scope. Errors name the option: enforce.level.
func New(o Options) (policy.Evaluator, error) {
	e := &evaluator{
		policy:               o.Policy,
		line:                 o.Line,
		namespaceLabels:      o.NamespaceLabels,
		exemptNamespaces:     slices.Clone(o.ExemptNamespaces),
		exemptRuntimeClasses: slices.Clone(o.ExemptRuntimeClasses),
	}
	var errs [5]error
	e.defaults.Enforce, errs[0] = o.Enforce.parse("enforce")
	e.defaults.Warn, errs[1] = o.Warn.parse("warn")
	e.defaults.Audit, errs[2] = o.Audit.parse("audit")
	switch o.Scope {
	case "", ScopeUserGroup, ScopeAll:
		e.judge, errs[3] = newJudge(o.Scope)
	default:
		errs[4] = fmt.Errorf("scope: must be %s or %s, is %q", ScopeUserGroup, ScopeAll, o.Scope)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return e, nil
}

// parse returns the level as the library knows it. It is stricter than a
// Namespace's labels, of which a wrong one is read as restricted or privileged.
func (l Level) parse(option string) (api.LevelVersion, error) {
	lv := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	if l == (Level{}) {
		return lv, nil
	}
	level, levelErr := api.ParseLevel(l.Level)
	if levelErr != nil {
		levelErr = fmt.Errorf("%s.level: %w, is %q", option, levelErr, l.Level)
	}
	lv.Level = level
	var versionErr error
	if l.Version != "" {
		if lv.Version, versionErr = api.ParseVersion(l.Version); versionErr != nil {
			versionErr = fmt.Errorf("%s.version: %w, is %q", option, versionErr, l.Version)
		}
	}
	return lv, errors.Join(levelErr, versionErr)
}
