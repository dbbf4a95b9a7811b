package validator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
)

// identityKind says what one half of an image's USER is.
type identityKind uint8

const (
	absent    identityKind = iota // no USER, or a USER without a group
	numeric                       // an id in 0..podspec.MaxID, written or looked up
	named                         // a name that was not looked up, or is not in the image
	malformed                     // no runtime starts it, or runtimes disagree on it
)

// identity is the user or the group of an image's USER.
type identity struct {
	kind identityKind
	id   int64  // where kind is numeric
	text string // as it stands in USER
}

// imageUserIDs are both halves of an image's USER.
type imageUserIDs struct {
	user, group identity
}

// idsOf reads the USER of an image: uid, uid:gid, name, name:group or nothing.
// With lookUp, names are what the image's own /etc/passwd and /etc/group say,
// and a USER without a group has the group that /etc/passwd gives it.
//
//	""            absent: root
//	"01000"       1000, as every runtime reads it in base 10
//	"+5", "-1"    malformed: a signed number is an id to containerd, no id to others
//	"2147483648"  malformed: no id, the kubelet refuses it
//	"1:2:3"       malformed as a whole: the runtime refuses it
//	"65533:"      the user 65533 and a malformed group: the runtime refuses it
//	":5"          a malformed user, which the kubelet takes for root, and the group 5
//	"root"        a name; the kubelet does not look it up
func idsOf(cfg image.Config, lookUp bool) imageUserIDs {
	if cfg.User == "" {
		return imageUserIDs{}
	}
	parts := strings.Split(cfg.User, ":")
	if len(parts) > 2 {
		bad := identity{kind: malformed, text: cfg.User}
		return imageUserIDs{bad, bad}
	}
	ids := imageUserIDs{user: parseIdentity(parts[0])}
	if len(parts) == 2 {
		ids.group = parseIdentity(parts[1])
	}
	if lookUp {
		ids.user = ids.user.lookedUp(cfg.UID, named)
		ids.group = ids.group.lookedUp(cfg.GID, named, absent)
	}
	return ids
}

// parseIdentity reads one half of a USER that has this half.
func parseIdentity(s string) identity {
	digits := strings.TrimLeft(s, "+-")
	signed := digits != s
	switch {
	case s == "":
		return identity{kind: malformed}
	case digits == "", strings.Trim(digits, "0123456789") != "":
		return identity{kind: named, text: s}
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || signed {
		return identity{kind: malformed, text: s}
	}
	return identified(s, id)
}

// identified is the identity of an id that text stands for.
func identified(text string, id int64) identity {
	if id < 0 || id > podspec.MaxID {
		return identity{kind: malformed, text: text}
	}
	return identity{kind: numeric, id: id, text: text}
}

// lookedUp is the identity with the id that the image gives it, if it is of one
// of the kinds that are looked up and the image has it.
func (i identity) lookedUp(id *int64, kinds ...identityKind) identity {
	if id == nil || !slices.Contains(kinds, i.kind) {
		return i
	}
	return identified(i.text, *id)
}

// mustBe is what a USER has to be so that it can be judged.
func mustBe(half, file string, i identity, lookUp bool) string {
	switch {
	case i.kind == malformed:
		return fmt.Sprintf("image %s must be an id in 0-%d in a USER of the form uid or uid:gid", half, podspec.MaxID)
	case lookUp:
		return fmt.Sprintf("image %s must be a number or stand in the image's %s", half, file)
	}
	return fmt.Sprintf("image %s must be a number, as the kubelet cannot verify a name", half)
}
