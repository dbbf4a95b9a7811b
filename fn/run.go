package fn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/image"
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

// Sources opens the image sources that policies ask for. items are the objects
// of the run, among which a lock may be.
type Sources func(policies []*policy.Policy, items []*manifest.Item) (image.Source, error)

// Run is the function: it reads a ResourceList from in, writes it with the fixed
// items and the results to out, and says in short on log what is wrong. It
// returns the exit code. On input that cannot be read nothing is written to out;
// on bad configuration the items are written as they came.
func Run(ctx context.Context, in io.Reader, out, log io.Writer, sources Sources) int {
	code, err := runList(ctx, in, out, log, sources)
	if err != nil {
		fmt.Fprintln(log, "usergroup: error:", err)
		return ExitInvalid
	}
	return code
}

func runList(ctx context.Context, in io.Reader, out, log io.Writer, sources Sources) (int, error) {
	data, err := ReadAll(in)
	if err != nil {
		return 0, fmt.Errorf("reading standard input: %w", err)
	}
	list, err := manifest.ReadResourceList(data)
	if err != nil {
		return 0, err
	}
	policies, outcome, err := enforceList(ctx, list, sources, appendResult)
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
	list.AddResults(outcome.Rendered...)
	if _, err := list.WriteTo(out); err != nil {
		return 0, fmt.Errorf("writing standard output: %w", err)
	}
	if err := report.Problems(log, outcome.Results); err != nil {
		return 0, fmt.Errorf("writing standard error: %w", err)
	}
	return code, nil
}

// enforceList applies the policies of a list to its items. render is
// Options.Render. The error wraps config.ErrConfig where the configuration is at
// fault.
func enforceList(ctx context.Context, list *manifest.ResourceList, sources Sources, render func([]byte, *report.Result) []byte) ([]*policy.Policy, Outcome, error) {
	if list.FunctionConfig == nil {
		return nil, Outcome{}, &config.Error{Path: "functionConfig", Msg: "is missing: give a UserGroupPolicy, a ConfigMap or another policy"}
	}
	policies, err := Policies([]*manifest.Item{list.FunctionConfig}, list.Items)
	if err != nil {
		return nil, Outcome{}, err
	}
	opts := Options{Render: render}
	if sources != nil {
		if opts.Source, err = sources(policies, list.Items); err != nil {
			return nil, Outcome{}, err
		}
	}
	p, err := NewPipeline(policies, opts)
	if err != nil {
		return nil, Outcome{}, err
	}
	outcome, err := p.Apply(ctx, list.Items)
	return policies, outcome, err
}

// Policies decodes the policies of a configuration and, where one of them asks
// for policiesFromItems, those among the items. All configuration errors are
// returned at once and wrap config.ErrConfig.
func Policies(configs, items []*manifest.Item) ([]*policy.Policy, error) {
	policies, err := decodePolicies(configs)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		if !p.PoliciesFromItems {
			continue
		}
		found, err := policyItems(items)
		if err != nil {
			return nil, err
		}
		more, err := decodePolicies(found)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			p.Output = "" // what leaves is not for an item to say
		}
		return append(policies, more...), nil
	}
	return policies, nil
}

// policyItems returns the items that are policies.
func policyItems(items []*manifest.Item) ([]*manifest.Item, error) {
	var found []*manifest.Item
	for _, it := range items {
		head, err := it.Head()
		if err != nil {
			return nil, err
		}
		if config.IsPolicy(head.APIVersion, head.Kind) {
			found = append(found, it)
		}
	}
	return found, nil
}

func decodePolicies(items []*manifest.Item) ([]*policy.Policy, error) {
	var policies []*policy.Policy
	var errs []error
	for _, it := range items {
		root, err := it.Decode()
		if err != nil {
			return nil, err
		}
		ps, err := config.Decode(root, config.Options{Data: it.Bytes(), Line: it.Line()})
		if err != nil && it.Name() != "" {
			err = inFile(it.Name(), err)
		}
		errs = append(errs, err)
		policies = append(policies, ps...)
	}
	return policies, errors.Join(errs...)
}

// inFile names the file in each of joined errors.
func inFile(name string, err error) error {
	var errs []error
	walkErrors(err, func(err error) { errs = append(errs, fmt.Errorf("%s: %w", name, err)) })
	return errors.Join(errs...)
}

func emitsNothing(policies []*policy.Policy) bool {
	return slices.ContainsFunc(policies, func(p *policy.Policy) bool { return p.Output == policy.OutputNone })
}

// configOutcome turns configuration errors into results, one each.
func configOutcome(err error) Outcome {
	o := itemOutcome{render: appendResult}
	walkErrors(err, func(err error) {
		o.report(report.Result{Severity: policy.Error, Message: err.Error(), Reason: policy.InvalidConfig})
	})
	var out Outcome
	out.add(o)
	return out
}

// walkErrors calls f for every error that joined errors hold.
func walkErrors(err error, f func(error)) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			walkErrors(e, f)
		}
		return
	}
	f(err)
}

// ReadAll reads everything, like io.ReadAll, with less memory: the input is the
// largest thing that the program holds. The first buffer is larger than most
// inputs and need not be copied; of memory that is asked for at once, the system
// gives only what is written to.
func ReadAll(r io.Reader) ([]byte, error) {
	buf := make([]byte, 0, 8<<20)
	limit := 512 << 10 // most inputs are smaller
	for {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), cap(buf)+cap(buf)/2+1)
			copy(grown, buf)
			buf, limit = grown, len(buf)
		}
		if len(buf) == limit {
			adviseHuge(buf)
			limit = cap(buf)
		}
		n, err := r.Read(buf[len(buf):limit])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
