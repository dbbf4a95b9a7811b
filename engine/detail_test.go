package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// files have one finding each that the policy below mends, in every shape of text.
var files = map[string]string{
	"block":            "# app\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: a\n",
	"flow":             "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n",
	"JSON":             `{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}]}}`,
	"CRLF":             "apiVersion: v1\r\nkind: Pod\r\nspec:\r\n  containers:\r\n  - name: a\r\n",
	"no line break":    "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: {}\n  containers:\n  - name: a",
	"second document":  "apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n",
	"behind a marker":  "--- {apiVersion: v1, kind: Pod, spec: {containers: [{name: a}]}}\n",
	"in a list":        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - name: a\n",
	"a value replaced": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext:\n      runAsUser: null # none\n",
	"far apart":        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    args:\n" + strings.Repeat("    - x\n", 40) + "    image: a\n",
}

// TestDetail: the lines that a finding says to replace, replaced, are the file that
// fix writes.
func TestDetail(t *testing.T) {
	p := &policy.Policy{Name: "ids", RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1999}}}}
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			checked := enforce(t, p, text, engine.Options{CheckOnly: true, Details: true}, nil)
			if len(checked) != 1 || checked[0].Detail == nil {
				t.Fatalf("got %+v", checked)
			}
			var want bytes.Buffer
			enforce(t, p, text, engine.Options{}, &want)
			got := replace(text, checked[0].Detail.Fix)
			if diff := cmp.Diff(want.String(), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkSnippet(t, text, checked[0])
		})
	}
}

// checkSnippet: the snippet is the lines of the file, and the mark the columns that
// the result gives.
func checkSnippet(t *testing.T, text string, r report.Result) {
	s := r.Detail.Source
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, l := range s.Lines {
		want := lines[s.First-1+i]
		if want != l && strings.TrimLeft(l, " ") != strings.TrimPrefix(want, "--- ") {
			t.Errorf("line %d is %q, want %q", s.First+i, l, want)
		}
	}
	if s.First+s.Marked != r.File.Line || s.From != r.File.Column-1 || s.To != r.File.EndColumn-1 || s.To <= s.From {
		t.Errorf("marks %+v for %+v", s, r.File)
	}
	if marked := s.Lines[s.Marked][s.From:s.To]; !strings.Contains(marked, "name") && !strings.Contains(marked, "runAsUser") {
		t.Errorf("marks %q", marked)
	}
}

// TestLongLine: of a line that is too long to show, the part around the value is
// shown.
func TestLongLine(t *testing.T) {
	p := &policy.Policy{Name: "ids", RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}
	text := `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"x": "` + strings.Repeat("é", 5000) +
		`"}}, "spec": {"containers": [{"name": "a", "securityContext": {"runAsUser": 0}}]}}`
	r := enforce(t, p, text, engine.Options{CheckOnly: true, Details: true}, nil)
	if len(r) != 1 {
		t.Fatalf("got %+v", r)
	}
	s := r[0].Detail.Source
	line := []rune(s.Lines[s.Marked])
	if got := string(line[s.From:s.To]); got != `"runAsUser": 0` {
		t.Errorf("marks %q in %q", got, string(line))
	}
}

// TestManyOnOneLine: columns are counted on from one result to the next, which may
// be before it on the line. The ids tell the places apart.
func TestManyOnOneLine(t *testing.T) {
	p := &policy.Policy{
		Name: "ids", ValidateOnly: true,
		RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 1}}},
		FSGroup:   policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1, Max: 1}}},
	}
	var items []string
	for i := range 20 {
		items = append(items, fmt.Sprintf(
			`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"é%d"},"spec":{"securityContext":{"fsGroup":%d},"containers":[{"name":"ü","securityContext":{"runAsUser":%d}}]}}`,
			i, 5000+i, 6000+i))
	}
	text := `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items, ",") + `]}`
	results := enforce(t, p, text, engine.Options{CheckOnly: true, Details: true}, nil)
	if len(results) != 2*len(items) {
		t.Fatalf("%d results, want %d", len(results), 2*len(items))
	}
	for _, r := range results {
		field := fmt.Sprintf("%q:%v", r.Path.Last(), r.Current)
		before, _, found := strings.Cut(text, field)
		if column := 1 + utf8.RuneCountInString(before); !found || r.File.Column != column || r.File.EndColumn != column+len(field) {
			t.Errorf("%s is at %d-%d, want %d-%d", field, r.File.Column, r.File.EndColumn, column, column+len(field))
		}
		s := r.Detail.Source
		if got := string([]rune(s.Lines[s.Marked])[s.From:s.To]); got != field {
			t.Errorf("the source shows %s for %s", got, field)
		}
	}
}

// enforce applies a policy to a file and returns the findings; the file that results
// is written to out.
func enforce(t *testing.T, p *policy.Policy, text string, opts engine.Options, out *bytes.Buffer) []report.Result {
	t.Helper()
	stream, err := manifest.ReadStream("app.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := engine.New([]*policy.Policy{p}, opts)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := pipeline.Apply(t.Context(), stream.Items)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if _, err := stream.WriteTo(out); err != nil {
			t.Fatal(err)
		}
	}
	return slices.DeleteFunc(outcome.Results, func(r report.Result) bool { return r.Severity == policy.Info })
}

// replace replaces lines of a text, as a reader of a report would.
func replace(text string, hunks []report.Hunk) string {
	lines := strings.SplitAfter(text, "\n")
	for _, h := range slices.Backward(hunks) {
		at := h.Line - 1
		if n := len(h.Old); n > 0 && h.Column > 1 {
			h.New[0] = lines[at][:h.Column-1] + h.New[0]
		}
		lines = slices.Replace(lines, at, at+len(h.Old), h.New...)
	}
	return strings.Join(lines, "")
}
