// Package validator judges one pod against one policy.
//
// Evaluate is the whole of it. It is pure: it reads a podspec.Pod, a
// policy.Policy and what is known of the images, and returns findings; it knows
// nothing of YAML, files or networks and writes to none of its input. Most of
// what it says comes from the rules, each in its own file and with its own row
// in the table below:
//
//	MustBeUnset        mustbeunset.go
//	MustRunAs          mustrunas.go, and overwrite.go where overwrite is on
//	MayRunAs           mayrunas.go
//	MustRunAsNonRoot   nonroot.go
//	requireStrict      strict.go
//	the images' USER   image.go, user.go
//
// What holds for all of them is in placement.go (where a fix is written),
// problems.go (what cannot be judged), windows.go and message.go.
//
// A finding carries its fix. All edits of one evaluation refer to the pod as it
// was given, no two of them touch the same place, and once they are applied
// Evaluate proposes nothing more and reports no error that it did not report
// before. A policy that does not mutate takes the same way and its findings
// only lose their fixes, so that Proposed, and under Warn and Audit Foretold, say
// what mutation would write.
//
// To add a rule, write a func(*evaluation) in a file of its own and give it a
// row in rules.
package validator

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Subject is what a policy is applied to.
type Subject struct {
	Pod *podspec.Pod
	// Images gives what is known of an image. nil means that there is no source
	// of images; a policy that needs one then finds every image unavailable.
	Images image.Lookup
	// Excluded says which containers the policy is not for; nil means none. An
	// excluded container is neither judged nor changed: a field of the pod that
	// it inherits is not written either.
	Excluded func(c *podspec.Container) bool
	// Room, where it is set, is empty and has room for findings: they are put there as
	// long as it lasts.
	Room []policy.Finding
}

// Evaluate judges one pod against the strategies of one policy and returns all
// it has to say, each finding with its fix where the policy may mutate and the
// finding has one. It does not run p.Evaluators.
//
// Proposed is set where mutation mends the finding, also where the policy does
// not mutate. One edit may mend several findings, as the pod's field does under
// policy.PlacePod: the first of them carries it, the others have Proposed and
// no Fix.
//
// MustRunAs and MayRunAs need ranges: those that come from a namespace must have
// been resolved, see policy.Policy.ForNamespace. A policy without them judges
// nothing and says so, with the reason NotEvaluated.
func Evaluate(p *policy.Policy, s Subject) []policy.Finding {
	if !active(p) {
		return nil
	}
	if err := p.ValidateRanges(); err != nil {
		return []policy.Finding{{
			Policy: p.Name, Reason: policy.NotEvaluated, Severity: policy.Error,
			Message: fmt.Sprintf("the policy cannot be followed: %v", err),
		}}
	}
	e := newEvaluation(p, s)
	for _, r := range rules {
		if e.pod.Windows && r.linuxOnly {
			continue
		}
		r.judge(e)
	}
	if !p.Mutates() {
		e.withholdFixes()
	}
	return e.findings
}

// withholdFixes takes the fixes from all findings. A policy that is tried before
// it is enforced foretells what they would do; one that only judges will never do
// it.
func (e *evaluation) withholdFixes() {
	for i := range e.findings {
		f := &e.findings[i]
		for _, c := range f.Fix {
			if e.policy.ValidateOnly || c.Edit.Path.Equal(f.Path) {
				continue
			}
			c.Message = "would also change: " + c.Message
			f.Foretold = append(f.Foretold, c)
		}
		f.Withheld, f.Fix = f.Fix, nil
	}
}

// rule is one row of the table: what it judges, and whether it means nothing on
// Windows.
type rule struct {
	judge     func(*evaluation)
	linuxOnly bool
}

// rules are applied in this order, because some look at what those before them
// have planned: whether the pod's runAsUser will be set decides on its
// runAsGroup, what a container will run as decides on its image, and a value
// that is overwritten is not a problem any more.
var rules = []rule{
	{judge: mustBeUnset, linuxOnly: true},
	{judge: mustRunAs, linuxOnly: true},
	{judge: mayRunAs, linuxOnly: true},
	{judge: mustRunAsNonRoot},
	{judge: requireStrict, linuxOnly: true},
	{judge: imageUser, linuxOnly: true},
	{judge: problems},
	{judge: refused, linuxOnly: true},
	{judge: podGroupWithoutUser, linuxOnly: true},
	{judge: windowsSkipped},
}

// active reports whether any strategy of the policy judges anything.
func active(p *policy.Policy) bool {
	return p.RunAsUser.Active() || p.RunAsGroup.Active() ||
		p.SupplementalGroups.Active() || p.FSGroup.Active()
}

// evaluation is one pod being judged: the input, never written to, and what has
// been found so far.
type evaluation struct {
	policy     *policy.Policy
	pod        *podspec.Pod
	containers []*podspec.Container // those the policy is for
	excluded   []*podspec.Container
	images     image.Lookup

	findings []policy.Finding
	edits    plans                       // so far
	unread   map[*podspec.Container]bool // whose image was reported as unavailable
}

func newEvaluation(p *policy.Policy, s Subject) *evaluation {
	e := &evaluation{policy: p, pod: s.Pod, images: s.Images, findings: s.Room}
	e.containers = make([]*podspec.Container, 0, len(s.Pod.Containers))
	for i := range s.Pod.Containers {
		c := &s.Pod.Containers[i]
		if s.Excluded != nil && s.Excluded(c) {
			e.excluded = append(e.excluded, c)
			continue
		}
		e.containers = append(e.containers, c)
	}
	return e
}

// usual is how many findings there are on most pods that have any: one a field, and
// one more.
const usual = 5

// report adds a finding that is a violation: its severity is the mode's.
func (e *evaluation) report(f policy.Finding) {
	f.Severity = e.policy.Mode.Severity()
	e.add(f)
}

// add adds a finding that has its severity.
func (e *evaluation) add(f policy.Finding) {
	f.Policy = e.policy.Name
	if cap(e.findings) == 0 {
		e.findings = make([]policy.Finding, 0, usual)
	}
	e.findings = append(e.findings, f)
	for _, c := range f.Fix {
		e.edits.add(c.Edit)
	}
}

// planned returns what the findings so far do to a place.
func (e *evaluation) planned(at podspec.Path) (podspec.Op, bool) { return e.edits.at(at) }

// setAfter reports whether a field is set once the edits planned so far are
// made.
func (e *evaluation) setAfter(v podspec.Value[int64]) bool {
	if op, ok := e.planned(v.Path); ok {
		return op == podspec.Put
	}
	return v.IsSet()
}

// setInResult reports whether a field is set in what the cluster will see: the
// pod after mutation. Warn and Audit foretell what Enforce would do, so for
// them it is the same; under validateOnly it is the pod as given.
func (e *evaluation) setInResult(v podspec.Value[int64]) bool {
	if e.policy.ValidateOnly {
		return v.IsSet()
	}
	return e.setAfter(v)
}
