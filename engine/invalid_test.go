package engine_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// TestNewInvalid: policies that cannot be followed make no pipeline.
func TestNewInvalid(t *testing.T) {
	bad := &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs}}
	good := &policy.Policy{}
	_, err := engine.New([]*policy.Policy{bad, good, nil}, engine.Options{})
	if !errors.Is(err, config.ErrConfig) {
		t.Fatalf("error is %v", err)
	}
	for _, want := range []string{"policy 0: runAsUser.ranges", "policy 2: the policy is nil"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if _, err := engine.New([]*policy.Policy{good}, engine.Options{CheckOnly: true}); err != nil {
		t.Error(err)
	}
}

// TestAnyPolicy: whatever a program puts into a policy, there is an error or a
// verdict, and never a panic, whichever function is given it.
func TestAnyPolicy(t *testing.T) {
	const manifests = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: n}
spec:
  securityContext: {runAsUser: 0, supplementalGroups: [0, 5], fsGroup: 1}
  containers:
  - name: app
    image: app:1
  - name: root
    securityContext: {runAsUser: 0, runAsGroup: 7, runAsNonRoot: false}
`
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range 1000 {
		p, q := anyPolicy(r), anyPolicy(r)
		_ = config.Conflicts(p, q, true)
		_, _ = p.ForNamespace(nil)
		for _, pod := range []*podspec.Pod{{}, {Containers: []podspec.Container{{Name: "c"}}}, {Windows: true}} {
			validator.Evaluate(p, validator.Subject{Pod: pod})
		}
		pipeline, err := engine.New([]*policy.Policy{p, q}, engine.Options{})
		if err != nil {
			continue
		}
		valid++
		file, err := manifest.ReadStream("", []byte(manifests))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.Apply(t.Context(), file.Items); err != nil {
			t.Errorf("%+v, %+v: %v", p, q, err)
		}
	}
	if valid < 100 {
		t.Errorf("only %d of the pairs were valid", valid)
	}
}

// anyPolicy returns a policy of which mostly little is wrong.
func anyPolicy(r *rand.Rand) *policy.Policy {
	p := &policy.Policy{
		Name:         "p",
		ValidateOnly: r.IntN(8) == 0,
		Mode:         one(r, policy.Enforce, policy.Warn, "", "x"),
		Placement:    one(r, policy.PlaceBoth, policy.PlaceContainers, policy.PlacePod, "", "x"),
		Annotate:     r.IntN(2) == 0,
		Images:       policy.Images{Check: r.IntN(4) == 0, Platforms: one(r, nil, []string{"x"})},
		Output:       one(r, "", policy.OutputItems, policy.OutputNone, "x"),
		PodSpecPaths: one(r, nil, one(r, []policy.PodSpecPath{{}}, []policy.PodSpecPath{{Kind: "A", Paths: []string{"[*].."}}})),
		Match:        policy.Selector{Names: one(r, nil, []string{""}, []string{"[*"}), Images: one(r, nil, []string{"*"})},
		Exclude:      one(r, nil, nil, []policy.Exclusion{{}}),
	}
	for _, s := range []*policy.Strategy{&p.RunAsUser, &p.RunAsGroup, &p.SupplementalGroups, &p.FSGroup} {
		*s = policy.Strategy{
			Rule:          one(r, policy.MustRunAs, policy.MustRunAs, policy.MayRunAs, policy.RunAsAny, policy.MustBeUnset, "", policy.MustRunAsNonRoot),
			DefaultFrom:   one(r, "", policy.DefaultFromRange, policy.DefaultFromImage, "x"),
			RequireStrict: r.IntN(5) == 0,
		}
		if s.Rule == policy.MustRunAs || s.Rule == policy.MayRunAs {
			s.Ranges = one(r, policy.Ranges{{Min: 1000, Max: 1999}}, policy.Ranges{{Max: 5}, {Min: 7, Max: 7}}, one(r, nil, policy.Ranges{{Min: 5, Max: -5}}))
			s.Overwrite = s.Rule == policy.MustRunAs && one(r, false, true)
		} else if r.IntN(40) == 0 {
			s.Ranges, s.RangesFrom = policy.Ranges{{}}, policy.RangesFromOpenShift
		}
	}
	return p
}

// one returns one of the values, the last of which is seldom right.
func one[T any](r *rand.Rand, values ...T) T {
	if r.IntN(40) == 0 {
		return values[len(values)-1]
	}
	return values[r.IntN(len(values)-1)]
}
