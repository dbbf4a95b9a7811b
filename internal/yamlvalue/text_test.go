package yamlvalue_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	yamlv2 "go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// TestWrittenStrings: what is written of a string is read as that string by both
// go-yamls, and in double quotes by JSON as well.
func TestWrittenStrings(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	parts := []string{
		"", "a", "1000", "yes", "on", "null", "~", "true", "'", `"`, `\`, " ", "\t", "\n", "\x01", "\u0085", "\u2028", "\ufeff", "\uffff",
		"é", "🙂", ":", ": ", "#", " #", ",", "[", "}", "-", "- ", "?", "*a", "&a", "!", "%", "@", "`", "|", ">", ".5", "0x1", "=", "<<",
	}
	for range 20_000 {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		s := b.String()
		written := map[string]string{
			"block":  string(yamlvalue.AppendString(nil, s)),
			"any":    yamlvalue.String(s),
			"double": yamlvalue.Quoted(s),
		}
		for name, style := range map[string]yamlvalue.Style{"as single": yamlvalue.SingleQuoted, "as double": yamlvalue.DoubleQuoted, "as plain": yamlvalue.Plain} {
			written[name] = yamlvalue.Requoted(s, style)
		}
		for name, text := range written {
			if got := readBack(t, text, name != "block"); got != s {
				t.Fatalf("%s: %q written as %s reads %q", name, s, text, got)
			}
		}
		var got string
		if err := json.Unmarshal([]byte(written["double"]), &got); err != nil || got != s {
			t.Fatalf("JSON reads %s as %q, %v", written["double"], got, err)
		}
	}
}

// readBack returns what both go-yamls read a text as, in a list in brackets or behind
// a key.
func readBack(t *testing.T, text string, flow bool) string {
	t.Helper()
	doc := "a: " + text + "\n"
	if flow {
		doc = "{b: [], a: " + text + "}\n"
	}
	v2, v3 := map[string]any{}, map[string]any{}
	if err := yamlv2.Unmarshal([]byte(doc), &v2); err != nil {
		t.Fatalf("go-yaml v2 on %s: %v", doc, err)
	}
	if err := yamlv3.Unmarshal([]byte(doc), &v3); err != nil {
		t.Fatalf("go-yaml v3 on %s: %v", doc, err)
	}
	got, ok := v3["a"].(string)
	if !ok || v2["a"] != any(got) {
		t.Fatalf("%s: go-yaml v2 reads %v, v3 %v", text, v2["a"], v3["a"])
	}
	return got
}

// TestRequoted: a string keeps the quotes of the one that it replaces.
func TestRequoted(t *testing.T) {
	for _, tt := range []struct {
		s    string
		old  yamlvalue.Style
		want string
	}{
		{"app", yamlvalue.SingleQuoted, "'app'"},
		{"it's", yamlvalue.SingleQuoted, "'it''s'"},
		{"é", yamlvalue.SingleQuoted, "'é'"},
		{"a\nb", yamlvalue.SingleQuoted, `"a\nb"`},
		{"app", yamlvalue.DoubleQuoted, `"app"`},
		{"app", yamlvalue.Plain, "app"},
		{"1000", yamlvalue.Plain, `"1000"`},
		{"app", yamlvalue.Literal, "app"},
	} {
		if got := yamlvalue.Requoted(tt.s, tt.old); got != tt.want {
			t.Errorf("%q as %v: %s, want %s", tt.s, tt.old, got, tt.want)
		}
	}
}
