// Package fn is the boundary to the Kubernetes Resource Model: it reads a
// ResourceList, has package engine enforce its policies on the items, and writes
// the ResourceList with the results.
//
// Run is the whole function on streams, Enforce on objects that a program has read
// itself. Adapters for programs on an SDK have packages of their own, so that each
// links only its SDK: fn/kptsdk for the kpt functions SDK, fn/krmsdk for its
// successor, fn/kyaml for kio pipelines.
package fn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/crdfiles"
	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// Exit codes of the function and of the command line.
const (
	ExitOK       = 0 // no finding is an error
	ExitFindings = 1 // a finding is an error; the output is complete all the same
	ExitInvalid  = 2 // bad input, bad configuration or bad usage
)

// Sources opens the image sources that policies ask for; image/sources has that of
// the command line, sources.Options{}.For. nil opens none. items are the objects
// of the run, among which a lock may be.
type Sources func(policies []*policy.Policy, items []*manifest.Item) (image.Source, error)

// Run is the function: it reads a ResourceList from in, writes it with the fixed
// items and the results to out, and says in short on log what is wrong. It
// returns the exit code. On input that cannot be read nothing is written to out;
// on bad configuration the items are written as they came.
func Run(ctx context.Context, in io.Reader, out, log io.Writer, sources Sources) int {
	code, err := runList(ctx, in, out, log, sources)
	if err != nil {
		if ctx.Err() == nil { // else the caller knows
			fmt.Fprintln(log, "usergroup: error:", err)
		}
		return ExitInvalid
	}
	return code
}

func runList(ctx context.Context, in io.Reader, out, log io.Writer, sources Sources) (int, error) {
	list, data, err := manifest.ReadResourceListFrom(in)
	switch {
	case err != nil && data == nil:
		return 0, fmt.Errorf("reading standard input: %w", err)
	case err != nil:
		return 0, explainStream(data, err)
	}
	policies, added, outcome, err := enforceList(ctx, list, sources, appendResult)
	code := ExitOK
	switch {
	case errors.Is(err, config.ErrConfig):
		outcome = configOutcome(err)
		code = ExitInvalid
	case err != nil:
		return 0, err
	case outcome.Summary.Errors > 0:
		code = ExitFindings
	}
	if emitsNothing(policies) && code != ExitInvalid {
		list.DropItems()
	}
	list.AddItems(added...)
	list.AddResults(outcome.Rendered...)
	if _, err := list.WriteTo(out); err != nil {
		return 0, fmt.Errorf("writing standard output: %w", err)
	}
	if err := report.Problems(log, outcome.Results); err != nil {
		return 0, fmt.Errorf("writing standard error: %w", err)
	}
	return code, nil
}

// explainStream adds to the error of a ResourceList that is none which command was
// meant, where the input is what renderers print: a post-renderer of Helm without
// arguments ends up here.
func explainStream(data []byte, err error) error {
	stream, readErr := manifest.ReadStream("", data)
	if readErr != nil || !slices.ContainsFunc(stream.Items, isObject) {
		return err
	}
	return fmt.Errorf("%w; for a stream of manifests run: usergroup fix --policy FILE -", err)
}

// isObject reports whether an item is a Kubernetes object and no ResourceList.
func isObject(it *manifest.Item) bool {
	head, err := it.Head()
	return err == nil && head.APIVersion != "" && head.Kind != "" && head.Kind != "ResourceList"
}

// enforceList applies the policies of a list to its items, and returns the objects
// that a policy adds to them. render is engine.Options.Render. The error wraps
// config.ErrConfig where the configuration is at fault.
func enforceList(
	ctx context.Context, list *manifest.ResourceList, sources Sources, render func([]byte, *report.Result) []byte,
) (policies []*policy.Policy, added [][]byte, out engine.Outcome, err error) {
	if list.FunctionConfig == nil {
		return nil, nil, out, &config.Error{Path: "functionConfig", Msg: "is missing: give a UserGroupPolicy, a ConfigMap or another policy"}
	}
	policies, err = engine.Policies([]*manifest.Item{list.FunctionConfig}, list.Items)
	if err != nil {
		return nil, nil, out, err
	}
	gates, err := exportGates(policies)
	if err != nil {
		return nil, nil, out, err
	}
	opts := engine.Options{Render: render, LocalConfig: true}
	if opts.Schemas, err = crdfiles.Read(ctx, engine.CRDs(policies)); err != nil {
		return nil, nil, out, err
	}
	if sources != nil {
		if opts.Source, err = sources(policies, list.Items); err != nil {
			return nil, nil, out, err
		}
	}
	p, err := engine.New(policies, opts)
	if err != nil {
		return nil, nil, out, err
	}
	if out, err = p.Apply(ctx, list.Items); err != nil {
		return nil, nil, out, err
	}
	if added, err = gates.addTo(list.Items); err != nil {
		return nil, nil, out, err
	}
	for _, n := range gates.notes {
		out.Summary.Add(n)
		if render == nil {
			out.Results = append(out.Results, n)
			continue
		}
		out.Rendered = append(out.Rendered, render(nil, &n))
	}
	return policies, added, out, nil
}

func emitsNothing(policies []*policy.Policy) bool {
	return slices.ContainsFunc(policies, func(p *policy.Policy) bool { return p.Output == policy.OutputNone })
}

// configOutcome turns configuration errors into results, one each.
func configOutcome(err error) engine.Outcome {
	var out engine.Outcome
	joined.Each(err, func(err error) {
		r := report.Result{Severity: policy.Error, Message: err.Error(), Reason: policy.InvalidConfig}
		out.Summary.Add(r)
		out.Results = append(out.Results, r)
		out.Rendered = append(out.Rendered, appendResult(nil, &r))
	})
	return out
}
