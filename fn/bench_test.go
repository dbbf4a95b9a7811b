package fn_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/slab"
)

// BenchmarkRun is the whole function on the ResourceList that USERGROUP_INPUT names,
// such as one that go run ./bench -make overwrite prints.
func BenchmarkRun(b *testing.B) {
	file := os.Getenv("USERGROUP_INPUT")
	if file == "" {
		b.Skip("SKIPPED: set USERGROUP_INPUT to the file of a ResourceList")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	slab.Poison = false
	defer func() { slab.Poison = true }()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if code := fn.Run(b.Context(), bytes.NewReader(data), io.Discard, io.Discard, nil); code != fn.ExitOK {
			b.Fatalf("exit code %d", code)
		}
	}
}
