// Package readall reads the input of a run, which is the largest thing that the
// program holds.
package readall

import "io"

// Read reads everything, like io.ReadAll, with less memory. The first buffer is larger than most
// inputs and need not be copied; of memory that is asked for at once, the system
// gives only what is written to.
func Read(r io.Reader) ([]byte, error) {
	buf := make([]byte, 0, 8<<20)
	limit := 512 << 10 // most inputs are smaller
	for {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), cap(buf)+cap(buf)/2+1)
			copy(grown, buf)
			buf, limit = grown, len(buf)
		}
		if len(buf) == limit {
			adviseHuge(buf)
			limit = cap(buf)
		}
		n, err := r.Read(buf[len(buf):limit])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
