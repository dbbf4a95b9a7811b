package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Markdown renders a table with a row for each result, under the summary.
type Markdown struct{}

// Write renders the run.
func (Markdown) Write(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "**usergroup**: %s\n", run.Summary)
	if len(run.Results) > 0 {
		fmt.Fprint(b, "\n| | object | field | message | reason |\n| --- | --- | --- | --- | --- |\n")
	}
	for _, r := range run.Results {
		word := string(r.Severity)
		if r.Changed {
			word = "changed"
		}
		object := r.Resource.String()
		if r.File.Path != "" {
			object += fmt.Sprintf(" (%s:%d)", r.File.Path, r.File.Line)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n",
			word, cell(object), code(r.Path.String()), cell(r.Message), cell(string(r.Reason)))
	}
	return b.Flush()
}

// cell escapes what would end a cell or a row, or start markup or HTML.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`").Replace(s)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.NewReplacer("|", `\|`, "`", "'", "\n", " ").Replace(s) + "`"
}
