// Package engine applies policies to manifests. It is what the function (package
// fn), the command line and Go programs have in common:
//
//	policies, err := engine.Policies(configs, items)
//	p, err := engine.New(policies, engine.Options{Source: images})
//	outcome, err := p.Apply(ctx, items)
//
// Apply edits the items in place and says in its Outcome what it found and did.
// It decodes only what may hold a pod; reads from all items what judging one of
// them needs, the Namespaces and the images (gather.go); decides for each object
// which policies are for it (scope.go); judges it (object.go); edits it and
// judges the result, so that an object with an error left keeps its bytes
// (edit.go). Objects are judged on all processors and reported in their order.
package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// Pipeline applies policies to items. A Pipeline is made by New and may
// be used for several sets of items, one after the other.
type Pipeline struct {
	policies  []*policy.Policy
	conflicts conflicts
	table     *workload.Table
	source    image.Source
	render    func(b []byte, r *report.Result) []byte
	details   bool
	workloads bool
	progress  func(items int)
	origins   *origins // see Options.Origin
	// localConfig is Options.LocalConfig.
	localConfig bool
	// judgesImages is whether a policy's strategies ask for images.
	judgesImages bool
}

// Options of a pipeline.
type Options struct {
	// Source reads image configurations for the policies that ask for them. Nil
	// means that every image is unavailable.
	Source image.Source
	// Schemas are items with CustomResourceDefinitions that say where kinds which
	// are not known have their security contexts. They are not judged.
	Schemas []*manifest.Item
	// LocalConfig is whether objects with the annotation
	// config.kubernetes.io/local-config are left alone: kustomize and kpt keep
	// them from the cluster, everybody else applies them.
	LocalConfig bool
	// CheckOnly reports what would be changed and changes nothing.
	CheckOnly bool
	// Render, where it is set, appends each result to b in the form in which it
	// will be printed. Outcome.Rendered then holds all of them and
	// Outcome.Results only errors and warnings: a run on thousands of objects
	// makes more results than is good to keep.
	Render func(b []byte, r *report.Result) []byte
	// Details fills Result.Detail of findings in files: the source, and what mends
	// them. It costs about as much as judging.
	Details bool
	// Workloads fills Outcome.Workloads.
	Workloads bool
	// Origin, where it is set, reads a file that objects were rendered from, for the
	// lines of results on objects that are in no file themselves and that name it, as
	// kustomize's annotation config.kubernetes.io/origin does.
	Origin func(file string) ([]*manifest.Item, error)
	// Progress, where it is set, is called from several goroutines with the number
	// of items judged since it was called last.
	Progress func(items int)
}

// New returns a pipeline for the policies, which are not changed. The error wraps
// config.ErrConfig and joins all for which they cannot be followed: see
// policy.Policy.Validate.
func New(policies []*policy.Policy, opts Options) (*Pipeline, error) {
	var paths []policy.PodSpecPath
	var errs []error
	prepared := make([]*policy.Policy, len(policies))
	for i, p := range policies {
		if err := p.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("%w: policy %d: %w", config.ErrConfig, i, err))
			continue
		}
		paths = append(paths, p.PodSpecPaths...)
		prepared[i] = p.Prepared()
	}
	policies = prepared
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	table, err := workload.Builtin().With(paths)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", config.ErrConfig, err)
	}
	table = table.Learn(opts.Schemas)
	// A change to what is thrown away afterwards is not a change.
	if opts.CheckOnly || slices.ContainsFunc(policies, func(p *policy.Policy) bool { return p.Output == policy.OutputNone }) {
		checks := make([]*policy.Policy, len(policies))
		for i, p := range policies {
			c := *p
			c.ValidateOnly = true
			checks[i] = &c
		}
		policies = checks
	}
	var from *origins
	if opts.Origin != nil {
		from = &origins{table: table, read: opts.Origin}
	}
	return &Pipeline{
		origins: from, policies: policies, conflicts: conflictsOf(policies), table: table, source: opts.Source, render: opts.Render,
		details: opts.Details, workloads: opts.Workloads, progress: opts.Progress,
		localConfig:  opts.LocalConfig,
		judgesImages: slices.ContainsFunc(policies, (*policy.Policy).JudgesImages),
	}, nil
}

// Learn returns a pipeline that also knows the kinds whose
// CustomResourceDefinitions are among the items. Apply does so by itself; where items
// come in parts, see Run.Waits.
func (p *Pipeline) Learn(items []*manifest.Item) *Pipeline {
	table := p.table.Learn(items)
	if table == p.table {
		return p
	}
	out := *p
	out.table = table
	return &out
}

// skips reports whether an object does not reach a cluster.
func (p *Pipeline) skips(o workload.Object) bool { return p.localConfig && o.LocalConfig }

// Outcome is what a pipeline did to a set of items.
type Outcome struct {
	Results  []report.Result // in the order of the items
	Rendered [][]byte        // see Options.Render
	Summary  report.Summary
	// Reencoded says of each item that could not be edited in place why, by its
	// index.
	Reencoded map[int]string
	// Workloads are those of the items as they came, see Options.Workloads.
	Workloads []report.Workload
}

// Apply enforces the policies on the items, in place. The error means that an
// item could not be read; the items are then half done and must not be written.
func (p *Pipeline) Apply(ctx context.Context, items []*manifest.Item) (Outcome, error) {
	g := p.Learn(items).Gather()
	for g.Next() {
		if err := g.Add(ctx, items); err != nil {
			return Outcome{}, err
		}
	}
	run, err := g.Run(ctx)
	if err != nil {
		return Outcome{}, err
	}
	run.run.root = packageRoot(items)
	out := run.Begin()
	of, err := run.Apply(ctx, items)
	if err != nil {
		return Outcome{}, err
	}
	out.Merge(of)
	out.Merge(run.End())
	out.Reencoded = of.Reencoded
	return out, nil
}

// Merge adds what was done to further items. Reencoded, which is about one set of
// items, is left out.
func (out *Outcome) Merge(o Outcome) {
	out.Results = append(out.Results, o.Results...)
	out.Rendered = append(out.Rendered, o.Rendered...)
	out.Workloads = append(out.Workloads, o.Workloads...)
	out.Summary.Merge(o.Summary)
}

func (out *Outcome) add(o itemOutcome) {
	out.Results = append(out.Results, o.results...)
	out.Workloads = append(out.Workloads, o.workloads...)
	out.Summary.Merge(o.summary)
	if len(o.rendered) > 0 {
		out.Rendered = append(out.Rendered, o.rendered)
	}
}

// parallel calls f for 0..n-1 on all processors and returns the error of the
// lowest index, so that a run reports the same one each time.
func parallel(ctx context.Context, n int, f func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	var (
		next   atomic.Int64
		mu     sync.Mutex
		failed = n
		first  error
		wg     sync.WaitGroup
	)
	stop := func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		if i < failed {
			failed, first = i, err
		}
		next.Store(int64(n))
	}
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := ctx.Err(); err != nil {
					stop(i, err)
					return
				}
				if err := f(i); err != nil {
					stop(i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return first
}
