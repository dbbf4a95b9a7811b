package tree

import (
	"bytes"
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// keepAttributes copies the extended attributes that a person sets: access lists
// and those of the user. What the system sets by itself, such as a security
// label, it sets for a new file as well.
func keepAttributes(file *os.File, path string) error {
	list, err := readAttribute(func(b []byte) (int, error) { return unix.Listxattr(path, b) })
	if errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range bytes.SplitSeq(list, []byte{0}) {
		attr := string(name)
		if !strings.HasPrefix(attr, "user.") && attr != "system.posix_acl_access" {
			continue
		}
		value, err := readAttribute(func(b []byte) (int, error) { return unix.Getxattr(path, attr, b) })
		if err != nil {
			return err
		}
		if err := unix.Fsetxattr(int(file.Fd()), attr, value, 0); err != nil {
			return err
		}
	}
	return nil
}

// readAttribute calls a system call that first says how much there is to read.
func readAttribute(call func([]byte) (int, error)) ([]byte, error) {
	n, err := call(nil)
	if err != nil || n == 0 {
		return nil, err
	}
	buf := make([]byte, n)
	n, err = call(buf)
	return buf[:max(n, 0)], err
}
