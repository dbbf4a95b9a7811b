package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/crdfiles"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// judged is a source with what the policies did to it.
type judged struct {
	*source
	outcome  engine.Outcome
	rendered []byte // the source as it now is; only where it is asked for
}

// run applies the policies to the manifests, one file after the other, and calls
// done with each, in order. A file that cannot be read, or a fileError of done, is
// one error, and the rest is judged; any other error ends the run.
func (e *enforcement) run(ctx context.Context, args []string, done func(judged) error) (engine.Outcome, error) {
	if len(e.policies) == 0 {
		return engine.Outcome{}, errors.New("no policy given: name its file with --policy; usergroup init writes one")
	}
	if len(e.tree.kustomize) > 0 && !e.checkOnly {
		return engine.Outcome{}, errors.New("--kustomize works only with check, because rendered manifests cannot be written back: fix the sources, or the output of kustomize build")
	}
	if slices.Contains(e.policies, tree.Stdin) && slices.Contains(args, tree.Stdin) {
		return engine.Outcome{}, errors.New("both the policy and the manifests are -: standard input can be one of them")
	}
	if err := e.images.check(); err != nil {
		return engine.Outcome{}, err
	}
	in, err := e.tree.open(ctx, args, e.Streams)
	if err != nil {
		return engine.Outcome{}, err
	}
	if err := apart(e.written(), in.files, e.policies); err != nil {
		e.reports = slices.DeleteFunc(e.reports, func(r output) bool { return r.path != "" }) // not even the report of this
		return engine.Outcome{}, err
	}
	in.lean = e.checkOnly
	part := e.shard.part(in)
	files := part.files
	for _, f := range files {
		if !part.divided[f.Path] { // else other shards judge parts of it
			e.read = append(e.read, nameOf(f.Path))
		}
	}
	shown := e.startProgress(len(files))
	defer func(w io.Writer) {
		shown.stop()
		e.Err = w
	}(e.Err)
	e.Err = shown
	run, err := e.prepare(ctx, in, shown)
	if err != nil {
		return engine.Outcome{}, err
	}
	var all engine.Outcome
	if e.shard.first() {
		all = run.Begin()
		for _, err := range in.unread {
			e.unreadable(&all, err)
		}
	}
	type result struct {
		judged
		err   error
		waits bool
	}
	later := waiting{run: run, files: files, all: !e.shard.whole(), off: e.learnsFirst(run.Policies())}
	work := func(i int) result {
		data, err := part.bytes(files[i])
		if err == nil && done == nil && e.shard.whole() {
			if of, ok, err := in.inBatches(ctx, files[i], data, run, &later); ok {
				return result{judged: judged{outcome: of}, err: err}
			}
		}
		var src *source
		if err == nil {
			src, err = part.parse(files[i], data)
		}
		if err != nil {
			if !e.shard.ownsFile(files[i].Path) && !isFault(err) {
				err = nil // another shard says so
			}
			return result{err: err}
		}
		if later.holds(i, src) {
			return result{waits: true}
		}
		shown.read(len(src.stream.Items))
		of, err := run.Apply(ctx, src.stream.Items)
		if err != nil {
			return result{err: err}
		}
		if done == nil {
			return result{judged: judged{outcome: of}} // without what was read
		}
		j := judged{source: src, outcome: of}
		if j.rendered, err = src.render(); err != nil {
			err = &fileError{src, err}
		}
		return result{judged: j, err: err}
	}
	finish := func(_ int, r result) error {
		if r.waits {
			return nil
		}
		shown.file()
		if r.err == nil && done != nil {
			r.err = done(r.judged)
		}
		var broken *fileError
		switch {
		case r.err == nil:
		case errors.As(r.err, &broken):
			e.undone(&r.outcome, broken)
		case ctx.Err() != nil:
			return ctx.Err()
		case r.source != nil:
			return r.err
		default:
			e.unreadable(&all, r.err)
		}
		e.keepAtMost(&r.outcome, len(all.Results))
		all.Merge(r.outcome)
		return nil
	}
	err = ordered(ctx, len(files), window, work, finish)
	if err == nil && len(later.held) > 0 {
		if run, err = later.learn(ctx, in); err == nil {
			err = ordered(ctx, len(later.held), window, func(i int) result { return work(later.held[i]) }, finish)
		}
	}
	for _, err := range in.faults(files) {
		e.unreadable(&all, err)
	}
	e.sayRest()
	if err == nil && all.Summary.Objects == 0 && e.invalid == 0 && e.shard.whole() {
		fmt.Fprintln(e.Err, "usergroup: no objects in the manifests: nothing was judged")
	}
	if usage := run.Usage(); e.shard.whole() {
		all.Merge(run.End())
	} else {
		e.usage = &usage
	}
	return all, err
}

