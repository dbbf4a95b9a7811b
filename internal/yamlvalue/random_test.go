package yamlvalue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	yamlv2 "go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// TestRandomMappings compares what the package says of a mapping with what both
// go-yamls decode, on mappings made of what they disagree on.
func TestRandomMappings(t *testing.T) {
	rounds := 5000
	w := mappings{Rand: rand.New(rand.NewPCG(3, 4))}
	var refused, flawed, fine int
	for range rounds {
		text := w.document()
		root, err := yamltext.DecodeFull([]byte(text), 0)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var v2, v3 map[string]map[string]any
		if err := yamlv2.Unmarshal([]byte(text), &v2); err != nil {
			t.Fatalf("go-yaml v2 refuses: %v\n%s", err, text)
		}
		v3err := yamlv3.Unmarshal([]byte(text), &v3)
		duplicates := false
		for _, e := range root.Entries() {
			if !strings.HasPrefix(e.Key, "m") {
				continue
			}
			entries := e.Value.Entries()
			checkLookups(t, e.Value, entries, text)
			compare(t, text, e.Key, yamlvalue.V2, entries, v2[e.Key])
			if v3err == nil {
				compare(t, text, e.Key, yamlvalue.V3, entries, v3[e.Key])
			}
			for _, e := range entries {
				seenAlike := valueOf(e.Value) == valueOf(e.Last) && (e.Value == nil) == (e.Last == nil)
				if e.Flaw == yamlvalue.Fine && !seenAlike {
					t.Fatalf("%s is read differently and has no flaw\n%s", e.Key, text)
				}
				if e.Flaw == yamlvalue.DuplicateKey || e.Flaw == yamlvalue.DuplicateMerge {
					duplicates = true
				}
				if e.Flaw == yamlvalue.Fine {
					fine++
				} else {
					flawed++
				}
			}
		}
		if v3err != nil {
			refused++
		}
		// go-yaml v3 compares the texts of keys, so that it misses one in base64.
		if v3err == nil && duplicates && !strings.Contains(text, "!!binary") {
			t.Fatalf("go-yaml v3 accepts what is called duplicate\n%s", text)
		}
	}
	if refused < rounds/20 || refused > rounds*9/10 || flawed < rounds || fine < rounds {
		t.Errorf("of %d documents %d are refused; %d keys are fine, %d flawed", rounds, refused, fine, flawed)
	}
}

// compare compares what a reader sees of a mapping with its entries.
func compare(t *testing.T, text, name string, r yamlvalue.Reader, entries []yamlvalue.Entry, want map[string]any) {
	t.Helper()
	got := make(map[string]any)
	for _, e := range entries {
		switch v := e.To(r); {
		case v == nil:
		case e.Flaw == yamlvalue.DuplicateKey && r == yamlvalue.V3:
			got[e.Key] = want[e.Key] // which it should have refused
		default:
			got[e.Key] = valueOf(v)
		}
	}
	if r == yamlvalue.V3 { // which leaves a key << out of what it merges, if it does not merge itself
		delete(got, "<<")
		delete(want, "<<")
	}
	for key, v := range want {
		if _, scalar := v.(string); !scalar {
			v = collection
		}
		if got[key] != v {
			t.Fatalf("reader %d sees %v below %s.%s, want %v\n%s", r, got[key], name, key, v, text)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Fatalf("reader %d does not see %s.%s\n%s", r, name, key, text)
		}
	}
}

// checkLookups sees to it that a lookup is the entry.
func checkLookups(t *testing.T, n *yamlvalue.Node, entries []yamlvalue.Entry, text string) {
	t.Helper()
	for _, key := range keys {
		want := yamlvalue.Entry{Key: key}
		if i := slices.IndexFunc(entries, func(e yamlvalue.Entry) bool { return e.Key == key }); i >= 0 {
			want = entries[i]
		}
		if got := n.Lookup(key); got != want {
			t.Fatalf("lookup of %s: %+v\nentry: %+v\n%s", key, got, want, text)
		}
	}
}

func valueOf(n *yamlvalue.Node) string {
	if n = n.Resolve(); n == nil {
		return ""
	}
	if n.Kind != yamlvalue.Scalar {
		return collection
	}
	return n.Value
}

// collection stands for any value that is not a scalar: below a key << that some
// take for an ordinary one.
const collection = "(collection)"

var keys = []string{"a", "b", "c", "absent"}

// mappings writes random documents of mappings that merge one another.
type mappings struct {
	*rand.Rand
	values int
}

func (w *mappings) document() string {
	var b strings.Builder
	b.WriteString("k: {k: &k \"<<\"}\n")
	for i := range 2 + w.IntN(4) {
		fmt.Fprintf(&b, "m%d: &m%d %s\n", i, i, w.mapping(i))
	}
	return b.String()
}

// mapping writes a mapping that may merge those before it.
func (w *mappings) mapping(before int) string {
	var fields []string
	for range w.IntN(4) {
		w.values++
		key := w.oneOf("a", "b", "c", "a", "b", "c", "!!str a", "'b'", "!x c", "!!binary YQ==")
		fields = append(fields, fmt.Sprintf("%s: v%d", key, w.values%50))
	}
	merges := w.oneOf("", "<", "<", "<", "<<")
	for range merges {
		if before == 0 {
			break
		}
		fields = append(fields, w.merge()+": "+w.merged(before))
	}
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return "{" + strings.Join(fields, ", ") + "}"
}

func (w *mappings) merge() string {
	return w.oneOf("<<", "<<", "<<", "<<", "<<", "<<", "! <<", "!!merge <<", `! "<<"`)
}

func (w *mappings) merged(before int) string {
	if w.IntN(2) == 0 {
		return w.alias(before)
	}
	var list []string
	for range w.IntN(4) {
		list = append(list, w.alias(before))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (w *mappings) alias(before int) string { return fmt.Sprintf("*m%d", w.IntN(before)) }

func (w *mappings) oneOf(texts ...string) string { return texts[w.IntN(len(texts))] }
