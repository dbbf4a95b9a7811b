package report

import (
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Workload is one pod template with what its containers run as. It needs no
// policy: it is what the manifests say.
type Workload struct {
	Resource Resource
	File     File         // of the pod spec
	Path     podspec.Path // of the pod spec in the object
	Windows  bool         // a pod for Windows, to which ids mean nothing
	Partial  bool         // an operator fills in the rest: what nobody says is its to say

	Groups  Effective // supplementalGroups: []int64
	FSGroup Effective // int64

	Containers []Container // init, regular and ephemeral containers, in that order
}

// Container is one container of a Workload.
type Container struct {
	Kind  podspec.ContainerKind
	Name  string
	Image string
	File  File
	Path  podspec.Path // in the object

	// User is an int64, or a string: the name of a Windows user or the one that an
	// image's USER gives.
	User    Effective
	Group   Effective // int64, or the name that an image's USER gives
	NonRoot Effective // bool
}

// Effective is a value that a container runs with and where it comes from.
type Effective struct {
	// Value is an int64, a bool, a string or []int64; nil where nobody says, and
	// where what is said is not a valid value.
	Value any
	// Text is the value as it is written, also where it is not valid: "1000", for
	// an image its USER.
	Text string
	// Origin is podspec.FromNowhere where nobody says.
	Origin podspec.Origin
	Path   podspec.Path // of the value in the object
}

// Invalid reports whether something is said that is not a valid value.
func (e Effective) Invalid() bool { return e.Origin != podspec.FromNowhere && e.Value == nil }

// RunsAs sums up who a container runs as.
type RunsAs string

// What a container may run as, the worst first.
const (
	RunsAsRoot    RunsAs = "root"    // user 0, or the administrator of Windows
	RunsAsInvalid RunsAs = "invalid" // what is written is not valid
	RunsAsAnyone  RunsAs = "anyone"  // nobody says: the image decides, and most say root
	RunsAsNonRoot RunsAs = "nonroot" // anyone but root, whom the kubelet does not start
	RunsAsUser    RunsAs = "user"    // a user that is not root
)

// administrators are the users with a name that can do what user 0 can, in lower
// case.
var administrators = []string{"root", "containeradministrator"}

// RunsAs sums up who the container runs as: the user, where one is named, and
// else what runAsNonRoot leaves.
func (c *Container) RunsAs() RunsAs {
	switch user := c.User.Value.(type) {
	case int64:
		if user == 0 {
			return RunsAsRoot
		}
		return RunsAsUser
	case string:
		if slices.Contains(administrators, strings.ToLower(user)) {
			return RunsAsRoot
		}
		return RunsAsUser
	}
	switch {
	case c.User.Invalid() || c.NonRoot.Invalid():
		return RunsAsInvalid
	case c.NonRoot.Value == true:
		return RunsAsNonRoot
	}
	return RunsAsAnyone
}
