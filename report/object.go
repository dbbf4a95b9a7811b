package report

import "github.com/usergroup-dev/usergroup/policy"

// exitInvalid is the exit code of a run that could not judge anything.
const exitInvalid = 2

// unjudged reports whether a result is what kept something from being judged.
func unjudged(r Result) bool {
	switch r.Reason {
	case policy.InvalidConfig, policy.InvalidUsage, policy.Unreadable:
		return true
	}
	return false
}

// objectKey tells objects apart: two documents of a file may have one name.
type objectKey struct {
	Resource
	path  string
	index int
}

func keyOf(r Result) objectKey { return objectKey{r.Resource, r.File.Path, r.File.Index} }

// counts are the findings of an object or of a reason.
type counts struct{ errors, warnings, infos int }

func (c *counts) add(r Result) {
	switch {
	case r.Changed:
	case r.Severity == policy.Error:
		c.errors++
	case r.Severity == policy.Warning:
		c.warnings++
	default:
		c.infos++
	}
}

func (c counts) total() int { return c.errors + c.warnings + c.infos }

// worst is the severity of the worst of them.
func (c counts) worst() string {
	switch {
	case c.errors > 0:
		return string(policy.Error)
	case c.warnings > 0:
		return string(policy.Warning)
	}
	return string(policy.Info)
}

// String is the counts in words: "2 errors, 1 warning".
func (c counts) String() string {
	s := ""
	for _, part := range []struct {
		n    int
		noun string
	}{{c.errors, "error"}, {c.warnings, "warning"}, {c.infos, "info"}} {
		if part.n == 0 {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += Count(part.n, part.noun)
	}
	return s
}

// tally is the counts of one reason or object, and the objects they are in.
type tally[K comparable] struct {
	key    K
	counts counts
	first  Result
	in     map[objectKey]bool
}

// tallies counts findings by a key, in the order in which the keys come.
func tallies[K comparable](results []Result, key func(Result) K) []*tally[K] {
	var out []*tally[K]
	index := map[K]*tally[K]{}
	for _, r := range results {
		if r.Changed {
			continue
		}
		k := key(r)
		t := index[k]
		if t == nil {
			t = &tally[K]{key: k, first: r, in: map[objectKey]bool{}}
			index[k] = t
			out = append(out, t)
		}
		t.counts.add(r)
		t.in[keyOf(r)] = true
	}
	return out
}
