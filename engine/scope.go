package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// ExemptAnnotation lists, separated by commas, the policies that an object is
// exempt from, where they allow it.
const ExemptAnnotation = "usergroup.dev/exempt-from"

// scope is what of an object a policy is for.
type scope struct {
	policy  *policy.Policy
	object  policy.Object // with the policy's default namespace
	ns      *policy.Namespace
	matched bool // whether the policy selects the object, exempt or not
	applies bool
	// exempt is why the whole object is exempt; not nil only where applies is
	// false and the policy would otherwise be for the object.
	exempt *policy.Finding
	// exclusions are the indices of those for some containers of the object.
	exclusions []int
	used       *policyUsage
}

// asksForNamespaces reports whether a policy depends on the Namespaces among the
// items.
func asksForNamespaces(p *policy.Policy) bool {
	if len(p.Evaluators) > 0 || p.Match.NamespaceSelector != nil || p.UsesNamespaceRanges() {
		return true
	}
	return slices.ContainsFunc(p.Exclude, func(e policy.Exclusion) bool { return e.NamespaceSelector != nil })
}

// scope decides whether a policy is for an object.
func (r *run) scope(p *policy.Policy, obj policy.Object) scope {
	if obj.Namespace == "" {
		obj.Namespace = p.DefaultNamespace
	}
	s := scope{policy: p, object: obj, ns: r.namespaces.byName[obj.Namespace], used: r.usage.policies[p]}
	if s.matched = p.Match.MatchObject(obj, s.ns); !s.matched {
		return s
	}
	if p.AllowExemptionAnnotation && exemptsItself(obj, p.Name) {
		s.exempt = exempted(p, nil, "by its annotation "+ExemptAnnotation)
		return s
	}
	for i, e := range p.Exclude {
		switch {
		case !e.MatchObject(obj, s.ns):
		case e.IsContainerScoped():
			s.exclusions = append(s.exclusions, i)
		default:
			set(&s.used.exclusions[i])
			if s.exempt == nil {
				s.exempt = exempted(p, nil, because(e))
				s.exempt.PolicyLine = e.Line
			}
		}
	}
	s.applies = s.exempt == nil
	return s
}

// scopeOf is scope for an object that may be within others: an exclusion of one of
// those holds for it as well.
func (r *run) scopeOf(p *policy.Policy, o workload.Object) scope {
	s := r.scope(p, o.Object)
	for _, outer := range o.Within {
		if !s.applies {
			break
		}
		if t := r.scope(p, outer); t.exempt != nil {
			s.exempt, s.applies = t.exempt, false
		}
	}
	return s
}

func exemptsItself(obj policy.Object, name string) bool {
	for n := range strings.SplitSeq(obj.Annotations[ExemptAnnotation], ",") {
		if strings.TrimSpace(n) == name {
			return true
		}
	}
	return false
}

// containers returns the containers of a pod that the policy is for. ok is
// whether it is for the pod at all: a policy that leaves out every container
// says nothing on the pod's own fields either, as nobody is left to run with
// them. A pod whose containers an operator adds is judged as if it had one
// without a name and an image.
func (s scope) containers(pod *podspec.Pod) (cs []*podspec.Container, ok bool) {
	for i := range pod.Containers {
		if c := &pod.Containers[i]; !s.excluded(pod, c) {
			cs = append(cs, c)
		}
	}
	if len(pod.Containers) == 0 {
		return nil, !s.excluded(pod, &podspec.Container{Kind: podspec.RegularContainer})
	}
	return cs, len(cs) > 0
}

// excludedIn is excluded for the containers of one pod; nil where the policy is for all
// of them.
func (s scope) excludedIn(pod *podspec.Pod) func(c *podspec.Container) bool {
	if len(s.exclusions) == 0 && !s.policy.Match.IsContainerScoped() {
		return nil
	}
	choosy := s // on the heap
	return func(c *podspec.Container) bool { return choosy.excluded(pod, c) }
}

// excluded reports whether the policy leaves a container alone.
func (s scope) excluded(pod *podspec.Pod, c *podspec.Container) bool {
	return !s.policy.Match.MatchContainer(pod, c) || s.exclusion(pod, c) != nil
}

// exclusion returns the first exclusion that is for a container, nil where none is.
func (s scope) exclusion(pod *podspec.Pod, c *podspec.Container) *policy.Exclusion {
	var first *policy.Exclusion
	for _, i := range s.exclusions {
		e := &s.policy.Exclude[i]
		if !e.MatchContainer(pod, c) {
			continue
		}
		set(&s.used.exclusions[i])
		if first == nil {
			first = e
		}
	}
	return first
}

// exemptions names the containers that are excluded, so that they stay visible.
func (s scope) exemptions(pod *podspec.Pod) []policy.Finding {
	var findings []policy.Finding
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if e := s.exclusion(pod, c); e != nil {
			f := exempted(s.policy, c.Path, because(*e))
			f.PolicyLine = e.Line
			f.Containers = []string{c.Name}
			f.Message = fmt.Sprintf("%s %q: %s", c.Kind, c.Name, f.Message)
			findings = append(findings, *f)
		}
	}
	return findings
}

func because(e policy.Exclusion) string {
	if e.Reason == "" {
		return "by the policy, which gives no reason"
	}
	return fmt.Sprintf("by the policy: %s", e.Reason)
}

func exempted(p *policy.Policy, at podspec.Path, why string) *policy.Finding {
	return &policy.Finding{
		Policy: p.Name, Reason: policy.Exempted, Severity: policy.Info, Path: at,
		Message: fmt.Sprintf("exempt from policy %q %s", p.Name, why),
	}
}
