package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/usergroup-dev/usergroup/policy"
)

// Text renders one line a result, in the form compilers use, so that editors
// and terminals find the place:
//
//	deploy.yaml:12: error: apps/v1/Deployment/web spec…runAsUser: message [UserIDOutsideRanges]
//
// and the summary at the end.
type Text struct{}

// Write renders the run.
func (Text) Write(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	for _, r := range run.Results {
		fmt.Fprintln(b, Line(r))
	}
	fmt.Fprintln(b, run.Summary)
	return b.Flush()
}

// Line renders a result as one line without its line break.
func Line(r Result) string {
	var place string
	if r.File.Path != "" {
		place = r.File.Path + ":"
		if r.File.Line > 0 {
			place += fmt.Sprintf("%d:", r.File.Line)
		}
		place += " "
	}
	word := string(r.Severity)
	if r.Changed {
		word = "changed"
	}
	line := place + word + ": "
	if ref := r.Resource.String(); ref != "" {
		line += ref
		if len(r.Path) > 0 {
			line += " " + r.Path.String()
		}
		line += ": "
	} else if len(r.Path) > 0 {
		line += r.Path.String() + ": "
	}
	line += r.Message
	if r.Reason != "" {
		line += " [" + string(r.Reason) + "]"
	}
	return line
}

// maxLines bounds what Problems prints; the results hold everything.
const maxLines = 200

// Problems writes one line for each error and warning, prefixed with the tool's
// name, for hosts that show a person nothing but standard error. Errors come
// first, and past a limit a last line counts the rest.
func Problems(w io.Writer, results []Result) error {
	b := bufio.NewWriter(w)
	printed, left := 0, 0
	for _, sev := range []policy.Severity{policy.Error, policy.Warning} {
		for _, r := range results {
			switch {
			case r.Severity != sev || r.Changed:
			case printed == maxLines:
				left++
			default:
				printed++
				fmt.Fprintln(b, "usergroup: "+Line(r))
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "usergroup: and %d more errors and warnings\n", left)
	}
	return b.Flush()
}
