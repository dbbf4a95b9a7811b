package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// narrow is a finding on a long line, with its fix.
func narrow() report.Run {
	line := `spec: {containers: [{name: first, image: registry.example/first:1}, {name: 名前, securityContext: {runAsUser: 0}}]}`
	at := strings.Index(line, "runAsUser")
	from := utf8.RuneCountInString(line[:at])
	fixed := strings.Replace(line, "runAsUser: 0", "runAsUser: 1000", 1)
	r := report.Result{
		Severity: policy.Error, Message: `container "名前": runAsUser must be in 1000-1999, 3000-3999, is 0`,
		Resource: web, Path: podspec.Field("spec", "template", "spec", "containers").Index(1).Key("securityContext", "runAsUser"),
		File:   report.File{Path: "manifests/web.yaml", Line: 9, Column: from + 1, EndColumn: from + 13},
		Policy: "ids", PolicyFile: "policy.yaml", PolicyLine: 5, Rule: "MustRunAs", Reason: policy.UserIDOutsideRanges,
		Detail: &report.Detail{
			Source: report.Snippet{First: 8, Lines: []string{"kind: Deployment", line, "# the end"}, Marked: 1, From: from, To: from + 12},
			Fix:    []report.Hunk{{Line: 9, Column: 1, Old: []string{line + "\n"}, New: []string{fixed + "\n"}}},
		},
	}
	run := report.Run{Results: []report.Result{r, r}}
	for _, r := range run.Results {
		run.Summary.Add(r)
	}
	return run
}

// TestTextFits: at 72 columns no row is wider, the mark is under the value, and in
// place of an address, which a terminal would break, is the command that shows its page.
func TestTextFits(t *testing.T) {
	out := renderRun(t, report.Text{Width: 72}, narrow())
	lines := strings.Split(out, "\n")
	for i, l := range lines {
		if width(l) > 72 {
			t.Errorf("%d columns: %q", width(l), l)
		}
		if mark := strings.Index(l, "^^^^"); mark >= 0 {
			above := lines[i-1]
			value := strings.Index(above, "runAsUser: 0")
			if value < 0 || width(above[:value]) != width(l[:mark]) || len(l) != mark+12 {
				t.Errorf("the mark is elsewhere:\n%s\n%s", above, l)
			}
		}
	}
	if strings.Count(out, "= docs: usergroup explain UserIDOutsideRanges\n") != 2 || strings.Count(out, "^^^^^^^^^^^^") != 2 {
		t.Errorf("got\n%s", out)
	}
	address := "= docs: " + policy.UserIDOutsideRanges.URL() + "\n"
	fits := len("     ") + len(address) - 1
	for _, width := range []int{0, fits - 1, fits} {
		out := renderRun(t, report.Text{Width: width}, narrow())
		if strings.Contains(out, address) != (width != fits-1) {
			t.Errorf("at %d columns:\n%s", width, out)
		}
	}
}

