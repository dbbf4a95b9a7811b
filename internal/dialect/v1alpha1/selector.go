package v1alpha1

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// operators are the operators of a Requirement in apimachinery's words.
var operators = map[Operator]selection.Operator{
	"In":           selection.In,
	"NotIn":        selection.NotIn,
	"Exists":       selection.Exists,
	"DoesNotExist": selection.DoesNotExist,
}

var errRequired = errors.New("is required")

// labelSelector is apimachinery's selector as policy.Labels.
type labelSelector struct {
	selector labels.Selector
}

// Matches reports whether the labels satisfy every requirement.
func (s labelSelector) Matches(l map[string]string) bool {
	return s.selector.Matches(labels.Set(l))
}

// Reads reports whether a requirement is on the label.
func (s labelSelector) Reads(key string) bool {
	rs, _ := s.selector.Requirements()
	return slices.ContainsFunc(rs, func(r labels.Requirement) bool { return r.Key() == key })
}

// String renders the selector as kubectl takes it: app=web,tier in (a,b).
func (s labelSelector) String() string { return s.selector.String() }

// Requirements lists what the selector demands, all of which must hold.
func (s labelSelector) Requirements() labels.Requirements {
	rs, _ := s.selector.Requirements()
	return rs
}

// Equal reports whether both selectors have the same requirements.
func (s labelSelector) Equal(o labelSelector) bool { return s.String() == o.String() }

// empty reports whether the selector holds for everything.
func (s *LabelSelector) empty() bool {
	return s == nil || len(s.MatchLabels)+len(s.MatchExpressions) == 0
}

// Labels converts the selector to a policy's, nil where it is empty and so
// holds for everything. What Check refuses is left out.
func (s *LabelSelector) Labels() policy.Labels {
	if s.empty() {
		return nil
	}
	var requirements []labels.Requirement
	s.each(nil, func(_ podspec.Path, r *labels.Requirement, err error) {
		if err == nil {
			requirements = append(requirements, *r)
		}
	})
	return labelSelector{labels.NewSelector().Add(requirements...)} // each Add sorts all of them
}

// Check reports requirements that Kubernetes would refuse. path is the
// selector's place.
func (s *LabelSelector) Check(path podspec.Path, fail Fail) {
	s.each(path, func(at podspec.Path, r *labels.Requirement, err error) {
		if err != nil {
			fail(at, "%v", err)
		}
	})
}

// each calls f with every requirement, or with what is wrong with it.
func (s *LabelSelector) each(path podspec.Path, f func(podspec.Path, *labels.Requirement, error)) {
	if s == nil {
		return
	}
	for k, v := range s.MatchLabels {
		r, err := labels.NewRequirement(k, selection.Equals, []string{v})
		f(path.Key("matchLabels", k), r, err)
	}
	for i, e := range s.MatchExpressions {
		at := path.Key("matchExpressions").Index(i)
		if e.Operator == "" {
			f(at.Key("operator"), nil, errRequired)
			continue
		}
		r, err := labels.NewRequirement(e.Key, operators[e.Operator], slices.Clone(e.Values))
		f(at, r, err)
	}
}
