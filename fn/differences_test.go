package fn_test

import (
	"context"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// policies decodes policies as the functionConfig is decoded.
func policies(t testing.TB, text string) []*policy.Policy {
	t.Helper()
	s, err := manifest.ReadStream("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ps, err := fn.Policies(s.Items, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// apply sends manifests through the whole pipeline.
func apply(t testing.TB, ps []*policy.Policy, manifests string) (outcome fn.Outcome, out string) {
	t.Helper()
	p, err := fn.NewPipeline(ps, fn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := manifest.ReadStream("", []byte(manifests))
	if err != nil {
		t.Fatal(err)
	}
	if outcome, err = p.Apply(context.Background(), s.Items); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return outcome, b.String()
}
