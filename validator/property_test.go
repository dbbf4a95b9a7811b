package validator_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// The properties hold for every pod and every policy that bytes can describe.

func TestProperties(t *testing.T) {
	t.Parallel()
	n := 8_000
	if testing.Short() {
		n = 1_000
	}
	data := make([]byte, 160)
	for seed := range uint64(n) {
		random := rand.New(rand.NewPCG(seed, 1))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkProperties(t, generate(data))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzProperties(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) { checkProperties(t, generate(data)) })
}

// sample is one case of the properties.
type sample struct {
	policy   policy.Policy
	pod      *podspec.Pod
	images   map[string]image.Config // by reference; one that is absent cannot be read
	excluded map[string]bool         // by the container's name
}

func (s sample) evaluate(p policy.Policy, pod *podspec.Pod) []policy.Finding {
	return validator.Evaluate(&p, validator.Subject{
		Pod: pod,
		Images: func(ref string) ([]image.Config, error) {
			if c, ok := s.images[ref]; ok {
				return []image.Config{c}, nil
			}
			return nil, errors.New("unreachable")
		},
		Excluded: s.isExcluded,
	})
}

func (s sample) isExcluded(c *podspec.Container) bool { return s.excluded[c.Name] }

func checkProperties(t *testing.T, s sample) {
	t.Helper()
	before := clone(s.pod)
	findings := s.evaluate(s.policy, s.pod)
	if d := cmp.Diff(before, s.pod); d != "" {
		t.Errorf("the pod was written to:\n%s", d)
	}
	edits := editsOf(findings)
	after := apply(t, s.pod, edits)
	left := s.evaluate(s.policy, after)

	checkEdits(t, s, edits, after)
	checkIdempotence(t, findings, left)
	checkProposed(t, findings)
	if s.policy.Mutates() {
		checkModes(t, s, findings)
	} else if len(edits) > 0 {
		t.Errorf("a policy that must not mutate has edits: %v", edits)
	}
	if s.policy.Mutates() && !hasErrors(left) {
		checkResult(t, s, after)
	}
	checkNeed(t, s, edits)
	if t.Failed() {
		t.Logf("policy: %+v\nbefore: %s\nfindings:\n%q\nafter: %s\nleft:\n%q",
			s.policy, describe(s, s.pod), summary(findings), describe(s, after), summary(left))
	}
}

// checkEdits: no place twice, nothing where it is already, nothing that an
// excluded container has or inherits, no group on a pod without a user.
func checkEdits(t *testing.T, s sample, edits []podspec.Edit, after *podspec.Pod) {
	seen := map[string]bool{}
	for _, e := range edits {
		if seen[e.Path.String()] {
			t.Errorf("two edits for %s", e.Path)
		}
		seen[e.Path.String()] = true
		if cmp.Equal(apply(t, s.pod, []podspec.Edit{e}), s.pod) {
			t.Errorf("%s is written though it is so already", e.Path)
		}
		if e.Op == podspec.Put && e.Path.Equal(after.RunAsGroup.Path) && !after.RunAsUser.IsSet() {
			t.Errorf("runAsGroup is written on a pod without runAsUser")
		}
	}
	for i := range s.pod.Containers {
		was, is := &s.pod.Containers[i], &after.Containers[i]
		if !s.isExcluded(was) {
			continue
		}
		if d := cmp.Diff(runsAs(s.pod, was), runsAs(after, is)); d != "" {
			t.Errorf("excluded container %q is changed:\n%s", was.Name, d)
		}
	}
}

// runsAs is what a container runs with.
func runsAs(p *podspec.Pod, c *podspec.Container) [3]string {
	u, _ := p.EffectiveUser(c)
	g, _ := p.EffectiveGroup(c)
	n, _ := p.EffectiveNonRoot(c)
	return [3]string{fmt.Sprint(u.State, u.V), fmt.Sprint(g.State, g.V), fmt.Sprint(n.State, n.V)}
}

// checkIdempotence: a second evaluation proposes nothing and finds no error that
// was not there.
func checkIdempotence(t *testing.T, first, second []policy.Finding) {
	if edits := editsOf(second); len(edits) > 0 {
		t.Errorf("the second evaluation edits again: %v", edits)
	}
	for _, f := range second {
		same := func(g policy.Finding) bool { return f.Reason == g.Reason && f.Path.Equal(g.Path) }
		if f.Severity == policy.Error && !slices.ContainsFunc(first, same) {
			t.Errorf("new after mutation: %s %s", f.Reason, f.Path)
		}
	}
}

