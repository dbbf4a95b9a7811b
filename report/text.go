package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// Text renders findings for people, by file and object: what must be and what is,
// the line with its neighbours and a mark under the value, what mends it, the
// policy that says so and the address of the reason's page; then the summary. Of
// findings that differ in little but their objects, the first few are shown so, and of
// the others what must be, what is, and where.
//
// The zero Text is for a pipe or a file: lines are not broken, and there are no
// colours.
type Text struct {
	Width int  // columns of the terminal; 0 for lines of any length
	Color bool // escape sequences for colours are wanted
	Max   int  // findings that are shown, 0 for all; the summary counts all
	// Quiet shows the errors alone, a line each.
	Quiet bool
}

// maxFixLines is how many lines of a fix are shown.
const maxFixLines = 16

// Write renders the run.
func (t Text) Write(w io.Writer, run Run) error {
	b := bufio.NewWriter(w)
	if t.Quiet {
		t.writeErrors(b, run.open())
		return b.Flush()
	}
	shown, fixes := 0, false // fixes is whether some are left out
	results := run.open()
	brief := repeated(results)
	for i := 0; i < len(results) && (t.Max <= 0 || shown < t.Max); {
		r := results[i]
		if i == 0 || keyOf(r) != keyOf(results[i-1]) {
			fmt.Fprintln(b, t.heading(r))
			if !brief[i] {
				fmt.Fprintln(b)
			}
		}
		n := 1
		switch {
		case r.Changed:
			for i+n < len(results) && sameObject(r, results[i+n]) {
				n++
			}
			t.changes(b, results[i:i+n])
		case brief[i]:
			t.message(b, r)
			t.at(b, r, "    ")
			fixes = fixes || r.Detail != nil && len(r.Detail.Fix) > 0
			shown++
		default:
			t.finding(b, r)
			shown++
		}
		i += n
		if !brief[i-1] || i == len(results) || !brief[i] || keyOf(results[i]) != keyOf(r) {
			fmt.Fprintln(b)
		}
	}
	if fixes {
		fmt.Fprintf(b, "%s\n\n", t.paint(styleFaint, Wrap(fmt.Sprintf("in full only the first %d alike: usergroup diff shows all fixes", inFull), t.Width, 0)))
	}
	if left := findings(results) - shown; left > 0 {
		fmt.Fprintf(b, "%s\n\n", t.paint(styleStrong, fmt.Sprintf("and %s: --max 0 shows all", Count(left, "more finding"))))
	}
	if err := t.WriteSummary(b, run); err != nil {
		return err
	}
	return b.Flush()
}

func (t Text) writeErrors(w io.Writer, results []Result) {
	shown := 0
	for _, r := range results {
		if r.Severity == policy.Error && !r.Changed && (t.Max <= 0 || shown < t.Max) {
			fmt.Fprintln(w, Line(r))
			shown++
		}
	}
}

// inFull is how many findings of a sort are shown with their source and fix.
const inFull = 3

// sort is what findings have in common that are told and fixed alike.
type sort struct {
	severity     policy.Severity
	reason       policy.Reason
	policy, rule string
	file         string
	line         int
}

// repeated says of each result whether it is a finding of a sort that was shown in
// full often enough.
func repeated(results []Result) []bool {
	out := make([]bool, len(results))
	times := map[sort]int{}
	for i, r := range results {
		if !r.Changed {
			s := sort{r.Severity, r.Reason, r.Policy, r.Rule, r.PolicyFile, r.PolicyLine}
			times[s]++
			out[i] = times[s] > inFull
		}
	}
	return out
}

// findings counts the results that are not changes.
func findings(results []Result) int {
	n := 0
	for _, r := range results {
		if !r.Changed {
			n++
		}
	}
	return n
}

