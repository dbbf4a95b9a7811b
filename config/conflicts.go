package config

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/written"
	"github.com/usergroup-dev/usergroup/policy"
)

// Conflicts returns an error for every field that two policies for one pod would
// write differently, or nil. apart is whether no container is in both.
//
// Two policies are in conflict over a field where both mutate and the one would
// write another value than the other, or the one would write a value and the
// other remove it; whichever came last would win, and what it wrote the other
// would change again in the next run. It does not matter whether the object at
// hand has a value already that suits both: the next one may not. Policies that
// write the same are not in conflict, nor is one that writes with one that only
// judges: what it finds, it reports.
//
// Policies for different containers of a pod are in conflict over runAsUser and
// runAsGroup only if both write on the pod, whose value all containers inherit:
// placement Containers on one of them resolves it. Over the groups that only a
// pod has, they are in conflict whatever the placement.
func Conflicts(p, q *policy.Policy, apart bool) error {
	if !p.Mutates() || !q.Mutates() {
		return nil
	}
	apart = apart && (p.Placement == policy.PlaceContainers || q.Placement == policy.PlaceContainers)
	var errs Errors
	for _, f := range written.Fields() {
		a, b := written.By(f.Of(p)), written.By(f.Of(q))
		if a == "" || b == "" || a == b || apart && !f.Pod {
			continue
		}
		errs = append(errs, &strict.Error{Msg: fmt.Sprintf(
			"policies %q and %q both match and disagree on %s: %q would %s, %q would %s",
			p.Name, q.Name, f.Name, p.Name, a, q.Name, b)})
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}
