package engine_test

import (
	"os"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/slab"
)

// TestMain has every test fail in which something holds on to the tree of an object
// after it was judged.
func TestMain(m *testing.M) {
	slab.Poison = true
	os.Exit(m.Run())
}
