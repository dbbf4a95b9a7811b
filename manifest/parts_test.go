package manifest_test

import (
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
)

// TestReplaceParts: an item replaced in parts is written as one replaced by the
// same bytes as a whole, wherever the parts end.
func TestReplaceParts(t *testing.T) {
	const text = "a: 1\n---\nb: 2\n"
	for _, replacement := range []string{"c: 3\n", "c: 3", "c: 3\nd: 4\n"} {
		for cut := range len(replacement) + 1 {
			write := func(replace func(*manifest.Item)) string {
				s, err := manifest.ReadStream("s.yaml", []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				replace(s.Items[0])
				var b strings.Builder
				if _, err := s.WriteTo(&b); err != nil {
					t.Fatal(err)
				}
				return b.String()
			}
			whole := write(func(it *manifest.Item) { it.Replace([]byte(replacement)) })
			parts := write(func(it *manifest.Item) {
				it.ReplaceParts([][]byte{nil, []byte(replacement[:cut]), {}, []byte(replacement[cut:]), nil})
				if got := string(it.Bytes()); got != replacement {
					t.Errorf("Bytes = %q, want %q", got, replacement)
				}
			})
			if whole != parts {
				t.Errorf("%q cut at %d is written as %q, whole as %q", replacement, cut, parts, whole)
			}
		}
	}
}
