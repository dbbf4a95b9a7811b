package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Merge puts the runs of several reports together, by file and object, whatever
// order they come in. Where they are shards, all of them must be there, and the
// Shard of the result has what they made use of together.
func Merge(runs []Run) (Run, error) {
	shard, err := mergeShards(runs)
	if err != nil {
		return Run{}, err
	}
	out := Run{Shard: shard}
	broken := map[string]bool{}
	for _, run := range runs {
		if out.Version = cmp.Or(out.Version, run.Version); out.Version != run.Version {
			return Run{}, fmt.Errorf("the reports are of different versions, %s and %s, which may give different results", out.Version, run.Version)
		}
		out.Exit = max(out.Exit, run.Exit)
		out.Summary.Merge(Summary{Objects: run.Summary.Objects, Checked: run.Summary.Checked, Changed: run.Summary.Changed, Accepted: run.Summary.Accepted})
		for _, r := range run.Results {
			// What keeps a run from judging anything, every shard says.
			if run.Shard != nil && unjudged(r) {
				key := string(r.Reason) + "\x00" + r.Message + "\x00" + r.File.Path
				if broken[key] {
					continue
				}
				broken[key] = true
			}
			out.Results = append(out.Results, r)
			out.Summary.Add(r)
		}
	}
	out.Order()
	return out, nil
}

// Order orders the results by file and object.
func (r *Run) Order() { slices.SortStableFunc(r.Results, byPlace) }

// mergeShards returns the shards as one, nil where there are none.
func mergeShards(runs []Run) (*Shard, error) {
	have := map[int]bool{}
	var all *Shard
	for _, run := range runs {
		s := run.Shard
		switch {
		case s == nil:
			continue
		case all == nil:
			all = &Shard{Index: 1, Of: s.Of}
		case s.Of != all.Of:
			return nil, fmt.Errorf("the reports are of different runs: shard %d/%d and shards of %d", s.Index, s.Of, all.Of)
		}
		if have[s.Index] {
			return nil, fmt.Errorf("shard %d/%d is given more than once", s.Index, s.Of)
		}
		have[s.Index] = true
		switch {
		case s.Usage == nil:
		case all.Usage == nil:
			all.Usage = s.Usage
		default:
			if err := all.Usage.Merge(*s.Usage); err != nil {
				return nil, err
			}
		}
	}
	if all == nil {
		return nil, nil
	}
	var missing []string
	for i := 1; i <= all.Of; i++ {
		if !have[i] {
			missing = append(missing, fmt.Sprintf("%d/%d", i, all.Of))
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("not everything was checked: the report of shard %s is missing", strings.Join(missing, ", "))
	}
	if len(have) != len(runs) {
		return nil, fmt.Errorf("%d of the reports are not of a shard, and the others are", len(runs)-len(have))
	}
	return all, nil
}

// byPlace orders results: what is said of policies and the run first, then by file
// and object.
func byPlace(a, b Result) int {
	about := func(r Result) int {
		if r.Resource == (Resource{}) && len(r.Path) == 0 {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(about(a), about(b)),
		cmp.Compare(a.File.Path, b.File.Path),
		cmp.Compare(a.File.Index, b.File.Index),
		cmp.Compare(a.Resource.String(), b.Resource.String()),
		comparePaths(a.Path, b.Path),
		cmp.Compare(a.Policy, b.Policy),
		cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Message, b.Message),
	)
}

// comparePaths orders paths as the values are in the object, as far as that is
// known: elements of a list by their number.
func comparePaths(a, b podspec.Path) int {
	return slices.CompareFunc(a, b, func(a, b podspec.Step) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Key, b.Key))
	})
}
