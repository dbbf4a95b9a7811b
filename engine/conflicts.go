package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/written"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// conflicts are what policies may contradict one another in: nil where no two of
// them write different values. Whether they are for one pod shows with the pod.
type conflicts map[*policy.Policy]writer

// writer is a policy that writes.
type writer struct {
	number int      // among the pipeline's policies
	values []string // by written.Fields, what it writes; "" for nothing
}

func conflictsOf(policies []*policy.Policy) conflicts {
	fields := written.Fields()
	out := conflicts{}
	first := make([]string, len(fields)) // that any policy writes
	disagree := false
	for n, p := range policies {
		if !p.Mutates() {
			continue
		}
		w := writer{n, make([]string, len(fields))}
		for i, f := range fields {
			w.values[i] = written.By(f.Of(p))
			first[i] = cmp.Or(first[i], w.values[i])
			disagree = disagree || w.values[i] != "" && w.values[i] != first[i]
		}
		out[p] = w
	}
	if !disagree {
		return nil
	}
	return out
}

// application is a policy on a pod that it is for.
type application struct {
	policy     *policy.Policy
	pod        *podspec.Pod
	containers []*podspec.Container // of the pod, those that the policy is for
}

// spot is a field to which policies must write the same: of a container or, where
// that is nil, of a pod.
type spot struct {
	pod       *podspec.Pod
	container *podspec.Container
	field     int
}

// maxConflicts is how many contradictions of one object are said. It is not changed
// because of one of them.
const maxConflicts = 100

// among returns the contradictions between policies on one object, each once.
func (c conflicts) among(applied []application) error {
	if c == nil {
		return nil
	}
	spots := spots{writers: map[spot][]*policy.Policy{}}
	for _, a := range applied {
		spots.add(a, c[a.policy].values)
	}
	pairs := map[[2]*policy.Policy]bool{} // whether the two are for one container
	for _, at := range spots.order {
		c.disagree(at, spots.writers[at], pairs)
	}
	var errs []error
	for _, pair := range slices.SortedFunc(maps.Keys(pairs), c.compare) {
		if len(errs) == maxConflicts {
			errs = append(errs, fmt.Errorf("more policies for the object disagree: these are %d of the contradictions", maxConflicts))
			break
		}
		errs = append(errs, config.Conflicts(pair[0], pair[1], !pairs[pair]))
	}
	return errors.Join(errs...)
}

// compare orders pairs of policies as the pipeline does.
func (c conflicts) compare(a, b [2]*policy.Policy) int {
	return cmp.Or(cmp.Compare(c[a[0]].number, c[b[0]].number), cmp.Compare(c[a[1]].number, c[b[1]].number))
}

// disagree adds the pairs of policies that write different values to one spot, and
// after more than maxConflicts no more.
func (c conflicts) disagree(at spot, policies []*policy.Policy, pairs map[[2]*policy.Policy]bool) {
	byValue := map[string][]*policy.Policy{}
	var values []string
	for _, p := range policies {
		v := c[p].values[at.field]
		if len(byValue[v]) == 0 {
			values = append(values, v)
		}
		byValue[v] = append(byValue[v], p)
	}
	together := at.container != nil || len(at.pod.Containers) == 0
	left := maxConflicts + 1
	for i, v := range values {
		for _, w := range values[i+1:] {
			for _, p := range byValue[v] {
				for _, q := range byValue[w] {
					if left--; left < 0 {
						return
					}
					pair := [2]*policy.Policy{p, q}
					if c[p].number > c[q].number {
						pair = [2]*policy.Policy{q, p}
					}
					pairs[pair] = pairs[pair] || together
				}
			}
		}
	}
}

// spots are the policies that write to each spot, in the order of the policies.
type spots struct {
	order   []spot
	writers map[spot][]*policy.Policy
}

// add adds what a policy writes. A value of the pod is inherited by all containers,
// so that it matters to policies for other containers, unless it is only written
// on containers. A pod without containers of its own is common to all.
func (s *spots) add(a application, values []string) {
	for i, f := range written.Fields() {
		if len(values) == 0 || values[i] == "" {
			continue
		}
		if f.Pod || a.policy.Placement != policy.PlaceContainers || len(a.containers) == 0 {
			s.write(spot{pod: a.pod, field: i}, a.policy)
		}
		for _, c := range a.containers {
			if !f.Pod {
				s.write(spot{a.pod, c, i}, a.policy)
			}
		}
	}
}

func (s *spots) write(at spot, p *policy.Policy) {
	if len(s.writers[at]) == 0 {
		s.order = append(s.order, at)
	}
	s.writers[at] = append(s.writers[at], p)
}
