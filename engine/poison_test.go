package engine_test

import (
	"os"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// TestMain has every test fail in which something holds on to the tree of an object
// after it was judged.
func TestMain(m *testing.M) {
	yamltext.Poison = true
	os.Exit(m.Run())
}
