package yamltext_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/internal/hostile"
)

func TestHostileDecode(t *testing.T) {
	for _, object := range hostile.Objects {
		for _, column := range []int{0, 2, 5} {
			agree(t, []byte(object), column)
			agree(t, []byte(hostile.Indented(object, column)), column)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, object := range hostile.Objects {
		f.Add([]byte(object), uint8(0))
		f.Add([]byte(hostile.Indented(object, 2)), uint8(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, column uint8) {
		agree(t, data, int(column%10))
		checkFull(t, data, int(column%10))
	})
}

// TestFragments is FuzzDecode on text made of what YAML is made of, always from
// the same seed unless USERGROUP_FUZZ_SEED names another one.
func TestFragments(t *testing.T) {
	r, rounds := hostile.Random(0, 3000, 300000)
	scanned := 0
	for i := range rounds {
		data := make([]byte, 1+r.IntN(14))
		for j := range data {
			data[j] = byte(r.IntN(256))
		}
		text := hostile.FromFragments(data)
		if i%4 == 0 {
			text = hostile.Mutate(r, hostile.Usual)
		}
		if agree(t, []byte(text), i%10) {
			scanned++
		}
		checkFull(t, []byte(text), i%10)
		if t.Failed() {
			t.Fatalf("round %d", i)
		}
	}
	if scanned < rounds/20 {
		t.Errorf("%d of %d scanned", scanned, rounds)
	}
}
