package workload_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
)

// decode decodes one YAML document.
func decode(t testing.TB, text string) *manifest.Node {
	t.Helper()
	n, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return n
}
