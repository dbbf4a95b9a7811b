package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Hold lets nothing be written until the function that it returns is called: what a
// signal cuts off before the program can be told to stop is left half done.
func (w *Writer) Hold() (release func()) {
	w.mu.Lock()
	return w.mu.Unlock
}

// working waits while the Writer is held, and reports that it has been stopped.
func (w *Writer) working() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return errStopped
	}
	return nil
}

// Write writes a file of the program's own, such as a report: a new one, or in the
// place of an old one, which keeps its mode and owner. A reader sees it as it was or
// as a whole. A device, a pipe, and a file that cannot be replaced, because it has
// other names or its folder cannot be written, is written in place. write may be
// called twice.
func (w *Writer) Write(path string, write func(io.Writer) error) error {
	if err := w.working(); err != nil {
		return err
	}
	target, before, whole, err := writable(path)
	if err != nil {
		return err
	}
	if whole {
		err = w.putWhole(target, before, write)
		if before == nil || !irreplaceable(err) {
			return errorAt(path, err)
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// Writable reports why a file could not be written, without writing it.
func (w *Writer) Writable(path string) error {
	_, before, whole, err := writable(path)
	if err != nil || !whole || before != nil {
		return err
	}
	tmp, err := w.create(path, 0o666)
	if err == nil {
		w.discard(tmp)
	}
	return errorAt(path, err)
}

// errorAt makes an error about the new file, which was to take the place of the one at
// path, an error about that.
func errorAt(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		at.Path = path
	}
	return err
}

// writable returns the file that a path leads to, what the system says of it, nil
// where it is new, and whether it can be put in place as a whole.
func writable(path string) (target string, before fs.FileInfo, whole bool, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return path, nil, true, nil
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return path, nil, false, nil // opened and closed, it would be at its end for its reader
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666) // a link may lead nowhere
	if err != nil {
		return "", nil, false, err
	}
	defer file.Close()
	before, err = file.Stat()
	if err != nil || !before.Mode().IsRegular() || names(before) > 1 || isOpen(path) {
		return path, nil, false, err
	}
	target, err = filepath.EvalSymlinks(path)
	return target, before, true, err
}

// isOpen reports whether a path stands for a file that the process has open, which
// is to be written through that.
func isOpen(path string) bool {
	abs, err := filepath.Abs(path)
	for _, folder := range []string{"/dev/std", "/dev/fd/", "/proc/"} {
		if err == nil && strings.HasPrefix(abs, folder) {
			return true
		}
	}
	return false
}

// putWhole writes a file beside its target and renames it.
func (w *Writer) putWhole(target string, before fs.FileInfo, write func(io.Writer) error) error {
	mode := fs.FileMode(0o666)
	if before != nil {
		mode = 0o600
	}
	tmp, err := w.create(target, mode)
	if err != nil {
		return err
	}
	defer w.discard(tmp)
	if err := write(tmp); err != nil {
		return err
	}
	if before != nil {
		if err := keep(tmp, before, target); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	if err := finish(tmp); err != nil {
		return err
	}
	return w.place(tmp, target)
}

// irreplaceable reports whether an error is for want of the right to replace a
// file, or because it is mounted by itself.
func irreplaceable(err error) bool {
	for _, why := range []error{fs.ErrPermission, syscall.EROFS, syscall.EBUSY} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}
