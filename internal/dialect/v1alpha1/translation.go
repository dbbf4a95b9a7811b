package v1alpha1

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/policy"
)

// Translation is a policy of another dialect as one of this dialect.
type Translation struct {
	Kind string // of the original
	Name string // of the policy
	// Original is the name of the original where the policy has another, else "".
	Original  string
	Namespace string // of the original, where it is namespaced
	Spec      *Spec
	// Notes say, in the words of the original, what has no counterpart in Spec.
	Notes []string
}

// Policy converts the translation as Spec.Policy does, with a note for each of
// Notes.
func (t *Translation) Policy(text Text) *policy.Policy {
	p := t.Spec.Policy(t.Name, text)
	p.Dialect = t.Kind
	for _, n := range t.Notes {
		p.Notes = append(p.Notes, policy.Finding{
			Policy: t.Name, Rule: t.Kind, Reason: policy.NotEvaluated, Severity: policy.Info,
			Message: fmt.Sprintf("%s %q: %s", t.Kind, t.Name, n),
		})
	}
	return p
}

// Selector returns the spec's match, creating it.
func (s *Spec) Selector() *Selector {
	if s.Match == nil {
		s.Match = &Selector{}
	}
	return s.Match
}
