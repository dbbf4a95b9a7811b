package yamlvalue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// mergeBomb is a document whose merge keys refer to one another, twice each:
// followed one by one they are 2^depth mappings.
func mergeBomb(depth int) string {
	var b strings.Builder
	b.WriteString("m0: &m0 {a: 1}\n")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "m%d: &m%d\n  <<: [*m%d, *m%d]\n", i, i, i-1, i-1)
	}
	fmt.Fprintf(&b, "top:\n  <<: *m%d\n", depth)
	return b.String()
}

// TestMergeBomb: a document that explodes is refused, and looking a key up in
// one that is just below the limit does not follow every way to it.
func TestMergeBomb(t *testing.T) {
	if _, err := yamltext.Decode([]byte(mergeBomb(60)), 0); err == nil {
		t.Error("a document of 2^60 values is accepted")
	}
	root, err := yamltext.Decode([]byte(mergeBomb(14)), 0)
	if err != nil {
		t.Fatal(err)
	}
	top := root.Get("top")
	for range 10_000 {
		if e := top.Lookup("a"); e.Flaw != yamlvalue.Fine || e.Value.Value != "1" {
			t.Fatalf("a is %+v", e)
		}
		if e := top.Lookup("absent"); e.From != nil {
			t.Fatalf("absent is %+v", e)
		}
	}
}

// TestIndex: an index says of every key what Lookup says, of mappings with few and
// with many fields, with keys that are there twice, merged or absent, through an alias.
func TestIndex(t *testing.T) {
	var fields strings.Builder
	for i := range 100 {
		fmt.Fprintf(&fields, ", k%d: %d", i, i)
	}
	root, err := yamltext.Decode([]byte("base: &base {merged: 1}\n"+
		"few: {a: 1, a: 2}\n"+
		"many: &many {a: 1, a: 2, !!binary YQ==: 3"+fields.String()+"}\n"+
		"merging: {<<: *base, a: 1"+fields.String()+"}\n"+
		"alias: *many\n"+
		"text: x\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	var index yamlvalue.Index
	for _, e := range root.Entries() {
		for _, key := range []string{"a", "k0", "k99", "merged", "absent", "", "a"} {
			if got, want := index.Lookup(e.Value, key), e.Value.Lookup(key); got != want {
				t.Errorf("%s: %q is %+v, want %+v", e.Key, key, got, want)
			}
		}
	}
	if got := index.Lookup(nil, "a"); got != (*yamlvalue.Node)(nil).Lookup("a") {
		t.Errorf("nothing has %+v", got)
	}
}
