package manifest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/manifest"
)

func TestReadStream(t *testing.T) {
	type place struct {
		Bytes        string
		Line, Column int
	}
	tests := []struct {
		name, input string
		want        []place
	}{
		{"empty", "", nil},
		{"comments only", "# a\n---\n# b\n---\n\n", nil},
		{"one", "kind: Pod\n", []place{{"kind: Pod\n", 1, 0}}},
		{"byte order mark", "\ufeffkind: Pod\n", []place{{"kind: Pod\n", 1, 0}}},
		{"comments stay with what follows", "# a\n---\n# b\nkind: Pod\n# c\n---\n---\nkind: Service", []place{
			{"# b\nkind: Pod\n# c\n", 3, 0}, {"kind: Service", 8, 0},
		}},
		{"document end", "kind: Pod\n...\n# c\n---\nkind: Service\n...\n", []place{
			{"kind: Pod\n", 1, 0}, {"kind: Service\n", 5, 0},
		}},
		{"text on the line of the marker", "---  {kind: Pod}\n--- # c\nkind: Service\n", []place{
			{"{kind: Pod}\n", 1, 5}, {"kind: Service\n", 3, 0},
		}},
		{"marker in a block scalar", "a: |\n  ---\n---\nb: 1\n", []place{
			{"a: |\n  ---\n", 1, 0}, {"b: 1\n", 4, 0},
		}},
		{"CR LF", "kind: Pod\r\n---\r\nkind: Service\r\n", []place{
			{"kind: Pod\r\n", 1, 0}, {"kind: Service\r\n", 3, 0},
		}},
		{"CR", "kind: Pod\rapiVersion: v1\r", []place{{"kind: Pod\rapiVersion: v1\r", 1, 0}}},
		{"directive", "%TAG ! tag:x,2000:\n---\nkind: !a Pod\n---\nkind: Service\n", []place{
			{"%TAG ! tag:x,2000:\n---\nkind: !a Pod\n", 1, 0}, {"kind: Service\n", 5, 0},
		}},
		{"JSON values", "{\"kind\": \"Pod\"}\n{\"kind\":\n \"é\"} {\"a\": 1}\n", []place{
			{`{"kind": "Pod"}`, 1, 0}, {"{\"kind\":\n \"é\"}", 2, 0}, {`{"a": 1}`, 3, 6},
		}},
		{"one JSON value", "{\n\t\"kind\": \"Pod\"\n}\n", []place{{"{\n\t\"kind\": \"Pod\"\n}\n", 1, 0}}},
		{"null", "--- null\n---\n~\n", []place{{"null\n", 1, 4}, {"~\n", 3, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := manifest.ReadStream("f.yaml", []byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			var got []place
			for i, it := range s.Items {
				got = append(got, place{string(it.Bytes()), it.Line(), it.Column()})
				if it.Index() != i || it.Name() != "f.yaml" {
					t.Errorf("item %d is %s %d", i, it.Name(), it.Index())
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.input, written(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const splitsElsewhere = "line that parsers read differently, as the end of a document and as none"

const jsonOrYAML = "line that parsers read differently, as JSON and as YAML"

const textAfterEnd = "text after the end of a document, which is not read before the next ---"

func TestReadStreamErrors(t *testing.T) {
	tests := []struct {
		name, input, want string
	}{
		{"open quote", "a: 1\n---\nb: \"c\n", "deploy.yaml:4: found unexpected end of stream"},
		{"mapping behind a marker", "--- a: b\n", "deploy.yaml:1: mapping values are not allowed in this context"},
		{"text behind the end", "a: 1\n... b\n", "deploy.yaml:2:5: " + textAfterEnd},
		{"document behind the end", "a: 1\n...\n# c\nb: 2\n---\nc: 3\n", "deploy.yaml:4:1: " + textAfterEnd},
		{"document behind the end, last", "a: 1\n...\nb: 2\n", "deploy.yaml:3:1: " + textAfterEnd},
		{"directive behind the end", "a: 1\n...\n%YAML 1.1\n---\nb: 2\n", "deploy.yaml:3:1: " + textAfterEnd},
		{"marker behind a CR", "a: 1\r---\nb: 2\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker behind NEL", "a: 1\u0085---\nb: 2\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker behind LS", "a: 1\u2028--- b\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker behind PS", "a: 1\n# c\u2029---\nb: 2\n", "deploy.yaml:3:1: " + splitsElsewhere},
		{"end behind a CR", "a: 1\r...\nb: 2\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"document on the last line", "a: 1\n--- {b: 2}", "deploy.yaml:2:1: line that parsers read differently, as a document and as nothing"},
		{"document on the last line, behind a CR", "a: 1\n---\rb: 2", "deploy.yaml:2:1: line that parsers read differently, as a document and as nothing"},
		{"byte order mark inside", "a: 1\n---\n\ufeffb: 1\n", "deploy.yaml:3:1: byte order mark inside the text, which parsers read differently"},
		{"byte order mark in a string", "a: 1\nb: \"\ufeff\"\n", "deploy.yaml:2:5: byte order mark inside the text, which parsers read differently"},
		{"two byte order marks", "\ufeff\ufeffa: 1\n", "deploy.yaml:1:2: byte order mark inside the text, which parsers read differently"},
		{"anchor of another document", "a: &x 1\n---\nb: *x\n", "deploy.yaml:3: unknown anchor 'x' referenced"},
		{"anchor in itself", "a: &x [*x]\n", `deploy.yaml:1: anchor "x" contains itself`},
		{"marker with a comment for others", "kind: ConfigMap\n---#: \"\nkind: Pod\n#\"\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker in a quoted string", "a: \"\n---#\nkind: Pod\n\"\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker in plain text", "a\n---\u00a0\nb\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker with text for us", "a: 1\n--- \u00a0\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker at the beginning", "---#\na: 1\n", "deploy.yaml:1:1: " + splitsElsewhere},
		{"marker and CR alone", "a: 1\n--- #\rkind: Pod\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"marker and NEL", "a: 1\n---\u0085#\u0085kind: Pod\n", "deploy.yaml:2:1: " + splitsElsewhere},
		{"CR CR LF", "a: b\r\r\n  c\n", "deploy.yaml:1:5: line that parsers read differently, as one line break and as two"},
		{"JSON behind a space that is none", "\u00a0{\"a\": 1}\n", "deploy.yaml:1:1: " + jsonOrYAML},
		{"JSON that is a key", "{\"kind\": \"Pod\"}: x\n", "deploy.yaml:1:1: " + jsonOrYAML},
		{"control character", "a: \x01\n", "deploy.yaml:1: control characters are not allowed"},
		{"too many aliases", hostile.Objects[len(hostile.Objects)-1], "deploy.yaml:1: aliases add more than 1048576 values to the document"},
		{"too deep for any limit", "a: " + strings.Repeat("[", 10_001), "deploy.yaml:1: the document is nested more than 10000 deep"},
		{"too many directives", strings.Repeat("%A b\n", 101) + "---\na: 1\n", "deploy.yaml:1: the document begins with more than 100 directives"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := manifest.ReadStream("deploy.yaml", []byte(tt.input))
			var e *manifest.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReplaceInStream(t *testing.T) {
	const input = "# a\nkind: Pod\n---\nkind: Service\n---\n{kind: Secret}"
	s, err := manifest.ReadStream("f.yaml", []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	s.Items[0].Replace([]byte("kind: Pod\na: 1"))
	s.Items[1].Replace(s.Items[1].Bytes())
	s.Items[2].Replace([]byte("{kind: Secret, a: 1}"))
	for i, want := range []bool{true, false, true} {
		if s.Items[i].Changed() != want {
			t.Errorf("item %d: changed %v", i, !want)
		}
	}
	want := "kind: Pod\na: 1\n---\nkind: Service\n---\n{kind: Secret, a: 1}"
	if diff := cmp.Diff(want, written(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestHead(t *testing.T) {
	tests := []struct {
		name, input string
		want        manifest.Head
	}{
		{"plain", "apiVersion: v1\nkind: Pod\n", manifest.Head{APIVersion: "v1", Kind: "Pod"}},
		{"quoted", "\"apiVersion\": 'v1'\n'kind': \"Pod\"\n", manifest.Head{APIVersion: "v1", Kind: "Pod"}},
		{"escapes", "\"k\\u0069nd\": \"P\\x6fd\"\n", manifest.Head{Kind: "Pod"}},
		{"JSON", `{"kind":"Pod","apiVersion":"v1"}`, manifest.Head{APIVersion: "v1", Kind: "Pod"}},
		{"deeper and in text", "metadata:\n  kind: A\ntext: |\n  kind: B\nquoted: \"\n\n  kind: C\n  \"\nplain:\n  D\n  kind\nkind: Pod\n", manifest.Head{Kind: "Pod"}},
		{"twice the same", "kind: Pod\nkind: Pod\n", manifest.Head{Kind: "Pod", Ambiguous: true}},
		{"twice", "kind: ConfigMap\n'kind': Pod\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"apiVersion twice", "apiVersion: v1\nkind: Pod\napiVersion: v2\n", manifest.Head{APIVersion: "v1", Kind: "Pod", Ambiguous: true}},
		{"explicit key", "? kind\n: Pod\n", manifest.Head{Kind: "Pod"}},
		{"alias", "a: &a Pod\nkind: *a\n", manifest.Head{Kind: "Pod"}},
		{"merge key", "a: &a {kind: Pod}\n<<: *a\n", manifest.Head{Kind: "Pod"}},
		{"tag", "kind: !!str 1\n", manifest.Head{Kind: "1"}},
		{"no string", "apiVersion: [v1]\nkind: Pod\n", manifest.Head{Kind: "Pod", Ambiguous: true}},
		{"number", "kind: 1\n", manifest.Head{Ambiguous: true}},
		{"tag that hides a string", "kind: !!binary UG9k\n", manifest.Head{Ambiguous: true}},
		{"key with a tag", "kind: ConfigMap\n!!binary a2luZA==: Pod\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"merge key for some", "kind: ConfigMap\n! \"<<\": {kind: Pod}\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"merge key for some, verbatim", "kind: ConfigMap\n!<!> \"<<\": {kind: Pod}\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"merge key for some, merged", "kind: ConfigMap\n<<: {! \"<<\": {kind: Pod}}\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"alias of a merge key", "a: {&m <<: {}}\n*m : {kind: Pod}\n", manifest.Head{Ambiguous: true}},
		{"merge key with its tag", "!!merge <<: {kind: Pod}\n", manifest.Head{Kind: "Pod"}},
		{"merge key in quotes", "kind: ConfigMap\n\"<<\": {kind: Pod}\n", manifest.Head{Kind: "ConfigMap"}},
		{"capitals", "apiVersion: v1\nKIND: Pod\n", manifest.Head{APIVersion: "v1", Ambiguous: true}},
		{"capitals in quotes", "kind: ConfigMap\n\"K\\x69nd\": Pod\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"capitals, merged", "kind: ConfigMap\n<<: {Kind: Pod}\n", manifest.Head{Kind: "ConfigMap", Ambiguous: true}},
		{"letters that fold", "{\"apiVer\u017fion\": \"v1\", \"kind\": \"Pod\"}", manifest.Head{Kind: "Pod", Ambiguous: true}},
		{"capitals deeper", "kind: Pod\nmetadata:\n  Kind: x\n", manifest.Head{Kind: "Pod"}},
		{"null", "kind: null\napiVersion:\n", manifest.Head{}},
		{"over lines", "kind: Po\n  d\n", manifest.Head{Kind: "Po d"}},
		{"no mapping", "- kind: Pod\n", manifest.Head{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := manifest.ReadStream("f.yaml", []byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Items[0].Head()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHeadAfterReplace guards against a head remembered for too long.
func TestHeadAfterReplace(t *testing.T) {
	s, err := manifest.ReadStream("f.yaml", []byte("kind: Pod\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.Items[0].Replace([]byte("kind: Job\n"))
	if head, err := s.Items[0].Head(); err != nil || head.Kind != "Job" {
		t.Errorf("head %+v, error %v", head, err)
	}
	s.Items[0].Replace([]byte("kind: \"Job\n"))
	if _, err := s.Items[0].Head(); err == nil {
		t.Error("no error for a broken item")
	}
}

func TestMentions(t *testing.T) {
	tests := []struct {
		name, input string
		want, key   bool
	}{
		{"key", "a:\n- containers: []\n", true, true},
		{"end of a key", "initcontainers:\n", true, true},
		{"beginning of a key", "containersOf: a\n", true, false},
		{"quoted", "a: {'containers' : []}\n", true, true},
		{"the colon is on the next line", "{? \"containers\"\n  : []}\n", true, true},
		{"value", "a: containers\nb: containers # :\nc: [\"containers\", d]\n", true, false},
		{"text like a key", "a: |\n  containers: []\n", true, true},
		{"absent", "a: b\n", false, false},
		{"absent, escapes in a value", "a: \"b\\n\"\n", false, false},
		{"escapes in a key", "a: {\"\\x63ontainers\": []}\n", true, true},
		{"broken over lines", "? \"con\\\n  tainers\"\n: []\n", true, true},
		{"in base64", "!!binary Y29udGFpbmVycw==: []\n", true, true},
		{"in braces", "{a: [{containers: 1}]}\n", true, true},
	}
	for _, tt := range tests {
		s, err := manifest.ReadStream("f.yaml", []byte(tt.input))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Items[0].Mentions("containers"); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
		if got := s.Items[0].MentionsKey("containers"); got != tt.key {
			t.Errorf("%s: as the end of a key: %v", tt.name, got)
		}
	}
}
