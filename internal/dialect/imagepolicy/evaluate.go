package imagepolicy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/podindex"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// evaluator judges objects by one ClusterImagePolicy.
type evaluator struct {
	name        string
	mode        policy.Mode
	line        int // of spec.policy
	globs       []glob
	matches     []match
	authorities []authority
	policy      *embedded // nil where there is none
	engine      *engine   // of policy; nil where it is not evaluated
}

// NeedsImages reports whether the policy looks into the image's configuration.
func (e *evaluator) NeedsImages(ref string) bool {
	if e.engine == nil || !e.policy.FetchConfigFile || len(e.matched()) == 0 {
		return false
	}
	if ref == "" {
		return true
	}
	selected, err := e.selectsImage(ref)
	return selected && err == nil
}

// Evaluate judges the object of one pod spec. Where the policy is for the
// object itself, its findings are the same for every pod spec of the object.
func (e *evaluator) Evaluate(ctx context.Context, s policy.Subject) []policy.Finding {
	findings, _ := e.EvaluateSelected(ctx, s)
	return findings
}

// EvaluateSelected is Evaluate, and reports whether the policy is for the object and
// for one of its images. It is, where that cannot be told.
func (e *evaluator) EvaluateSelected(ctx context.Context, s policy.Subject) (findings []policy.Finding, isFor bool) {
	var images []selected
	views, err := e.views(s)
	switch {
	case err != nil:
		findings, isFor = []policy.Finding{e.finding(policy.InvalidType, s.Pod.Path, fmt.Sprintf("the object cannot be read: %v", err))}, true
	case len(views) > 0:
		images, findings = e.images(s)
		isFor = len(images)+len(findings) > 0
	}
	if !e.decides() {
		return nil, isFor // see notes
	}
	return append(findings, e.onImages(ctx, s, views, images)...), isFor
}

// onImages judges the images that the policy is for, in each view of their object.
func (e *evaluator) onImages(ctx context.Context, s policy.Subject, views []view, images []selected) (findings []policy.Finding) {
	if len(images) == 0 {
		return nil
	}
	matched := e.matched()
	if len(matched) == 0 {
		return e.disallowed(images)
	}
	if e.engine == nil {
		return nil
	}
	said := map[string]bool{}
	for _, v := range views {
		for _, f := range e.judge(ctx, s, v.with("authorityMatches", matched), images) {
			if k := f.Path.String() + " " + f.Message; !said[k] {
				said[k] = true
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// decides reports whether it is known which authorities let an image pass: one
// is enough, and only a static one is known.
func (e *evaluator) decides() bool {
	for _, a := range e.authorities {
		if a.Static == nil {
			return len(e.matched()) > 0
		}
	}
	return true
}

// matched returns the authorities that let every image pass, as a policy sees
// them. None is needed to verify anything.
func (e *evaluator) matched() map[string]any {
	m := map[string]any{}
	for i, a := range e.authorities {
		if a.Static != nil && a.Static.Action == pass {
			m[a.name(i)] = map[string]any{"static": true}
		}
	}
	return m
}

// disallowed returns the findings of images that every authority refuses.
func (e *evaluator) disallowed(images []selected) []policy.Finding {
	var out []policy.Finding
	for _, img := range images {
		for _, a := range e.authorities {
			f := e.imageFinding(policy.ImagePolicyViolation, img, "disallowed by static policy: "+a.Static.Message)
			f.Rule, f.Current = "static", img.ref
			out = append(out, f)
		}
	}
	return out
}

// judge evaluates the policy on a view: once, or once for each image where it
// looks into their configurations.
func (e *evaluator) judge(ctx context.Context, s policy.Subject, v view, images []selected) []policy.Finding {
	if !e.policy.FetchConfigFile {
		return e.run(ctx, s, v, images[0], "")
	}
	var out []policy.Finding
	for _, img := range images {
		if len(img.container) == 0 {
			out = append(out, e.imageFinding(policy.NotEvaluated, img, "the configuration of a volume's image is not read here"))
			continue
		}
		configs, err := img.configs(s.Images)
		if err != nil {
			out = append(out, e.imageFinding(policy.ImageUnavailable, img, err.Error()))
			continue
		}
		out = append(out, e.run(ctx, s, v.with("config", configs), img, img.ref)...)
	}
	return out
}

// run evaluates the policy on one input. What CUE says of no place in the
// object is said of the image img; ref is the image that the findings concern.
func (e *evaluator) run(ctx context.Context, s policy.Subject, v view, img selected, ref string) []policy.Finding {
	input, err := json.Marshal(v.input)
	if err != nil {
		return []policy.Finding{e.finding(policy.InvalidType, s.Pod.Path, fmt.Sprintf("the object cannot be read: %v", err))}
	}
	violations, err := e.engine.evaluate(ctx, input)
	if err != nil {
		return []policy.Finding{e.finding(policy.NotEvaluated, s.Pod.Path, fmt.Sprintf("policy %q was not evaluated: %v", e.name, err))}
	}
	var out []policy.Finding
	in := podindex.New(s.Pod)
	for _, x := range violations {
		f := e.finding(policy.ImagePolicyViolation, img.path, "")
		f.Image = ref
		who, containers := img.who, img.container
		if path, value, ok := v.locate(x.path); ok {
			f.Path, f.Current = path, scalar(value)
			who, containers = whoAt(s.Pod, in, path)
		}
		f.Containers = containers
		f.Message = who + ": " + e.failed(x.String())
		out = append(out, f)
	}
	return out
}

// failed says that the policy failed, in the controller's words.
func (e *evaluator) failed(why string) string {
	return fmt.Sprintf("failed policy %q: %s", e.name, why)
}

// finding returns a finding with what all of the policy's findings have in
// common.
func (e *evaluator) finding(reason policy.Reason, at podspec.Path, message string) policy.Finding {
	return policy.Finding{
		Policy:     e.name,
		PolicyLine: e.line,
		Rule:       "cue",
		Reason:     reason,
		Severity:   e.mode.Severity(),
		Message:    message,
		Path:       at,
	}
}

// imageFinding returns a finding about an image that is not admitted.
func (e *evaluator) imageFinding(reason policy.Reason, img selected, why string) policy.Finding {
	f := e.finding(reason, img.path, img.who+": "+e.failed(why))
	f.Image, f.Containers = img.ref, img.container
	return f
}

var errNoSource = errors.New("no source of images is configured")

// configs returns the image's configuration files by platform, as the
// controller gives them to a policy.
func (img selected) configs(lookup image.Lookup) (map[string]*v1.ConfigFile, error) {
	if lookup == nil {
		return nil, errNoSource
	}
	configs, err := lookup(img.ref)
	if err != nil {
		return nil, err
	}
	out := map[string]*v1.ConfigFile{}
	for _, c := range configs {
		if c.File == nil {
			return nil, fmt.Errorf("%s: %w", c.Platform, image.ErrNoConfigFile)
		}
		f, err := v1.ParseConfigFile(bytes.NewReader(c.File))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Platform, err)
		}
		p := v1.Platform{OS: f.OS, Architecture: f.Architecture, Variant: f.Variant, OSVersion: f.OSVersion}
		out[p.String()] = f
	}
	return out, nil
}

// with returns the view with one more field in its input.
func (v view) with(key string, value any) view {
	v.input = maps.Clone(v.input)
	v.input[key] = value
	return v
}
