package fn_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/internal/readers"
)

// FuzzLists is FuzzFiles of package engine for ResourceLists with any items.
func FuzzLists(f *testing.F) {
	r, _ := hostile.Random(1, 0, 0)
	for range 100 {
		f.Add(hostile.Items(r), r.IntN(2) == 0)
	}
	f.Fuzz(func(t *testing.T, items string, overwrite bool) { checkList(t, items, overwrite) })
}

// TestRandomLists is a short run of FuzzLists, always from the same seed unless
// USERGROUP_FUZZ_SEED names another one.
func TestRandomLists(t *testing.T) {
	r, rounds := hostile.Random(2, 500, 100_000)
	compared := 0
	for i := range rounds {
		items := hostile.Items(r)
		compared += checkList(t, items, r.IntN(2) == 0)
		if t.Failed() {
			t.Fatalf("round %d: %q", i, items)
		}
	}
	if compared < rounds/10 {
		t.Errorf("only %d containers were compared", compared)
	}
}

// checkList returns how many containers it has compared with the policy.
func checkList(t *testing.T, items string, overwrite bool) (compared int) {
	t.Helper()
	config := strings.TrimSpace(userOnly)
	if overwrite {
		config = strings.Replace(config, "rule: MustRunAs", "overwrite: true, rule: MustRunAs", 1)
	}
	in := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  " + hostile.Indented(config, 2) + "\nitems:\n" + items
	var b bytes.Buffer
	code := fn.Run(context.Background(), strings.NewReader(in), &b, io.Discard, nil)
	if code == fn.ExitInvalid {
		return 0
	}
	out := b.String()
	for _, reader := range readers.OfLists {
		after, err := reader.Read(out)
		if code == fn.ExitOK {
			outside, n := readers.OutsideUsers(after, 1000, 1999)
			if compared += n; len(outside) > 0 {
				t.Fatalf("%s sees containers %q with other users, and that is no error:\n%s", reader.Name, outside, out)
			}
		}
		before, refused := reader.Read(in)
		if refused != nil || !slices.ContainsFunc(before, isNoList) {
			continue
		}
		if err != nil {
			t.Fatalf("%s does not read the result any more: %v\n%s", reader.Name, err, out)
		}
		if diff := readers.Differences(before, after); diff != "" {
			t.Fatalf("%s reads in what is not judged (-before +after):\n%s\n%s", reader.Name, diff, out)
		}
	}
	return compared
}

// isNoList reports whether a document is not the ResourceList, which a reader that finds a
// marker in the text takes for one.
func isNoList(d readers.Document) bool {
	return !strings.Contains(string(d.JSON), `"kind":"ResourceList"`)
}
