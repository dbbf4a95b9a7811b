package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// Markdown renders a comment for a pull request: the summary, a table by reason,
// and the findings by file and object. Whatever a manifest, a policy or an image
// has written is in code spans, in which nothing is a link, an image, a mention or
// HTML. What would make the comment longer than GitHub takes is counted.
type Markdown struct{}

const (
	// maxMarkdown is a little less than the 65,536 characters that GitHub takes.
	maxMarkdown = 64_000
	maxText     = 1_000 // characters of one message or name
)

// Write renders the run.
func (Markdown) Write(w io.Writer, run Run) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**usergroup**: %s\n", run.Summary)
	if reasons := tallies(run.open(), func(r Result) policy.Reason { return r.Reason }); len(reasons) > 0 {
		b.WriteString("\n| rule | findings | objects |\n| --- | --- | --- |\n")
		for _, t := range reasons {
			fmt.Fprintf(&b, "| %s | %s | %d |\n", reasonLink(t.key), t.counts, len(t.in))
		}
	}
	left := writeFindings(&b, run.open())
	if left > 0 {
		fmt.Fprintf(&b, "\nand %s more, which did not fit.\n", Count(left, "result"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFindings writes the results by object as far as there is room, and returns
// how many are left.
func writeFindings(b *strings.Builder, results []Result) int {
	var last objectKey
	for i, r := range results {
		entry := ""
		if k := keyOf(r); i == 0 || k != last {
			last = k
			entry = "\n" + objectHeading(r) + "\n\n"
		}
		entry += markdownEntry(r)
		if b.Len()+len(entry) > maxMarkdown {
			return len(results) - i
		}
		b.WriteString(entry)
	}
	return 0
}

func objectHeading(r Result) string {
	var parts []string
	if r.File.Path != "" {
		parts = append(parts, "**"+code(r.File.Path)+"**")
	}
	if ref := r.Resource.String(); ref != "" {
		parts = append(parts, code(ref))
	}
	if len(parts) == 0 {
		return "**policy**"
	}
	return strings.Join(parts, " ")
}

func markdownEntry(r Result) string {
	word := string(r.Severity)
	if r.Changed {
		word = "changed"
	}
	s := "- **" + word + "** "
	if r.File.Line > 0 {
		s += fmt.Sprintf("line %d: ", r.File.Line)
	}
	s += code(r.Message)
	if r.Reason != "" && !r.Changed {
		s += " " + reasonLink(r.Reason)
	}
	if r.Policy != "" && !r.Changed {
		s += " by policy " + code(r.Policy)
	}
	return s + "\n"
}

func reasonLink(reason policy.Reason) string {
	if reason == "" {
		return "-"
	}
	return "[" + string(reason) + "](" + reason.URL() + ")"
}

// code is text as a code span, delimited by more backticks than it has in a row.
func code(s string) string {
	s = shorten(Clean(s), maxText)
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	if strings.Trim(s, " ") == "" {
		return ""
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " " // one space on each side is not shown
	}
	return fence + s + fence
}
