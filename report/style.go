package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// style is how a part of a text is displayed where colours are wanted.
type style string

const (
	styleError   style = "1;31"
	styleWarning style = "1;33"
	styleInfo    style = "1;36"
	styleChanged style = "1;32"
	styleStrong  style = "1"
	styleFaint   style = "2"
	styleOld     style = "31"
	styleNew     style = "32"
)

// paint returns text in a style, for a terminal that is wanted in colour.
func (t Text) paint(s style, text string) string {
	if !t.Color || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// cells is the number of columns that a terminal displays a text in.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Wrap breaks text into lines of at most the given width, 0 for none, at blanks. A
// word that is longer keeps a line for itself. Lines but the first are indented.
func Wrap(s string, limit, indent int) string {
	if limit <= 0 {
		return s
	}
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(s, " ") {
		n := cells(word)
		switch {
		case i == 0:
		case column+1+n > limit:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// window is the part of a line that fits a width.
type window struct{ from, limit int }

// windowOn is the window of the given width, 0 for any, in which as much as possible
// of a line's marked characters are seen.
func windowOn(line []rune, from, to, limit int) window {
	if limit <= 0 || cells(string(line)) <= limit {
		return window{0, limit}
	}
	const before = 12 // characters that are seen before the mark
	start := 0
	if cells(string(line[:min(to, len(line))])) > limit {
		start = max(0, min(from, len(line))-before)
	}
	return window{start, limit}
}

// cut returns the part of a line that is in the window, with an ellipsis where
// something is left out.
func (w window) cut(s string) string {
	line := []rune(s)
	if w.limit <= 0 {
		return s
	}
	left := w.from > 0 && w.from < len(line)
	line = line[min(w.from, len(line)):]
	if left {
		line = append([]rune("…"), line[1:]...)
	}
	n, used := 0, 0
	for n < len(line) && used+cell(line[n]) <= w.limit {
		used += cell(line[n])
		n++
	}
	if n < len(line) && n > 0 {
		return string(line[:n-1]) + "…"
	}
	return string(line[:n])
}
