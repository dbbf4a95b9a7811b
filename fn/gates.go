package fn

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/admission"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// gates are the admission policies of the policies that ask for them.
type gates struct {
	objects []gateObject
	notes   []report.Result
}

// gateObject is one admission policy or binding.
type gateObject struct {
	apiVersion, kind, name string
	text                   []byte
}

// exportGates exports the policies that ask for it. The error wraps
// config.ErrConfig: a policy whose gate would be weaker says so.
func exportGates(policies []*policy.Policy) (gates, error) {
	var out gates
	var errs []error
	for _, p := range policies {
		if p.Admission == nil {
			continue
		}
		g, err := admission.Export(p, admission.Options{Kinds: p.Admission.Kinds, AllowWeaker: p.Admission.AllowWeaker})
		if err != nil {
			errs = append(errs, &config.Error{Path: "spec.admission", Msg: err.Error()})
			continue
		}
		for _, o := range g.Objects() {
			text, err := admission.Marshal(o)
			if err != nil {
				return gates{}, err
			}
			meta := o.GetObjectKind().GroupVersionKind()
			out.objects = append(out.objects, gateObject{meta.GroupVersion().String(), meta.Kind, p.Name, text})
		}
		for _, n := range g.Notes {
			out.notes = append(out.notes, report.Result{
				Severity: policy.Info, Policy: p.Name, Reason: policy.NotEvaluated,
				Message: fmt.Sprintf("admission policies of %q: %s", p.Name, n),
			})
		}
	}
	return out, errors.Join(errs...)
}

// addTo brings the items up to date: an object that is among them already is
// replaced where it says something else, and the others are returned.
func (g gates) addTo(items []*manifest.Item) (missing [][]byte, err error) {
	for _, o := range g.objects {
		i, err := o.find(items)
		if err != nil {
			return nil, err
		}
		if i < 0 {
			missing = append(missing, o.text)
			continue
		}
		if err := o.update(items[i]); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// find returns the index of the object among items, -1 where it is not there.
func (o gateObject) find(items []*manifest.Item) (int, error) {
	for i, it := range items {
		head, err := it.Head()
		if err != nil || head.APIVersion != o.apiVersion || head.Kind != o.kind {
			continue
		}
		root, err := it.Decode()
		if err != nil {
			return 0, err
		}
		if root.Get("metadata").Get("name").Text() == o.name {
			return i, nil
		}
	}
	return -1, nil
}

// update gives an item the spec of the object, if it has another. The rest, such as
// the annotations that hosts put on items, is its own.
func (o gateObject) update(it *manifest.Item) error {
	is, err := yaml.Parse(strings.Repeat(" ", it.Column()) + string(it.Bytes()))
	if err != nil {
		return err
	}
	must, err := yaml.Parse(string(o.text))
	if err != nil {
		return err
	}
	isSpec, mustSpec := is.Field("spec"), must.Field("spec")
	if isSpec != nil {
		same, err := sameValue(isSpec.Value, mustSpec.Value)
		if err != nil || same {
			return err
		}
	}
	if err := is.PipeE(yaml.SetField("spec", mustSpec.Value)); err != nil {
		return err
	}
	text, err := is.String()
	if err != nil {
		return err
	}
	it.Replace(indented(text, it.Column()))
	return nil
}

// sameValue compares two values by what they mean.
func sameValue(a, b *yaml.RNode) (bool, error) {
	x, err := a.MarshalJSON()
	if err != nil {
		return false, err
	}
	y, err := b.MarshalJSON()
	return bytes.Equal(x, y), err
}

// indented moves the lines of a document but the first to a column.
func indented(text string, column int) []byte {
	lines := slices.Collect(strings.Lines(text))
	for i, line := range lines[1:] {
		if line != "\n" {
			lines[i+1] = strings.Repeat(" ", column) + line
		}
	}
	return []byte(strings.Join(lines, ""))
}
