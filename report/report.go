// Package report renders the results of a run for people and for programs.
//
// A Result is a finding or a change together with the object and the file it is
// about. Each format is a Writer in a file of its own and a row in Formats. Whatever
// a format shows of manifests, policies and images is passed through clean, so that
// no name can forge a line or talk to a terminal.
package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Resource names the object that a Result is about. All fields are empty for a
// result about the input or the policy as a whole.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
}

// String renders the resource as kpt does, apiVersion/kind/namespace/name,
// without what is unknown.
func (r Resource) String() string {
	var parts []string
	for _, s := range []string{r.APIVersion, r.Kind, r.Namespace, r.Name} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "/")
}

// File is where the object came from, and the position of the value in it. The zero
// File is unknown.
type File struct {
	Path  string
	Index int // of the object's document in the file, from 0
	// Line is that of the value, or of the deepest mapping above it that is there.
	// Lines and columns count from 1 and are 0 where they are unknown; columns are
	// Unicode characters.
	Line int
	// Column and EndColumn delimit what is to be marked on the line: EndColumn is
	// that of the character behind it.
	Column, EndColumn int
}

// Result is one thing to report: a finding, or a change that was made.
type Result struct {
	Severity policy.Severity
	Message  string
	Resource Resource
	Path     podspec.Path // of the value in the object
	// Current is the value found and Proposed the one that is, or would be,
	// written: int64, bool, string or []int64; nil where there is none.
	Current, Proposed any
	File              File

	Policy string
	// PolicyFile and PolicyLine say where the rule that speaks is written; ""
	// and 0 where that is unknown, as for the functionConfig of a host.
	PolicyFile string
	PolicyLine int
	Rule       string
	Reason     policy.Reason
	Containers []string
	Origin     podspec.Origin
	Image      string
	Changed    bool // a change that was made, not a finding
	// Accepted says by what a finding is accepted that would fail the run
	// otherwise; "" for one that is not.
	Accepted string

	// Detail is nil unless the run was asked for it.
	Detail *Detail
}

// FromFinding returns the Result of a finding on an object.
func FromFinding(f policy.Finding, r Resource, file File) Result {
	return Result{
		Severity: f.Severity, Message: f.Message, Resource: r, Path: f.Path,
		Current: f.Current, Proposed: f.Proposed, File: file,
		Policy: f.Policy, PolicyFile: f.PolicyFile, PolicyLine: f.PolicyLine, Rule: f.Rule, Reason: f.Reason,
		Containers: f.Containers, Origin: f.Origin, Image: f.Image,
	}
}

// FromChange returns the Result of a change that fixed a finding.
func FromChange(c policy.Change, f policy.Finding, r Resource, file File) Result {
	res := Result{
		Severity: policy.Info, Message: c.Message, Resource: r, Path: c.Edit.Path,
		Current: c.Current, Proposed: c.Edit.Value, File: file,
		Policy: f.Policy, PolicyFile: f.PolicyFile, PolicyLine: f.PolicyLine, Rule: f.Rule, Reason: c.Reason, Changed: true,
	}
	if c.Container != "" {
		res.Containers = []string{c.Container}
	}
	return res
}

// Summary counts what a run did.
type Summary struct {
	Objects  int // objects read
	Checked  int // objects with a pod spec that a policy was applied to
	Changed  int // objects changed
	Errors   int
	Warnings int
	Infos    int // changes not counted
	Accepted int // findings that would be errors or warnings; among Infos
}

// Add counts a result.
func (s *Summary) Add(r Result) {
	switch {
	case r.Changed:
	case r.Severity == policy.Error:
		s.Errors++
	case r.Severity == policy.Warning:
		s.Warnings++
	default:
		s.Infos++
	}
}

// Accept makes an error or a warning that was counted an info that is accepted.
func (s *Summary) Accept(r *Result, by string) {
	if r.Severity == policy.Error {
		s.Errors--
	} else {
		s.Warnings--
	}
	s.Infos++
	s.Accepted++
	r.Severity, r.Accepted = policy.Info, by
	r.Message += " (accepted " + by + ")"
}

// Merge adds the counts of another summary.
func (s *Summary) Merge(o Summary) {
	s.Objects += o.Objects
	s.Checked += o.Checked
	s.Changed += o.Changed
	s.Errors += o.Errors
	s.Warnings += o.Warnings
	s.Infos += o.Infos
	s.Accepted += o.Accepted
}

// String is the summary as one line. Only where something was changed, it counts that:
// a check changes nothing.
func (s Summary) String() string {
	line := fmt.Sprintf("%s read, %d checked", Count(s.Objects, "object"), s.Checked)
	if s.Changed > 0 {
		line += fmt.Sprintf(", %d changed", s.Changed)
	}
	line += fmt.Sprintf(": %s, %s", Count(s.Errors, "error"), Count(s.Warnings, "warning"))
	if s.Accepted > 0 {
		line += fmt.Sprintf(", %d accepted", s.Accepted)
	}
	return line
}

// Count is a number of things in words: "1 object", "2 objects".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Run is what a Writer renders: the results of one run in the order of the
// input, and their summary.
type Run struct {
	Version string // of usergroup
	Results []Result
	Summary Summary
	// Exit is the exit code of the command: 0, 1 or 2, see docs/results.md.
	Exit int
	// Input is the first file of the run, which results about no file are shown at
	// by formats that need one; "" where there is none.
	Input    string
	Checkout Checkout
	// Workloads are there for formats that ask for them.
	Workloads []Workload
	// Shard says which part of a check the run is; nil for all of it.
	Shard *Shard
}

// open are the results without those that are accepted, which most formats leave
// out: their number is in the summary.
func (r Run) open() []Result {
	if r.Summary.Accepted == 0 {
		return r.Results
	}
	return slices.DeleteFunc(slices.Clone(r.Results), func(r Result) bool { return r.Accepted != "" })
}

// Writer renders a run in one format.
type Writer interface {
	Write(w io.Writer, run Run) error
}

// Format is a row of the table of formats.
type Format struct {
	Name string
	Doc  string // what it is for, in a few words
	Needs
	Writer
}

// Needs are the parts of a Run that cost something and that only some formats
// render.
type Needs struct {
	Details   bool // Result.Detail
	Workloads bool // Run.Workloads
}

// Formats returns the table of formats, the default first.
func Formats() []Format {
	return []Format{
		{"text", "findings with their source and fix, for people", Needs{Details: true}, Text{}},
		{"compact", "one line per finding, for editors and grep", Needs{}, Compact{}},
		{"json", "one object with results and summary", Needs{}, JSON{}},
		{"sarif", "SARIF 2.1.0, for code scanning", Needs{Details: true}, SARIF{}},
		{"junit", "JUnit XML, one test case per object", Needs{}, JUnit{}},
		{"github", "GitHub Actions annotations", Needs{}, GitHub{}},
		{"gitlab", "GitLab Code Quality report", Needs{}, GitLab{}},
		{"html", "web page: what each container runs as, and the findings", Needs{Details: true, Workloads: true}, HTML{}},
		{"markdown", "pull request comment", Needs{}, Markdown{}},
	}
}

// Value renders a current or proposed value: 1000, true, Strict, [1000, 2000].
func Value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int64:
		return strconv.FormatInt(v, 10)
	case []int64:
		s := make([]string, len(v))
		for i, n := range v {
			s[i] = strconv.FormatInt(n, 10)
		}
		return "[" + strings.Join(s, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}
