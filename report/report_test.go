package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

var web = report.Resource{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}

// run is one violation, one warning about nothing in particular, and the
// changes of one object.
func run() report.Run {
	change := func(container, field string, line int, v any) report.Result {
		r := report.Result{
			Severity: policy.Info, Message: "set", Resource: web, Path: podspec.Field("spec", "securityContext", field),
			Proposed: v, File: report.File{Path: "web.yaml", Line: line}, Policy: "ids", Reason: policy.Defaulted, Changed: true,
		}
		if container != "" {
			r.Containers = []string{container}
		}
		return r
	}
	run := report.Run{Version: "v1.2.3", Results: []report.Result{
		{
			Severity: policy.Error, Message: `container "web": runAsUser must be in 1-2, is 0`, Resource: web,
			Path:    podspec.Field("spec", "template", "spec").Key("containers").Index(0).Key("securityContext", "runAsUser"),
			Current: int64(0), File: report.File{Path: "dir/web.yaml", Index: 1, Line: 12, Column: 9, EndColumn: 21},
			Policy: "ids", Rule: "MustRunAs", Reason: policy.UserIDOutsideRanges, Containers: []string{"web"}, Origin: podspec.FromContainer,
		},
		{Severity: policy.Warning, Message: "a | b\nforged: line \x1b[31m", Reason: policy.NotEvaluated},
		change("a", "runAsUser", 9, int64(1000)),
		change("", "runAsUser", 5, int64(1000)),
		change("a", "runAsGroup", 9, int64(7)),
		change("", "runAsGroup", 5, int64(7)),
		change("", "fsGroup", 5, nil),
	}}
	run.Summary = report.Summary{Objects: 3, Checked: 2, Changed: 1}
	for _, r := range run.Results {
		run.Summary.Add(r)
	}
	return run
}

func render(t *testing.T, format string) string {
	t.Helper()
	for _, f := range report.Formats() {
		if f.Name != format {
			continue
		}
		var b bytes.Buffer
		if err := f.Write(&b, run()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	t.Fatalf("no format %q", format)
	return ""
}

func TestCompact(t *testing.T) {
	want := `dir/web.yaml:12:9: error: apps/v1/Deployment/shop/web spec.template.spec.containers[0].securityContext.runAsUser: container "web": runAsUser must be in 1-2, is 0 [UserIDOutsideRanges]
warning: a | b` + "\ufffd" + `forged: line ` + "\ufffd" + `[31m [NotEvaluated]
web.yaml:5: changed: apps/v1/Deployment/shop/web: runAsUser 1000, runAsGroup 7 on "a"; runAsUser 1000, runAsGroup 7, fsGroup removed on pod
3 objects read, 2 checked, 1 changed: 1 error, 1 warning
`
	if diff := cmp.Diff(want, render(t, "compact")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	var got struct {
		Version string
		Summary map[string]int
		Results []map[string]any
	}
	if err := json.Unmarshal([]byte(render(t, "json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "v1.2.3" || got.Summary["errors"] != 1 || got.Summary["changed"] != 1 || len(got.Results) != 7 {
		t.Errorf("got %+v", got)
	}
	want := map[string]any{
		"severity": "error", "changed": false, "message": `container "web": runAsUser must be in 1-2, is 0`,
		"reason": "UserIDOutsideRanges", "policy": "ids", "rule": "MustRunAs",
		"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web",
		"path": "spec.template.spec.containers[0].securityContext.runAsUser", "currentValue": 0.0,
		"file": "dir/web.yaml", "index": 1.0, "line": 12.0, "column": 9.0, "endColumn": 21.0, "containers": []any{"web"}, "origin": "container",
		"documentation": policy.UserIDOutsideRanges.URL(),
	}
	if diff := cmp.Diff(want, got.Results[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJUnit(t *testing.T) {
	var got struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(render(t, "junit")), &got); err != nil {
		t.Fatal(err)
	}
	s := got.Suite
	if s.Tests != len(s.Cases) || s.Failures != 1 || s.Cases[0].Failure == nil || s.Cases[0].Name != "apps/v1/Deployment/shop/web" {
		t.Errorf("got %+v", got)
	}
}

// TestProblems: errors before warnings, a line each, and a count past the cap.
func TestProblems(t *testing.T) {
	var results []report.Result
	results = append(results, report.Result{Severity: policy.Warning, Message: "w"}, report.Result{Severity: policy.Info, Message: "i"})
	for range 300 {
		results = append(results, report.Result{Severity: policy.Error, Message: "e"})
	}
	var b bytes.Buffer
	if err := report.Problems(&b, results); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 201 || lines[0] != "usergroup: error: e" || lines[200] != "usergroup: and 101 more errors and warnings" {
		t.Errorf("%d lines, first %q, last %q", len(lines), lines[0], lines[len(lines)-1])
	}
}