// prepare reads the policies, and from all manifests what judging any one of them
// needs. Most policies need nothing, and no manifest is read yet.
func (e *enforcement) prepare(ctx context.Context, in *inputs, shown *progressLine) (*engine.Run, error) {
	policies, found, err := e.readPolicies(ctx, in)
	if err != nil {
		return nil, err
	}
	src, err := e.images.For(policies, found)
	if err != nil {
		return nil, err
	}
	schemas, err := crdfiles.Read(ctx, append(slices.Clone(e.crds), engine.CRDs(policies)...))
	if err != nil {
		return nil, err
	}
	p, err := engine.New(policies, engine.Options{
		Schemas: schemas,
		Source:  src, CheckOnly: e.checkOnly, Details: e.needs().Details, Workloads: e.needs().Workloads,
		Origin: in.origin(), Progress: shown.objects,
	})
	if err != nil {
		return nil, err
	}
	if e.learnsFirst(policies) {
		var schemas []*manifest.Item
		err := in.each(ctx, func(src *source) error {
			schemas = append(schemas, schemasOf(src)...)
			return nil
		}, ignore)
		if err != nil {
			return nil, err
		}
		p = p.Learn(schemas)
	}
	g := p.Gather()
	for g.Next() {
		of := in
		if !g.Others() {
			of = e.shard.part(in)
		}
		err := of.each(ctx, func(src *source) error { return g.Add(ctx, src.stream.Items) }, ignore)
		if err != nil {
			return nil, err
		}
	}
	return g.Run(ctx)
}

// ignore is for what will be reported when the manifests are judged.
func ignore(error) {}

// readPolicies reads the policies, and where they ask for it those among the
// manifests. It also returns the manifests that have a say in how the others are
// judged: policies and locks.
func (e *enforcement) readPolicies(ctx context.Context, in *inputs) ([]*policy.Policy, []*manifest.Item, error) {
	configs, err := e.configs()
	if err != nil {
		return nil, nil, err
	}
	policies, err := engine.Policies(configs, nil)
	if err != nil || !slices.ContainsFunc(policies, asksForItems) {
		return policies, nil, err
	}
	var found []*manifest.Item
	err = in.each(ctx, func(src *source) error {
		for _, it := range src.stream.Items {
			head, err := it.Head()
			if err == nil && (config.IsPolicy(head.APIVersion, head.Kind) || head.Kind == lock.Kind && head.APIVersion == lock.APIVersion) {
				found = append(found, it)
			}
		}
		return nil
	}, ignore)
	if err != nil {
		return nil, nil, err
	}
	policies, err = engine.Policies(configs, found)
	return policies, found, err
}

// asksForItems reports whether a policy takes policies or locks from among the
// manifests.
func asksForItems(p *policy.Policy) bool { return p.PoliciesFromItems || p.NeedsImages() }

// configs reads the files of the policies.
func (e *enforcement) configs() ([]*manifest.Item, error) {
	var configs []*manifest.Item
	var errs []error
	for _, path := range e.policies {
		src, err := readFile(path, e.Streams)
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(src.stream.Items) == 0:
			errs = append(errs, fmt.Errorf("%s: contains no policy", path))
		default:
			configs = append(configs, src.stream.Items...)
		}
	}
	return configs, errors.Join(errs...)
}

// unreadable reports a file that could not be read.
func (e *enforcement) unreadable(out *engine.Outcome, err error) {
	r := e.failureResult(err)
	r.Reason = policy.Unreadable
	e.fail(out, r, err)
}

// fileError is the error of a file that could not be changed, and is as it was.
type fileError struct {
	*source
	err error
}

func (f *fileError) Error() string { return f.err.Error() }

func (f *fileError) Unwrap() error { return f.err }

// undone takes back that objects were changed, because their file could not be.
func (e *enforcement) undone(out *engine.Outcome, err *fileError) {
	out.Results = slices.DeleteFunc(out.Results, func(r report.Result) bool { return r.Changed })
	out.Summary.Changed = 0
	e.fail(out, report.Result{
		Severity: policy.Error, Reason: policy.NotEdited, Message: err.Error(), File: report.File{Path: err.stream.Name},
	}, err)
}

// keepAtMost drops the results of a file that are more than the reports list. They
// are counted all the same.
func (e *enforcement) keepAtMost(out *engine.Outcome, kept int) {
	if room := max(e.maxFindings-kept, 0); e.maxFindings > 0 && len(out.Results) > room {
		e.dropped += len(out.Results) - room
		out.Results = out.Results[:room]
	}
}

// maxSaid is how many files that could not be read or written standard error
// names; the reports name all.
const maxSaid = 20

// fail adds the result of a file that could not be read or written, and says so
// on standard error, whatever becomes of the reports.
func (e *enforcement) fail(out *engine.Outcome, r report.Result, err error) {
	e.invalid++
	out.Results = append(out.Results, r)
	out.Summary.Add(r)
	if e.invalid <= maxSaid {
		fmt.Fprintln(e.Err, "usergroup: error:", err)
	}
}

// sayRest says how many files fail has not named, and how many results are not
// listed.
func (e *enforcement) sayRest() {
	if e.invalid > maxSaid {
		fmt.Fprintf(e.Err, "usergroup: error: and %d more files\n", e.invalid-maxSaid)
	}
	if e.dropped > 0 {
		fmt.Fprintf(e.Err, "usergroup: %d more findings and changes are counted but not listed (--max-findings)\n", e.dropped)
	}
}
