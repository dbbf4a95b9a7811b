package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// GitHub renders workflow commands, which GitHub Actions shows as annotations of
// the lines in a pull request, a line a finding.
type GitHub struct{}

// Write renders the run.
func (GitHub) Write(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	for _, r := range run.open() {
		if r.Changed {
			continue
		}
		f := run.source(r)
		fmt.Fprintf(b, "::%s ", githubCommand(r.Severity))
		if f.Path != "" {
			fmt.Fprintf(b, "file=%s,", githubProperty(run.Checkout.Path(f.Path)))
		}
		if f.Line > 0 {
			fmt.Fprintf(b, "line=%d,", f.Line)
		}
		if f.Column > 0 && f.EndColumn > f.Column {
			fmt.Fprintf(b, "endLine=%d,col=%d,endColumn=%d,", f.Line, f.Column, f.EndColumn)
		}
		fmt.Fprintf(b, "title=%s::%s\n", githubProperty("usergroup "+string(r.Reason)), githubData(subjectOf(r)+r.Message))
	}
	fmt.Fprintln(b, run.Summary)
	return b.Flush()
}

func githubCommand(s policy.Severity) string {
	if s == policy.Info {
		return "notice"
	}
	return string(s)
}

// githubData escapes the message of a command, as the runner's own toolkit does.
// clean has left no line breaks.
func githubData(s string) string { return strings.ReplaceAll(Clean(s), "%", "%25") }

// githubProperty escapes the value of a property.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(Clean(s))
}

// subjectOf names the object of a result before its message.
func subjectOf(r Result) string {
	if ref := r.Resource.String(); ref != "" {
		return ref + ": "
	}
	return ""
}
