package cmd

import (
	"io"
	"os"
	"runtime/debug"
)

// Most of what a run allocates is gone with the object that it was for, and what
// stays are bytes that the collector need not look into. So more collections than
// usual cost little and save memory; hosts run functions side by side.
//
// Where next to nothing is held, a part of that is used up at once, and collecting
// costs more than the work. Memory that is never touched, and so is not there, makes
// the collector wait for more: heapFloor for commands, which read one small file
// after the other, and largeFloor for a large standard input, which is held outside
// of the heap (see package readall). With a medium one little is held, and collections
// that come late cost less than what the program gives back of its own file. With less
// the function ends before a collection is due.
const (
	gcPercent       = 35
	mediumInput     = 256 << 10
	gcPercentMedium = 120
	gcPercentLarge  = 20
	gcPercentLeast  = 8
	heapFloor       = 20 << 20
	largeFloor      = 64 << 20
	largeInput      = 8 << 20
)

// collectAt sets how much of the heap may be garbage, unless the user has.
func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// collectFor makes the collector work harder while a file of this size is held, on
// the heap, and nothing is changed in it, so that it is most of what is held.
func collectFor(size int) {
	if size >= largeInput {
		collectAt(max(gcPercentLeast, min(gcPercent, heapFloor*100/size)))
	}
}

// thrifty sets the collector for the size of the input while it is read. It must be
// kept as long as the input.
type thrifty struct {
	io.Reader
	read  int
	floor []byte
}

func (t *thrifty) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	before := t.read
	t.read += n
	switch {
	case before < largeInput && t.read >= largeInput:
		collectAt(gcPercentLarge)
		t.floor = make([]byte, largeFloor)
	case before < mediumInput && t.read >= mediumInput:
		collectAt(gcPercentMedium)
		go releaseProgram() // while more is read
	}
	return n, err
}
