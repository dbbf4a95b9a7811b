package yamltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// TestDecoder decodes texts of all sizes in the same memory: each tree is what it is
// in memory of its own, and trees that were decoded since the last Reset stay.
func TestDecoder(t *testing.T) {
	var d yamltext.Decoder
	for round := range 3 {
		for _, n := range []int{1, 10, 3000, 2, 300} {
			first := "a: [" + strings.TrimSuffix(strings.Repeat("x, ", n), ", ") + "]\n"
			second := strings.Repeat("- b: {c: 'd'}\n  e: []\n", n) + "- {}\n"
			kept, err := d.Decode([]byte(first), 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Decode([]byte("- a: [b, c: d\n"), 0); err == nil {
				t.Fatal("decoded what is broken")
			}
			for _, text := range []string{second, first} {
				want, err := yamltext.DecodeFull([]byte(text), 0)
				if err != nil {
					t.Fatal(err)
				}
				got, err := d.Decode([]byte(text), 0)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(outline(want), outline(got)); diff != "" {
					t.Fatalf("round %d, %d: (-want +got)\n%s", round, n, diff)
				}
				if text == first {
					if diff := cmp.Diff(outline(got), outline(kept)); diff != "" {
						t.Fatalf("round %d, %d: the first tree has changed (-want +got)\n%s", round, n, diff)
					}
				}
			}
			d.Reset()
		}
	}
}

// TestDecoderAllocates counts what decoding takes once a decoder has its memory.
func TestDecoderAllocates(t *testing.T) {
	text := []byte(strings.Repeat("- name: web\n  ports: [80, 443]\n  env: {a: \"b\"}\n", 200))
	var d yamltext.Decoder
	if n := testing.AllocsPerRun(20, func() {
		if _, err := d.Decode(text, 0); err != nil {
			t.Fatal(err)
		}
		d.Reset()
	}); n > 0 {
		t.Errorf("%v allocations for a text like the one before", n)
	}
}

// TestPoison sees to it that what outlives a Reset shows.
func TestPoison(t *testing.T) {
	slab.Poison = true
	defer func() { slab.Poison = false }()
	var d yamltext.Decoder
	const text = "a: [b]\n"
	n, err := d.Decode([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	fields, list := n.Fields, n.Fields[0].Value
	items := list.Items
	for range 2 {
		d.Reset()
		if n.Value != "poisoned" || list.Start != -1 || fields[0].Key != nil || items[0] != nil {
			t.Errorf("a tree outlived its memory: %s", fmt.Sprint(*n, *list, fields, items))
		}
		if _, err := d.Decode([]byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
}
