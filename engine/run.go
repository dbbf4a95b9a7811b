package engine

import (
	"context"
	"slices"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// Gathering reads from all items what judging any one of them needs, the
// Namespaces and the images, for items that come in parts of which none is kept:
//
//	g := p.Gather()
//	for g.Next() {
//		for each part {
//			err := g.Add(ctx, items)
//		}
//	}
//	run, err := g.Run(ctx)
//	outcome := run.Begin()
//	for each part {
//		of, err := run.Apply(ctx, items)
//		outcome.Merge(of)
//	}
//	outcome.Merge(run.End())
//
// Most policies need nothing of the kind, and Next is false at once.
type Gathering struct {
	run    *run
	wanted map[*policy.Policy]map[string]bool // images
	passes []pass
	pass   pass
}

// pass is what is read from the items in one pass over all of them.
type pass struct {
	add func(context.Context, []*manifest.Item) error
	// others is whether items that are not judged here have a say, too.
	others bool
}

// Gather begins a run.
func (p *Pipeline) Gather() *Gathering {
	g := &Gathering{run: newRun(p), wanted: map[*policy.Policy]map[string]bool{}}
	if slices.ContainsFunc(p.policies, asksForNamespaces) {
		g.run.namespaces = namespaces{byName: map[string]*policy.Namespace{}, disagree: map[string]bool{}}
		g.passes = append(g.passes, pass{g.addNamespaces, true})
	}
	// Which images are of interest may depend on the Namespaces.
	if slices.ContainsFunc(p.policies, (*policy.Policy).NeedsImages) {
		g.passes = append(g.passes, pass{g.addImages, false})
	}
	return g
}

// Next reports whether another pass over all items is needed, and begins it.
func (g *Gathering) Next() bool {
	if len(g.passes) == 0 {
		return false
	}
	g.pass, g.passes = g.passes[0], g.passes[1:]
	return true
}

// Others reports whether the pass that Next has begun also needs items that other
// runs judge: a Namespace says something of what is in it, wherever that is.
func (g *Gathering) Others() bool { return g.pass.others }

// Add reads items, in the order in which they will be judged. It must not be
// called from several goroutines at once.
func (g *Gathering) Add(ctx context.Context, items []*manifest.Item) error {
	return g.pass.add(ctx, items)
}

// Run reads the configurations of the images, and returns what judges the items.
func (g *Gathering) Run(ctx context.Context) (*Run, error) {
	if len(g.wanted) > 0 {
		var err error
		if g.run.images, err = g.run.resolve(ctx, g.wanted); err != nil {
			return nil, err
		}
	}
	return &Run{g.run}, nil
}

// Run judges items and changes them.
type Run struct{ run *run }

// Begin returns what is to be said before all items: what of the policies is not
// judged.
func (r *Run) Begin() Outcome {
	var notes []policy.Finding
	for _, p := range r.run.policies {
		notes = append(notes, p.Notes...)
	}
	var results []report.Result
	for _, f := range notes {
		results = append(results, report.FromFinding(f, report.Resource{}, report.File{Path: f.PolicyFile, Line: f.PolicyLine}))
	}
	return r.ofPolicies(results)
}

// ofPolicies reports what is said of the policies themselves.
func (r *Run) ofPolicies(results []report.Result) Outcome {
	var o itemOutcome
	rep := reporter{itemOutcome: &o, desk: new(desk), render: r.run.render}
	for _, res := range results {
		rep.report(res)
	}
	o.rendered = rep.desk.taken()
	var out Outcome
	out.add(o)
	return out
}

// Waits reports whether some of the items are of a kind that is not known and say
// something about users and groups, so that a CustomResourceDefinition among items
// that are still to come may be needed to judge them: apply all others first, and
// then Learn.
func (r *Run) Waits(items []*manifest.Item) bool {
	return slices.ContainsFunc(items, func(it *manifest.Item) bool {
		head, err := it.Head()
		return err == nil && r.run.table.Classify(head.APIVersion, head.Kind) == workload.Unknown &&
			!head.IsNothing() && saysUsers(it) && !r.run.table.Knows(head.APIVersion, head.Kind)
	})
}

// Learn returns a run that also knows the kinds whose CustomResourceDefinitions are
// among the items. What r has been used for counts for it, too.
func (r *Run) Learn(items []*manifest.Item) *Run {
	out := *r.run
	out.Pipeline = r.run.Pipeline.Learn(items)
	return &Run{&out}
}

// Policies returns the policies of the run.
func (r *Run) Policies() []*policy.Policy { return r.run.policies }

// IsSchema reports whether an item may hold a CustomResourceDefinition, for Learn.
func IsSchema(it *manifest.Item) bool { return workload.IsSchema(it) }

// Apply enforces the policies on some of the items, in place; it may be called
// from several goroutines at once. The error means that an item could not be
// read; the items are then half done and must not be written.
func (r *Run) Apply(ctx context.Context, items []*manifest.Item) (Outcome, error) {
	var out Outcome
	outcomes := make([]itemOutcome, min(batch, len(items)))
	for start := 0; start < len(items); start += batch {
		part := items[start:min(start+batch, len(items))]
		err := parallel(ctx, len(part), func(i int) error {
			var err error
			outcomes[i], err = r.run.item(ctx, part[i])
			if r.run.progress != nil {
				r.run.progress(1)
			}
			return err
		})
		if err != nil {
			return Outcome{}, err
		}
		for i, o := range outcomes[:len(part)] {
			out.add(o)
			if o.reencoded != "" {
				if out.Reencoded == nil {
					out.Reencoded = map[int]string{}
				}
				out.Reencoded[start+i] = o.reencoded
			}
		}
	}
	return out, nil
}

// batch is how many items are judged before their outcomes are put together: what
// there is nothing to say of takes no memory then.
const batch = 1024

// End returns what is to be said after all items: what of the policies was for
// nothing.
func (r *Run) End() Outcome {
	return r.ofPolicies(Unused(r.Usage()))
}

// newRun begins a run.
func newRun(p *Pipeline) *run {
	return &run{Pipeline: p, usage: newUsage(p.policies), resolved: new(resolved), desks: new(desks)}
}

// run is what the items of a run share; read-only once gathered, but for usage and
// the desks.
type run struct {
	*Pipeline
	namespaces namespaces
	images     map[*policy.Policy]image.Lookup
	usage      *usage
	resolved   *resolved
	root       string // see packageRoot
	desks      *desks
}
