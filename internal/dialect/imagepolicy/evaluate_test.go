package imagepolicy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/policy"
)

const rootWeb = `{containers: [{name: web, image: web, securityContext: {runAsUser: 0}}]}`

func TestAuthorities(t *testing.T) {
	const static = "[{static: {action: pass}}]"
	tests := []struct {
		name        string
		authorities string
		want        []string
	}{
		{"pass", static, []string{"invalid value 0 (out of bound !=0)"}},
		{"fail", "[{static: {action: fail, message: no}}]", []string{"disallowed by static policy: no"}},
		{
			"fail twice", "[{static: {action: fail, message: no}}, {static: {action: fail, message: never}}]",
			[]string{"disallowed by static policy: no", "disallowed by static policy: never"},
		},
		{"one is enough", "[{static: {action: fail, message: no}}, {static: {action: pass}}]", []string{"invalid value 0 (out of bound !=0)"}},
		{"one is enough beside a key", "[{key: {kms: \"hashivault://a\"}}, {static: {action: pass}}]", []string{"invalid value 0 (out of bound !=0)"}},
		{"a key may pass what static refuses", "[{key: {kms: \"hashivault://a\"}}, {static: {action: fail}}]", nil},
		{"a key alone", "[{key: {kms: \"hashivault://a\"}}]", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := decode(t, clusterImagePolicy(noRootUser, replace(static, tt.authorities)))
			got := evaluate(t, p, pod(rootWeb))
			if len(got) != len(tt.want) {
				t.Fatalf("got %+v, want %q", got, tt.want)
			}
			for i, f := range got {
				if !strings.HasSuffix(f.Message, tt.want[i]) {
					t.Errorf("got %q, want %q", f.Message, tt.want[i])
				}
			}
			// What is not judged must not pass for a pass.
			if tt.want == nil && len(p.Notes) == 0 {
				t.Error("no finding and no note")
			}
		})
	}
}

func TestWarn(t *testing.T) {
	p := decode(t, clusterImagePolicy(noRootUser, replace("mode: enforce", "mode: warn")))
	got := evaluate(t, p, pod(rootWeb))
	if len(got) != 1 || got[0].Severity != policy.Warning {
		t.Errorf("want one warning, got %+v", got)
	}
}

// TestInput shows a policy all that it can ask for, by a policy that refuses
// each part.
func TestInput(t *testing.T) {
	const all = "    includeSpec: true\n    includeObjectMeta: true\n    includeTypeMeta: true"
	const refuse = `authorityMatches: "authority-0": static: false
metadata: labels: app: "other"
typemeta: kind: "Other"
spec: "x.y": "other"
_hidden: 1`
	p := decode(t, clusterImagePolicy(refuse,
		replace("    includeSpec: true", all),
		replace("{version: v1, resource: pods}", "{version: v1, resource: pods}, {group: apps, version: v1, resource: deployments}")))
	got := evaluate(t, p, `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {app: outer}}
spec: {x.y: object, template: {metadata: {labels: {app: inner}}, spec: {x.y: pod, containers: [{name: web, image: web}]}}}`)
	places := map[string]any{}
	for _, f := range got {
		places[f.Path+" of "+strings.SplitN(f.Message, ":", 2)[0]] = f.Current
	}
	want := map[string]any{
		`spec.template.spec.containers[0].image of container "web"`: nil, // authorityMatches
		"spec.template.metadata.labels.app of pod":                  "inner",
		`spec.template.spec["x.y"] of pod`:                          "pod",
		"metadata.labels.app of object":                             "outer",
		"kind of object":                                            "Deployment", // a Pod has no typemeta
		`spec["x.y"] of object`:                                     "object",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}

// TestNotAsked proves that a policy sees no more than it asks for.
func TestNotAsked(t *testing.T) {
	p := decode(t, clusterImagePolicy("spec: 1\nmetadata: 1\ntypemeta: 1\nconfig: 1", replace("includeSpec: true", "includeSpec: false")))
	if got := evaluate(t, p, deployment(rootWeb)); got != nil {
		t.Errorf("got %+v", got)
	}
}

// configFile is the configuration of an image for a platform, as an image holds
// it.
func configFile(t *testing.T, user, arch string) image.Config {
	t.Helper()
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: arch, Config: v1.Config{User: user}})
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return image.Config{Platform: "linux/" + arch, OS: "linux", User: user, File: file}
}

