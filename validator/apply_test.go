package validator_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// editsOf collects the edits of all findings.
func editsOf(fs []policy.Finding) []podspec.Edit {
	var out []podspec.Edit
	for _, f := range fs {
		for _, c := range f.Fix {
			out = append(out, c.Edit)
		}
	}
	return out
}

// apply returns a copy of the pod with the edits made, as a transformer would
// make them in the manifest. An edit at a place that is not a field of the model,
// or of another type, is an error of the test.
func apply(t testing.TB, p *podspec.Pod, edits []podspec.Edit) *podspec.Pod {
	t.Helper()
	p = clone(p)
	contexts := []*podspec.SecurityContext{&p.SecurityContext}
	for i := range p.Containers {
		contexts = append(contexts, &p.Containers[i].SecurityContext)
	}
	for _, e := range edits {
		done := assign(&p.FSGroup, e) || assign(&p.SupplementalGroupsPolicy, e) || assignGroups(&p.SupplementalGroups, e)
		for _, sc := range contexts {
			done = done || assign(&sc.RunAsUser, e) || assign(&sc.RunAsGroup, e) || assign(&sc.RunAsNonRoot, e)
		}
		if !done {
			t.Fatalf("edit %+v is for no field of the pod", e)
		}
	}
	return p
}

func assign[T any](v *podspec.Value[T], e podspec.Edit) bool {
	if !v.Path.Equal(e.Path) {
		return false
	}
	if e.Op == podspec.Remove {
		*v = podspec.Value[T]{Path: v.Path}
		return true
	}
	to, ok := e.Value.(T)
	if ok {
		set(v, to)
	}
	return ok
}

func assignGroups(g *podspec.Groups, e podspec.Edit) bool {
	if !g.Path.Equal(e.Path) {
		return false
	}
	if e.Op == podspec.Remove {
		*g = podspec.Groups{Path: g.Path}
		return true
	}
	ids, ok := e.Value.([]int64)
	if ok {
		setGroups(g, ids)
	}
	return ok
}

// clone copies what apply changes.
func clone(p *podspec.Pod) *podspec.Pod {
	out := *p
	out.Containers = slices.Clone(p.Containers)
	out.SupplementalGroups.Items = slices.Clone(p.SupplementalGroups.Items)
	return &out
}
