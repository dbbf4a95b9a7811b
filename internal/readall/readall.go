// Package readall reads the input of a run, which is the largest thing that the
// program holds.
package readall

import "io"

const (
	// small is more than most inputs have; a buffer of that size is on the heap.
	small = 64 << 10
	// medium is more than nearly all inputs have. Larger ones are in huge pages.
	medium = 8 << 20
)

// Only is a reader of the one input of a process: the buffer for it is memory from
// the system, where that has some to give, which grows in place, which the garbage
// collector does not count, and which is never given back.
type Only struct{ io.Reader }

// Read reads everything, like io.ReadAll, with less memory and fewer copies: of
// memory that is asked for at once, the system gives only what is written to.
//
// After each part that is read, seen is called with all that is there, unless it is
// nil: what it does is done while whoever writes the input makes more.
func Read(r io.Reader, seen func(all []byte)) ([]byte, error) {
	_, only := r.(Only)
	buf := make([]byte, 0, small)
	for {
		if len(buf) == cap(buf) {
			buf = grow(buf, only)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if seen != nil {
			seen(buf)
		}
	}
}

// Room returns an empty buffer with room for size bytes, which is as that of the one
// input of a process where the system has such memory.
func Room(size int) []byte {
	if buf := mapped(size); buf != nil {
		return buf
	}
	return make([]byte, 0, size)
}

// grow returns a buffer with the same bytes and more room.
func grow(buf []byte, only bool) []byte {
	size := max(medium, 2*cap(buf))
	if only {
		if grown := growMapped(buf, size); grown != nil {
			return grown
		}
	}
	return append(make([]byte, 0, size), buf...)
}
