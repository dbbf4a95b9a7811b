package report

import (
	"bufio"
	"cmp"
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
	for _, t := range worstFirst(tallies(results, func(r Result) policy.Reason { return r.Reason })) {
		rows = append(rows, row{string(t.key), t.counts.String() + " in " + Count(len(t.in), "object")})
	}
	return rows
}

// worstFirst sorts tallies by their errors, then by their warnings.
func worstFirst[K comparable](tallies []*tally[K]) []*tally[K] {
	slices.SortStableFunc(tallies, func(a, b *tally[K]) int {
		return cmp.Or(b.counts.errors-a.counts.errors, b.counts.warnings-a.counts.warnings)
	})
	return tallies
}

func byObject(results []Result) []row {
	all := worstFirst(tallies(results, keyOf))
	var rows []row
	for i, t := range all {
		if i == maxSummaryObjects {
			return append(rows, row{"and " + Count(len(all)-i, "more object"), ""})
		}
		name := strings.TrimSpace(Clean(t.first.File.Path + " " + t.first.Resource.String()))
		if name == "" {
			name = "policy"
		}
		rows = append(rows, row{name, t.counts.String()})
	}
	return rows
}

// table prints rows in two columns: the names first, or, where those do not fit the
// width, last, so that they can be broken.
func (t Text) table(w io.Writer, rows []row) {
	names, says := 0, 0
	for _, r := range rows {
		if r.says != "" {
			names, says = max(names, cells(r.name)), max(says, cells(r.says))
		}
	}
	fits := t.Width <= 0 || names+columnGap+says <= t.Width
	for _, r := range rows {
		switch {
		case r.says == "":
			fmt.Fprintln(w, r.name)
		case fits:
			gap := strings.Repeat(" ", names-cells(r.name)+columnGap)
			fmt.Fprintf(w, "%s%s%s\n", t.paint(styleStrong, r.name), gap, r.says)
		default:
			gap := strings.Repeat(" ", says+columnGap)
			name := strings.ReplaceAll(Wrap(r.name, t.Width-len(gap), 0), "\n", "\n"+gap)
			fmt.Fprintf(w, "%*s  %s\n", says, r.says, t.paint(styleStrong, name))
		}
	}
	fmt.Fprintln(w)
}
