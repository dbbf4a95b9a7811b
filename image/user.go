package image

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// maxID is the largest id that the API server and the kubelet accept.
const maxID = math.MaxInt32

// PartKind says what one half of a USER is.
type PartKind uint8

// The kinds of a half of USER.
const (
	Absent    PartKind = iota // no USER, or a USER without a group
	Numeric                   // an id in 0..2147483647
	Named                     // a name, which the image's own files may give an id
	Empty                     // nothing on this side of the colon: 0 to containerd
	Malformed                 // what no runtime starts
)

// Part is the user or the group half of a USER.
type Part struct {
	Kind PartKind
	ID   int64  // where Kind is Numeric
	Text string // as USER has it; the whole of a USER with more than one colon
}

// User is a USER taken apart.
type User struct {
	User, Group Part
}

// ParseUser takes the USER of an image apart as containerd (pkg/oci, WithUser) and
// CRI-O do, and as both tell it to the kubelet: a half is a number if
// strconv.ParseInt reads it in base 10.
//
//	""            absent: root
//	"01000"       1000
//	"+5"          5
//	"-1"          malformed: no id, and not a name that an image has
//	"2147483648"  malformed
//	"1:2:3"       malformed as a whole
//	"65533:"      the user 65533 and an empty group
//	"root"        a name; the kubelet does not look it up
func ParseUser(s string) User {
	if s == "" {
		return User{}
	}
	user, group, both := strings.Cut(s, ":")
	if strings.Contains(group, ":") {
		bad := Part{Kind: Malformed, Text: s}
		return User{bad, bad}
	}
	u := User{User: parsePart(user)}
	if both {
		u.Group = parsePart(group)
	}
	return u
}

// parsePart reads a half of USER that is there.
func parsePart(s string) Part {
	if s == "" {
		return Part{Kind: Empty}
	}
	id, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return Part{Kind: Malformed, Text: s}
	case err != nil:
		return Part{Kind: Named, Text: s}
	}
	return Part{Kind: Malformed, Text: s}.WithID(id)
}

// WithID returns the part with the id that its text stands for, malformed where
// that is not an id.
func (p Part) WithID(id int64) Part {
	if id < 0 || id > maxID {
		return Part{Kind: Malformed, Text: p.Text}
	}
	return Part{Kind: Numeric, ID: id, Text: p.Text}
}
