package report

import (
	"errors"
	"slices"
)

// Shard says which part of a check a run is. That a policy was for nothing no
// shard can know: each says what it made use of, and Usage.Merge puts that together.
type Shard struct {
	Index int    `json:"index"` // from 1
	Of    int    `json:"of"`
	Usage *Usage `json:"usage,omitempty"` // nil where nothing was judged
}

// Usage is what a run made use of in its policies.
type Usage struct {
	Workloads bool          `json:"workloads"` // whether there were any
	Policies  []PolicyUsage `json:"policies"`
}

// PolicyUsage is what a run made use of in one policy.
type PolicyUsage struct {
	Policy     string           `json:"policy"`
	File       string           `json:"file,omitempty"`
	Line       int              `json:"line,omitempty"`
	Empty      bool             `json:"empty,omitempty"` // it has no rule
	Selected   bool             `json:"selected"`        // match selected a workload
	Unplaced   bool             `json:"unplaced"`        // match would select a workload, but for the namespace that it does not name
	Hints      []string         `json:"hints,omitempty"` // what match names that is not known
	Exclusions []ExclusionUsage `json:"exclusions,omitempty"`
}

// ExclusionUsage is whether an element of exclude excluded anything.
type ExclusionUsage struct {
	Line int  `json:"line,omitempty"`
	Used bool `json:"used"`
}

// Merge adds what another run of the same policies made use of. It is an error where
// the policies are others.
func (u *Usage) Merge(o Usage) error {
	same := slices.EqualFunc(u.Policies, o.Policies, func(a, b PolicyUsage) bool {
		return a.Policy == b.Policy && a.Empty == b.Empty && len(a.Exclusions) == len(b.Exclusions)
	})
	if !same {
		return errors.New("the shards are of different policies")
	}
	u.Workloads = u.Workloads || o.Workloads
	for i := range u.Policies {
		u.Policies[i].merge(o.Policies[i])
	}
	return nil
}

func (p *PolicyUsage) merge(o PolicyUsage) {
	p.Selected = p.Selected || o.Selected
	p.Unplaced = p.Unplaced || o.Unplaced
	// A schema that only one of them has seen may have taught the kind.
	p.Hints = slices.DeleteFunc(p.Hints, func(h string) bool { return !slices.Contains(o.Hints, h) })
	for i := range p.Exclusions {
		p.Exclusions[i].Used = p.Exclusions[i].Used || o.Exclusions[i].Used
	}
}
