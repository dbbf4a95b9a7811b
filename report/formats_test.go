package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// hostile are strings that a manifest, a policy or an image may hold. The word
// forged must never begin a line, and attacker.example never be a link.
var hostile = []string{
	"a\nforged: line", "a\r\nforged", "a\x85forged", "a\u2028forged\u2029forged",
	"\x1b[31mred\x1b]8;;https://attacker.example\x1b\\", "\x9b31m", "\x07", "\x00", "\xff\xfe", "\u202e\u2066",
	"x%0Aforged", "\n::error::forged", "::error file=x::forged",
	"[click](https://attacker.example)", "![x](https://attacker.example/a.png)", "<img src=https://attacker.example>",
	"https://attacker.example", "www.attacker.example", "@org/team fixes #1", "a | b \\| c", "`", "``` \nforged", "``",
	"</script><script>alert(1)</script>", "]]>", "&lt;", "{0}", "*a* _b_ ~c~", "- bullet", "# heading", "=cmd|' /C calc'!A0",
	"'\"><svg onload=alert(1)>", "javascript:alert(1)",
}

// hostileRun has every hostile string in every field.
func hostileRun() report.Run {
	run := report.Run{Version: hostile[0], Input: "\x1b[31m\nforged"}
	for i, s := range hostile {
		r := report.Result{
			Severity: []policy.Severity{policy.Error, policy.Warning, policy.Info}[i%3], Message: s,
			Resource: report.Resource{APIVersion: s, Kind: s, Namespace: s, Name: s},
			Path:     podspec.Field("spec", s), Current: s, Proposed: s,
			File:   report.File{Path: s, Line: 3, Column: 1, EndColumn: 4},
			Policy: s, PolicyFile: s, PolicyLine: 1, Rule: s, Reason: policy.MissingUserID, Containers: []string{s}, Image: s,
			Origin: podspec.FromContainer,
			Detail: &report.Detail{
				Source: report.Snippet{First: 2, Lines: []string{s, s, s}, Marked: 1, From: 0, To: 3},
				Fix:    []report.Hunk{{Line: 3, Column: 1, Old: []string{s + "\n"}, New: []string{s + "\n", s}}},
			},
		}
		changed, exempt := r, r
		changed.Changed, exempt.Reason = true, policy.Exempted
		run.Results = append(run.Results, r, changed, exempt, report.Result{Severity: policy.Error, Message: s, Reason: policy.InvalidConfig})
		run.Workloads = append(run.Workloads, report.Workload{
			Resource: r.Resource, File: r.File, Path: r.Path,
			Groups: report.Effective{Text: s, Origin: podspec.FromPod},
			Containers: []report.Container{{
				Name: s, Image: s, File: r.File, Path: r.Path, User: report.Effective{Value: s, Text: s, Origin: podspec.FromImage},
			}},
		})
	}
	return run
}

// TestHostile: no format lets what a manifest says forge a line, pass an escape
// sequence on, or break the encoding.
func TestHostile(t *testing.T) {
	for _, f := range report.Formats() {
		t.Run(f.Name, func(t *testing.T) {
			out := renderRun(t, f.Writer, hostileRun())
			if !utf8.ValidString(out) {
				t.Error("the output is not valid UTF-8")
			}
			for i, r := range out {
				if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
					t.Errorf("%U at byte %d: %q", r, i, out[max(i-30, 0):min(i+30, len(out))])
				}
			}
			// In JSON and HTML a line begins where a program says.
			if f.Name == "html" || json.Valid([]byte(out)) {
				return
			}
			for line := range strings.SplitSeq(out, "\n") {
				if text := strings.TrimLeft(line, "-#:+^| "); strings.HasPrefix(text, "forged") || strings.HasPrefix(line, "::error::") {
					t.Errorf("forged line %q", line)
				}
			}
		})
	}
}

// TestText with colours, a width and quietly: the same promises.
func TestHostileText(t *testing.T) {
	for _, w := range []report.Text{{Width: 40}, {Width: 7}, {Quiet: true}, {Max: 3}} {
		out := renderRun(t, w, hostileRun())
		if strings.ContainsAny(out, "\x1b\x07\x00\u009b\u202e") || strings.Contains(out, "\nforged") {
			t.Errorf("%+v lets something through", w)
		}
	}
}

