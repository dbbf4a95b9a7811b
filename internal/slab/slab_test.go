package slab_test

import (
	"slices"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/slab"
)

// TestSlab takes values in all numbers, over and over: they are zero, nobody else's,
// and cannot grow into the next.
func TestSlab(t *testing.T) {
	var s slab.Slab[int]
	for round := range 4 {
		var taken [][]int
		for n := range 300 {
			got := s.Take(n)
			if len(got) != n || cap(got) != n || got == nil {
				t.Fatalf("round %d: asked for %d, got %d of %d", round, n, len(got), cap(got))
			}
			if slices.ContainsFunc(got, func(v int) bool { return v != 0 }) {
				t.Fatalf("round %d: values that are not zero: %d", round, got)
			}
			for i := range got {
				got[i] = n
			}
			taken = append(taken, got)
		}
		for n, values := range taken {
			if slices.ContainsFunc(values, func(v int) bool { return v != n }) {
				t.Fatalf("round %d: %d values are also somebody else's: %d", round, n, values)
			}
		}
		s.Reset(-1)
	}
}

// TestReset counts what is allocated once a slab has its memory.
func TestReset(t *testing.T) {
	var s slab.Slab[int]
	if n := testing.AllocsPerRun(20, func() {
		for range 1000 {
			s.Take(3)
		}
		s.Reset(-1)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestPoison sees to it that what outlives a Reset shows, also later.
func TestPoison(t *testing.T) {
	slab.Poison = true
	defer func() { slab.Poison = false }()
	var s slab.Slab[int]
	first := s.Take(3)
	rest := s.Take(500)
	for range 2 {
		s.Reset(-1)
		if !slices.Equal(first, []int{-1, -1, -1}) || rest[499] != -1 {
			t.Errorf("values outlived their slab: %d, %d", first, rest)
		}
		for i := range s.Take(3) {
			first[i], rest[499] = -1, -1
		}
	}
}
