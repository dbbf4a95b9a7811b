package oci

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/image"
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
	u := image.ParseUser(img.Config.User)
	if u.User.Kind == image.Malformed || u.Group.Kind == image.Malformed {
		img.Config.UID, img.Config.GID = nil, nil
		return nil
	}
	img.Config.UID, img.Config.GID = number(u.User), number(u.Group)
	var paths []string
	if u.User.Kind == image.Named {
		paths = append(paths, passwdFile)
	}
	if u.Group.Kind == image.Named {
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
func (img *Image) lookUp(u image.User, files map[string][]byte) error {
	cfg := &img.Config
	if u.User.Kind == image.Named {
		fields, err := line(files[passwdFile], u.User.Text)
		if err != nil {
			return fmt.Errorf("/%s: %w", passwdFile, err)
		}
		cfg.UID = field(fields, 2)
		if u.Group.Kind == image.Absent {
			cfg.GID = field(fields, 3)
		}
	}
	if u.Group.Kind == image.Named {
		fields, err := line(files[groupFile], u.Group.Text)
		if err != nil {
			return fmt.Errorf("/%s: %w", groupFile, err)
		}
		cfg.GID = field(fields, 2)
	}
	return nil
}

// number returns the id of a half of USER that is one without a look at the
// image: an empty half is 0 to containerd.
func number(p image.Part) *int64 {
	if p.Kind != image.Numeric && p.Kind != image.Empty {
		return nil
	}
	return &p.ID
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
