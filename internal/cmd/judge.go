package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/tree"
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
	in, err := e.inputs(ctx, args)
	if err != nil {
		return engine.Outcome{}, err
	}
	part := e.shard.part(in)
	for _, f := range part.files {
		if !part.divided[f.Path] { // else other shards judge parts of it
			e.read = append(e.read, nameOf(f.Path))
		}
	}
	progress := e.startProgress(len(part.files))
	defer func(w io.Writer) {
		progress.stop()
		e.Err = w
	}(e.Err)
	e.Err = progress
	run, err := e.prepare(ctx, in, progress)
	if err != nil {
		return engine.Outcome{}, err
	}
	j := &judging{
		e: e, in: in, part: part, run: run, progress: progress, done: done,
		waiting: waiting{run: run, files: part.files, all: !e.shard.whole(), off: e.learnsFirst(run.Policies())},
	}
	if e.shard.first() {
		j.all = run.Begin()
		for _, err := range in.unread {
			e.unreadable(&j.all, err)
		}
	}
	err = j.judge(ctx)
	for _, err := range in.faults(part.files) {
		e.unreadable(&j.all, err)
	}
	e.sayRest()
	if err == nil && j.all.Summary.Objects == 0 && e.invalid == 0 && e.shard.whole() {
		fmt.Fprintln(e.Err, "usergroup: no objects in the manifests: nothing was judged")
	}
	if e.shard.whole() {
		j.all.Merge(j.run.End())
	} else {
		usage := j.run.Usage()
		e.usage = &usage
	}
	return j.all, err
}

// inputs lists the manifests, where the flags agree with each other and with them.
func (e *enforcement) inputs(ctx context.Context, args []string) (*inputs, error) {
	if len(e.policies) == 0 {
		return nil, errors.New("no policy given: name its file with --policy; usergroup init writes one")
	}
	if len(e.tree.kustomize) > 0 && !e.checkOnly {
		return nil, errors.New("--kustomize works only with check, because rendered manifests cannot be written back: fix the sources, or the output of kustomize build")
	}
	if slices.Contains(e.policies, tree.Stdin) && slices.Contains(args, tree.Stdin) {
		return nil, errors.New("both the policy and the manifests are -: standard input can be one of them")
	}
	if err := e.images.check(); err != nil {
		return nil, err
	}
	in, err := e.tree.open(ctx, args, e.Streams)
	if err != nil {
		return nil, err
	}
	if err := apart(e.written(), in.files, e.policies); err != nil {
		e.reports = slices.DeleteFunc(e.reports, func(r output) bool { return r.path != "" }) // not even the report of this
		return nil, err
	}
	in.lean = e.checkOnly
	return in, nil
}

// judging is the part of a run in which the files are judged: several at once, and
// what is found in them is gathered in their order.
type judging struct {
	e        *enforcement
	in, part *inputs // all, and those of the shard
	run      *engine.Run
	waiting  waiting
	progress *progressLine
	done     func(judged) error // nil where nobody asks for the sources
	all      engine.Outcome
}

// result is what becomes of one file.
type result struct {
	judged
	err   error
	waits bool // the file is judged later
}

// judge judges all files, those that wait for schemas last.
func (j *judging) judge(ctx context.Context) error {
	add := func(_ int, r result) error { return j.add(ctx, r) }
	err := ordered(ctx, len(j.part.files), func(i int) result { return j.judgeFile(ctx, i) }, add)
	held := j.waiting.held
	if err != nil || len(held) == 0 {
		return err
	}
	run, err := j.waiting.learn(ctx, j.in)
	if err != nil {
		return err
	}
	j.run = run
	return ordered(ctx, len(held), func(i int) result { return j.judgeFile(ctx, held[i]) }, add)
}

// judgeFile judges one file of the part. It may be called from several goroutines at once.
func (j *judging) judgeFile(ctx context.Context, i int) result {
	f := j.part.files[i]
	data, err := j.part.bytes(f)
	if err == nil && j.done == nil && j.e.shard.whole() {
		if of, ok, err := j.inBatches(ctx, f, data); ok {
			return result{judged: judged{outcome: of}, err: err}
		}
	}
	var src *source
	if err == nil {
		src, err = j.part.parse(f, data)
	}
	switch {
	case err != nil && !j.e.shard.ownsFile(f.Path) && !isFault(err):
		return result{} // another shard says so
	case err != nil:
		return result{err: err}
	case j.waiting.holds(i, src):
		return result{waits: true}
	}
	j.progress.read(len(src.stream.Items))
	of, err := j.run.Apply(ctx, src.stream.Items)
	if err != nil {
		return result{err: err}
	}
	if j.done == nil {
		return result{judged: judged{outcome: of}} // without what was read
	}
	r := result{judged: judged{source: src, outcome: of}}
	if r.rendered, err = src.render(); err != nil {
		r.err = &fileError{src, err}
	}
	return r
}

// add adds what became of a file to the outcome, in the order of the files.
func (j *judging) add(ctx context.Context, r result) error {
	if r.waits {
		return nil
	}
	j.progress.file()
	if r.err == nil && j.done != nil {
		r.err = j.done(r.judged)
	}
	var broken *fileError
	switch {
	case r.err == nil:
	case errors.As(r.err, &broken):
		j.e.undone(&r.outcome, broken)
	case ctx.Err() != nil:
		return ctx.Err()
	case r.source != nil:
		return r.err
	default:
		j.e.unreadable(&j.all, r.err)
	}
	j.e.keepAtMost(&r.outcome, len(j.all.Results))
	j.all.Merge(r.outcome)
	return nil
}
