package engine

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
	"github.com/usergroup-dev/usergroup/transformer"
)

const (
	neighbours  = 2   // lines shown above and below a value
	maxLine     = 400 // characters of a longer line are shown in part
	beforeValue = 100 // and so many of them before the value
	// maxFixBytes bounds what is rendered for the fixes of one item: each takes as
	// long as the item is large, and an item may hold thousands of objects.
	maxFixBytes = 32 << 20
)

// details shows the source of results and what would mend them.
type details struct {
	*locator
	memory *transformer.Memory // of the item and what becomes of it
	root   *manifest.Node      // of the item before any change
	wanted bool
	used   int // bytes rendered so far, of maxFixBytes
}

// of returns what a report shows of a finding on an object; nil where that is not
// wanted, or its place in the file is not known.
func (d *details) of(o *judged, f policy.Finding, at report.File) *report.Detail {
	if !d.wanted {
		return nil
	}
	if d.item.Name() == "" {
		if at.Line == 0 {
			return nil
		}
		// What was rendered cannot be mended there by itself.
		place, where := d.original(o, f.Path)
		return &report.Detail{Source: where.snippet(place)}
	}
	changes := f.Fix
	if changes == nil {
		changes = f.Withheld
	}
	return &report.Detail{Source: d.snippet(at), Fix: d.fix(o, changes)}
}

// snippet returns the line of a place and its neighbours.
func (l *locator) snippet(at report.File) report.Snippet {
	line := at.Line - l.item.Line()
	first, last := max(line-neighbours, 0), min(line+neighbours, len(l.lines))
	if last > line && l.lineStart(last) == len(l.text) {
		last-- // what is behind the last line break
	}
	s := report.Snippet{First: first + l.item.Line(), Marked: line - first, From: at.Column - 1, To: at.EndColumn - 1}
	cut := 0
	length := l.lineEnd(line) - l.lineStart(line)
	if line == 0 {
		length += l.item.Column()
	}
	if length > maxLine {
		cut = max(s.From-beforeValue, 0)
	}
	s.From, s.To = s.From-cut, min(s.To-cut, maxLine)
	for i := first; i <= last; i++ {
		s.Lines = append(s.Lines, l.part(i, cut))
	}
	return s
}

// part returns a line of the file, at most maxLine characters behind the first cut
// ones. What is before the item on its first line are blanks.
func (l *locator) part(line, cut int) string {
	start, blanks := l.lineStart(line), 0
	if line == 0 {
		blanks = min(max(l.item.Column()-cut, 0), maxLine)
	}
	if blanks == 0 && cut > 0 {
		start = l.offset(line, cut+1)
	}
	text := l.text[start:l.lineEnd(line)]
	end := 0
	for range maxLine - blanks {
		_, size := utf8.DecodeRune(text[end:])
		end += size // 0 at the end
	}
	return strings.Repeat(" ", blanks) + string(text[:end])
}

// fix returns the lines that the changes replace; nil where they cannot be made.
func (d *details) fix(o *judged, changes []policy.Change) []report.Hunk {
	if len(changes) == 0 || d.used > maxFixBytes {
		return nil
	}
	d.used += len(d.text)
	edits := make([]podspec.Edit, len(changes))
	for i, c := range changes {
		edits[i] = c.Edit
		edits[i].Path = o.Path.Join(c.Edit.Path)
	}
	res, err := transformer.Apply(d.memory, d.text, d.item.Column(), d.root, edits)
	if err != nil || d.item.Accepts(res.Bytes) != nil {
		return nil
	}
	return d.hunks(res.Bytes)
}

// hunks returns the lines in which the item's text differs from another one.
func (d *details) hunks(now []byte) []report.Hunk {
	start := commonLines(d.text, now)
	end := commonEnd(d.text[start:], now[start:])
	_, text, _ := bytes.Cut(diff.Diff("a", d.text[start:len(d.text)-end], "b", now[start:len(now)-end]), []byte("\n@@"))
	var hunks []report.Hunk
	line := d.item.Line() + bytes.Count(d.text[:start], []byte("\n"))
	for part := range bytes.SplitSeq(text, []byte("\n@@")) {
		hunks = d.parse(hunks, string(part), line)
	}
	return hunks
}

// parse adds what a hunk of a unified diff, without the @@ before it, replaces.
// line is that of the first line of the text that was compared.
func (d *details) parse(hunks []report.Hunk, text string, line int) []report.Hunk {
	header, body, _ := strings.Cut(text, "\n")
	number, _, _ := strings.Cut(strings.TrimPrefix(header, " -"), ",")
	n, err := strconv.Atoi(number)
	if err != nil {
		return hunks
	}
	at := line + max(n, 1) - 1
	open := false      // whether the last line belongs to the last hunk
	var last *[]string // that it was added to
	for l := range strings.Lines(body + "\n") {
		kind, l := l[0], l[1:]
		switch kind {
		case '\\': // no line break at the end of the file
			if last != nil {
				(*last)[len(*last)-1] = strings.TrimSuffix((*last)[len(*last)-1], "\n")
			}
			continue
		case '-', '+':
		default:
			open, last = false, nil
			at++
			continue
		}
		if !open {
			hunks = append(hunks, report.Hunk{Line: at, Column: d.firstColumn(at), Before: d.lineText(at - 1)})
			open = true
		}
		h := &hunks[len(hunks)-1]
		if last = &h.New; kind == '-' {
			last = &h.Old
			at++
		}
		*last = append(*last, l)
	}
	return hunks
}

// lineText returns a line of the file as far as it is the item's, "" for one that is
// not.
func (d *details) lineText(number int) string {
	i := number - d.item.Line()
	if i < 0 || d.lineEnd(i)-d.lineStart(i) > maxLine {
		return ""
	}
	return string(d.text[d.lineStart(i):d.lineEnd(i)])
}

// firstColumn returns where the item's text begins on a line.
func (d *details) firstColumn(line int) int {
	if line == d.item.Line() {
		return 1 + d.item.Column()
	}
	return 1
}

// commonLines returns the length of the lines that two texts begin with alike.
func commonLines(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return bytes.LastIndexByte(a[:n], '\n') + 1
}

// commonEnd returns the length of the lines that two texts end with alike.
func commonEnd(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	rest := a[len(a)-n:]
	line := bytes.IndexByte(rest, '\n')
	if line < 0 {
		return 0
	}
	return len(rest) - line - 1
}
