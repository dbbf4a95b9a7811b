package v1alpha1

import (
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Policy checks the spec and converts it to the policy of this name. text.Fail
// is given everything that is wrong; where it was called, the policy must not be
// used.
func (s *Spec) Policy(name string, text Text) *policy.Policy {
	s.check(text.Fail)
	p := &policy.Policy{
		Name:    name,
		Dialect: Kind,
		Source:  policy.Source{Line: text.Line(nil)},

		RunAsUser:          s.RunAsUser.strategy().policy(text),
		RunAsGroup:         s.RunAsGroup.strategy().policy(text),
		SupplementalGroups: s.SupplementalGroups.strategy().policy(text),
		FSGroup:            s.FSGroup.strategy().policy(text),

		ValidateOnly: s.ValidateOnly,
		Mode:         policy.Mode(s.Mode),
		Placement:    policy.Placement(s.Placement),
		Images:       s.Images.policy(s.ValidateContainerImageConfiguration),

		Evaluators: s.evaluators(name, text),

		Match:                    s.Match.policy(),
		AllowExemptionAnnotation: s.AllowExemptionAnnotation,
		AllowExemptionComments:   s.AllowExemptionComments,
		DefaultNamespace:         s.DefaultNamespace,

		CRDs:              s.CRDs,
		UnknownKinds:      policy.UnknownKinds(s.UnknownKinds),
		PoliciesFromItems: s.PoliciesFromItems,
		Annotate:          s.Annotate,
		Output:            policy.Output(s.Output),
		Admission:         s.Admission.policy(),
	}
	for i, e := range s.Exclude {
		p.Exclude = append(p.Exclude, policy.Exclusion{
			Selector: e.Selector.policy(), Reason: e.Reason, Line: text.Line(podspec.Field("exclude").Index(i)),
		})
	}
	for _, k := range s.PodSpecPaths {
		path := policy.PodSpecPath{
			Group: k.Group, Kind: k.Kind, Paths: k.Paths, Containers: k.Containers,
			SecurityContexts: k.SecurityContexts, Below: k.Below, Operator: k.Operator,
		}
		for _, pod := range k.Pods {
			path.Pods = append(path.Pods, policy.PodParts(pod))
		}
		p.PodSpecPaths = append(p.PodSpecPaths, path)
	}
	return p
}

// policy converts the strategy, where it is written at all.
func (s strategy) policy(text Text) policy.Strategy {
	if s.given {
		s.Line = text.Line(podspec.Field(s.field))
	}
	return s.Strategy
}

func (a *Admission) policy() *policy.Admission {
	if a == nil {
		return nil
	}
	return &policy.Admission{Kinds: a.Kinds, AllowWeaker: a.AllowWeaker}
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
		LockFromItems: i.LockFromItems,
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
		ContainerKinds:    containerKinds(s.ContainerKinds),
		HostUsers:         s.HostUsers,
	}
}

func containerKinds(ks []ContainerKind) []policy.ContainerKind {
	var out []policy.ContainerKind
	for _, k := range ks {
		out = append(out, policy.ContainerKind(k))
	}
	return out
}
