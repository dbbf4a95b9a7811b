package report

import (
	"io"

	"github.com/usergroup-dev/usergroup/policy"
)

// JSON renders the run as one object: version, exit code, summary, results. Fields
// of a result are named as in KRM results, with line, reason and the rest beside
// them instead of in tags. Names and values are as they are in the manifest; the
// schema is docs/schema/report.schema.json.
type JSON struct{}

type jsonRun struct {
	Version string       `json:"version"`
	Exit    int          `json:"exitCode"`
	Summary jsonSummary  `json:"summary"`
	Shard   *Shard       `json:"shard,omitempty"`
	Results []jsonResult `json:"results"`
}

type jsonSummary struct {
	Objects  int `json:"objects"`
	Checked  int `json:"checked"`
	Changed  int `json:"changed"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
	Accepted int `json:"accepted"`
}

type jsonResult struct {
	Severity   policy.Severity `json:"severity"`
	Changed    bool            `json:"changed"`
	Message    string          `json:"message"`
	Reason     policy.Reason   `json:"reason,omitempty"`
	Policy     string          `json:"policy,omitempty"`
	PolicyFile string          `json:"policyFile,omitempty"`
	PolicyLine int             `json:"policyLine,omitempty"`
	Rule       string          `json:"rule,omitempty"`
	APIVersion string          `json:"apiVersion,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	Namespace  string          `json:"namespace,omitempty"`
	Name       string          `json:"name,omitempty"`
	Path       string          `json:"path,omitempty"`
	Current    any             `json:"currentValue,omitempty"`
	Proposed   any             `json:"proposedValue,omitempty"`
	File       string          `json:"file,omitempty"`
	Index      *int            `json:"index,omitempty"`
	Line       int             `json:"line,omitempty"`
	Column     int             `json:"column,omitempty"`
	EndColumn  int             `json:"endColumn,omitempty"`
	Containers []string        `json:"containers,omitempty"`
	Origin     string          `json:"origin,omitempty"`
	Image      string          `json:"image,omitempty"`
	URL        string          `json:"documentation,omitempty"`
	Accepted   string          `json:"accepted,omitempty"`
}

// Write renders the run.
func (JSON) Write(w io.Writer, run Run) error {
	out := jsonRun{
		Version: run.Version,
		Exit:    run.Exit,
		Summary: jsonSummary(run.Summary),
		Shard:   run.Shard,
		Results: make([]jsonResult, len(run.Results)),
	}
	for i, r := range run.Results {
		out.Results[i] = jsonResult{
			Severity: r.Severity, Changed: r.Changed, Message: Clean(r.Message), Reason: r.Reason,
			Policy: r.Policy, PolicyFile: r.PolicyFile, PolicyLine: r.PolicyLine, Rule: r.Rule,
			APIVersion: r.Resource.APIVersion, Kind: r.Resource.Kind,
			Namespace: r.Resource.Namespace, Name: r.Resource.Name,
			Path: r.Path.String(), Current: r.Current, Proposed: r.Proposed,
			File: r.File.Path, Line: r.File.Line, Column: r.File.Column, EndColumn: r.File.EndColumn,
			Containers: r.Containers, Origin: string(r.Origin), Image: r.Image, Accepted: r.Accepted,
		}
		if r.File.Path != "" {
			out.Results[i].Index = &r.File.Index
		}
		if r.Reason != "" && !r.Changed {
			out.Results[i].URL = r.Reason.URL()
		}
	}
	return writeJSON(w, out)
}
