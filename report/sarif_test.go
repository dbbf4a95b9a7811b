package report_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// sarif is what of a report GitHub reads.
type sarif struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version, InformationURI string
				Rules                         []struct {
					ID, HelpURI                       string
					ShortDescription, FullDescription struct{ Text string }
					Help                              struct{ Text, Markdown string }
					Properties                        struct{ Tags []string }
				}
			}
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
		Results []struct {
			RuleID              string
			RuleIndex           int
			Level               string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Suppressions        []struct{ Kind, Status, Justification string }
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           region
				}
			}
			Fixes []struct {
				Description     struct{ Text string }
				ArtifactChanges []struct {
					ArtifactLocation struct{ URI string }
					Replacements     []struct {
						DeletedRegion   region
						InsertedContent *struct{ Text string }
					}
				}
			}
		}
	}
}

type region struct{ StartLine, StartColumn, EndLine, EndColumn int }

func readSARIF(t *testing.T, run report.Run) sarif {
	t.Helper()
	var s sarif
	if err := json.Unmarshal([]byte(renderRun(t, report.SARIF{}, run)), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Runs) != 1 {
		t.Fatalf("%d runs", len(s.Runs))
	}
	return s
}

// TestSARIFForGitHub holds every report to what GitHub's documentation of SARIF
// support demands: without one of these it refuses the file, or shows less.
func TestSARIFForGitHub(t *testing.T) {
	nowhere := report.Run{Results: []report.Result{
		{Severity: policy.Error, Message: "m", Reason: policy.InvalidUsage},
		{Severity: policy.Info, Message: "m", Reason: policy.NotEvaluated, Policy: "p", PolicyFile: "p.yaml", PolicyLine: 3},
		{Severity: policy.Warning, Message: "m", Reason: policy.MissingUserID, Resource: web},
	}}
	for name, run := range map[string]report.Run{"usual": run(), "hostile": hostileRun(), "empty": {}, "without files": nowhere} {
		s := readSARIF(t, run)
		if s.Version != "2.1.0" || s.Runs[0].Tool.Driver.Name == "" || s.Runs[0].Tool.Driver.InformationURI == "" {
			t.Errorf("%s: %+v", name, s)
		}
		rules := s.Runs[0].Tool.Driver.Rules
		for _, r := range rules {
			if r.ID == "" || r.ShortDescription.Text == "" || len(r.ShortDescription.Text) > 1024 || r.FullDescription.Text == "" ||
				len(r.FullDescription.Text) > 1024 || r.Help.Text == "" || r.Help.Markdown == "" || r.HelpURI != policy.Reason(r.ID).URL() || len(r.Properties.Tags) == 0 {
				t.Errorf("%s: rule %+v", name, r)
			}
		}
		prints := map[string]bool{}
		for _, r := range s.Runs[0].Results {
			if r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" ||
				!slices.Contains([]string{"error", "warning", "note"}, r.Level) {
				t.Errorf("%s: result %+v", name, r)
			}
			if len(r.Locations) != 1 {
				t.Fatalf("%s: %d locations", name, len(r.Locations))
			}
			loc := r.Locations[0].PhysicalLocation
			checkURI(t, loc.ArtifactLocation.URI)
			checkRegion(t, loc.Region)
			for _, f := range r.Fixes {
				for _, c := range f.ArtifactChanges {
					checkURI(t, c.ArtifactLocation.URI)
					for _, rep := range c.Replacements {
						checkRegion(t, rep.DeletedRegion)
					}
				}
			}
			print := r.PartialFingerprints["usergroup/v1"]
			if len(print) != 32 || prints[print] {
				t.Errorf("%s: fingerprint %q is not a fingerprint, or not its own", name, print)
			}
			prints[print] = true
			if (r.RuleID == string(policy.Exempted)) != (len(r.Suppressions) == 1) {
				t.Errorf("%s: suppressions %+v of %s", name, r.Suppressions, r.RuleID)
			}
		}
	}
}

func checkURI(t *testing.T, uri string) {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil || uri == "" || u.IsAbs() || u.Host != "" || u.RawQuery != "" || u.Fragment != "" ||
		strings.HasPrefix(uri, "/") || strings.Contains("/"+uri+"/", "/../") || strings.ContainsAny(uri, " #?\\\"<>^`{|}") {
		t.Errorf("URI %q, %v", uri, err)
	}
}

func checkRegion(t *testing.T, r region) {
	t.Helper()
	if r.StartLine < 1 || r.StartColumn < 1 || r.EndLine < r.StartLine || r.EndColumn < 1 || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
		t.Errorf("region %+v", r)
	}
}