// checkProposed: a finding with edits says what they write.
func checkProposed(t *testing.T, fs []policy.Finding) {
	for _, f := range fs {
		for _, c := range f.Fix {
			if c.Edit.Path.Equal(f.Path) && !cmp.Equal(f.Proposed, c.Edit.Value) {
				t.Errorf("%s: proposed %v, but writes %v", f.Path, f.Proposed, c.Edit.Value)
			}
			if c.Message == "" || c.Reason == "" {
				t.Errorf("%s: a change says nothing: %+v", f.Path, c)
			}
		}
		if f.Message == "" || f.Policy == "" || f.Rule == "" || f.Severity == "" || f.Reason == "" || len(f.Path) == 0 {
			t.Errorf("a finding says nothing: %+v", f)
		}
	}
}

// checkModes: Audit reports what Enforce changes and cannot change, and so does
// validateOnly, but for what it judges in the pod as given.
func checkModes(t *testing.T, s sample, enforced []policy.Finding) {
	audit := s.policy
	audit.Mode = policy.Audit
	if d := cmp.Diff(comparableOf(enforced, false), comparableOf(s.evaluate(audit, s.pod), false)); d != "" {
		t.Errorf("Audit reports other things (-enforce +audit):\n%s", d)
	}
	if s.overwrites() {
		return // a configuration error together with validateOnly
	}
	only := s.policy
	only.ValidateOnly = true
	if d := cmp.Diff(comparableOf(enforced, true), comparableOf(s.evaluate(only, s.pod), true)); d != "" {
		t.Errorf("validateOnly reports other things (-mutating +validateOnly):\n%s", d)
	}
}

func (s sample) overwrites() bool {
	p := s.policy
	return p.RunAsUser.Overwrite || p.RunAsGroup.Overwrite || p.SupplementalGroups.Overwrite || p.FSGroup.Overwrite
}

// comparableOf is the findings without what a mode may change. asGiven leaves out
// those that validateOnly judges in the pod as given.
func comparableOf(fs []policy.Finding, asGiven bool) []policy.Finding {
	fs = withoutFixes(fs)
	for i := range fs {
		fs[i].Severity = ""
	}
	return slices.DeleteFunc(fs, func(f policy.Finding) bool {
		return asGiven && (f.Reason == policy.PodGroupWithoutUser || f.Origin == podspec.FromImage)
	})
}

// withoutFixes is the findings as a policy that changes nothing has them: what
// would mend them is withheld.
func withoutFixes(fs []policy.Finding) []policy.Finding {
	fs = slices.Clone(fs)
	for i := range fs {
		if len(fs[i].Fix) > 0 {
			fs[i].Withheld = fs[i].Fix
		}
		fs[i].Fix, fs[i].Foretold = nil, nil
	}
	return fs
}

func hasErrors(fs []policy.Finding) bool {
	return slices.ContainsFunc(fs, func(f policy.Finding) bool { return f.Severity == policy.Error })
}

// checkResult: a pod without errors after mutation complies with the policy as
// the oracle reads it, and passes its validateOnly form.
func checkResult(t *testing.T, s sample, after *podspec.Pod) {
	only := s.policy
	only.ValidateOnly = true
	for _, st := range []*policy.Strategy{&only.RunAsUser, &only.RunAsGroup, &only.SupplementalGroups, &only.FSGroup} {
		st.Overwrite = false
	}
	if fs := s.evaluate(only, after); hasErrors(fs) {
		t.Errorf("the mutated pod does not pass validateOnly: %q", summary(fs))
	}
	for i := range after.Containers {
		if c := &after.Containers[i]; !s.isExcluded(c) {
			if why := oracle(&s.policy, after, c); why != "" {
				t.Errorf("container %q does not comply after mutation: %s", c.Name, why)
			}
		}
	}
	if why := podOracle(&s.policy, after); why != "" {
		t.Errorf("the pod does not comply after mutation: %s", why)
	}
}

