package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Range is a range of ids, both ends inclusive.
type Range struct {
	Min, Max int64
}

// String renders the range as min-max, or as one number where both are equal.
func (r Range) String() string { return string(r.appendTo(nil)) }

func (r Range) appendTo(b []byte) []byte {
	b = strconv.AppendInt(b, r.Min, 10)
	if r.Min == r.Max {
		return b
	}
	return strconv.AppendInt(append(b, '-'), r.Max, 10)
}

// Ranges are alternatives: an id must be in any one of them.
type Ranges []Range

// Contain reports whether id is in any of the ranges. It looks at one after the
// other; see Strategy.Allows for ranges that many ids are compared with.
func (rs Ranges) Contain(id int64) bool {
	for _, r := range rs {
		if r.Min <= id && id <= r.Max {
			return true
		}
	}
	return false
}

// Default is the id that an unset field is given: the first range's Min; 0 where
// there is no range, which Policy.Validate refuses where one is needed.
func (rs Ranges) Default() int64 {
	if len(rs) == 0 {
		return 0
	}
	return rs[0].Min
}

// maxShown is how many ranges a message lists: a policy may have thousands, and so
// may the findings be.
const maxShown = 8

// String lists the ranges for a message: "1000-1999, 3000-3999". Of more than eight
// it lists the first eight and counts the others: "1000-1999, …, 9000-9999 and 92
// more".
func (rs Ranges) String() string {
	var room [128]byte // more than most need
	b := room[:0]
	for i, r := range rs[:min(len(rs), maxShown)] {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = r.appendTo(b)
	}
	if more := len(rs) - maxShown; more > 0 {
		b = fmt.Appendf(b, " and %d more", more)
	}
	return string(b)
}

// Demand says in words what an id must be: "in 1000-1999, 3000-3999", or the one id
// that is allowed.
func (rs Ranges) Demand() string {
	if len(rs) == 1 && rs[0].Min == rs[0].Max {
		return rs.String()
	}
	return "in " + rs.String()
}

// merged returns the ranges in ascending order, those that overlap or adjoin as one.
func (rs Ranges) merged() Ranges {
	out := slices.Clone(rs)
	slices.SortFunc(out, func(a, b Range) int { return cmp.Compare(a.Min, b.Min) })
	last := 0
	for _, r := range out[1:] {
		if r.Min <= out[last].Max+1 {
			out[last].Max = max(out[last].Max, r.Max)
			continue
		}
		last++
		out[last] = r
	}
	return out[:last+1]
}

// search is Contain for ranges that merged has returned.
func (rs Ranges) search(id int64) bool {
	i, found := slices.BinarySearchFunc(rs, id, func(r Range, id int64) int { return cmp.Compare(r.Min, id) })
	return found || i > 0 && id <= rs[i-1].Max
}

// few is how many ranges are as quickly compared with an id one by one.
const few = 16

// Allows reports whether id is in any of the strategy's ranges. That of a policy
// that Prepared has returned is found by search.
func (s *Strategy) Allows(id int64) bool {
	if s.Sorted != nil {
		return s.Sorted.search(id)
	}
	return s.Ranges.Contain(id)
}

// Prepared returns the policy with its ranges sorted for Allows, in a copy, or p
// itself where it has only a few. The Ranges themselves keep their order, which
// decides on the default. They must not be changed afterwards.
func (p *Policy) Prepared() *Policy {
	out := *p
	changed := false
	for _, s := range []*Strategy{&out.RunAsUser, &out.RunAsGroup, &out.SupplementalGroups, &out.FSGroup} {
		if len(s.Ranges) > few {
			s.Sorted, changed = s.Ranges.merged(), true
		}
	}
	if !changed {
		return p
	}
	return &out
}
