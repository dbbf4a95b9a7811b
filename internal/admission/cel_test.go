package admission

import (
	"testing"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"", `''`},
		{"web", `'web'`},
		{`container "web"`, `'container "web"'`},
		{"the pod's", `"the pod's"`},
		{`the pod's "web"`, `'the pod\'s "web"'`},
		{`back\slash`, `'back\\slash'`},
		{"two\nlines", `'two\nlines'`},
		{`\`, `'\\'`},
		{`\"`, `'\\"'`},
		{`'\`, `"'\\"`},
		{`'"\`, `'\'"\\'`},
	} {
		if got := quote(tt.in); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

// A glob is a function on strings where one says the same, else a regular
// expression.
func TestMatchesAny(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		globs []string
		want  string
	}{
		{"nothing to choose from", nil, `false`},
		{"one", []string{"web"}, `v == 'web'`},
		{"several", []string{"web", "db"}, `v in ['web', 'db']`},
		{"anything", []string{"*"}, `true`},
		{"anything, twice", []string{"**"}, `true`},
		{"prefix", []string{"web-*"}, `v.startsWith('web-')`},
		{"suffix", []string{"*-db"}, `v.endsWith('-db')`},
		{"inside", []string{"*agent*"}, `v.contains('agent')`},
		{"two ends", []string{"a*z"}, `v.startsWith('a') && v.endsWith('z')`},
		{"two ends, twice", []string{"a*z", "b**y"}, `(v.startsWith('a') && v.endsWith('z') || v.startsWith('b') && v.endsWith('y'))`},
		{"two ends that share a character", []string{"a/*/z"}, `v.startsWith('a/') && v.endsWith('/z') && v.size() >= 4`},
		{"two ends that share all of one", []string{"éa*éab"}, `v.startsWith('éa') && v.endsWith('éab') && v.size() >= 5`},
		{"two ends that share all of the other", []string{"éab*ab"}, `v.startsWith('éab') && v.endsWith('ab') && v.size() >= 5`},
		{"two equal ends", []string{"a*a"}, `v.startsWith('a') && v.endsWith('a') && v.size() >= 2`},
		{"an end within the other", []string{"abc*b"}, `v.startsWith('abc') && v.endsWith('b')`},
		{"a beginning and a middle", []string{"a*b*"}, `v.matches('(?s)^a.*b.*$')`},
		{"a middle and an end", []string{"*a*b"}, `v.matches('(?s)^.*a.*b$')`},
		{"two ends and a middle", []string{"a*b*c"}, `v.matches('(?s)^a.*b.*c$')`},
		{"one character", []string{"web-?"}, `v.matches('(?s)^web-.$')`},
		{"one character or more", []string{"*?"}, `v.matches('(?s)^.*.$')`},
		{"what a regular expression would read otherwise", []string{"a.b+?c"}, `v.matches('(?s)^a\\.b\\+.c$')`},
		{"mixed", []string{"*-db", "web", "x"}, `(v in ['web', 'x'] || v.endsWith('-db'))`},
	} {
		if got := matchesAny("v", tt.globs); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		terms []string
		want  string
	}{
		{nil, "true"},
		{[]string{always, always}, "true"},
		{[]string{"a", always, "b"}, "a && b"},
	} {
		if got := and(tt.terms...); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.terms, got, tt.want)
		}
	}
}
