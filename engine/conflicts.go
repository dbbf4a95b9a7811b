package engine

import (
	"errors"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// conflicts are the contradictions of each two policies that have any, in the
// order of the pipeline's policies. Whether they are for one pod shows with the
// pod; what they contradict one another in does not depend on it.
type conflicts map[[2]*policy.Policy]conflict

// conflict is what two policies disagree on where they are for one container, and
// where each is for other containers of the pod.
type conflict struct{ together, apart error }

func conflictsOf(policies []*policy.Policy) conflicts {
	out := conflicts{}
	for i, p := range policies {
		for _, q := range policies[i+1:] {
			if err := config.Conflicts(p, q, false); err != nil {
				out[[2]*policy.Policy{p, q}] = conflict{err, config.Conflicts(p, q, true)}
			}
		}
	}
	return out
}

// application is a policy on a pod that it is for.
type application struct {
	policy     *policy.Policy
	pod        *podspec.Pod
	containers []*podspec.Container // of the pod, those that the policy is for
}

// among returns the contradictions between policies on one object, each once.
func (c conflicts) among(applied []application) error {
	if len(c) == 0 {
		return nil
	}
	var pairs [][2]*policy.Policy
	found := map[[2]*policy.Policy]error{}
	for i, a := range applied {
		for _, b := range applied[i+1:] {
			pair := [2]*policy.Policy{a.policy, b.policy}
			disagree, ok := c[pair]
			if !ok || a.pod != b.pod {
				continue
			}
			if _, ok := found[pair]; !ok {
				pairs = append(pairs, pair)
				found[pair] = disagree.apart
			}
			if !a.isApartFrom(b) {
				found[pair] = disagree.together // says all that apart says
			}
		}
	}
	var errs []error
	for _, pair := range pairs {
		errs = append(errs, found[pair])
	}
	return errors.Join(errs...)
}

// isApartFrom reports whether two policies on a pod are for no container of it in
// common. A pod without containers of its own is in common.
func (a application) isApartFrom(b application) bool {
	return len(a.containers) > 0 && !slices.ContainsFunc(a.containers, func(c *podspec.Container) bool {
		return slices.Contains(b.containers, c)
	})
}
