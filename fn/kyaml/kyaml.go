// Package kyaml is the function as a kio.Filter, for programs on
// sigs.k8s.io/kustomize/kyaml:
//
//	f := &kyaml.Filter{Config: policyNode}
//	kio.Pipeline{Inputs: …, Filters: []kio.Filter{f}, Outputs: …}.Execute()
package kyaml

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// ErrFindings says that a finding is an error.
var ErrFindings = errors.New("users or groups violate the policy")

// Filter enforces the policy in Config.
type Filter struct {
	Config  *yaml.RNode // the functionConfig
	Sources fn.Sources  // nil: no image source

	// Results holds, after Filter, all findings and changes.
	Results []report.Result
}

var _ kio.Filter = (*Filter)(nil)

// Filter enforces the policy on the nodes, in place. Where a finding is an error
// it returns the error ErrFindings with a line for each, which ends a pipeline
// before anything is written, and where the configuration is at fault one that wraps
// config.ErrConfig. Nodes that need no change are not touched.
func (f *Filter) Filter(nodes []*yaml.RNode) ([]*yaml.RNode, error) {
	in, err := f.objects(nodes)
	if err != nil {
		return nil, err
	}
	out, err := fn.Enforce(context.Background(), in, f.Sources)
	if err != nil {
		return nil, err
	}
	f.Results = out.Results
	if out.Invalid != nil {
		return nil, out.Invalid
	}
	if out.Failed {
		return nil, fmt.Errorf("%w:\n%s", ErrFindings, errorLines(out.Results))
	}
	for i, changed := range out.Changed {
		if !changed {
			continue
		}
		n, err := yaml.Parse(out.Items[i])
		if err != nil {
			return nil, err
		}
		if i < len(nodes) {
			nodes[i].SetYNode(n.YNode())
		} else {
			nodes = append(nodes, n)
		}
	}
	if out.Items == nil {
		return nil, nil
	}
	return nodes, nil
}

func (f *Filter) objects(nodes []*yaml.RNode) (fn.Objects, error) {
	out := fn.Objects{Items: make([]string, len(nodes))}
	var err error
	if f.Config != nil {
		if out.Config, err = f.Config.String(); err != nil {
			return fn.Objects{}, err
		}
	}
	for i, n := range nodes {
		if out.Items[i], err = n.String(); err != nil {
			return fn.Objects{}, err
		}
	}
	return out, nil
}

// errorLines renders the results that are errors, a line each.
func errorLines(results []report.Result) string {
	var lines []string
	for _, r := range results {
		if r.Severity == policy.Error {
			lines = append(lines, report.Line(r))
		}
	}
	return strings.Join(lines, "\n")
}
