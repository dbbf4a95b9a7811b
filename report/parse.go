package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Parse reads what JSON writes. What no JSON report holds is not in the Run: details,
// workloads and the checkout. Fields of later versions are passed over.
func Parse(data []byte) (Run, error) {
	var in jsonRun
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&in); err != nil {
		return Run{}, fmt.Errorf("is not a JSON report: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Run{}, errors.New("is not one JSON report: something follows it")
	}
	if in.Version == "" || in.Results == nil {
		return Run{}, errors.New("is not a JSON report: has no version or no results")
	}
	if s := in.Shard; s != nil && (s.Of < 1 || s.Index < 1 || s.Index > s.Of) {
		return Run{}, fmt.Errorf("is not a JSON report: has shard %d of %d", s.Index, s.Of)
	}
	out := Run{Version: in.Version, Exit: in.Exit, Summary: Summary(in.Summary), Shard: in.Shard, Results: make([]Result, len(in.Results))}
	for i, r := range in.Results {
		var err error
		if out.Results[i], err = r.result(); err != nil {
			return Run{}, fmt.Errorf("results[%d]: %w", i, err)
		}
	}
	return out, nil
}

func (r jsonResult) result() (Result, error) {
	path, err := podspec.ParsePath(r.Path)
	if err != nil {
		return Result{}, err
	}
	current, err := value(r.Current)
	if err != nil {
		return Result{}, fmt.Errorf("currentValue: %w", err)
	}
	proposed, err := value(r.Proposed)
	if err != nil {
		return Result{}, fmt.Errorf("proposedValue: %w", err)
	}
	out := Result{
		Severity: r.Severity, Changed: r.Changed, Message: r.Message, Reason: r.Reason,
		Policy: r.Policy, PolicyFile: r.PolicyFile, PolicyLine: r.PolicyLine, Rule: r.Rule,
		Resource: Resource{APIVersion: r.APIVersion, Kind: r.Kind, Namespace: r.Namespace, Name: r.Name},
		Path:     path, Current: current, Proposed: proposed,
		File:       File{Path: r.File, Line: r.Line, Column: r.Column, EndColumn: r.EndColumn},
		Containers: r.Containers, Origin: podspec.Origin(r.Origin), Image: r.Image, Accepted: r.Accepted,
	}
	if r.Index != nil {
		out.File.Index = *r.Index
	}
	return out, nil
}

// value is a value of a Result out of its JSON.
func value(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		return v.Int64()
	case []any:
		out := make([]int64, len(v))
		for i, e := range v {
			n, ok := e.(json.Number)
			if !ok {
				return nil, fmt.Errorf("%v is not a number", e)
			}
			var err error
			if out[i], err = n.Int64(); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%v is not a value of a manifest", v)
}
