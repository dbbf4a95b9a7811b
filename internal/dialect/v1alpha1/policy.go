package v1alpha1

import (
	"github.com/usergroup-dev/usergroup/policy"
)

// Policy checks the spec and converts it to the policy of this name. fail is
// given everything that is wrong; where it was called, the policy must not be
// used.
func (s *Spec) Policy(name string, fail Fail) *policy.Policy {
	s.Check(fail)
	p := &policy.Policy{
		Name:    name,
		Dialect: Kind,

		RunAsUser:          s.RunAsUser.strategy().Strategy,
		RunAsGroup:         s.RunAsGroup.strategy().Strategy,
		SupplementalGroups: s.SupplementalGroups.strategy().Strategy,
		FSGroup:            s.FSGroup.strategy().Strategy,

		ValidateOnly: s.ValidateOnly,
		Mode:         policy.Mode(s.Mode),
		Placement:    policy.Placement(s.Placement),
		Images:       s.Images.policy(s.ValidateContainerImageConfiguration),

		Evaluators: s.evaluators(name, fail),

		Match:                    s.Match.policy(),
		AllowExemptionAnnotation: s.AllowExemptionAnnotation,
		DefaultNamespace:         s.DefaultNamespace,

		PoliciesFromItems: s.PoliciesFromItems,
		Annotate:          s.Annotate,
		Output:            policy.Output(s.Output),
	}
	for _, e := range s.Exclude {
		p.Exclude = append(p.Exclude, policy.Exclusion{Selector: e.Selector.policy(), Reason: e.Reason})
	}
	for _, k := range s.PodSpecPaths {
		p.PodSpecPaths = append(p.PodSpecPaths, policy.PodSpecPath{Group: k.Group, Kind: k.Kind, Paths: k.Paths})
	}
	return p
}

func (i *Images) policy(check bool) policy.Images {
	if i == nil {
		return policy.Images{Check: check}
	}
	return policy.Images{
		Check:         check,
		Scope:         policy.ImageScope(i.Scope),
		Platforms:     i.Platform,
		FailurePolicy: policy.FailurePolicy(i.FailurePolicy),
		ResolveNames:  i.ResolveNames,
		Lock:          i.Lock,
	}
}

func (s *Selector) policy() policy.Selector {
	if s == nil {
		return policy.Selector{}
	}
	return policy.Selector{
		Kinds:             s.Kinds,
		Namespaces:        s.Namespaces,
		Names:             s.Names,
		LabelSelector:     s.LabelSelector.Labels(),
		NamespaceSelector: s.NamespaceSelector.Labels(),
		Annotations:       s.Annotations,
		Images:            s.Images,
		Containers:        s.Containers,
	}
}
