package oci

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Names fills in the ids that the image's USER means, with the names in it
// looked up in the image's own /etc/passwd and /etc/group as containerd does
// (pkg/oci, WithUser). Layers are read only where there is a name. An id stays
// nil where it is not known:
//
//   - USER is empty, has more than one colon or a number beyond 0..2147483647
//   - the name is in no line, or the first line with it has no proper number,
//     which runtimes take for 0
//   - USER is a number without a group: the group is that of the uid's line in
//     /etc/passwd, if any, else 0, which is not looked up
//
// A name alone has its group from its line in /etc/passwd; in uid: and :gid the
// empty part means 0. Windows images have no such files. An error means that
// layers could not be read, or not to the end within the limits: then it is not
// known whether the name is there.
func (img *Image) Names(ctx context.Context) error {
	if img.Config.OS == "windows" {
		return nil
	}
	u := parseUser(img.Config.User)
	img.Config.UID, img.Config.GID = u.uid, u.gid
	var paths []string
	if u.name != "" {
		paths = append(paths, passwdFile)
	}
	if u.group != "" {
		paths = append(paths, groupFile)
	}
	if len(paths) == 0 {
		return nil
	}
	files, err := findFiles(ctx, img.layers, paths...)
	if err != nil {
		return fmt.Errorf("USER %q: %w", img.Config.User, err)
	}
	return img.lookUp(u, files)
}

const (
	passwdFile = "etc/passwd"
	groupFile  = "etc/group"
)

// lookUp replaces the names in u by what files say.
func (img *Image) lookUp(u user, files map[string][]byte) error {
	cfg := &img.Config
	if u.name != "" {
		fields, err := line(files[passwdFile], u.name)
		if err != nil {
			return fmt.Errorf("/%s: %w", passwdFile, err)
		}
		cfg.UID = field(fields, 2)
		if u.alone {
			cfg.GID = field(fields, 3)
		}
	}
	if u.group != "" {
		fields, err := line(files[groupFile], u.group)
		if err != nil {
			return fmt.Errorf("/%s: %w", groupFile, err)
		}
		cfg.GID = field(fields, 2)
	}
	return nil
}

// user is USER of an image, taken apart.
type user struct {
	name, group string // "" where it is a number or nothing
	uid, gid    *int64 // nil where it is a name or not known
	alone       bool   // there is no colon
}

// parseUser takes USER apart. What no runtime would start has neither names nor
// ids.
func parseUser(s string) user {
	parts := strings.Split(s, ":")
	if s == "" || len(parts) > 2 {
		return user{}
	}
	u := user{alone: len(parts) == 1}
	var ok bool
	if u.name, u.uid, ok = parseID(parts[0]); !ok {
		return user{}
	}
	if !u.alone {
		if u.group, u.gid, ok = parseID(parts[1]); !ok {
			return user{}
		}
	}
	return u
}

// parseID reads one part of USER: a number as strconv.Atoi reads it, which is
// what runtimes use and which takes +5 for 5, or a name. It is not ok for a
// number that is no id.
func parseID(s string) (name string, id *int64, ok bool) {
	if s == "" {
		return "", new(int64), true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && !isID(n):
		return "", nil, false
	case err != nil:
		return s, nil, true
	}
	return "", &n, true
}

func isID(n int64) bool { return 0 <= n && n <= math.MaxInt32 }

// line returns the fields of the first line for name in a file of the format of
// passwd(5) and group(5); none where there is no such line.
func line(file []byte, name string) ([]string, error) {
	sc := bufio.NewScanner(bytes.NewReader(file))
	for sc.Scan() {
		fields := strings.Split(strings.TrimSpace(sc.Text()), ":")
		if fields[0] == name {
			return fields, nil
		}
	}
	return nil, sc.Err()
}

// field returns the id in a field of a line, nil where there is none.
func field(fields []string, i int) *int64 {
	if i >= len(fields) {
		return nil
	}
	n, err := strconv.ParseInt(fields[i], 10, 64)
	if err != nil || !isID(n) {
		return nil
	}
	return &n
}

// Numbers returns the ids that stand in USER as numbers; nil where there is a
// name or nothing that is an id.
func Numbers(s string) (uid, gid *int64) {
	u := parseUser(s)
	return u.uid, u.gid
}
