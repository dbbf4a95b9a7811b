// Package policy holds the one normalised policy that every dialect decodes
// into: strategies for users and groups, ranges, modes and selectors, and the
// findings that judging a pod against it gives.
//
// The package is pure: no I/O, no YAML, and nothing but the standard library
// and package podspec.
package policy

import (
	"context"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Rule says what a field must be.
type Rule string

// The rules. The zero Rule is RunAsAny.
const (
	MustRunAs        Rule = "MustRunAs"
	MustRunAsNonRoot Rule = "MustRunAsNonRoot" // runAsUser only
	MayRunAs         Rule = "MayRunAs"
	RunAsAny         Rule = "RunAsAny"
	MustBeUnset      Rule = "MustBeUnset"
)

// DefaultFrom says where a default comes from.
type DefaultFrom string

// Sources of a default. The zero value is DefaultFromRange.
const (
	DefaultFromRange DefaultFrom = "Range"
	DefaultFromImage DefaultFrom = "Image"
)

// RangesFrom says where ranges come from other than the policy itself.
type RangesFrom string

// RangesFromOpenShift takes the ranges from the annotations that OpenShift puts
// on a Namespace.
const RangesFromOpenShift RangesFrom = "OpenShiftNamespace"

// Strategy is the rule of one field.
type Strategy struct {
	Rule        Rule
	Ranges      Ranges
	Overwrite   bool        // MustRunAs only: write the default whatever is there
	DefaultFrom DefaultFrom // runAsUser and runAsGroup only
	RangesFrom  RangesFrom
	// RequireStrict demands supplementalGroupsPolicy: Strict; supplementalGroups only.
	RequireStrict bool

	Line int // of the rule in Policy.Source.File; 0 where unknown

	// Sorted are the Ranges as Allows searches them, see Policy.Prepared; nil where it
	// compares one by one.
	Sorted Ranges
}

// Active reports whether the strategy judges anything.
func (s Strategy) Active() bool {
	return s.Rule != "" && s.Rule != RunAsAny || s.RequireStrict
}

// Mode says what becomes of violations.
type Mode string

// The modes. The zero Mode is Enforce. Warn and Audit never mutate.
const (
	Enforce Mode = "Enforce"
	Warn    Mode = "Warn"
	Audit   Mode = "Audit"
)

// Severity is the severity of a violation in this mode.
func (m Mode) Severity() Severity {
	switch m {
	case Warn:
		return Warning
	case Audit:
		return Info
	}
	return Error
}

// Placement says where defaults are written.
type Placement string

// The placements. The zero Placement is Both.
const (
	PlaceBoth       Placement = "Both"
	PlaceContainers Placement = "Containers"
	PlacePod        Placement = "Pod"
)

// MaxPlatforms is how many platforms a policy may check each image for, which is more
// than images are built for.
const MaxPlatforms = 32

// Images configures the check of the images' USER.
type Images struct {
	Check         bool // validateContainerImageConfiguration
	Scope         ImageScope
	Platforms     []string // os/arch[/variant], at most MaxPlatforms; empty means linux/amd64
	FailurePolicy FailurePolicy
	ResolveNames  bool
	Lock          string // file of an ImageUserLock, "" for none
	LockFromItems bool   // ask the ImageUserLocks among the items as well
}

// ImageScope says which images are judged.
type ImageScope string

// The scopes. The zero ImageScope is ScopeAll.
const (
	ScopeAll       ImageScope = "All"       // a USER that is present is judged even if runAsUser overrides it
	ScopeEffective ImageScope = "Effective" // only where neither container nor pod sets runAsUser
)

// FailurePolicy says what an image that cannot be read means.
type FailurePolicy string

// The failure policies. The zero FailurePolicy is FailureFail.
const (
	FailureFail   FailurePolicy = "Fail"
	FailureWarn   FailurePolicy = "Warn"
	FailureIgnore FailurePolicy = "Ignore"
)

// UnknownKinds says what becomes of security contexts and pod specs in objects
// of kinds that are not known to have them.
type UnknownKinds string

// What becomes of them. The zero UnknownKinds is WarnUnknown.
const (
	WarnUnknown   UnknownKinds = "Warn"
	FailUnknown   UnknownKinds = "Fail"
	IgnoreUnknown UnknownKinds = "Ignore"
)

// Output says which items the function emits.
type Output string

// The outputs. The zero Output is OutputItems.
const (
	OutputItems Output = "items"
	OutputNone  Output = "none"
)

// Admission asks the function to add the admission policies of the API server that
// hold the policy.
type Admission struct {
	Kinds       []string // custom resources that they judge as well
	AllowWeaker bool     // also where they cannot hold all of the policy
}

// PodSpecPath teaches the function a kind that embeds pod specs.
type PodSpecPath struct {
	Group string // API group, "" for the core group, * for any
	Kind  string
	// Paths of pod specs, dotted, where [*] stands for every element of a list
	// and * for every value of a mapping: spec.jobs[*].template.spec
	Paths []string
	// Pods are those that no pod spec describes.
	Pods []PodParts
	// Containers and SecurityContexts are paths of those of which nothing more is
	// known, and Below paths below which every other security context counts: only
	// what is written there is judged.
	Containers, SecurityContexts, Below []string
	// Operator is whether an operator fills in the rest of Paths and Pods.
	Operator bool
}

// PodParts says where the parts of pods are that no pod spec describes. All paths
// but Path are below it.
type PodParts struct {
	Path              string   // of the mappings that stand for a pod each
	SecurityContext   string   // "" means securityContext
	Containers        []string // steps[*], or main for a single one
	ContainerDefaults string   // of a security context that containers take what they lack from; "" for none
}

// Source is where a policy is written.
type Source struct {
	File string // as it was named to the program; "" where unknown
	Line int    // of the policy in the file, from 1; 0 where unknown
}

// Policy is one policy, whatever dialect it was written in.
type Policy struct {
	Name string
	// Dialect is the kind the policy was written as: UserGroupPolicy,
	// ClusterAdmissionPolicy, PodSecurityPolicy.
	Dialect   string
	Source    Source
	Namespace string // of a policy that is namespaced, "" otherwise

	RunAsUser          Strategy
	RunAsGroup         Strategy
	SupplementalGroups Strategy
	FSGroup            Strategy

	ValidateOnly bool
	Mode         Mode
	Placement    Placement
	Images       Images

	// Evaluators are rules that are more than strategies: a Pod Security level,
	// an image policy in CUE.
	Evaluators []Evaluator
	// Notes are things to be said about the policy itself, once a run: fields
	// of a foreign dialect that have no counterpart.
	Notes []Finding

	Match                    Selector // the zero Selector matches everything
	Exclude                  []Exclusion
	AllowExemptionAnnotation bool
	AllowExemptionComments   bool   // a comment beside a value may exempt it from a finding
	DefaultNamespace         string // of an object that names none, for selectors and namespace labels

	PodSpecPaths      []PodSpecPath
	CRDs              []string // files and folders of CustomResourceDefinitions
	UnknownKinds      UnknownKinds
	PoliciesFromItems bool
	Annotate          bool
	Output            Output
	Admission         *Admission // nil where the function adds none
}

// RulesNothing reports whether the policy has no rule at all, not even RunAsAny,
// and serves no other policy.
func (p *Policy) RulesNothing() bool {
	for _, s := range []Strategy{p.RunAsUser, p.RunAsGroup, p.SupplementalGroups, p.FSGroup} {
		if s.Rule != "" || s.RequireStrict {
			return false
		}
	}
	return len(p.Evaluators) == 0 && len(p.PodSpecPaths) == 0 && !p.PoliciesFromItems
}

// Mutates reports whether the policy may change objects.
func (p *Policy) Mutates() bool {
	return !p.ValidateOnly && (p.Mode == "" || p.Mode == Enforce)
}

// JudgesImages reports whether the policy's strategies depend on images.
func (p *Policy) JudgesImages() bool {
	return p.Images.Check || p.RunAsUser.DefaultFrom == DefaultFromImage || p.RunAsGroup.DefaultFrom == DefaultFromImage
}

// NeedsImages reports whether the policy's strategies or evaluators ask for images.
func (p *Policy) NeedsImages() bool {
	return p.JudgesImages() || slices.ContainsFunc(p.Evaluators, func(e Evaluator) bool { return e.NeedsImages("") })
}

// Object is what selectors and evaluators may ask of an object.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	// GenerateName is what the name will begin with; "" where there is a Name.
	GenerateName        string
	Labels, Annotations map[string]string
}

