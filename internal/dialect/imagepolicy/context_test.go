package imagepolicy

import (
	"errors"
	"fmt"
	"testing"
)

// TestFunctions: all that a policy may use is linked.
func TestFunctions(t *testing.T) {
	for path, members := range functions {
		for _, member := range members {
			source := fmt.Sprintf("import %q\nx: %s.%s\n", path, path, member)
			if err := newContext().CompileString(source).Err(); err != nil {
				t.Errorf("%s.%s: %v", path, member, err)
			}
		}
	}
}

// TestDebug: CUE_DEBUG=opendef has a closed definition pass with any field.
func TestDebug(t *testing.T) {
	const closed = "#spec: {a: int}\nx: #spec & {a: 1, b: 2}\n"
	if _, errs := newEngine(closed); len(errs) != 1 || errors.Is(errs[0], errDebug) {
		t.Errorf("got %v, want that the field is not allowed", errs)
	}
	t.Setenv("CUE_DEBUG", "opendef")
	if _, errs := newEngine(closed); len(errs) != 1 || !errors.Is(errs[0], errDebug) {
		t.Errorf("got %v, want %v", errs, errDebug)
	}
}
