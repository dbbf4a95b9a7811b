// Package imagepolicy is the dialect of Sigstore's policy-controller: a
// ClusterImagePolicy selects images by globs, admits them by authorities and
// then judges the object that names them with a policy in CUE.
//
//	policies, err := imagepolicy.Decode(node, strict.Options{})
//
// What can be decided from manifests is decided as the controller decides it:
// globs, the match on kinds and labels, static authorities, and CUE over the
// spec, the metadata and the configuration of images. What cannot, signatures
// and attestations above all, becomes a warning in the policy's Notes and is
// never taken for a pass.
//
// There is one deliberate difference. The controller shows CUE only the object
// at hand, so that a policy written for pods passes every Deployment. Here a
// policy on pods is applied to each pod template as the Pod it will become; one
// on deployments sees the Deployment.
//
// CUE can describe values far larger than its text, and its evaluator cannot be
// interrupted. A policy must therefore stay within a subset whose cost is
// bounded, see budget, and what it may take on an object is bounded before it is
// evaluated, see estimator.
package imagepolicy

import (
	"fmt"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Decode decodes a ClusterImagePolicy. The one policy it returns has no
// strategies; it judges by its Evaluator.
func Decode(root *manifest.Node, o strict.Options) ([]*policy.Policy, error) {
	d := strict.New(root, o)
	var obj object
	d.Decode(root, nil, &obj)
	e := compile(d, &obj)
	if err := d.Err(); err != nil {
		return nil, err
	}
	p := &policy.Policy{
		Name:         obj.Metadata.Name,
		Dialect:      policykind.ClusterImagePolicy,
		Source:       policy.Source{Line: d.LineAt(nil)},
		ValidateOnly: true,
		Mode:         e.mode,
		Evaluators:   []policy.Evaluator{e},
	}
	for _, n := range notes(&obj.Spec) {
		p.Notes = append(p.Notes, policy.Finding{
			Policy: p.Name, Rule: policykind.ClusterImagePolicy, Reason: policy.NotEvaluated, Severity: policy.Warning,
			Message: fmt.Sprintf("%s %q: %s", policykind.ClusterImagePolicy, p.Name, n),
		})
	}
	return []*policy.Policy{p}, nil
}

// compile checks the object and makes its evaluator.
func compile(d *strict.Decoder, obj *object) *evaluator {
	e := &evaluator{name: obj.Metadata.Name, mode: policy.Enforce, line: d.LineAt(podspec.Field("spec", "policy"))}
	if obj.Spec.Mode == modeWarn {
		e.mode = policy.Warn
	}
	if e.name == "" {
		d.Failf(podspec.Field("metadata", "name"), "is required")
	}
	spec := podspec.Field("spec")
	e.globs = compileGlobs(d, spec.Key("images"), obj.Spec.Images)
	e.matches = compileMatches(d, spec.Key("match"), obj.Spec.Match)
	checkAuthorities(d, spec.Key("authorities"), obj.Spec.Authorities)
	e.authorities = obj.Spec.Authorities
	if p := obj.Spec.Policy; p != nil {
		checkPolicy(d, spec.Key("policy"), p)
		e.policy, e.engine = p, compilePolicy(d, spec.Key("policy", "data"), p)
	}
	return e
}

// compilePolicy returns the engine of a policy, nil where it is not evaluated
// here: see notes.
func compilePolicy(d *strict.Decoder, at podspec.Path, p *embedded) *engine {
	if p.Type != "cue" || p.Data == "" {
		return nil
	}
	e, errs := newEngine(p.Data)
	if len(errs) > 0 {
		text := make([]string, len(errs))
		for i, err := range errs {
			text[i] = err.Error()
		}
		d.Failf(at, "%s", strings.Join(text, "; "))
	}
	return e
}

// notes says what of the policy is not judged here.
func notes(s *spec) []string {
	var out []string
	var unknown []string
	for i, a := range s.Authorities {
		if a.Static == nil {
			unknown = append(unknown, fmt.Sprintf("%q", a.name(i)))
		}
	}
	if len(unknown) > 0 {
		n := "signatures and attestations are not verified: authorities " + strings.Join(unknown, ", ")
		if !s.passes() {
			n += "; no image is checked, because no static authority passes"
		}
		out = append(out, n)
	}
	p := s.Policy
	switch {
	case p == nil:
	case p.Type == "rego":
		out = append(out, "policies in Rego are not evaluated: spec.policy")
	case p.Data == "":
		out = append(out, "only a policy in spec.policy.data is evaluated, not one that is to be fetched")
	case p.FetchConfigFile:
		out = append(out, "only the platforms that are asked for are judged, where the controller judges all that an image has: spec.policy.fetchConfigFile")
	}
	return out
}
