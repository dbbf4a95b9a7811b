package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text that a manifest, a policy or an image may have written safe to
// show: it stays on one line, holds no escape sequence and no invalid UTF-8, and
// does not change the order in which what is around it is displayed.
func Clean(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return strings.Map(printable, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
		}
	}
	return s
}

// printable replaces characters that control a terminal or the direction of text,
// so that a hostile name can neither forge a line nor talk to a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' {
		return unicode.ReplacementChar
	}
	return r
}

// shorten cuts text to at most n characters.
func shorten(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