// heading names the file and the object of the results that follow, on two lines
// where they do not fit one.
func (t Text) heading(r Result) string {
	ref := Clean(r.Resource.String())
	switch {
	case r.File.Path == "" && ref == "":
		return t.paint(styleStrong, "policy")
	case r.File.Path == "":
		return t.paint(styleStrong, ref)
	case ref == "":
		return t.paint(styleStrong, Clean(r.File.Path))
	}
	sep := ": "
	if t.Width > 0 && cells(Clean(r.File.Path)+sep+ref) > t.Width {
		sep = ":\n  "
	}
	return t.paint(styleStrong, Clean(r.File.Path)) + sep + t.paint(styleStrong, ref)
}

var severityStyles = map[policy.Severity]style{
	policy.Error: styleError, policy.Warning: styleWarning, policy.Info: styleInfo,
}

// message shows what must be and what is.
func (t Text) message(w io.Writer, r Result) {
	word := string(r.Severity)
	text := Wrap(word+": "+Clean(r.Message)+t.reason(r), t.Width-2, 2)
	text = strings.ReplaceAll(text, "\n", "\n  ")
	fmt.Fprintf(w, "  %s%s\n", t.paint(severityStyles[r.Severity], word), t.paint(styleStrong, text[len(word):]))
}

// finding shows one finding in full.
func (t Text) finding(w io.Writer, r Result) {
	t.message(w, r)
	gutter := len(strconv.Itoa(r.File.Line + neighboursShown))
	pad := strings.Repeat(" ", gutter+2)
	t.at(w, r, pad)
	if r.Detail != nil && r.Reason != policy.Exempted {
		t.source(w, r.Detail.Source, gutter)
	}
	t.fix(w, r, gutter)
	if r.Policy != "" {
		fmt.Fprintf(w, "%s %s %s\n", pad, t.paint(styleFaint, "= policy:"), policyOf(r))
	}
	if r.Reason != "" {
		docs := r.Reason.URL()
		if t.Width > 0 && len(pad)+len(" = docs: ")+len(docs) > t.Width { // a terminal would break it
			docs = "usergroup explain " + string(r.Reason)
		}
		fmt.Fprintf(w, "%s %s %s\n", pad, t.paint(styleFaint, "= docs:"), docs)
	}
}

// at shows where the value is: in the file, and in the object. Where both do not fit
// a line, they are on two.
func (t Text) at(w io.Writer, r Result, pad string) {
	file, path := "", Clean(r.Path.String())
	if r.File.Line > 0 {
		file = position(r.File)
	}
	switch {
	case file == "" && path == "":
		return
	case file == "" || path == "":
	case t.Width > 0 && len(pad)+len("-->   ")+cells(file+path) > t.Width:
		path = "\n" + pad + "    " + path
	default:
		path = "  " + path
	}
	fmt.Fprintf(w, "%s%s %s%s\n", pad, t.paint(styleFaint, "-->"), file, t.paint(styleFaint, path))
}

// neighboursShown is the number of lines below a finding whose numbers must fit.
const neighboursShown = 2

func (t Text) reason(r Result) string {
	if r.Reason == "" {
		return ""
	}
	return " [" + string(r.Reason) + "]"
}

// position is file:line:column, as terminals and editors open it.
func position(f File) string {
	s := Clean(f.Path)
	if f.Line > 0 {
		s += ":" + strconv.Itoa(f.Line)
	}
	if f.Column > 0 {
		s += ":" + strconv.Itoa(f.Column)
	}
	return s
}

// policyOf is the policy and the rule that speak, and where they are written.
func policyOf(r Result) string {
	s := Clean(r.Policy)
	if r.Rule != "" {
		s += ", " + Clean(r.Rule)
	}
	if r.PolicyFile != "" {
		s += " (" + position(File{Path: r.PolicyFile, Line: r.PolicyLine}) + ")"
	}
	return s
}

