package validator

import (
	"fmt"
	"strconv"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// says builds the message of a finding: for whom, what must be, what is, and
// where that comes from.
func says(cs []*podspec.Container, must string, is any, from podspec.Origin) string {
	var room [256]byte // more than most messages need
	b := append(appendSubject(room[:0], cs), ": "...)
	b = appendValue(append(append(b, must...), ", is "...), is)
	return string(append(b, whence(cs, from)...))
}

// saysProblem is says for a value that has a problem.
func saysProblem(cs []*podspec.Container, field string, p *podspec.Problem, from podspec.Origin) string {
	return subject(cs) + ": " + field + " " + p.Detail + whence(cs, from)
}

// whence says where the value of the containers comes from, if it is not theirs.
func whence(cs []*podspec.Container, from podspec.Origin) string {
	if from == podspec.FromPod && len(cs) > 0 {
		return " (from the pod's securityContext)"
	}
	return ""
}

// subject names the containers of a message, grouped by kind: `init container
// "a", containers "b", "c"`. No containers are the pod.
func subject(cs []*podspec.Container) string { return string(appendSubject(nil, cs)) }

// appendSubject is subject behind the text b.
func appendSubject(b []byte, cs []*podspec.Container) []byte {
	if len(cs) == 0 {
		return append(b, "pod"...)
	}
	for i, c := range cs {
		if i > 0 {
			b = append(b, ", "...)
		}
		if i == 0 || c.Kind != cs[i-1].Kind {
			b = append(b, c.Kind.String()...)
			if i+1 < len(cs) && cs[i+1].Kind == c.Kind {
				b = append(b, 's')
			}
			b = append(b, ' ')
		}
		if c.Name == "" {
			b = append(b, nameOf(c)...)
			continue
		}
		b = strconv.AppendQuote(b, podspec.Shown(c.Name))
	}
	return b
}

// nameOf is the name of a container, or its path where it has none.
func nameOf(c *podspec.Container) string {
	if c.Name == "" {
		return c.Path.Shown().String()
	}
	return podspec.Shown(c.Name)
}

// names are the names of the containers of a finding.
func names(cs []*podspec.Container) []string {
	if len(cs) == 0 {
		return nil
	}
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = nameOf(c)
	}
	return out
}

// mustBeIn is what ranges demand of a field.
func mustBeIn(field string, rs policy.Ranges) string { return field + " must be " + rs.Demand() }

// show renders a value of a pod spec as a manifest has it: 1000, true, [1, 2].
// An absent one is unset.
func show(v any) string { return string(appendValue(nil, v)) }

// appendValue is show behind the text b.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "unset"...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case []int64:
		b = append(b, '[')
		for i, id := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = strconv.AppendInt(b, id, 10)
		}
		return append(b, ']')
	case string:
		return strconv.AppendQuote(b, v)
	}
	return fmt.Append(b, v)
}