// TestTextRepeats: of findings alike three are shown in full, and of the others what
// is wrong and where, each with its object.
func TestTextRepeats(t *testing.T) {
	run := narrow()
	first := run.Results[0]
	run.Results = nil
	for _, name := range []string{"a", "b", "b", "b", "b", "c", "d"} {
		r := first
		r.Resource.Name, r.File.Path = name, name+".yaml"
		run.Results = append(run.Results, r)
	}
	other := run.Results[5]
	other.PolicyLine = 9
	changed := run.Results[6]
	changed.Changed = true
	run.Results = append(run.Results[:6], other, changed, run.Results[6])
	out := renderRun(t, report.Text{}, run)
	_, out, _ = strings.Cut(out, "b.yaml: ")
	var lines []string
	for l := range strings.Lines(out) {
		if l == "\n" || !strings.HasPrefix(l, "  ") || strings.Contains(l, "error: ") || strings.Contains(l, "-->") {
			lines = append(lines, l)
		}
	}
	const finding = `  error: container "名前": runAsUser must be in 1000-1999, 3000-3999, is 0 [UserIDOutsideRanges]` + "\n"
	at := func(name string) string {
		return "    --> " + name + ".yaml:9:98  spec.template.spec.containers[1].securityContext.runAsUser\n"
	}
	want := "apps/v1/Deployment/shop/b\n\n" +
		finding + at("b") + "\n" +
		finding + at("b") + "\n" +
		finding + at("b") + finding + at("b") + "\n" +
		"c.yaml: apps/v1/Deployment/shop/c\n" + finding + at("c") + "\n" + finding + at("c") + "\n" +
		"d.yaml: apps/v1/Deployment/shop/d\n\n" + "    --> d.yaml:9:98\n\n" + finding + at("d") + "\n" +
		"in full only the first 3 alike: usergroup diff shows all fixes\n\n"
	if got, _, _ := strings.Cut(strings.Join(lines, ""), "UserIDOutsideRanges  "); got != want {
		t.Errorf("-want +got:\n%s", cmp.Diff(want, got))
	}
}

// width is the columns of a row in which only the two characters of the name are
// wide.
func width(s string) int {
	return utf8.RuneCountInString(s) + strings.Count(s, "名") + strings.Count(s, "前")
}

func TestTextColor(t *testing.T) {
	plain := renderRun(t, report.Text{}, narrow())
	colored := renderRun(t, report.Text{Color: true}, narrow())
	if !strings.Contains(colored, "\x1b[1;31merror\x1b[0m") || strings.Contains(plain, "\x1b") {
		t.Errorf("colours are wrong:\n%q\n%q", colored, plain)
	}
	var bare strings.Builder
	for i, part := range strings.Split(colored, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		bare.WriteString(part)
	}
	if diff := cmp.Diff(plain, bare.String()); diff != "" {
		t.Errorf("colours change the text (-without +with):\n%s", diff)
	}
}

// TestTextMax: what is not shown is counted, in the summary too.
func TestTextMax(t *testing.T) {
	out := renderRun(t, report.Text{Max: 1}, narrow())
	if strings.Count(out, "error: ") != 1 || !strings.Contains(out, "and 1 more finding: --max 0 shows all\n") ||
		!strings.Contains(out, "UserIDOutsideRanges  2 errors in 1 object\n") {
		t.Errorf("got\n%s", out)
	}
}

// TestSummaryFits: where names and numbers do not fit a line, the names are last,
// broken at a blank.
func TestSummaryFits(t *testing.T) {
	run := narrow()
	second := run.Results[1]
	second.File.Path = "manifests/production/europe/batch.yaml"
	second.Resource.Name = "nightly-reports"
	run.Results = append(run.Results, second)
	for _, test := range []struct {
		width int
		want  string
	}{
		{0, `UserIDOutsideRanges  3 errors in 2 objects

manifests/web.yaml apps/v1/Deployment/shop/web                                  2 errors
manifests/production/europe/batch.yaml apps/v1/Deployment/shop/nightly-reports  1 error

`},
		{60, `UserIDOutsideRanges  3 errors in 2 objects

2 errors  manifests/web.yaml apps/v1/Deployment/shop/web
 1 error  manifests/production/europe/batch.yaml
          apps/v1/Deployment/shop/nightly-reports

`},
	} {
		var b strings.Builder
		if err := (report.Text{Width: test.width}).WriteSummary(&b, run); err != nil {
			t.Fatal(err)
		}
		got, _, _ := strings.Cut(b.String(), "0 objects read")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("at %d columns (-want +got):\n%s", test.width, diff)
		}
	}
	run.Results[0].File.Path = "manifests/production/europe/batch.yaml"
	if out := renderRun(t, report.Text{Width: 60}, run); !strings.HasPrefix(out, "manifests/production/europe/batch.yaml:\n  apps/v1/Deployment/shop/web\n") {
		t.Errorf("the heading is on one line:\n%s", out)
	}
}
