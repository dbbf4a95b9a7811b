package manifest_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/manifest"
)

// asItem puts an object into a ResourceList, as an item between two others.
func asItem(object, dash string) string {
	pad := strings.Repeat(" ", len(dash))
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" +
		dash + "apiVersion: v1\n" + pad + "kind: Service\n" +
		dash + hostile.Indented(object, len(dash)) + "\n" +
		dash + "kind: Secret\n"
}

func TestHostileLists(t *testing.T) {
	for _, object := range hostile.Objects {
		for _, dash := range dashes {
			checkList(t, []byte(asItem(object, dash)))
		}
	}
}

func TestHostileStreams(t *testing.T) {
	for i, object := range hostile.Objects {
		checkStream(t, []byte(object))
		checkStream(t, []byte(object+"\n---\n"+hostile.Objects[(i+1)%len(hostile.Objects)]))
		checkStream(t, []byte("# c\n---\n"+object+"\n...\n# d\n---\nkind: Pod\n"))
	}
}

// dashes are the ways to write an item of a list.
var dashes = []string{"- ", "  - ", "-   "}

func FuzzResourceList(f *testing.F) {
	for i, object := range hostile.Objects {
		f.Add([]byte(object), uint8(1+i%len(dashes)))
	}
	for _, list := range lists {
		f.Add([]byte(list), uint8(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, frame uint8) {
		if frame %= uint8(1 + len(dashes)); frame > 0 {
			data = []byte(asItem(string(data), dashes[frame-1]))
		}
		checkList(t, data)
	})
}

// FuzzFragments is all of the others on text made of fragments.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{18, 1, 16, 25}, uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, column uint8) {
		checkFragments(t, data, int(column%10))
	})
}

func checkFragments(t *testing.T, data []byte, column int) {
	t.Helper()
	text := hostile.FromFragments(data)
	checkStream(t, []byte(text))
	checkList(t, []byte(asItem(text, dashes[column%len(dashes)])))
}

// TestFragments is a short run of FuzzFragments without its engine, always
// from the same seed unless USERGROUP_FUZZ_SEED names another one.
func TestFragments(t *testing.T) {
	r, rounds := hostile.Random(0, 1500, 300000)
	for i := range rounds {
		data := make([]byte, 1+r.IntN(14))
		for j := range data {
			data[j] = byte(r.IntN(256))
		}
		checkFragments(t, data, i%10)
		if t.Failed() {
			t.Fatalf("round %d, fragments %v", i, data)
		}
	}
}

func FuzzStream(f *testing.F) {
	for _, object := range hostile.Objects {
		f.Add([]byte(object))
		f.Add([]byte("---\n" + object + "\n---\nkind: Pod\n"))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkStream(t, data) })
}

func FuzzHead(f *testing.F) {
	for _, object := range hostile.Objects {
		f.Add([]byte(object))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := manifest.ReadStream("f", data)
		if err != nil || len(s.Items) != 1 {
			return
		}
		checkItem(t, s.Items[0])
	})
}

// TestMutations breaks a usual object in a few places, the way TestFragments
// makes up unusual ones.
func TestMutations(t *testing.T) {
	r, rounds := hostile.Random(1, 500, 30000)
	for i := range rounds {
		text := hostile.Mutate(r, hostile.Usual)
		checkStream(t, []byte(text))
		checkList(t, []byte(asItem(text, dashes[i%len(dashes)])))
		checkList(t, []byte(hostile.Mutate(r, asItem(hostile.Usual, dashes[i%len(dashes)]))))
		checkList(t, []byte(hostile.Mutate(r, lists[i%len(lists)])))
		if t.Failed() {
			t.Fatalf("round %d", i)
		}
	}
}

// TestParallelItems is for the race detector: items are handled concurrently.
func TestParallelItems(t *testing.T) {
	rl, err := manifest.ReadResourceList([]byte(header + "items:\n- kind: A\n- kind: B\n  b: &x 1\n  c: *x\n- kind: C\n"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, it := range rl.Items {
		wg.Go(func() {
			head, err := it.Head()
			if err != nil || it.Mentions("containers") {
				t.Errorf("head %+v, error %v", head, err)
			}
			n, err := it.Decode()
			if err != nil {
				t.Error(err)
				return
			}
			it.Replace([]byte("kind: " + n.Get("kind").Text() + "2\n"))
		})
	}
	wg.Wait()
	want := header + "items:\n- kind: A2\n- kind: B2\n- kind: C2\n"
	if got := written(t, rl); got != want {
		t.Error(got)
	}
}
