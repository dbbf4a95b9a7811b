package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// restless is an evaluator that wants each fsGroup to be another one.
type restless struct{}

func (restless) NeedsImages(string) bool { return false }

func (restless) Evaluate(_ context.Context, s policy.Subject) []policy.Finding {
	at := s.Pod.FSGroup.Path
	return []policy.Finding{{
		Policy: "p", Reason: policy.MissingFSGroup, Severity: policy.Error, Message: "fsGroup must be one more", Path: at,
		Fix: []policy.Change{{Edit: podspec.Edit{Path: at, Value: s.Pod.FSGroup.V + 1}, Reason: policy.Defaulted, Message: "fsGroup is one more"}},
	}}
}

// contrary is an evaluator whose fix is two values for one field.
type contrary struct{}

func (contrary) NeedsImages(string) bool { return false }

func (contrary) Evaluate(_ context.Context, s policy.Subject) []policy.Finding {
	at := s.Pod.FSGroup.Path
	change := func(e podspec.Edit) policy.Change { return policy.Change{Edit: e, Reason: policy.Defaulted} }
	return []policy.Finding{{
		Policy: "p", Reason: policy.MissingFSGroup, Severity: policy.Error, Message: "fsGroup must be two things", Path: at,
		Fix: []policy.Change{change(podspec.Edit{Path: at, Value: int64(1)}), change(podspec.Edit{Path: at, Value: int64(2)})},
	}}
}

// TestNeverSettled: an evaluator that is not content with its own fix, or whose fixes
// cannot be made together, leaves the object as it came, and is an error.
func TestNeverSettled(t *testing.T) {
	t.Parallel()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i}]}\n"
	for _, tt := range []struct {
		name      string
		evaluator policy.Evaluator
		reason    policy.Reason
		message   string
	}{
		{"one more each time", restless{}, policy.PolicyConflict, `after all changes policy "p" still wants: fsGroup must be one more`},
		{"two at once", contrary{}, policy.NotEdited, "the object is unchanged, because it cannot be edited: "},
	} {
		out, results := applyTo(t, []*policy.Policy{{Name: "p", Evaluators: []policy.Evaluator{tt.evaluator}}}, stream(t, pod))
		if out != pod {
			t.Errorf("%s: written:\n%s", tt.name, out)
		}
		if i := slices.IndexFunc(results, func(r report.Result) bool { return r.Reason == tt.reason }); i < 0 || !strings.Contains(results[i].Message, tt.message) {
			t.Errorf("%s: %+v", tt.name, results)
		}
	}
}
