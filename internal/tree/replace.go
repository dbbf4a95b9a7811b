package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace replaces the bytes of a file, of which old is what was read, so that a
// reader sees the old or the new bytes and never half of them, also after a
// crash. A link stays a link. Owner, group, mode and extended attributes are
// kept. Where that cannot be, where the file has more than one name or may not be
// written, and where it no longer holds old, it is left as it is, and the error
// says why.
func (w *Writer) Replace(f File, old, data []byte) error {
	if f.Outside != "" {
		return fmt.Errorf("%s: not changed: it is a link to %s, which is outside the paths given: name that file to change it", f.Path, f.Outside)
	}
	if err := w.replace(f.Path, old, data); err != nil {
		return fmt.Errorf("%s: not changed: %w", f.Path, err)
	}
	w.replaced.Add(1)
	return nil
}

func (w *Writer) replace(name string, old, data []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	before, err := unchanged(path, old)
	if err != nil {
		return err
	}
	tmp, err := w.create(path, 0o600)
	if err != nil {
		return err
	}
	defer w.discard(tmp)
	if _, err := tmp.Write(data); err != nil {
		return err
	}
	if err := keep(tmp, before, path); err != nil {
		return err
	}
	if err := finish(tmp); err != nil {
		return err
	}
	// Between this look and the rename there is a moment that no system call closes.
	now, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(before, now) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
		return ErrChanged
	}
	return w.place(tmp, path)
}

// ErrChanged says that somebody else has changed a file since it was read.
var ErrChanged = errors.New("the file has changed since it was read")

// unchanged returns what the system says of a file that may be replaced.
func unchanged(path string, old []byte) (fs.FileInfo, error) {
	// Whoever may not write the file may not replace it either, though a rename
	// would ask only the folder.
	file, err := os.OpenFile(path, os.O_RDWR|nonblock, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("it is read-only: %w", err)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is a %s", kindOf(info.Mode().Type()))
	case names(info) > 1:
		return nil, fmt.Errorf("it has %d hard links, and only this one would change", names(info))
	case info.Size() != int64(len(old)):
		return nil, ErrChanged
	}
	now, err := io.ReadAll(io.LimitReader(file, int64(len(old))+1))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(now, old) {
		return nil, ErrChanged
	}
	return info, nil
}

// keep gives a file what a person has given the one at path, whose place it will
// take.
func keep(tmp *os.File, before fs.FileInfo, path string) error {
	if err := keepOwner(tmp, before); err != nil {
		return fmt.Errorf("its owner cannot be kept: %w", err)
	}
	if err := keepAttributes(tmp, path); err != nil {
		return fmt.Errorf("its extended attributes cannot be kept: %w", err)
	}
	return tmp.Chmod(before.Mode())
}

// finish closes a file whose bytes are on the disk.
func finish(tmp *os.File) error {
	if err := tmp.Sync(); err != nil {
		return err
	}
	return tmp.Close()
}
