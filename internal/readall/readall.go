// Package readall reads the input of a run, which is the largest thing that the
// program holds.
package readall

import "io"

const (
	// small is more than most inputs have, and so little that asking for it does
	// not start the garbage collector.
	small = 512 << 10
	// medium is more than nearly all inputs have.
	medium = 8 << 20
	// large is the size from which on a buffer is not on the heap.
	large = medium + 1
)

// Read reads everything, like io.ReadAll, with less memory and fewer copies: of
// memory that is asked for at once, the system gives only what is written to. A
// large buffer grows in place where the system can do that, and is never given
// back: read one large input in a process.
func Read(r io.Reader) ([]byte, error) {
	buf := make([]byte, 0, small)
	for {
		if len(buf) == cap(buf) {
			buf = grow(buf)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Room returns an empty buffer with room for size bytes, which is one of the large
// buffers of Read where the system has them.
func Room(size int) []byte {
	if buf := mapLarge(size); buf != nil {
		return buf
	}
	return make([]byte, 0, size)
}

// grow returns a buffer with the same bytes and more room.
func grow(buf []byte) []byte {
	size := max(medium, cap(buf)+cap(buf)/2+1)
	if size >= large {
		if grown := growLarge(buf, 2*cap(buf)); grown != nil {
			return grown
		}
	}
	grown := make([]byte, len(buf), size)
	copy(grown, buf)
	return grown
}
