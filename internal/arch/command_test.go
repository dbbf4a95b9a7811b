package arch_test

import (
	"errors"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// command runs the go command on the module and returns what it prints.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	if err := lookAround(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatalf("go %s: %v", args[0], err)
	}
	return out
}

// lookAround looks at every file of the module. go test repeats the result that it has
// of a package until a file changes that its tests looked at, and does not see what the
// commands read that they run: an import that is not allowed would pass.
var lookAround = sync.OnceValue(func() error {
	return filepath.WalkDir(filepath.Join("..", ".."), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && slices.Contains([]string{".git", "bin", "dist", "node_modules", "testdata"}, d.Name()) {
			return fs.SkipDir
		}
		return err
	})
})
