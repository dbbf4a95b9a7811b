package fn

import (
	"context"
	"errors"
	"strings"

	sdk "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/report"
)

// Processor is the function as a ResourceListProcessor of the kpt functions
// SDK, for programs that chain functions in one process:
//
//	sdk.AsMain(sdk.ResourceListProcessorFunc(fn.Processor{}.Process))
//
// (AsMain takes a processor only as a ResourceListProcessorFunc; sdk.Chain and
// sdk.Execute take it as it is.) The SDK owns the streams then, with its own reading and writing: items are
// sorted and reformatted as it does.
type Processor struct {
	Sources Sources // nil: no image source
}

var _ sdk.ResourceListProcessor = Processor{}

// Process enforces the policy in functionConfig on the items and appends the
// results. It returns false where a result is an error, and an error where the
// input cannot be read.
func (p Processor) Process(rl *sdk.ResourceList) (bool, error) {
	items := make([]*manifest.Item, len(rl.Items))
	for i, obj := range rl.Items {
		var err error
		if items[i], err = parseItem(obj.String()); err != nil {
			return false, err
		}
	}
	list := &manifest.ResourceList{Items: items}
	if rl.FunctionConfig != nil && !rl.FunctionConfig.IsEmpty() {
		var err error
		if list.FunctionConfig, err = parseItem(rl.FunctionConfig.String()); err != nil {
			return false, err
		}
	}
	policies, outcome, err := enforceList(context.Background(), list, p.Sources, nil)
	if errors.Is(err, config.ErrConfig) {
		rl.Results = append(rl.Results, sdkResults(configOutcome(err).Results)...)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for i, it := range items {
		if !it.Changed() {
			continue
		}
		if rl.Items[i], err = sdk.ParseKubeObject(it.Bytes()); err != nil {
			return false, err
		}
	}
	if emitsNothing(policies) {
		rl.Items = nil
	}
	rl.Results = append(rl.Results, sdkResults(outcome.Results)...)
	return outcome.Summary.Errors == 0, nil
}

// parseItem returns one object as an item.
func parseItem(text string) (*manifest.Item, error) {
	s, err := manifest.ReadStream("", []byte(text))
	if err != nil {
		return nil, err
	}
	if len(s.Items) != 1 {
		return nil, errors.New("an item that is not one object")
	}
	return s.Items[0], nil
}

func sdkResults(results []report.Result) sdk.Results {
	out := make(sdk.Results, len(results))
	for i, r := range results {
		out[i] = sdkResult(r)
	}
	return out
}

// sdkResult returns the result in the SDK's type. It is what appendResult prints.
func sdkResult(r report.Result) *sdk.Result {
	out := &sdk.Result{Message: r.Message, Severity: sdk.Severity(r.Severity)}
	if ref := r.Resource; ref != (report.Resource{}) {
		out.ResourceRef = &sdk.ResourceRef{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name, Namespace: ref.Namespace}
	}
	if len(r.Path) > 0 {
		out.Field = &sdk.Field{Path: r.Path.String(), CurrentValue: r.Current, ProposedValue: r.Proposed}
	}
	if r.File.Path != "" {
		out.File = &sdk.File{Path: r.File.Path, Index: r.File.Index}
	}
	for _, t := range tags(&r) {
		if t.value == "" {
			continue
		}
		if out.Tags == nil {
			out.Tags = map[string]string{}
		}
		out.Tags[t.key] = t.value
	}
	return out
}

// lines renders results for an error.
func lines(results []report.Result) string {
	s := make([]string, len(results))
	for i, r := range results {
		s[i] = report.Line(r)
	}
	return strings.Join(s, "\n")
}
