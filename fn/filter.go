package fn

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// ErrFindings says that a finding is an error.
var ErrFindings = errors.New("users or groups break the policy")

// Filter is the function as a kyaml kio.Filter, for programs on kyaml:
//
//	f := &fn.Filter{Config: policyNode}
//	kio.Pipeline{Inputs: …, Filters: []kio.Filter{f}, Outputs: …}.Execute()
type Filter struct {
	Config  *yaml.RNode // the functionConfig
	Sources Sources     // nil: no image source

	// Results holds, after Filter, all findings and changes.
	Results []report.Result
}

var _ kio.Filter = (*Filter)(nil)

// Filter enforces the policy on the nodes, in place. Where a finding is an error
// it returns the error ErrFindings with a line for each, which ends a pipeline
// before anything is written. Nodes that need no change are not touched.
func (f *Filter) Filter(nodes []*yaml.RNode) ([]*yaml.RNode, error) {
	list := &manifest.ResourceList{Items: make([]*manifest.Item, len(nodes))}
	var err error
	if f.Config != nil {
		if list.FunctionConfig, err = nodeItem(f.Config); err != nil {
			return nil, err
		}
	}
	for i, n := range nodes {
		if list.Items[i], err = nodeItem(n); err != nil {
			return nil, err
		}
	}
	policies, outcome, err := enforceList(context.Background(), list, f.Sources, nil)
	if err != nil {
		return nil, err
	}
	f.Results = outcome.Results
	if outcome.Summary.Errors > 0 {
		return nil, fmt.Errorf("%w:\n%s", ErrFindings, lines(errorsOf(outcome.Results)))
	}
	for i, it := range list.Items {
		if !it.Changed() {
			continue
		}
		n, err := yaml.Parse(string(it.Bytes()))
		if err != nil {
			return nil, err
		}
		nodes[i].SetYNode(n.YNode())
	}
	if emitsNothing(policies) {
		return nil, nil
	}
	return nodes, nil
}

func errorsOf(results []report.Result) []report.Result {
	var out []report.Result
	for _, r := range results {
		if r.Severity == policy.Error {
			out = append(out, r)
		}
	}
	return out
}

func nodeItem(n *yaml.RNode) (*manifest.Item, error) {
	text, err := n.String()
	if err != nil {
		return nil, err
	}
	return parseItem(text)
}
