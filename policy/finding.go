package policy

import "github.com/usergroup-dev/usergroup/podspec"

// Severity of a finding, as KRM results spell it.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Reason is a stable code that says what a finding is about.
type Reason string

// pages is where docs/rules is published.
const pages = "https://github.com/usergroup-dev/usergroup/blob/main/docs/rules/"

// URL is the address of the page that explains the reason: what must be, what
// breaks it, and how it is mended.
func (r Reason) URL() string { return pages + string(r) + ".md" }

// Reasons of findings.
const (
	UserIDOutsideRanges         Reason = "UserIDOutsideRanges"
	GroupIDOutsideRanges        Reason = "GroupIDOutsideRanges" // runAsGroup, supplementalGroups and fsGroup
	ShouldRunAsNonRoot          Reason = "ShouldRunAsNonRoot"
	CannotUseRootUserID         Reason = "CannotUseRootUserID"
	MissingUserID               Reason = "MissingUserID"
	MissingGroupID              Reason = "MissingGroupID"
	MissingSupplementalGroupID  Reason = "MissingSupplementalGroupID"
	MissingFSGroup              Reason = "MissingFSGroup"
	UnsetRequired               Reason = "MustBeUnset"
	SupplementalGroupsNotStrict Reason = "SupplementalGroupsNotStrict"

	ImageConfigInvalidUserID        Reason = "ImageConfigInvalidUserID"
	ImageConfigInvalidGroupID       Reason = "ImageConfigInvalidGroupID"
	ImageConfigUserIDOutsideRanges  Reason = "ImageConfigUserIDOutsideRanges"
	ImageConfigUserIDCannotBeRoot   Reason = "ImageConfigUserIDCannotBeRoot"
	ImageConfigGroupIDOutsideRanges Reason = "ImageConfigGroupIDOutsideRanges"
	ImageUnavailable                Reason = "ImageUnavailable"

	InvalidID      = Reason(podspec.InvalidID)
	InvalidType    = Reason(podspec.InvalidType)
	AmbiguousValue = Reason(podspec.AmbiguousValue)
	DuplicateKey   = Reason(podspec.DuplicateKey)

	UncheckedKind       Reason = "UncheckedKind"
	PodGroupWithoutUser Reason = "PodGroupWithoutUser"
	// Refused is what the API server refuses of the fields that bear on ids,
	// IDNotMapped an id that a user namespace does not have.
	Refused        Reason = "Refused"
	IDNotMapped    Reason = "IDNotMapped"
	WindowsSkipped Reason = "WindowsSkipped"

	// PodSecurity is a violation of a Pod Security level, ImagePolicy one of a
	// ClusterImagePolicy; NotEvaluated is a rule that this program does not
	// judge, reported so that it never passes for a pass.
	PodSecurityViolation Reason = "PodSecurityViolation"
	ImagePolicyViolation Reason = "ImagePolicyViolation"
	NotEvaluated         Reason = "NotEvaluated"
	Exempted             Reason = "Exempted"
	// NothingMatched is a policy, or a selector in it, that is for nothing.
	NothingMatched Reason = "NothingMatched"
	PolicyConflict Reason = "PolicyConflict"
	NotEdited      Reason = "NotEdited"
	InvalidConfig  Reason = "InvalidConfig"
	InvalidUsage   Reason = "InvalidUsage"
	Unreadable     Reason = "Unreadable"

	// Reasons of changes.
	Defaulted   Reason = "Defaulted"
	Overwritten Reason = "Overwritten"
	Removed     Reason = "Removed"
)

// Finding is one thing that a policy has to say about an object, with its fix
// where there is one. A finding without Fix stays after mutation.
type Finding struct {
	Policy string // name of the policy
	// PolicyFile and PolicyLine say where the rule that speaks is written; ""
	// and 0 where that is unknown. See Policy.Attribute.
	PolicyFile string
	PolicyLine int
	Rule       string // the rule that speaks: MustRunAs, or restricted:latest
	Reason     Reason
	Severity   Severity // after the policy's mode
	// Message says what must be, what is, where it comes from, and for whom.
	// Lower case, no full stop, a user's values in %q.
	Message string
	Path    podspec.Path // where the offending value is, or should be
	// Current is the value that is there: int64, bool, string, []int64; nil
	// where there is none. Proposed is what Fix would write there.
	Current, Proposed any
	// Containers are the names of the containers concerned; empty for the pod.
	Containers []string
	Origin     podspec.Origin
	Image      string // the image concerned, with its digest where known; "" where none is

	Fix []Change
	// Withheld is what Fix would be if the policy's mode, or its validateOnly, let it
	// change anything.
	Withheld []Change
	// Foretold is, under Warn and Audit, what Fix would change beside the place at
	// Path, which Proposed speaks for: the pod's default, the containers that
	// inherit a value.
	Foretold []Change
}

// Attribute says of findings of the policy where the policy is written, and of
// those that do not know the line of their rule, the line of the policy.
func (p *Policy) Attribute(findings []Finding) {
	if p.Source.File == "" {
		return // a line of no file leads nowhere
	}
	for i := range findings {
		f := &findings[i]
		f.PolicyFile = p.Source.File
		if f.PolicyLine == 0 {
			f.PolicyLine = p.Source.Line
		}
	}
}

// Change is an edit with what a report says of it.
type Change struct {
	Edit      podspec.Edit
	Reason    Reason // Defaulted, Overwritten or Removed
	Message   string
	Current   any    // what is there before the change; nil where there is nothing
	Container string // the container changed; "" for the pod
}

// FromProblem returns the finding on what is wrong with the structure of an
// object. Policy, Rule and Severity are the caller's.
func FromProblem(p podspec.Problem) Finding {
	f := Finding{Reason: Reason(p.Code), Message: p.Path.Shown().String() + " " + p.Detail, Path: p.Path}
	if p.Raw != "" {
		f.Current = p.Raw
	}
	return f
}
