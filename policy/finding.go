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
	WindowsSkipped      Reason = "WindowsSkipped"

	// PodSecurity is a violation of a Pod Security level, ImagePolicy one of a
	// ClusterImagePolicy; NotEvaluated is a rule that this program does not
	// judge, reported so that it never passes for a pass.
	PodSecurityViolation Reason = "PodSecurityViolation"
	ImagePolicyViolation Reason = "ImagePolicyViolation"
	NotEvaluated         Reason = "NotEvaluated"
	Exempted             Reason = "Exempted"
	PolicyConflict       Reason = "PolicyConflict"
	NotEdited            Reason = "NotEdited"
	InvalidConfig        Reason = "InvalidConfig"

	// Reasons of changes.
	Defaulted   Reason = "Defaulted"
	Overwritten Reason = "Overwritten"
	Removed     Reason = "Removed"
)

// Finding is one thing that a policy has to say about an object, with its fix
// where there is one. A finding without Fix stays after mutation.
type Finding struct {
	Policy   string // name of the policy
	Rule     string // the rule that speaks: MustRunAs, or restricted:latest
	Reason   Reason
	Severity Severity // after the policy's mode
	// Message says what must be, what is, where it comes from, and for whom.
	// Lower case, no full stop, a user's values in %q.
	Message string
	Path    podspec.Path // where the offending value stands, or should stand
	// Current is the value that stands there: int64, bool, string, []int64; nil
	// where there is none. Proposed is what Fix would write there.
	Current, Proposed any
	// Containers are the names of the containers concerned; empty for the pod.
	Containers []string
	Origin     podspec.Origin
	Image      string // the image concerned, with its digest where known; "" where none is

	Fix []Change
	// Foretold is, under Warn and Audit, what Fix would change beside the place at
	// Path, which Proposed speaks for: the pod's default, the containers that
	// inherit a value.
	Foretold []Change
}

// Change is an edit with what a report says of it.
type Change struct {
	Edit      podspec.Edit
	Reason    Reason // Defaulted, Overwritten or Removed
	Message   string
	Current   any    // what stands there before the change; nil where there is nothing
	Container string // the container changed; "" for the pod
}

// FromProblem returns the finding on what is wrong with the structure of an
// object. Policy, Rule and Severity are the caller's.
func FromProblem(p podspec.Problem) Finding {
	f := Finding{Reason: Reason(p.Code), Message: p.Path.String() + " " + p.Detail, Path: p.Path}
	if p.Raw != "" {
		f.Current = p.Raw
	}
	return f
}
