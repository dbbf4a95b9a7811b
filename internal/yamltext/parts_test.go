package yamltext_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// misleading are items with lines that look like the next item, at the columns that
// the tests use, and are none.
var misleading = []string{
	"kind: A\ntext: \"a\n\n- kind: Pod\n\n  - kind: Pod\n\nb\"\n",
	"kind: A\ntext: 'a\n\n- kind: Pod\n\n  - kind: Pod\n\nb'\n",
	"kind: A\ntext: |2\n  - kind: Pod\n  - 'open\n",
	"kind: A\n# a\n- kind: B\n",
	"kind: A\nlist:\n- kind: Pod\n- \"open\n",
	"kind: A\nlist: [a,\n- b,\n  - c]\n",
}

// randomList is a list of some objects, with other fields around it.
func randomList(r *rand.Rand) string {
	indent := []int{0, 2, 4}[r.IntN(3)]
	var b strings.Builder
	b.WriteString("kind: ResourceList\n")
	if r.IntN(4) == 0 {
		b.WriteString("before: {a: b}\n")
	}
	b.WriteString("items:\n")
	for range 1 + r.IntN(8) {
		object := hostile.Usual
		switch r.IntN(6) {
		case 0:
			object = hostile.Objects[r.IntN(len(hostile.Objects))]
		case 1:
			object = hostile.Mutate(r, hostile.Usual)
		case 2:
			object = misleading[r.IntN(len(misleading))]
		}
		b.WriteString(strings.Repeat(" ", indent) + "- ")
		if r.IntN(8) == 0 { // as it is, also where it does not belong
			b.WriteString(object)
		} else {
			b.WriteString(hostile.Indented(object, indent+2))
		}
		if !strings.HasSuffix(b.String(), "\n") {
			b.WriteString("\n")
		}
	}
	if r.IntN(2) == 0 {
		b.WriteString("functionConfig:\n  list:\n  - kind: A\n  - kind: B\n")
	}
	return b.String()
}

// TestParts scans lists in several parts and as a whole.
func TestParts(t *testing.T) {
	r, rounds := hostile.Random(7, 3000, 300000)
	scanned := 0
	for range rounds {
		if partsAgree(t, []byte(randomList(r))) {
			scanned++
		}
		if t.Failed() {
			return
		}
	}
	if scanned < rounds/5 {
		t.Errorf("%d of %d scanned", scanned, rounds)
	}
}

func FuzzParts(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		f.Add([]byte(randomList(r)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { partsAgree(t, data) })
}

func partsAgree(t *testing.T, data []byte) (scanned bool) {
	t.Helper()
	if !yamltext.IsClean(data) {
		return false
	}
	whole, want, ok := yamltext.ScanListIn(1, data, 0)
	for _, n := range []int{2, 3, 5, 16} {
		parts, got, okToo := yamltext.ScanListIn(n, data, 0)
		if ok != okToo {
			t.Errorf("scanned: as a whole %v, in %d parts %v\n%q", ok, n, okToo, data)
			return ok
		}
		if !ok {
			continue
		}
		if diff := cmp.Diff(outline(whole), outline(parts)); diff != "" {
			t.Errorf("the trees differ (-whole +%d parts):\n%s\n%q", n, diff, data)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the items differ (-whole +%d parts):\n%s\n%q", n, diff, data)
		}
	}
	return ok
}

// TestSurveyor looks at a text in parts of all sizes.
func TestSurveyor(t *testing.T) {
	texts := append([]string{
		"", "a", "---", "--- a", "a\n---", "a\n...", "a\n%", "a\n--", "\r", "a\r\n", "a\r\nb", "a\rb", "a\r", "\u00e9", "a\u2028b", "a\ufeffb", "a\xc3", "\U0001f600\n---\n", "a\x00b",
		strings.Repeat("a", 30) + "\n---\n",
	}, hostile.Objects...)
	r, rounds := hostile.Random(8, 300, 30000)
	for range rounds {
		texts = append(texts, hostile.Mutate(r, hostile.Usual))
	}
	for _, text := range texts {
		clean, marked := yamltext.Survey([]byte(text))
		for size := 1; size <= len(text); size += 1 + size/2 {
			var s yamltext.Surveyor
			for end := size; end < len(text); end += size {
				s.More([]byte(text[:end]))
			}
			if c, m := s.Of([]byte(text)); c != clean || m != marked {
				t.Errorf("%q in parts of %d bytes: clean %v, marked %v; at once %v, %v", text, size, c, m, clean, marked)
			}
		}
	}
}
