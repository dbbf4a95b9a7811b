package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrTooLarge says that a file is larger than the limit.
var ErrTooLarge = errors.New("larger than the limit")

// Read reads a file of at most limit bytes; a limit of 0 is none. One that was
// named may be a pipe, one that was found below a folder must be a regular file,
// also if it has become something else since it was listed.
func Read(f File, limit int64) ([]byte, error) { return ReadInto(f, limit, heap) }

// ReadInto is Read with a function that makes the buffer: empty, with room for size
// bytes.
func ReadInto(f File, limit int64, buffer func(size int) []byte) ([]byte, error) {
	if !f.Named {
		return readRegular(f.Path, limit, buffer)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readOpen(file, limit, buffer)
}

func heap(size int) []byte { return make([]byte, 0, size) }

// readRegular reads a regular file, without waiting for anybody to write into it.
func readRegular(path string, limit int64, buffer func(int) []byte) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, irregular(path, info.Mode().Type())
	}
	return readOpen(file, limit, buffer)
}

func readOpen(file *os.File, limit int64, buffer func(int) []byte) ([]byte, error) {
	size := int64(0)
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	if limit > 0 && size > limit {
		return nil, &fs.PathError{Op: "read", Path: file.Name(), Err: TooLarge(limit)}
	}
	// One byte more shows the end of the file without another buffer.
	data, err := readAll(file, buffer(int(size)+1), limit)
	if errors.Is(err, ErrTooLarge) {
		err = &fs.PathError{Op: "read", Path: file.Name(), Err: TooLarge(limit)}
	}
	return data, err
}

// TooLarge is the ErrTooLarge of something larger than a limit.
func TooLarge(limit int64) error {
	return fmt.Errorf("%w of %d bytes (--max-size)", ErrTooLarge, limit)
}

// readAll reads to the end into a buffer, or a larger one.
func readAll(r io.Reader, buf []byte, limit int64) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), cap(buf)+cap(buf)/2+512)
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if limit > 0 && int64(len(buf)) > limit {
			return nil, ErrTooLarge
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
