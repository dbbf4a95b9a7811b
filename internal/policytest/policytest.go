// Package policytest tests policies: a suite names policies, manifests, and what
// must come of them.
//
//	apiVersion: usergroup.dev/v1alpha1
//	kind: PolicyTest
//	metadata: {name: app-ids}
//	policies: [policy.yaml]
//	tests:
//	- name: root is refused
//	  manifests: [root.yaml]
//	  results:
//	  - {severity: error, reason: CannotUseRootUserID, resource: Pod/web, container: app, path: "…"}
//	- name: a missing id gets the default
//	  manifests: [web.yaml]
//	  results:
//	  - {severity: error, reason: MissingUserID, resource: Deployment/shop/web, container: web}
//	  fixed: web.fixed.yaml
//
// Results are those of check: every error and every warning, in any order; what a
// result of a suite leaves out is not compared, and that a policy is for none of a
// test's manifests (NothingMatched) need not be wanted. fixed is what fix makes of the
// manifests, byte for byte; where several are given, one after the other.
package policytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/image/sources"
	"github.com/usergroup-dev/usergroup/internal/closest"
	"github.com/usergroup-dev/usergroup/internal/ownfile"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// File is the name of a suite's file.
const File = "usergroup-test.yaml"

// kind and apiVersion of a suite.
const (
	apiVersion = "usergroup.dev/v1alpha1"
	kind       = "PolicyTest"
)

// Suite is a file of tests.
type Suite struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	// Policies are the files of the policies, relative to the suite's.
	Policies []string `json:"policies"`
	Tests    []Test   `json:"tests"`

	path string
}

// Metadata names a suite.
type Metadata struct {
	Name string `json:"name,omitempty"`
}

// Test is one test of a suite.
type Test struct {
	Name string `json:"name"`
	// Manifests are the files that are judged together, relative to the suite's.
	Manifests []string `json:"manifests"`
	// Results are the errors and warnings that check must find, and no others.
	Results []Result `json:"results,omitempty"`
	// Fixed is the file with what fix must make of the manifests.
	Fixed string `json:"fixed,omitempty"`
}

// Result is what a test wants of a finding; what is empty is not compared.
type Result struct {
	Severity policy.Severity `json:"severity,omitempty"`
	Reason   policy.Reason   `json:"reason"`
	// Resource is Kind/name or Kind/namespace/name.
	Resource  string `json:"resource,omitempty"`
	Container string `json:"container,omitempty"` // one of those concerned
	Path      string `json:"path,omitempty"`
	Policy    string `json:"policy,omitempty"`
}

// Outcome is what became of one test.
type Outcome struct {
	Suite, Test string
	Failures    []string // none where it passed
}