// source shows the marked line and its neighbours.
func (t Text) source(w io.Writer, s Snippet, gutter int) {
	if s.Marked >= len(s.Lines) {
		return
	}
	lines := make([]string, len(s.Lines))
	for i, l := range s.Lines {
		lines[i] = Clean(strings.ReplaceAll(l, "\t", " "))
	}
	view := windowOn([]rune(lines[s.Marked]), s.From, s.To, t.room(gutter))
	for i, l := range lines {
		number := fmt.Sprintf("%*d", gutter, s.First+i)
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %s %s", t.paint(styleFaint, number+" |"), view.cut(l)), " "))
		if i == s.Marked {
			fmt.Fprintf(w, "  %s %s\n", t.paint(styleFaint, strings.Repeat(" ", gutter)+" |"), t.mark(view, []rune(l), s.From, s.To))
		}
	}
}

// room is the width that is left for source beside the numbers of its lines.
func (t Text) room(gutter int) int {
	if t.Width <= 0 {
		return 0
	}
	return max(t.Width-gutter-5, 20)
}

// mark is the line under a source line that marks its characters from..to.
func (t Text) mark(view window, line []rune, from, to int) string {
	from, to = min(max(from, view.from), len(line)), min(to, len(line))
	before := cells(string(line[view.from:from]))
	n := max(cells(string(line[from:max(to, from)])), 1)
	if view.limit > 0 {
		n = max(min(n, view.limit-before), 1)
	}
	return strings.Repeat(" ", before) + t.paint(styleError, strings.Repeat("^", n))
}

// fix shows the lines that mend a finding, or says what would.
func (t Text) fix(w io.Writer, r Result, gutter int) {
	pad := strings.Repeat(" ", gutter+3)
	switch {
	case r.Detail != nil && len(r.Detail.Fix) > 0:
		fmt.Fprintf(w, "%s%s\n", pad, t.paint(styleFaint, "= fix:"))
		t.hunks(w, r.Detail.Fix, gutter)
	case r.Proposed != nil && r.Path.Last() != "" && !r.Changed:
		fmt.Fprintf(w, "%s%s set %s to %s\n", pad, t.paint(styleFaint, "= fix:"), Clean(r.Path.Last()), Clean(Value(r.Proposed)))
	}
}

func (t Text) hunks(w io.Writer, hunks []Hunk, gutter int) {
	left := maxFixLines
	show := func(number int, s style, sign, text string) {
		if left--; left < 0 {
			return
		}
		n := strings.Repeat(" ", gutter)
		if number > 0 {
			n = fmt.Sprintf("%*d", gutter, number)
		}
		fmt.Fprintf(w, "  %s\n", t.paint(s, strings.TrimRight(n+" "+sign+" "+text, " ")))
	}
	for _, h := range hunks {
		view := window{0, t.room(gutter)}
		switch {
		case len(h.Old) > 0 && len(h.New) > 0:
			old, now := []rune(line(h.Old[0])), []rune(line(h.New[0]))
			view = windowOn(old, differs(old, now), len(old), t.room(gutter))
		case len(h.Old) == 0 && h.Before != "":
			show(h.Line-1, styleFaint, " ", view.cut(line(h.Before)))
		}
		for i, l := range h.Old {
			show(h.Line+i, styleOld, "-", view.cut(line(l)))
		}
		for _, l := range h.New {
			show(0, styleNew, "+", view.cut(line(l)))
		}
	}
	if left < 0 {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", gutter+3), t.paint(styleFaint, "and "+Count(-left, "more line")))
	}
}

// line is a line of a file as it is shown.
func line(s string) string {
	return Clean(strings.ReplaceAll(strings.TrimRight(s, "\r\n"), "\t", " "))
}

// differs returns where two lines begin to differ.
func differs(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// changes shows what was changed in one object.
func (t Text) changes(w io.Writer, rs []Result) {
	const word = "changed"
	text := Wrap(word+": "+Clean(changed(rs)), t.Width-2, 2)
	text = strings.ReplaceAll(text, "\n", "\n  ")
	fmt.Fprintf(w, "  %s%s\n", t.paint(styleChanged, word), text[len(word):])
	if first := firstLine(rs); first.Line > 0 {
		fmt.Fprintf(w, "    %s %s\n", t.paint(styleFaint, "-->"), position(first))
	}
}
