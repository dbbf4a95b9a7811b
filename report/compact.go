package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// Compact renders one line a finding, in the form compilers use, so that editors
// and terminals find the position:
//
//	deploy.yaml:12:9: error: apps/v1/Deployment/web spec…runAsUser: message [UserIDOutsideRanges]
//
// one line for all changes of an object:
//
//	deploy.yaml:9:7: changed: apps/v1/Deployment/web: runAsUser 1000, runAsGroup 1000 on pod, "app"
//
// and the summary at the end.
type Compact struct{}

// Write renders the run.
func (Compact) Write(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	results := run.open()
	for i := 0; i < len(results); {
		r := results[i]
		if !r.Changed {
			fmt.Fprintln(b, Line(r))
			i++
			continue
		}
		n := 1
		for i+n < len(results) && sameObject(r, results[i+n]) {
			n++
		}
		fmt.Fprintln(b, changedLine(results[i:i+n]))
		i += n
	}
	fmt.Fprintln(b, run.Summary)
	return b.Flush()
}

// sameObject reports whether two changes are of one object.
func sameObject(a, b Result) bool {
	return b.Changed && a.Resource == b.Resource && a.File.Path == b.File.Path && a.File.Index == b.File.Index
}

// changedLine renders all changes of one object as one line.
func changedLine(changes []Result) string {
	first := changes[0]
	first.File = firstLine(changes)
	first.Path, first.Reason = nil, ""
	first.Message = changed(changes)
	return Line(first)
}

// firstLine is the uppermost position of the changes of one object.
func firstLine(changes []Result) File {
	first := changes[0].File
	for _, c := range changes {
		if c.File.Line < first.Line {
			first = c.File
		}
	}
	return first
}

// changed says what was changed in one object. What was changed alike in several
// containers is said once.
func changed(changes []Result) string {
	var owners []string // the pod and its containers, as they come
	values := map[string][]string{}
	for _, c := range changes {
		at := "pod"
		if len(c.Containers) > 0 {
			at = strconv.Quote(c.Containers[0])
		}
		if values[at] == nil {
			owners = append(owners, at)
		}
		value := c.Path.Last() + " " + Value(c.Proposed)
		if c.Proposed == nil {
			value = c.Path.Last() + " removed"
		}
		values[at] = append(values[at], value)
	}
	var groups []string
	for len(owners) > 0 {
		what := strings.Join(values[owners[0]], ", ")
		var alike, rest []string
		for _, at := range owners {
			if strings.Join(values[at], ", ") == what {
				alike = append(alike, at)
			} else {
				rest = append(rest, at)
			}
		}
		groups = append(groups, what+" on "+strings.Join(alike, ", "))
		owners = rest
	}
	return strings.Join(groups, "; ")
}

// Line renders a result as one line without its line break.
func Line(r Result) string {
	line := ""
	if r.File.Path != "" {
		line = position(r.File) + ": "
	}
	word := string(r.Severity)
	if r.Changed {
		word = "changed"
	}
	line += word + ": "
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
	return Clean(line)
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
