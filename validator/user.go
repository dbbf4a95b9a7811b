package validator

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
)

// userOf reads the USER of an image. With lookUp, names are what the image's own
// /etc/passwd and /etc/group say, and a USER without a group has the group that
// /etc/passwd gives it.
//
// A half that is empty is as good as malformed: whether it means root, or the
// group in /etc/passwd, depends on who starts the container.
func userOf(cfg image.Config, lookUp bool) image.User {
	u := image.ParseUser(cfg.User)
	if lookUp && cfg.User != "" {
		if cfg.UID != nil && u.User.Kind == image.Named {
			u.User = u.User.WithID(*cfg.UID)
		}
		if cfg.GID != nil && (u.Group.Kind == image.Named || u.Group.Kind == image.Absent) {
			u.Group = u.Group.WithID(*cfg.GID)
		}
	}
	return u
}

// malformed reports whether no runtime starts a half of USER, or whether runtimes
// disagree on it.
func malformed(p image.Part) bool { return p.Kind == image.Malformed || p.Kind == image.Empty }

// mustBe is what a USER has to be so that it can be judged.
func mustBe(half, file string, p image.Part, lookUp bool) string {
	switch {
	case malformed(p):
		return fmt.Sprintf("image %s must be an id in 0-%d in a USER of the form uid or uid:gid", half, podspec.MaxID)
	case lookUp:
		return fmt.Sprintf("image %s must be a number or be in the image's %s", half, file)
	}
	return fmt.Sprintf("image %s must be a number, as the kubelet cannot verify a name", half)
}