func TestConfigFile(t *testing.T) {
	const cue = `config: [string]: config: User: !="0"`
	const failed = `failed policy "no-root": `
	known := map[string][]image.Config{
		"good": {configFile(t, "65532", "amd64"), configFile(t, "65532", "arm64")},
		"bad":  {configFile(t, "65532", "amd64"), configFile(t, "0", "arm64")},
		"lock": {{Platform: "linux/amd64", User: "0"}},
		"odd":  {{Platform: "linux/amd64", File: []byte("{")}},
	}
	lookup := func(ref string) ([]image.Config, error) {
		if c := known[ref]; c != nil {
			return c, nil
		}
		return nil, image.ErrNotFound
	}
	p := decode(t, clusterImagePolicy(cue, replace("includeSpec: true", "fetchConfigFile: true"), replace(`"**"`, `"*"`)))
	e := p.Evaluators[0]
	if !e.NeedsImages("good") || e.NeedsImages("registry.example/good") || e.NeedsImages("a b") {
		t.Error("NeedsImages must be true exactly for what the globs select")
	}
	images := func(s *policy.Subject) { s.Images = lookup }
	tests := []struct {
		image  string
		reason policy.Reason
		want   string
	}{
		{"good", "", ""},
		{"bad", policy.ImagePolicyViolation, `config."linux/arm64".config.User: invalid value "0" (out of bound !="0")`},
		{"lock", policy.ImageUnavailable, "linux/amd64: no image configuration file available"},
		{"odd", policy.ImageUnavailable, "linux/amd64: unexpected EOF"},
		{"gone", policy.ImageUnavailable, "image not found"},
	}
	for _, tt := range tests {
		t.Run(tt.image, func(t *testing.T) {
			got := evaluate(t, p, pod(`{containers: [{name: web, image: `+tt.image+`}]}`), images)
			var want []said
			if tt.want != "" {
				want = []said{{policy.Error, tt.reason, "spec.containers[0].image", `container "web": ` + failed + tt.want, nil, []string{"web"}}}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("no source", func(t *testing.T) {
		got := evaluate(t, p, pod(`{containers: [{name: web, image: good}]}`))
		if len(got) != 1 || got[0].Reason != policy.ImageUnavailable {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("volume", func(t *testing.T) {
		got := evaluate(t, p, pod(`{containers: [{name: web, image: good}], volumes: [{name: model, image: {reference: bad}}]}`), images)
		if len(got) != 1 || got[0].Reason != policy.NotEvaluated || got[0].Path != "spec.volumes[0].image.reference" {
			t.Errorf("got %+v", got)
		}
	})
}

// TestUnreadable proves that what cannot be judged is never a pass.
func TestUnreadable(t *testing.T) {
	broken := errors.New("a duplicate key")
	tests := []struct {
		name   string
		spoil  func(*policy.Subject)
		reason policy.Reason
		want   string
	}{
		{
			"no JSON", func(s *policy.Subject) { s.PodJSON = func() (map[string]any, error) { return nil, broken } },
			policy.InvalidType, "the object cannot be read: a duplicate key",
		},
		{
			"too deep", func(s *policy.Subject) { s.PodJSON = nested(300) },
			policy.NotEvaluated, `policy "no-root" was not evaluated: the object is nested deeper than 200 levels`,
		},
		{
			"too long", func(s *policy.Subject) { s.PodJSON = long(600_000) },
			policy.NotEvaluated, `policy "no-root" was not evaluated: the object is longer than 524288 bytes`,
		},
	}
	p := decode(t, clusterImagePolicy(noRootUser))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := []said{{policy.Error, tt.reason, "spec", tt.want, nil, nil}}
			if diff := cmp.Diff(want, evaluate(t, p, pod(rootWeb), tt.spoil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func nested(depth int) func() (map[string]any, error) {
	return func() (map[string]any, error) {
		var v any
		for range depth {
			v = []any{v}
		}
		return map[string]any{"spec": v}, nil
	}
}

func long(n int) func() (map[string]any, error) {
	return func() (map[string]any, error) {
		return map[string]any{"spec": strings.Repeat("[", n)}, nil
	}
}

func TestCancel(t *testing.T) {
	p := decode(t, clusterImagePolicy(noRootUser))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range subjects(t, pod(rootWeb)) {
		// The evaluation may be done before the context is looked at.
		if got := p.Evaluators[0].Evaluate(ctx, s); len(got) != 1 || got[0].Severity != policy.Error {
			t.Errorf("got %+v", got)
		}
	}
}

// TestConcurrent evaluates many pods at once, more than a context is used for.
func TestConcurrent(t *testing.T) {
	p := decode(t, clusterImagePolicy(noRootUser))
	base := subjects(t, pod(rootWeb))[0]
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			for i := range 300 {
				s := base
				s.PodJSON = numbered(worker*300 + i)
				want := i % 2
				if got := p.Evaluators[0].Evaluate(context.Background(), s); len(got) != want {
					t.Errorf("user %d: got %+v", want, got)
				}
			}
		})
	}
	wg.Wait()
}

// numbered returns a pod of its own, whose user is 0 where n is odd.
func numbered(n int) func() (map[string]any, error) {
	return func() (map[string]any, error) {
		var m map[string]any
		err := json.Unmarshal(fmt.Appendf(nil, `{"metadata":{"name":"app-%d"},"spec":{"containers":[{"name":"web-%d","securityContext":{"runAsUser":%d}}]}}`, n, n, 1-n%2), &m)
		return m, err
	}
}

// BenchmarkEvaluate judges a pod not seen before, and one seen before.
func BenchmarkEvaluate(b *testing.B) {
	p := decode(b, clusterImagePolicy(noRootUser))
	base := subjects(b, pod(rootWeb))[0]
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			s := base
			s.PodJSON = numbered(2 * i)
			p.Evaluators[0].Evaluate(context.Background(), s)
		}
	})
	b.Run("seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s := base
			s.PodJSON = numbered(2)
			p.Evaluators[0].Evaluate(context.Background(), s)
		}
	})
}