func TestSARIFURI(t *testing.T) {
	checkout := report.Checkout{Root: "/repo", Dir: "/repo/apps"}
	for _, tt := range []struct {
		checkout   report.Checkout
		file, want string
	}{
		{report.Checkout{}, "a b#%.yaml", "a%20b%23%25.yaml"},
		{report.Checkout{}, "./x//y.yaml", "x/y.yaml"},
		{report.Checkout{}, "c:d/e:f.yaml", "c%3Ad/e%3Af.yaml"},
		{report.Checkout{}, "a?b[1].yaml", "a%3Fb%5B1%5D.yaml"},
		{report.Checkout{}, "ä\xff.yaml", "%C3%A4%EF%BF%BD.yaml"},
		{checkout, "web.yaml", "apps/web.yaml"},
		{checkout, "../base/web.yaml", "base/web.yaml"},
		{checkout, "/repo/base/web.yaml", "base/web.yaml"},
		{checkout, "../../elsewhere/web.yaml", "elsewhere/web.yaml"},
		{checkout, "/elsewhere/web.yaml", "elsewhere/web.yaml"},
		{checkout, "/repository/web.yaml", "repository/web.yaml"},
	} {
		s := readSARIF(t, report.Run{Checkout: tt.checkout, Results: []report.Result{{
			Severity: policy.Error, Message: "m", Reason: policy.MissingUserID, File: report.File{Path: tt.file, Line: 1},
		}}})
		if got := s.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; got != tt.want {
			t.Errorf("%s in %+v: got %s, want %s", tt.file, tt.checkout, got, tt.want)
		}
	}
}

// TestSARIFFingerprints: what moves a finding does not make it another one; what is
// another finding has another fingerprint.
func TestSARIFFingerprints(t *testing.T) {
	finding := func(line, index int, name, container string) report.Result {
		return report.Result{
			Severity: policy.Error, Message: "m", Reason: policy.MissingUserID, Policy: "ids", Rule: "MustRunAs",
			Resource: report.Resource{APIVersion: "v1", Kind: "Pod", Name: name}, Containers: []string{container},
			Path: podspec.Field("spec", "containers").Index(index).Key("securityContext", "runAsUser"),
			File: report.File{Path: "pod.yaml", Index: line / 100, Line: line},
		}
	}
	prints := func(rs ...report.Result) map[string]string {
		out := map[string]string{}
		for i, r := range readSARIF(t, report.Run{Results: rs}).Runs[0].Results {
			out[fmt.Sprint(rs[i].Resource.Name, rs[i].Containers)] = r.PartialFingerprints["usergroup/v1"]
		}
		return out
	}
	before := prints(finding(5, 0, "a", "x"), finding(9, 1, "a", "y"), finding(105, 0, "b", "x"))
	after := prints(finding(3, 0, "b", "x"), finding(250, 3, "a", "y"), finding(240, 2, "a", "x"))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("moved findings are others (-before +after):\n%s", diff)
	}
	if n := len(slices.Compact(slices.Sorted(maps.Values(before)))); n != 3 {
		t.Errorf("%d fingerprints of 3 findings", n)
	}
}

// TestSARIFFix: a replacement is of whole lines, and at the end of a file without a
// line break it ends with the file.
func TestSARIFFix(t *testing.T) {
	r := report.Result{
		Severity: policy.Error, Message: "m", Reason: policy.MissingUserID, File: report.File{Path: "a.yaml", Line: 3},
		Path: podspec.Field("spec", "runAsUser"), Proposed: int64(1000),
		Detail: &report.Detail{Fix: []report.Hunk{
			{Line: 3, Column: 1, New: []string{"new\n"}},
			{Line: 5, Column: 1, Old: []string{"a\n", "b\n"}, New: []string{"c\n"}},
			{Line: 9, Column: 5, Old: []string{"äb"}, New: []string{"cd"}},
		}},
	}
	fix := readSARIF(t, report.Run{Results: []report.Result{r}}).Runs[0].Results[0].Fixes[0]
	if fix.Description.Text != "set runAsUser to 1000" {
		t.Errorf("described as %q", fix.Description.Text)
	}
	var got []string
	for _, rep := range fix.ArtifactChanges[0].Replacements {
		got = append(got, fmt.Sprint(rep.DeletedRegion, rep.InsertedContent.Text))
	}
	want := []string{"{3 1 3 1}new\n", "{5 1 7 1}c\n", "{9 5 9 7}cd"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSARIFExit: a run that could not judge says that it failed.
func TestSARIFExit(t *testing.T) {
	for exit, want := range []bool{true, true, false} {
		if got := readSARIF(t, report.Run{Exit: exit}).Runs[0].Invocations[0].ExecutionSuccessful; got != want {
			t.Errorf("exit code %d: %v", exit, got)
		}
	}
}

// TestSARIFLimit: GitHub refuses more than 25,000 results, so the least important
// are left out, and the report says so.
func TestSARIFLimit(t *testing.T) {
	var run report.Run
	for i := range 30_000 {
		severity := policy.Warning
		if i%3 == 2 {
			severity = policy.Error
		}
		run.Results = append(run.Results, report.Result{Severity: severity, Message: fmt.Sprint(i), Reason: policy.MissingUserID})
	}
	levels := map[string]int{}
	s := readSARIF(t, run)
	for _, r := range s.Runs[0].Results {
		levels[r.Level]++
	}
	said := s.Runs[0].Invocations[0].ToolExecutionNotifications
	if levels["error"] != 10_000 || levels["warning"] != 15_000 || len(said) != 1 || said[0].Message.Text != "5000 results left out: GitHub accepts 25000" {
		t.Errorf("got %v, %v", levels, said)
	}
}