// Find lists the suites that paths stand for: files, or all below a folder.
func Find(paths []string) ([]string, error) {
	var found []string
	for _, p := range paths {
		before := len(found)
		err := filepath.WalkDir(p, func(path string, d os.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path == p && !d.IsDir(), !d.IsDir() && d.Name() == File:
				found = append(found, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(found) == before {
			return nil, fmt.Errorf("%s: no %s below this folder", p, File)
		}
	}
	return found, nil
}

// Load reads a suite.
func Load(path string) (*Suite, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &Suite{path: path}
	if err := ownfile.Decode(path, data, s); err != nil {
		return nil, err
	}
	var errs []error
	s.check(func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	})
	return s, errors.Join(errs...)
}

// check tells wrong what decoding alone does not find wrong with a suite.
func (s *Suite) check(wrong func(format string, args ...any)) {
	if s.APIVersion != apiVersion || s.Kind != kind {
		wrong("must be a %s of %s, is %q of %q", kind, apiVersion, s.Kind, s.APIVersion)
	}
	if len(s.Policies) == 0 {
		wrong("policies: is missing: name the files of the policies")
	}
	if len(s.Tests) == 0 {
		wrong("tests: is missing: a suite without tests passes whatever the policy says")
	}
	names := map[string]bool{}
	for i, t := range s.Tests {
		switch {
		case t.Name == "":
			wrong("tests[%d].name: is missing", i)
		case names[t.Name]:
			wrong("tests[%d].name: %q is defined more than once", i, t.Name)
		}
		names[t.Name] = true
		if len(t.Manifests) == 0 {
			wrong("tests[%d].manifests: is missing: name the files to judge", i)
		}
		for j, r := range t.Results {
			r.check(fmt.Sprintf("tests[%d].results[%d]", i, j), wrong)
		}
	}
}

// check is that of the suite for a result, which is at a path.
func (r Result) check(at string, wrong func(format string, args ...any)) {
	if r.Severity != "" && r.Severity != policy.Error && r.Severity != policy.Warning {
		wrong("%s.severity: must be error or warning, is %q", at, r.Severity)
	}
	switch {
	case r.Reason == "":
		wrong("%s.reason: is missing", at)
	case !slices.Contains(reasons(), string(r.Reason)):
		hint := "usergroup explain lists them"
		if meant := closest.To(string(r.Reason), reasons()); meant != "" {
			hint = fmt.Sprintf("did you mean %q", meant)
		}
		wrong("%s.reason: %q is not a reason of a finding: %s", at, r.Reason, hint)
	}
}

// reasons are those that a finding can have.
func reasons() []string {
	var names []string
	for _, r := range report.Rules() {
		names = append(names, string(r.Reason))
	}
	return names
}

// Options of a run.
type Options struct {
	Images sources.Options
	// Run selects tests whose "suite/test" it matches; nil is all.
	Run *regexp.Regexp
	// Update writes a file of the suite, or that the suite names: what comes of each
	// test takes the place of what was wanted. nil changes nothing.
	Update func(path string, data []byte) error
}

// Test runs the tests of a suite. The error is one of the suite itself: a file that
// is missing, a policy that is not valid.
func (s *Suite) Test(ctx context.Context, o Options) ([]Outcome, error) {
	policies, err := s.policies()
	if err != nil {
		return nil, err
	}
	var out []Outcome
	for i := range s.Tests {
		t := &s.Tests[i]
		if o.Run != nil && !o.Run.MatchString(s.Name()+"/"+t.Name) {
			continue
		}
		got, err := s.judge(ctx, t, policies, o.Images)
		if err != nil {
			return nil, fmt.Errorf("%s: test %q: %w", s.path, t.Name, err)
		}
		if o.Update != nil {
			if err := s.update(t, got, o.Update); err != nil {
				return nil, err
			}
		}
		failures, err := s.compare(t, got)
		if err != nil {
			return nil, err
		}
		out = append(out, Outcome{s.Name(), t.Name, failures})
	}
	if o.Update != nil {
		return out, s.save(o.Update)
	}
	return out, nil
}

// Name of the suite, else its folder.
func (s *Suite) Name() string {
	if s.Metadata.Name != "" {
		return s.Metadata.Name
	}
	return filepath.Base(filepath.Dir(s.path))
}

// at is the path of a file that the suite names.
func (s *Suite) at(name string) string { return filepath.Join(filepath.Dir(s.path), name) }

func (s *Suite) policies() ([]*policy.Policy, error) {
	var configs []*manifest.Item
	for _, name := range s.Policies {
		items, _, err := s.read(name)
		if err != nil {
			return nil, err
		}
		configs = append(configs, items...)
	}
	return engine.Policies(configs, nil)
}

func (s *Suite) read(name string) ([]*manifest.Item, *manifest.Stream, error) {
	data, err := os.ReadFile(s.at(name))
	if err != nil {
		return nil, nil, err
	}
	stream, err := manifest.ReadStream(s.at(name), data)
	if err != nil {
		return nil, nil, err
	}
	return stream.Items, stream, nil
}

// judgement is what check finds and what fix makes.
type judgement struct {
	results []report.Result
	fixed   []byte
}

func (s *Suite) judge(ctx context.Context, t *Test, policies []*policy.Policy, images sources.Options) (judgement, error) {
	checked, _, err := s.apply(ctx, t, policies, images, true)
	if err != nil {
		return judgement{}, err
	}
	_, fixed, err := s.apply(ctx, t, policies, images, false)
	return judgement{findings(checked.Results), fixed}, err
}

// apply applies the policies to the manifests of a test, and returns them as they
// then are.
func (s *Suite) apply(ctx context.Context, t *Test, policies []*policy.Policy, images sources.Options, check bool) (engine.Outcome, []byte, error) {
	var items []*manifest.Item
	var streams []*manifest.Stream
	for _, name := range t.Manifests {
		of, stream, err := s.read(name)
		if err != nil {
			return engine.Outcome{}, nil, err
		}
		items, streams = append(items, of...), append(streams, stream)
	}
	source, err := images.For(policies, items)
	if err != nil {
		return engine.Outcome{}, nil, err
	}
	p, err := engine.New(policies, engine.Options{Source: source, CheckOnly: check})
	if err != nil {
		return engine.Outcome{}, nil, err
	}
	out, err := p.Apply(ctx, items)
	if err != nil {
		return engine.Outcome{}, nil, err
	}
	var b bytes.Buffer
	for _, stream := range streams {
		if _, err := stream.WriteTo(&b); err != nil {
			return engine.Outcome{}, nil, err
		}
	}
	return out, b.Bytes(), nil
}

// findings are the errors and warnings among results.
func findings(results []report.Result) []report.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r report.Result) bool {
		return r.Changed || r.Severity == policy.Info
	})
}

// compare says in what the outcome of a test is not what it wants.
func (s *Suite) compare(t *Test, got judgement) ([]string, error) {
	var failures []string
	left := slices.Clone(got.results)
	for _, want := range t.Results {
		i := slices.IndexFunc(left, want.matches)
		if i < 0 {
			failures = append(failures, "missing: "+want.String())
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, r := range left {
		if r.Reason == policy.NothingMatched {
			continue // a suite's policies need not all be for the manifests of a test
		}
		failures = append(failures, "unexpected: "+report.Line(r))
	}
	if t.Fixed == "" {
		return failures, nil
	}
	want, err := os.ReadFile(s.at(t.Fixed))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(want, got.fixed) {
		failures = append(failures, "the output of fix differs from "+t.Fixed+":\n"+difference(t.Fixed, want, got.fixed))
	}
	return failures, nil
}

func (r Result) matches(got report.Result) bool {
	return r.Reason == got.Reason &&
		(r.Severity == "" || r.Severity == got.Severity) &&
		(r.Resource == "" || r.Resource == resource(got.Resource)) &&
		(r.Container == "" || slices.Contains(got.Containers, r.Container)) &&
		(r.Path == "" || r.Path == got.Path.String()) &&
		(r.Policy == "" || r.Policy == got.Policy)
}

// String is the result in words.
func (r Result) String() string {
	parts := []string{string(r.Reason)}
	for _, p := range []struct{ what, value string }{
		{"", string(r.Severity)}, {"on ", r.Resource}, {"container ", r.Container}, {"at ", r.Path}, {"of policy ", r.Policy},
	} {
		if p.value != "" {
			parts = append(parts, p.what+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

func resource(r report.Resource) string {
	if r.Kind == "" {
		return ""
	}
	if r.Namespace == "" {
		return r.Kind + "/" + r.Name
	}
	return r.Kind + "/" + r.Namespace + "/" + r.Name
}
