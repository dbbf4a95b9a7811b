package yamlvalue

import (
	"slices"
	"strings"
	"unicode"
)

// AppendString appends a string as a YAML scalar of a block collection: plain
// where every reader takes that for the same string, else in quotes.
func AppendString(b []byte, s string) []byte {
	switch {
	case isPlain(s, inBlock):
		return append(b, s...)
	case isPrintable(s):
		b = append(b, '\'')
		b = append(b, s...)
		return append(b, '\'')
	}
	return appendQuoted(b, s)
}

// String is AppendString for any place, also in braces and brackets, and with
// double quotes alone.
func String(s string) string {
	if isPlain(s, anywhere) {
		return s
	}
	return Quoted(s)
}

// Requoted is String for a string that replaces one of the given style, whose quotes
// it keeps where it can be written in them.
func Requoted(s string, old Style) string {
	switch {
	case old == SingleQuoted && !strings.ContainsFunc(s, needsEscape):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	case old == SingleQuoted || old == DoubleQuoted:
		return Quoted(s)
	}
	return String(s)
}

// needsEscape reports whether a character can only be written with an escape.
func needsEscape(r rune) bool { return !unicode.IsGraphic(r) }

// Quoted writes a string in double quotes, which YAML and JSON read alike.
func Quoted(s string) string { return string(appendQuoted(nil, s)) }

// The punctuation that means nothing inside a plain scalar.
const (
	anywhere = "-_./"
	inBlock  = anywhere + "[]()"
)

// keywords are the words that some YAML parser does not take for a string.
var keywords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}

// longestKeyword is the length of the longest of them.
const longestKeyword = 5

// isPlain reports whether s is a string to every YAML parser when written without
// quotes: it starts with a letter, holds nothing but characters that mean
// nothing there, and is not a keyword.
func isPlain(s, punctuation string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case i == 0:
			return false
		case c >= '0' && c <= '9', strings.IndexByte(punctuation, c) >= 0:
		default:
			return false
		}
	}
	return s != "" && (len(s) > longestKeyword || !slices.Contains(keywords, strings.ToLower(s)))
}

// isPrintable reports whether s can be put in single quotes as it is.
func isPrintable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\'' {
			return false
		}
	}
	return true
}

// appendQuoted appends s in double quotes with the escapes that YAML and JSON
// have in common.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xfffe && r <= 0xffff:
			b = append(b, `\u`...)
			for shift := 12; shift >= 0; shift -= 4 {
				b = append(b, "0123456789abcdef"[(r>>shift)&15])
			}
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
