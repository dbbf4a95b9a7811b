package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// maxSummaryObjects is how many objects the summary names, those with the most
// errors.
const maxSummaryObjects = 10

// WriteSummary renders the summary of a run: the findings by reason and by object,
// where there are several, and what was done in one line.
func (t Text) WriteSummary(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	if findings(run.open()) > 1 {
		t.table(b, byReason(run.open()))
		t.table(b, byObject(run.open()))
	}
	s := styleChanged
	switch {
	case run.Summary.Errors > 0:
		s = styleError
	case run.Summary.Warnings > 0:
		s = styleWarning
	}
	fmt.Fprintln(b, t.paint(s, run.Summary.String()))
	return b.Flush()
}

// row is a line of the summary: a name and what is said of it.
type row struct{ name, says string }

func byReason(results []Result) []row {
	var rows []row
	for _, t := range tallies(results, func(r Result) policy.Reason { return r.Reason }) {
		rows = append(rows, row{string(t.key), t.counts.String() + " in " + Count(len(t.in), "object")})
	}
	return rows
}

func byObject(results []Result) []row {
	all := tallies(results, keyOf)
	slices.SortStableFunc(all, func(a, b *tally[objectKey]) int {
		if d := b.counts.errors - a.counts.errors; d != 0 {
			return d
		}
		return b.counts.warnings - a.counts.warnings
	})
	var rows []row
	for i, t := range all {
		if i == maxSummaryObjects {
			return append(rows, row{"and " + Count(len(all)-i, "object") + " more", ""})
		}
		name := strings.TrimSpace(Clean(t.first.File.Path + " " + t.first.Resource.String()))
		if name == "" {
			name = "policy"
		}
		rows = append(rows, row{name, t.counts.String()})
	}
	return rows
}

// table prints rows in two columns. Where they do not fit the width, the second
// goes on a line of its own.
func (t Text) table(w io.Writer, rows []row) {
	widest := 0
	for _, r := range rows {
		widest = max(widest, cells(r.name))
	}
	for _, r := range rows {
		if r.says == "" {
			fmt.Fprintln(w, r.name)
			continue
		}
		gap := strings.Repeat(" ", widest-cells(r.name)+2)
		if t.Width > 0 && widest+2+cells(r.says) > t.Width {
			gap = "  "
			if cells(r.name)+2+cells(r.says) > t.Width {
				gap = "\n    "
			}
		}
		fmt.Fprintf(w, "%s%s%s\n", t.paint(styleStrong, r.name), gap, r.says)
	}
	fmt.Fprintln(w)
}