// Group returns the API group of the object, "" for the core group.
func (o Object) Group() string {
	g, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return g
}

// Namespace is a Namespace found among the items.
type Namespace struct {
	Name                string
	Labels, Annotations map[string]string
}

// Subject is one pod of an object, as an Evaluator sees it.
type Subject struct {
	Object    Object
	Namespace *Namespace   // nil where it is not among the items
	Pod       *podspec.Pod // one pod spec of the object
	// JSON returns the whole object, and PodJSON the pod that the object is or
	// will create, {"metadata", "spec"}, both as encoding/json decodes them
	// (numbers as int64 or float64). The caller must not change them.
	JSON    func() (map[string]any, error)
	PodJSON func() (map[string]any, error)
	// Images gives an image's configuration; nil where no source is configured.
	Images image.Lookup
	// Mutate is whether the policy may write fixes.
	Mutate bool
}

// Evaluator judges what strategies cannot say. Findings carry paths from the
// object's root. Evaluate is called from several goroutines.
type Evaluator interface {
	Evaluate(ctx context.Context, s Subject) []Finding
	// NeedsImages reports whether the evaluator asks s.Images for an image of
	// this reference or, where ref is "", for any.
	NeedsImages(ref string) bool
}

// Selective is an Evaluator that is not for every pod that the policy selects, as
// a ClusterImagePolicy with its own match and globs of images.
type Selective interface {
	Evaluator
	// EvaluateSelected is Evaluate, and reports whether the evaluator is for the pod.
	EvaluateSelected(ctx context.Context, s Subject) (findings []Finding, isFor bool)
}

// IsSelective reports whether it is left to the policy's evaluators to say which
// pods it is for.
func (p *Policy) IsSelective() bool {
	return slices.ContainsFunc(p.Evaluators, func(e Evaluator) bool { _, ok := e.(Selective); return ok })
}
