package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestConflicts compares what is said of random policies with what each two of them
// contradict one another in.
func TestConflicts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 2000 {
		policies := make([]*policy.Policy, 2+r.IntN(4))
		for i := range policies {
			policies[i] = randomPolicy(r, fmt.Sprint(i))
		}
		pods := []*podspec.Pod{{Containers: make([]podspec.Container, r.IntN(4))}, {Containers: make([]podspec.Container, r.IntN(4))}}
		var applied []application
		for _, p := range policies {
			for _, pod := range pods[:1+r.IntN(2)] {
				if a, ok := randomApplication(r, p, pod); ok {
					applied = append(applied, a)
				}
			}
		}
		var want []string
		for i, p := range policies {
			for _, q := range policies[i+1:] {
				if err := contradiction(p, q, applied); err != nil {
					want = append(want, strings.Split(err.Error(), "\n")...)
				}
			}
		}
		var got []string
		if err := conflictsOf(policies).among(applied); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if found += len(want); !slices.Equal(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if found < 1000 {
		t.Errorf("only %d contradictions", found)
	}
}

// contradiction is what two policies contradict one another in on any pod.
func contradiction(p, q *policy.Policy, applied []application) error {
	var said error
	for _, a := range applied {
		for _, b := range applied {
			if a.policy != p || b.policy != q || a.pod != b.pod {
				continue
			}
			apart := len(a.containers) > 0 && !slices.ContainsFunc(a.containers, func(c *podspec.Container) bool { return slices.Contains(b.containers, c) })
			if err := config.Conflicts(p, q, apart); err != nil && (said == nil || !apart) {
				said = err
			}
		}
	}
	return said
}

func randomPolicy(r *rand.Rand, name string) *policy.Policy {
	p := &policy.Policy{Name: name, ValidateOnly: r.IntN(6) == 0}
	if r.IntN(2) == 0 {
		p.Placement = policy.PlaceContainers
	}
	for _, s := range []*policy.Strategy{&p.RunAsUser, &p.RunAsGroup, &p.FSGroup} {
		switch r.IntN(5) {
		case 0:
			s.Rule = policy.MustBeUnset
		case 1, 2:
			id := r.Int64N(2)
			s.Rule, s.Ranges = policy.MustRunAs, policy.Ranges{{Min: id, Max: 9}}
		}
	}
	return p
}

// randomApplication is a policy on some of a pod's containers; ok is false where that
// is none of those that there are.
func randomApplication(r *rand.Rand, p *policy.Policy, pod *podspec.Pod) (a application, ok bool) {
	a = application{policy: p, pod: pod}
	for i := range pod.Containers {
		if r.IntN(2) == 0 {
			a.containers = append(a.containers, &pod.Containers[i])
		}
	}
	return a, len(a.containers) > 0 || len(pod.Containers) == 0
}

// TestManyConflicts: of many contradictions of one object some are said, and that
// there are more.
func TestManyConflicts(t *testing.T) {
	t.Parallel()
	pod := &podspec.Pod{Containers: make([]podspec.Container, 1)}
	var policies []*policy.Policy
	var applied []application
	for i := range 500 {
		p := &policy.Policy{Name: fmt.Sprint(i), FSGroup: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: int64(i), Max: 1000}}}}
		policies = append(policies, p)
		applied = append(applied, application{p, pod, []*podspec.Container{&pod.Containers[0]}})
	}
	err := conflictsOf(policies).among(applied)
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != maxConflicts+1 {
		t.Fatalf("%d contradictions, want %d and the error that there are more", len(joined.Unwrap()), maxConflicts)
	}
	if last := joined.Unwrap()[maxConflicts].Error(); !strings.Contains(last, "more policies for the object disagree") {
		t.Error(last)
	}
}
