package fn

import (
	"context"
	"errors"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/report"
)

// Objects are what a ResourceList holds, as programs on an SDK have it: each object
// as a YAML document.
type Objects struct {
	Config string   // the functionConfig; "" for none
	Items  []string // the objects
}

// Enforced is what Enforce did with Objects.
type Enforced struct {
	// Items are the objects as they are now, in their order, and behind them those
	// that the policy adds; nil where it says that none leave (output: none).
	Items []string
	// Changed says which of the items are not as they were.
	Changed []bool
	// Results are all findings and changes.
	Results []report.Result
	// Failed is whether a result is an error.
	Failed bool
	// Invalid is what is wrong with the configuration, which is in Results, too; nil
	// for nothing. It wraps config.ErrConfig, and the items are as they came.
	Invalid error
}

// Enforce enforces the policy in the configuration on the items. It is Run for
// programs that have read a ResourceList themselves, and all that an adapter to an
// SDK needs. The error means that an object could not be read.
func Enforce(ctx context.Context, o Objects, sources Sources) (Enforced, error) {
	list, err := o.list()
	if err != nil {
		return Enforced{}, err
	}
	out := Enforced{Items: o.Items, Changed: make([]bool, len(o.Items))}
	policies, added, outcome, err := enforceList(ctx, list, sources, nil)
	if errors.Is(err, config.ErrConfig) {
		out.Results, out.Failed, out.Invalid = configOutcome(err).Results, true, err
		return out, nil
	}
	if err != nil {
		return Enforced{}, err
	}
	out.Results, out.Failed = outcome.Results, outcome.Summary.Errors > 0
	if emitsNothing(policies) {
		out.Items, out.Changed = nil, nil
		return out, nil
	}
	out.Items = make([]string, len(o.Items))
	for i, it := range list.Items {
		out.Items[i], out.Changed[i] = string(it.Bytes()), it.Changed()
	}
	for _, text := range added {
		out.Items, out.Changed = append(out.Items, string(text)), append(out.Changed, true)
	}
	return out, nil
}

// list returns the objects as a ResourceList.
func (o Objects) list() (*manifest.ResourceList, error) {
	list := &manifest.ResourceList{Items: make([]*manifest.Item, len(o.Items))}
	var err error
	if o.Config != "" {
		if list.FunctionConfig, err = object(o.Config); err != nil {
			return nil, err
		}
	}
	for i, text := range o.Items {
		if list.Items[i], err = object(text); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// object returns one object as an item.
func object(text string) (*manifest.Item, error) {
	s, err := manifest.ReadStream("", []byte(text))
	if err != nil {
		return nil, err
	}
	if len(s.Items) != 1 {
		return nil, errors.New("an item that is not one object")
	}
	return s.Items[0], nil
}