// TestParses: what is for programs is what its format says, whatever the manifests
// hold.
func TestParses(t *testing.T) {
	for _, run := range []report.Run{hostileRun(), run(), {}, {Exit: 2, Results: []report.Result{{Severity: policy.Error, Message: "m"}}}} {
		for _, f := range report.Formats() {
			out := renderRun(t, f.Writer, run)
			var err error
			switch f.Name {
			case "json", "sarif", "gitlab":
				err = json.Unmarshal([]byte(out), new(any))
			case "junit":
				err = parseXML(out)
			}
			if err != nil {
				t.Errorf("%s: %v\n%s", f.Name, err, out)
			}
		}
	}
}

func parseXML(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestFormatsDocumented: docs/reports.md has a section for every format, and only
// for those.
func TestFormatsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "reports.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(page), "\n## Formats\n")
	if !ok {
		t.Fatal("docs/reports.md has no section Formats")
	}
	list, _, _ = strings.Cut(list, "\n## ")
	documented := map[string]bool{}
	for line := range strings.Lines(list) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			documented[strings.TrimSpace(name)] = true
		}
	}
	for _, f := range report.Formats() {
		if f.Doc == "" || !documented[f.Name] {
			t.Errorf("%s: no words in the table, or no section in docs/reports.md", f.Name)
		}
		if !strings.Contains(string(page), "| `"+f.Name+"` | "+f.Doc+" |") {
			t.Errorf("%s: the table of docs/reports.md must say %q", f.Name, f.Doc)
		}
		delete(documented, f.Name)
	}
	for name := range documented {
		t.Errorf("docs/reports.md has a section for %s, which is not a format", name)
	}
}

// TestRules: every reason of a finding is explained in words, and none twice.
func TestRules(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "results.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[policy.Reason]bool{policy.Defaulted: true, policy.Overwritten: true, policy.Removed: true}
	for _, r := range report.Rules() {
		if seen[r.Reason] || r.Title == "" || strings.HasSuffix(r.Title, ".") || !strings.HasSuffix(r.Help, ".") {
			t.Errorf("%s: %+v", r.Reason, r)
		}
		seen[r.Reason] = true
	}
	_, table, _ := strings.Cut(string(page), "## Reasons")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for i, name := range strings.Split(cells[1], "`") {
			if i%2 == 1 && !seen[policy.Reason(name)] {
				t.Errorf("%s: no row in Rules", name)
			}
		}
	}
}

func renderRun(t *testing.T, w report.Writer, run report.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMarkdownLimit: however much there is to say, GitHub takes it.
func TestMarkdownLimit(t *testing.T) {
	run := report.Run{}
	for i := range 5000 {
		run.Results = append(run.Results, report.Result{
			Severity: policy.Error, Message: strings.Repeat("é`", 2000), Reason: policy.MissingUserID,
			Resource: report.Resource{Kind: "Pod", Name: fmt.Sprint(i)}, File: report.File{Path: strings.Repeat("x", 3000)},
		})
	}
	out := renderRun(t, report.Markdown{}, run)
	if len(out) > 65_536 {
		t.Errorf("%d bytes", len(out))
	}
	if !strings.HasSuffix(out, " results more, which did not fit.\n") {
		t.Errorf("ends with %q", out[len(out)-60:])
	}
}

// TestMarkdownSpans: what manifests say is in code spans, read as CommonMark reads
// them, and nowhere else: no link, image, mention or HTML can come of it.
func TestMarkdownSpans(t *testing.T) {
	trusted := regexp.MustCompile(`^(?:[-|*: ,.]|\d+|line|by|policy|and|more|which|did|not|fit|errors?|warnings?|infos?|changed|usergroup|objects?|read|checked|rule|findings|results?|` +
		`\[(\w+)\]\(https://github\.com/usergroup-dev/usergroup/blob/main/docs/rules/\w+\.md\))*$`)
	for line := range strings.Lines(renderRun(t, report.Markdown{}, hostileRun())) {
		if rest := outsideSpans(strings.TrimSuffix(line, "\n")); !trusted.MatchString(rest) {
			t.Errorf("outside of code: %q\nin %q", rest, line)
		}
	}
}

// outsideSpans removes code spans: what is between two runs of backticks of the same
// length. A run without its match is text.
func outsideSpans(line string) string {
	var out strings.Builder
	for line != "" {
		text := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		rest := line[len(text):]
		if text == "" {
			i := strings.IndexByte(line, '`')
			if i < 0 {
				i = len(line)
			}
			out.WriteString(line[:i])
			line = line[i:]
			continue
		}
		end := regexp.MustCompile("(^|[^`])" + text + "([^`]|$)").FindStringSubmatchIndex(rest)
		if end == nil {
			out.WriteString(text)
			line = rest
			continue
		}
		line = rest[end[4]:]
	}
	return out.String()
}