// checkNeed: a container that complies is not touched, and where a default goes
// to one place only, no edit can be spared.
func checkNeed(t *testing.T, s sample, edits []podspec.Edit) {
	if s.overwrites() {
		return
	}
	for i := range s.pod.Containers {
		c := &s.pod.Containers[i]
		if oracle(&s.policy, s.pod, c) != "" {
			continue
		}
		for _, e := range edits {
			if len(e.Path) > len(c.Path) && e.Path[:len(c.Path)].Equal(c.Path) {
				t.Errorf("container %q complies and is changed at %s", c.Name, e.Path)
			}
		}
	}
	if s.policy.Placement == policy.PlaceBoth {
		return
	}
	for i := range edits {
		rest := slices.Delete(slices.Clone(edits), i, i+1)
		if len(editsOf(s.evaluate(s.policy, apply(t, s.pod, rest)))) == 0 {
			t.Errorf("the edit at %s is not needed", edits[i].Path)
		}
	}
}

// oracle is a second, plain reading of the rules for one container: "" where it
// complies, else the field that does not. It looks at no images.
func oracle(p *policy.Policy, pod *podspec.Pod, c *podspec.Container) string {
	u, _ := pod.EffectiveUser(c)
	g, _ := pod.EffectiveGroup(c)
	n, _ := pod.EffectiveNonRoot(c)
	if p.RunAsUser.Rule == policy.MustRunAsNonRoot {
		name := c.RunAsUserName
		if name.State == podspec.Unset {
			name = pod.RunAsUserName
		}
		admin := pod.Windows && (name.V == "ContainerAdministrator" || name.V == "containeradministrator")
		yes, no := n.State == podspec.Set && n.V, n.State == podspec.Set && !n.V
		safe := !pod.Windows && u.State == podspec.Set && u.V > 0
		root := !pod.Windows && u.State == podspec.Set && u.V == 0
		if no || root || admin || !yes && !safe {
			return "non-root"
		}
	}
	if pod.Windows {
		return ""
	}
	if !complies(p.RunAsUser, u) {
		return "runAsUser"
	}
	if !complies(p.RunAsGroup, g) {
		return "runAsGroup"
	}
	return ""
}

// podOracle is oracle for what only a pod has.
func podOracle(p *policy.Policy, pod *podspec.Pod) string {
	if pod.Windows {
		return ""
	}
	if !complies(p.FSGroup, pod.FSGroup) {
		return "fsGroup"
	}
	if p.SupplementalGroups.RequireStrict && pod.SupplementalGroupsPolicy.V != "Strict" {
		return "supplementalGroupsPolicy"
	}
	list := podspec.Value[int64]{State: pod.SupplementalGroups.State}
	if list.State == podspec.Set && len(pod.SupplementalGroups.Items) == 0 && p.SupplementalGroups.Rule == policy.MustRunAs {
		return "supplementalGroups"
	}
	if list.State != podspec.Set && !complies(p.SupplementalGroups, list) {
		return "supplementalGroups"
	}
	for _, v := range pod.SupplementalGroups.Items {
		if !complies(p.SupplementalGroups, v) {
			return "supplementalGroups"
		}
	}
	return ""
}

func complies(s policy.Strategy, v podspec.Value[int64]) bool {
	in := false
	for _, r := range s.Ranges {
		in = in || v.State == podspec.Set && v.V >= r.Min && v.V <= r.Max
	}
	switch s.Rule {
	case policy.MustRunAs:
		return in
	case policy.MayRunAs:
		return in || v.State == podspec.Unset
	case policy.MustBeUnset:
		return v.State == podspec.Unset
	}
	return true
}

func describe(s sample, p *podspec.Pod) string {
	out := fmt.Sprintf("windows %v, pod %s", p.Windows, contextText(&p.SecurityContext))
	out += fmt.Sprintf(" groups %d %q, fsGroup %d %q", p.SupplementalGroups.State, p.SupplementalGroups.Raw, p.FSGroup.State, p.FSGroup.Raw)
	for i := range p.Containers {
		c := &p.Containers[i]
		out += fmt.Sprintf("\n\t%s %s excluded %v: %s, USER %q", c.Path, c.Name, s.isExcluded(c), contextText(&c.SecurityContext), s.images[c.Image].User)
	}
	return out
}

func contextText(sc *podspec.SecurityContext) string {
	return fmt.Sprintf("user %q group %q nonRoot %q name %q", sc.RunAsUser.Raw, sc.RunAsGroup.Raw, sc.RunAsNonRoot.Raw, sc.RunAsUserName.Raw)
}
