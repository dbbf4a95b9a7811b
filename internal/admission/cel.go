package admission

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// matches says in CEL that value matches a glob with wildcards. What a function
// on strings can say is not said by a regular expression, which costs the API
// server more and the reader too.
func matches(value, glob string) string {
	inner := strings.Trim(glob, "*")
	switch {
	case inner == "":
		if strings.Contains(glob, "*") {
			return always
		}
	case strings.ContainsAny(inner, "*?"):
	case strings.HasPrefix(glob, "*") && strings.HasSuffix(glob, "*"):
		return fmt.Sprintf("%s.contains(%s)", value, quote(inner))
	case strings.HasPrefix(glob, "*"):
		return fmt.Sprintf("%s.endsWith(%s)", value, quote(inner))
	case strings.HasSuffix(glob, "*"):
		return fmt.Sprintf("%s.startsWith(%s)", value, quote(inner))
	}
	re := regexp.QuoteMeta(glob)
	re = strings.ReplaceAll(re, `\*`, ".*")
	re = strings.ReplaceAll(re, `\?`, ".")
	return fmt.Sprintf("%s.matches(%s)", value, quote("(?s)^"+re+"$"))
}

// bounds renders ranges as a list of pairs.
func bounds(rs policy.Ranges) string {
	pairs := make([]string, len(rs))
	for i, r := range rs {
		pairs[i] = fmt.Sprintf("[%d, %d]", r.Min, r.Max)
	}
	return "[" + strings.Join(pairs, ", ") + "]"
}

// indent moves the lines of a text to the right, the first one left out.
func indent(text string, by int) string {
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", by))
}
