package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// runningTitles are the columns of the table.
var runningTitles = []string{"RUNS AS", "OBJECT", "CONTAINER", "USER", "GROUP", "NON-ROOT", "GROUPS", "FSGROUP", "FILE"}

// Columns of the table. Narrow terminals go without the file and the values that no
// container has.
const (
	objectColumn     = 1
	containerColumn  = 2
	firstValueColumn = 3
	fileColumn       = 8
)

// columnGap is the number of blanks between columns.
const columnGap = 2

// writeRunningTable writes a line a container. Where a terminal is too narrow for
// that, names and values are on lines of their own: nothing is cut off.
func writeRunningTable(w io.Writer, rows []Running, style Text) error {
	table := [][]string{runningTitles}
	for _, r := range rows {
		table = append(table, r.cells())
	}
	widths := make([]int, len(runningTitles))
	empty := make([]bool, len(runningTitles))
	for i := range widths {
		empty[i] = true
		for j, row := range table {
			widths[i] = max(widths[i], cells(row[i]))
			empty[i] = empty[i] && (j == 0 || row[i] == nobodySays || row[i] == "")
		}
	}
	var b strings.Builder
	if shown, fits := columnsThatFit(widths, empty, style.Width); fits {
		writeColumns(&b, table, rows, widths, shown, style)
	} else {
		writeRunningList(&b, rows, style)
	}
	b.WriteString("\n" + Wrap(runningSummary(rows), style.Width, 2) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// columnsThatFit are the columns for a width, 0 for any, and whether they fit it.
func columnsThatFit(widths []int, empty []bool, limit int) (shown []int, fits bool) {
	most := make([]int, 0, len(widths))
	for i := range widths {
		if i != fileColumn || !empty[i] {
			most = append(most, i)
		}
	}
	fitting := func(columns []int) bool {
		used := -columnGap
		for _, i := range columns {
			used += widths[i] + columnGap
		}
		return limit <= 0 || used <= limit
	}
	withoutFile := slices.DeleteFunc(slices.Clone(most), func(i int) bool { return i == fileColumn })
	least := slices.DeleteFunc(slices.Clone(withoutFile), func(i int) bool { return i >= firstValueColumn && empty[i] })
	for _, shown := range [][]int{most, withoutFile, least} {
		if fitting(shown) {
			return shown, true
		}
	}
	return nil, false
}

func writeColumns(b *strings.Builder, table [][]string, rows []Running, widths, shown []int, style Text) {
	for i, row := range table {
		var line strings.Builder
		for _, j := range shown {
			line.WriteString(row[j])
			line.WriteString(strings.Repeat(" ", widths[j]-cells(row[j])+columnGap))
		}
		text := strings.TrimRight(line.String(), " ")
		s := styleStrong
		if i > 0 {
			s = riskStyle(rows[i-1].RunsAs())
		}
		b.WriteString(style.paint(s, text) + "\n")
	}
}

// writeRunningList writes what a container runs as, its object and its name, and
// below them the values that are set, by who says so.
func writeRunningList(b *strings.Builder, rows []Running, style Text) {
	indent := 0
	for _, risk := range risks {
		indent = max(indent, len(risk)+columnGap)
	}
	for _, r := range rows {
		row := r.cells()
		title := row[objectColumn]
		if row[containerColumn] != "" {
			title += ": " + row[containerColumn]
		}
		title = fmt.Sprintf("%-*s%s", indent, r.RunsAs(), title)
		b.WriteString(style.paint(riskStyle(r.RunsAs()), Wrap(title, style.Width, indent)) + "\n")
		for _, said := range r.said() {
			pad := strings.Repeat(" ", indent)
			said = Wrap(said, style.Width-indent, columnGap)
			b.WriteString(pad + strings.ReplaceAll(said, "\n", "\n"+pad) + "\n")
		}
	}
}

// said are the values that are set, a line for each who says so: "pod: user 1000,
// fsGroup 2000".
func (r Running) said() []string {
	values := []struct {
		word string
		Effective
	}{{"user", r.User}, {"group", r.Group}, {"non-root", r.NonRoot}, {"groups", r.Groups}, {"fsGroup", r.FSGroup}}
	var origins []podspec.Origin
	by := map[podspec.Origin][]string{}
	for _, v := range values {
		if v.Origin == podspec.FromNowhere {
			continue
		}
		if by[v.Origin] == nil {
			origins = append(origins, v.Origin)
		}
		by[v.Origin] = append(by[v.Origin], v.word+" "+Clean(v.text()))
	}
	var lines []string
	for _, o := range origins {
		lines = append(lines, string(o)+": "+strings.Join(by[o], ", "))
	}
	return lines
}

func riskStyle(r RunsAs) style {
	switch r {
	case RunsAsRoot, RunsAsInvalid:
		return styleOld
	case RunsAsAnyone:
		return "33"
	}
	return styleNew
}

// cells are the columns of the table.
func (r Running) cells() []string {
	name := r.Resource.Kind + "/" + r.Resource.Name
	if r.Resource.Namespace != "" {
		name = r.Resource.Kind + "/" + r.Resource.Namespace + "/" + r.Resource.Name
	}
	container := cmp.Or(r.Container.Name, r.Container.Path.Shown().String()) // an operator names its own
	if r.Container.Kind != podspec.RegularContainer {
		container += " (" + strings.TrimSuffix(r.Container.Kind.String(), " container") + ")"
	}
	return []string{
		string(r.RunsAs()), Clean(name), Clean(container),
		r.User.cell(), r.Group.cell(), r.NonRoot.cell(), r.Groups.cell(), r.FSGroup.cell(),
		position(File{Path: r.Container.File.Path, Line: r.Container.File.Line}),
	}
}

// nobodySays is the cell of a value that is not set.
const nobodySays = "-"

// cell is the value with its origin: "1000 (pod)".
func (e Effective) cell() string {
	if e.Origin == podspec.FromNowhere {
		return nobodySays
	}
	return Clean(e.text()) + " (" + string(e.Origin) + ")"
}

// text is the value, or what is written where that is not valid.
func (e Effective) text() string {
	if e.Value == nil {
		return e.Text
	}
	return Value(e.Value)
}

// runningSummary says how many containers run as what.
func runningSummary(rows []Running) string {
	in := map[*Workload]bool{}
	of := map[RunsAs]int{}
	for _, r := range rows {
		in[r.Workload] = true
		of[r.RunsAs()]++
	}
	s := Count(len(rows), "container") + " in " + Count(len(in), "workload")
	sep := ": "
	for _, risk := range risks {
		if of[risk] > 0 {
			s += fmt.Sprintf("%s%d %s", sep, of[risk], riskWords[risk])
			sep = ", "
		}
	}
	return s
}

var riskWords = map[RunsAs]string{
	RunsAsRoot:    "as root",
	RunsAsInvalid: "with an invalid value",
	RunsAsAnyone:  "as the user of the image",
	RunsAsNonRoot: "as any user but root",
	RunsAsUser:    "as a user that is not root",
}
