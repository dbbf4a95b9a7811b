package manifest_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
)

// TestAccepts is about items that do not begin a line of their own: what they are
// replaced by must be what it is alone.
func TestAccepts(t *testing.T) {
	stream := func(text string) *manifest.Item {
		s, err := manifest.ReadStream("f.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Items[0]
	}
	list := func(items string) *manifest.Item {
		rl, err := manifest.ReadResourceList([]byte(header + "items:" + items))
		if err != nil {
			t.Fatal(err)
		}
		return rl.Items[0]
	}
	tests := []struct {
		name string
		item *manifest.Item
		text string
		want bool
	}{
		{"a document", stream("a: 1\n"), "b: 2\n", true},
		{"an item of a list", list("\n- a: 1\n"), "b: 2\n  c: 3\n", true},
		{"a mapping behind a marker", stream("--- &x\na: 1\n"), "b: 2\n    c: 3\n", false},
		{"a mapping below its properties", stream("--- &x\na: 1\n"), "&x\nb: 2\n", true},
		{"braces behind a marker", stream("--- {a: 1}\n"), "{b: 2}\n", true},
		{"braces in brackets", list(" [{a: 1}]\n"), "{b: 2}", true},
		{"braces with a comment in brackets", list(" [{a: 1}]\n"), "{b: 2} # c", true},
		{"lines in brackets", list(" [{a: 1}]\n"), "b: 2\nc: 3\n", false},
		{"two values in brackets", list(" [{a: 1}]\n"), "{b: 2}, {c: 3}", false},
		{"no YAML in brackets", list(" [{a: 1}]\n"), "{b: 2", false},
	}
	for _, tt := range tests {
		if err := tt.item.Accepts([]byte(tt.text)); (err == nil) != tt.want {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}
