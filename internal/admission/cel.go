package admission

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/policy"
)

// quote renders a string of CEL, in the quotes that need the least escaping.
func quote(s string) string {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return strconv.Quote(s)
	}
	q := strconv.Quote(s)
	return "'" + singleQuotes.Replace(q[1:len(q)-1]) + "'"
}

// singleQuotes makes of what is between double quotes what is between single ones.
var singleQuotes = strings.NewReplacer(`\\`, `\\`, `\"`, `"`, "'", `\'`)

// list renders a list of strings.
func list(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// or joins alternatives; nothing to choose from never holds.
func or(terms ...string) string {
	switch len(terms) {
	case 0:
		return never
	case 1:
		return terms[0]
	}
	return "(" + strings.Join(terms, " || ") + ")"
}

// always and never are the conditions that need not be asked.
const (
	always = "true"
	never  = "false"
)

// and joins what must hold together; nothing to demand always holds.
func and(terms ...string) string {
	terms = slices.DeleteFunc(slices.Clone(terms), func(t string) bool { return t == always })
	if len(terms) == 0 {
		return always
	}
	return strings.Join(terms, " && ")
}

// matchesAny says in CEL that value matches one of the globs, as policy.Glob has
// it.
func matchesAny(value string, globs []string) string {
	var exact, terms []string
	for _, g := range globs {
		if strings.ContainsAny(g, "*?") {
			terms = append(terms, matches(value, g))
			continue
		}
		exact = append(exact, g)
	}
	switch len(exact) {
	case 0:
	case 1:
		terms = append([]string{value + " == " + quote(exact[0])}, terms...)
	default:
		terms = append([]string{value + " in " + list(exact)}, terms...)
	}
	return or(terms...)
}

// matches says in CEL that value matches a glob with wildcards.
func matches(value, glob string) string {
	var terms []string
	for _, c := range calls(glob) {
		terms = append(terms, c.of(value))
	}
	return and(terms...)
}

// call is a question about a string: a function of CEL and its argument.
type call struct {
	function string
	argument string
}

// The functions of calls. size asks whether the string is as long as the argument.
const (
	size       = "size"
	startsWith = "startsWith"
	endsWith   = "endsWith"
	contains   = "contains"
	regexpOf   = "matches"
)

// of asks the question about a value.
func (c call) of(value string) string {
	if c.function == size {
		return fmt.Sprintf("%s.size() >= %d", value, utf8.RuneCountInString(c.argument))
	}
	return fmt.Sprintf("%s.%s(%s)", value, c.function, quote(c.argument))
}

// calls are the questions that say together whether a string matches a glob with
// wildcards, none where every string does. What a function on strings can say is
// not said by a regular expression, which costs the API server more and the reader
// too.
func calls(glob string) []call {
	if strings.Contains(glob, "*") && strings.Trim(glob, "*") == "" {
		return nil
	}
	pieces := strings.FieldsFunc(glob, func(r rune) bool { return r == '*' })
	open, ended := strings.HasPrefix(glob, "*"), strings.HasSuffix(glob, "*")
	switch first, last := pieces[0], pieces[len(pieces)-1]; {
	case strings.Contains(glob, "?") || len(pieces) > 2 || len(pieces) == 2 && (open || ended):
		re := regexp.QuoteMeta(glob)
		re = strings.ReplaceAll(re, `\*`, ".*")
		re = strings.ReplaceAll(re, `\?`, ".")
		return []call{{regexpOf, "(?s)^" + re + "$"}}
	case len(pieces) == 2:
		both := []call{{startsWith, first}, {endsWith, last}}
		if overlap(first, last) {
			both = append(both, call{size, first + last})
		}
		return both
	case open && ended:
		return []call{{contains, first}}
	case open:
		return []call{{endsWith, first}}
	default:
		return []call{{startsWith, first}}
	}
}

// overlap reports whether a string may begin with one text and end with the other
// and be shorter than both together.
func overlap(beginning, end string) bool {
	for i := range beginning {
		if strings.HasPrefix(end, beginning[i:]) {
			return true
		}
	}
	return false
}

// bounds renders ranges as a list of pairs.
func bounds(rs policy.Ranges) string {
	pairs := make([]string, len(rs))
	for i, r := range rs {
		pairs[i] = fmt.Sprintf("[%d, %d]", r.Min, r.Max)
	}
	return "[" + strings.Join(pairs, ", ") + "]"
}

// indent moves the lines of a text two spaces to the right, but for the first one.
func indent(text string) string {
	return strings.ReplaceAll(text, "\n", "\n  ")
}
