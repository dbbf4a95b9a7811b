// Package slab allocates many small values of one type that are given up together:
// one allocation for each would cost more than what is done with it.
//
// Whoever has a slab uses it for one object after the other, and resets it in between.
// Nothing that outlives the object may refer to a value of the slab;
// docs/design/008-memory.md says who owns what.
package slab

import (
	"cmp"
	"slices"
	"unsafe"
)

const (
	// chunkBytes is how much a slab allocates at once, unless more is asked for
	// together.
	chunkBytes = 32 << 10
	// kept is how many chunks a slab keeps when it is reset.
	kept = 32
	// few is how many values the first chunk has room for where nobody says.
	few = 4
)

// Poison has every Reset overwrite the values that it takes back and never use their
// memory again, so that a test fails which holds on to one. Tests set it before
// anything else.
var Poison bool

// Slab hands out values of one type. The zero Slab is ready for use, by one goroutine
// at a time.
type Slab[T any] struct {
	// First is how many values are expected, for the first chunk; 0 for a few.
	First int

	free   []T   // the rest of the chunk in use
	chunks [][]T // those before next are in use
	next   int
}

// Take returns n values that are zero.
func (s *Slab[T]) Take(n int) []T {
	if n == 0 {
		return []T{}
	}
	if n > len(s.free) {
		s.grow(n)
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// grow goes on to a chunk with room for n values.
func (s *Slab[T]) grow(n int) {
	if s.next == len(s.chunks) {
		size := cmp.Or(s.First, few)
		if s.next > 0 {
			size = 2 * len(s.chunks[s.next-1])
		}
		s.chunks = append(s.chunks, make([]T, max(n, min(size, s.chunk()))))
	} else if len(s.chunks[s.next]) < n {
		s.chunks[s.next] = make([]T, n)
	}
	s.free = s.chunks[s.next]
	s.next++
}

// chunk is how many values a chunk has room for.
func (s *Slab[T]) chunk() int {
	var v T
	return max(chunkBytes/int(unsafe.Sizeof(v)), 1)
}

// Reset takes back all values; poison is what overwrites them where tests ask for
// that. Room for an unusual number of values is not kept.
func (s *Slab[T]) Reset(poison T) {
	if Poison {
		s.spoil(poison)
		return
	}
	for i := range s.next {
		clear(s.used(i))
	}
	s.chunks = slices.DeleteFunc(s.chunks, func(c []T) bool { return len(c) > s.chunk() })
	s.chunks = slices.Delete(s.chunks, min(len(s.chunks), kept), len(s.chunks))
	s.free, s.next = nil, 0
}

// spoil overwrites all values and gives up their memory.
func (s *Slab[T]) spoil(with T) {
	for i := range s.next {
		used := s.used(i)
		for j := range used {
			used[j] = with
		}
	}
	s.chunks, s.free, s.next = nil, nil, 0
}

// used returns what was handed out of a chunk.
func (s *Slab[T]) used(i int) []T {
	c := s.chunks[i]
	if i == s.next-1 {
		return c[:len(c)-len(s.free)]
	}
	return c
}
