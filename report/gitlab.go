package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/policy"
)

// GitLab renders a Code Quality report, which GitLab shows in merge requests.
type GitLab struct{}

// gitlabIssue is an issue of GitLab's subset of the Code Climate format. Source:
// docs.gitlab.com/ci/testing/code_quality, "Code Quality report format".
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// Write renders the run.
func (GitLab) Write(w io.Writer, run Run) error {
	issues := []gitlabIssue{}
	seen := fingerprints{}
	for _, r := range run.open() {
		if r.Changed || r.Reason == policy.Exempted {
			continue
		}
		f := run.source(r)
		issues = append(issues, gitlabIssue{
			Description: Clean(subjectOf(r) + r.Message),
			CheckName:   string(r.Reason),
			Fingerprint: seen.of(r),
			Severity:    gitlabSeverity(r.Severity),
			Location:    gitlabLocation{Path: Clean(run.Checkout.Path(f.Path)), Lines: gitlabLines{Begin: max(f.Line, 1)}},
		})
	}
	return writeJSON(w, issues)
}

func gitlabSeverity(s policy.Severity) string {
	switch s {
	case policy.Error:
		return "major"
	case policy.Warning:
		return "minor"
	}
	return "info"
}

// writeJSON writes indented JSON. What would control a terminal that it is shown on
// is escaped: encoding/json escapes only the controls of ASCII.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	var out bytes.Buffer
	for s := b.Bytes(); len(s) > 0; {
		i := bytes.IndexFunc(s, func(r rune) bool { return r != '\n' && printable(r) != r })
		if i < 0 {
			out.Write(s)
			break
		}
		r, size := utf8.DecodeRune(s[i:])
		out.Write(s[:i])
		fmt.Fprintf(&out, `\u%04x`, r)
		s = s[i+size:]
	}
	_, err := w.Write(out.Bytes())
	return err
}
