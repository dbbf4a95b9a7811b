package yamlvalue_test

import (
	"math/rand/v2"
	"testing"

	yamlv2 "go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// TestRandomScalars: what is called an integer, a boolean, a string or null is
// that to both go-yamls, with the same value.
func TestRandomScalars(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	oneOf := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	met := make(map[string]int)
	for range 20_000 {
		text := oneOf("", "", "", "", "! ", "!!int ", "!!float ", "!!bool ", "!!str ", "!!null ")
		quote := oneOf("", "", "", "'", `"`)
		text += quote
		if r.IntN(3) == 0 {
			text += oneOf("true", "True", "tRUE", "false", "yes", "No", "on", "y", "N", "null", "~", "", "x")
		} else {
			text += oneOf("", "", "-", "+") + oneOf("", "", "0", "0x", "0o", "0b", ".", "_")
			for range 1 + r.IntN(4) {
				text += oneOf("0", "1", "7", "9", "_", ".", "e", "+", "-")
			}
		}
		text += quote
		n, err := yamltext.DecodeFull([]byte("a: "+text+"\n"), 0)
		if err != nil {
			continue
		}
		v2, v3 := map[string]any{}, map[string]any{}
		if yamlv2.Unmarshal([]byte("a: "+text+"\n"), &v2) != nil || yamlv3.Unmarshal([]byte("a: "+text+"\n"), &v3) != nil {
			continue
		}
		want := map[yamlvalue.Reader]any{yamlvalue.V2: v2["a"], yamlvalue.V3: v3["a"]}
		for _, reader := range yamlvalue.Readers {
			met[checkScalar(t, text, n.Get("a"), want[reader])]++
		}
	}
	for _, kind := range []string{"integer", "boolean", "string", "null", "flawed"} {
		if met[kind] < 50 {
			t.Errorf("met %v", met)
		}
	}
}

// checkScalar compares n with what a reader decodes, and says what it is.
func checkScalar(t *testing.T, text string, n *yamlvalue.Node, want any) string {
	t.Helper()
	var got any
	kind := "flawed"
	if n.IsNull() {
		kind = "null"
	} else if i, f := n.Int(); f == yamlvalue.Fine {
		got, kind = i, "integer"
	} else if b, f := n.Bool(); f == yamlvalue.Fine {
		got, kind = b, "boolean"
	} else if s, f := n.Str(); f == yamlvalue.Fine {
		got, kind = s, "string"
	} else {
		return kind
	}
	switch v := want.(type) {
	case int:
		want = int64(v)
	case float64:
		want = int64(v)
	}
	if got != want {
		t.Errorf("%s is %v, a reader takes it for %v", text, got, want)
	}
	return kind
}
