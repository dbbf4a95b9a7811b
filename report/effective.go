package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Running is one container with the pod it is in: a row of the list that says who
// runs as what.
type Running struct {
	*Workload
	*Container
}

// RunningOf lists the containers of workloads, in their order.
func RunningOf(workloads []Workload) []Running {
	var rows []Running
	for i := range workloads {
		w := &workloads[i]
		for j := range w.Containers {
			rows = append(rows, Running{w, &w.Containers[j]})
		}
	}
	return rows
}

// MayBeRoot reports whether nothing keeps the container from running as root: it
// does, or what is written is not valid, or nobody says.
func (r Running) MayBeRoot() bool {
	switch r.RunsAs() {
	case RunsAsRoot, RunsAsInvalid, RunsAsAnyone:
		return true
	}
	return false
}

// risks are what containers run as, the worst first.
var risks = []RunsAs{RunsAsRoot, RunsAsInvalid, RunsAsAnyone, RunsAsNonRoot, RunsAsUser}

// Orders are the names of the orders that a list may have: the worst first, by
// object, or as the manifests are.
func Orders() []string { return []string{"risk", "object", "file"} }

// Sort sorts rows in one of Orders; rows that are equal in it keep their order.
func Sort(rows []Running, order string) {
	byObject := func(a, b Running) int {
		return cmp.Or(
			strings.Compare(a.Resource.Namespace, b.Resource.Namespace),
			strings.Compare(a.Resource.Kind, b.Resource.Kind),
			strings.Compare(a.Resource.Name, b.Resource.Name),
		)
	}
	switch order {
	case "risk":
		slices.SortStableFunc(rows, func(a, b Running) int {
			return cmp.Or(slices.Index(risks, a.RunsAs())-slices.Index(risks, b.RunsAs()), byObject(a, b))
		})
	case "object":
		slices.SortStableFunc(rows, byObject)
	}
}

// RunningFormat is a row of the table of formats for such a list.
type RunningFormat struct {
	Name, Doc string
	Write     func(w io.Writer, rows []Running, style Text) error
}

// RunningFormats returns the formats for such a list, the default first.
func RunningFormats() []RunningFormat {
	return []RunningFormat{
		{"table", "one row per container, for people", writeRunningTable},
		{"json", "an array of objects", writeRunningJSON},
		{"csv", "comma-separated values with a header", writeRunningCSV},
	}
}

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

// jsonRunning is a row as JSON has it; docs/commands/effective.md describes it.
type jsonRunning struct {
	RunsAs     RunsAs        `json:"runsAs"`
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Namespace  string        `json:"namespace,omitempty"`
	Name       string        `json:"name"`
	Container  string        `json:"container"`
	List       string        `json:"list"` // containers, initContainers or ephemeralContainers
	Image      string        `json:"image,omitempty"`
	Windows    bool          `json:"windows,omitempty"`
	User       jsonEffective `json:"user"`
	Group      jsonEffective `json:"group"`
	NonRoot    jsonEffective `json:"nonRoot"`
	Groups     jsonEffective `json:"supplementalGroups"`
	FSGroup    jsonEffective `json:"fsGroup"`
	Path       string        `json:"path"`
	File       string        `json:"file,omitempty"`
	Line       int           `json:"line,omitempty"`
}

// jsonEffective is a value with its origin; both are absent where nobody says.
type jsonEffective struct {
	Value  any    `json:"value,omitempty"`
	Text   string `json:"text,omitempty"` // what is written, where it is not a valid value
	Origin string `json:"origin,omitempty"`
	Path   string `json:"path,omitempty"`
}

func (e Effective) json() jsonEffective {
	j := jsonEffective{Value: e.Value, Origin: string(e.Origin), Path: e.Path.Shown().String()}
	if e.Invalid() {
		j.Text = e.Text
	}
	return j
}

func writeRunningJSON(w io.Writer, rows []Running, _ Text) error {
	out := make([]jsonRunning, len(rows))
	for i, r := range rows {
		out[i] = jsonRunning{
			RunsAs: r.RunsAs(), APIVersion: r.Resource.APIVersion, Kind: r.Resource.Kind,
			Namespace: r.Resource.Namespace, Name: r.Resource.Name,
			Container: r.Container.Name, List: r.Container.Kind.Field(), Image: r.Image, Windows: r.Windows,
			User: r.User.json(), Group: r.Group.json(), NonRoot: r.NonRoot.json(),
			Groups: r.Groups.json(), FSGroup: r.FSGroup.json(),
			Path: r.Container.Path.Shown().String(), File: r.Container.File.Path, Line: r.Container.File.Line,
		}
	}
	return writeJSON(w, out)
}

// csvTitles are the columns of the values; every value is followed by its origin.
var csvTitles = []string{
	"runs_as", "api_version", "kind", "namespace", "name", "container", "list", "image",
	"user", "user_origin", "group", "group_origin", "non_root", "non_root_origin",
	"supplemental_groups", "supplemental_groups_origin", "fs_group", "fs_group_origin", "file", "line",
}

func writeRunningCSV(w io.Writer, rows []Running, _ Text) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvTitles); err != nil {
		return err
	}
	for _, r := range rows {
		row := []string{
			string(r.RunsAs()), r.Resource.APIVersion, r.Resource.Kind, r.Resource.Namespace, r.Resource.Name,
			r.Container.Name, r.Container.Kind.Field(), r.Image,
		}
		for _, e := range []Effective{r.User, r.Group, r.NonRoot, r.Groups, r.FSGroup} {
			text := ""
			if e.Origin != podspec.FromNowhere {
				text = e.text()
			}
			row = append(row, text, string(e.Origin))
		}
		row = append(row, r.Container.File.Path, strconv.Itoa(r.Container.File.Line))
		for i := range row {
			row[i] = inert(Clean(row[i]))
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// inert keeps a spreadsheet from taking a name for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
