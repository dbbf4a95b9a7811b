// Package krmsdk is the function for programs on the KRM functions SDK, the successor of the kpt functions SDK,
// github.com/kptdev/krm-functions-sdk/go/fn:
//
//	sdk.AsMain(sdk.ResourceListProcessorFunc(krmsdk.Processor{}.Process))
//
// Such a program may chain it with other functions in one process. AsMain and Run
// take a processor only as a ResourceListProcessorFunc; Chain and Execute take it as
// it is. The SDK owns the streams, and reads and writes them in its own way: items
// are sorted and reformatted. Without it, and byte for byte, the function is
// fn.Run.
package krmsdk

import (
	"context"

	sdk "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/report"
)

// Processor is the function as a ResourceListProcessor of the SDK.
type Processor struct {
	Sources fn.Sources // nil: no image source
}

var _ sdk.ResourceListProcessor = Processor{}

// Process enforces the policy in functionConfig on the items and appends the
// results. It returns false where a result is an error, and an error where the
// input cannot be read.
func (p Processor) Process(rl *sdk.ResourceList) (bool, error) {
	in := fn.Objects{Items: make([]string, len(rl.Items))}
	for i, obj := range rl.Items {
		in.Items[i] = obj.String()
	}
	if rl.FunctionConfig != nil && !rl.FunctionConfig.IsEmpty() {
		in.Config = rl.FunctionConfig.String()
	}
	out, err := fn.Enforce(context.Background(), in, p.Sources)
	if err != nil {
		return false, err
	}
	for i, changed := range out.Changed {
		if !changed {
			continue
		}
		obj, err := sdk.ParseKubeObject([]byte(out.Items[i]))
		if err != nil {
			return false, err
		}
		if i < len(rl.Items) {
			rl.Items[i] = obj
		} else {
			rl.Items = append(rl.Items, obj)
		}
	}
	if out.Items == nil {
		rl.Items = nil
	}
	for i := range out.Results {
		rl.Results = append(rl.Results, result(&out.Results[i]))
	}
	return !out.Failed, nil
}

// result returns a result in the SDK's type.
func result(r *report.Result) *sdk.Result {
	out := &sdk.Result{Message: r.Message, Severity: sdk.Severity(r.Severity), Tags: fn.Tags(r)}
	if ref := r.Resource; ref != (report.Resource{}) {
		out.ResourceRef = &sdk.ResourceRef{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name, Namespace: ref.Namespace}
	}
	if len(r.Path) > 0 {
		out.Field = &sdk.Field{Path: r.Path.String(), CurrentValue: r.Current, ProposedValue: r.Proposed}
	}
	if r.File.Path != "" {
		out.File = &sdk.File{Path: r.File.Path, Index: r.File.Index}
	}
	return out
}
