package podspec

import (
	"slices"
	"strconv"
	"strings"
)

// Path is the place of a value in an object, from the object's root. The zero
// Path is the object itself. A Path is a value: Key and Index return a new one
// and never change the receiver, so paths may be kept and shared.
type Path []Step

// Step is one step of a Path: into a mapping by Key or, where Key is empty,
// into a sequence by Index.
type Step struct {
	Key   string
	Index int
}

// Field returns the path of nested mapping keys, from the root.
func Field(keys ...string) Path {
	return Path(nil).Key(keys...)
}

// Key returns the path of the value under the given keys, one below the other.
func (p Path) Key(keys ...string) Path {
	out := make(Path, len(p), len(p)+len(keys))
	copy(out, p)
	for _, k := range keys {
		out = append(out, Step{Key: k})
	}
	return out
}

// Index returns the path of the element at index i, counted from 0.
func (p Path) Index(i int) Path {
	out := make(Path, len(p), len(p)+1)
	copy(out, p)
	return append(out, Step{Index: i})
}

// Join returns the path q below p.
func (p Path) Join(q Path) Path {
	if len(p) == 0 {
		return q[:len(q):len(q)]
	}
	out := make(Path, len(p), len(p)+len(q))
	copy(out, p)
	return append(out, q...)
}

// Last returns the last key of the path, or "" where the path is empty or ends
// in an index.
func (p Path) Last() string {
	if len(p) == 0 {
		return ""
	}
	return p[len(p)-1].Key
}

// Equal reports whether both paths name the same place.
func (p Path) Equal(q Path) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}

// Within reports whether the path is that of q or of something below it.
func (p Path) Within(q Path) bool {
	return len(p) >= len(q) && p[:len(q)].Equal(q)
}

// String renders the path as Kubernetes does in its own errors:
// spec.template.spec.containers[0].securityContext.runAsUser. A key that is not
// plain, such as an annotation's name, is written in brackets and quotes:
// metadata.annotations["usergroup.dev/applied"].
func (p Path) String() string {
	var room [128]byte // more than most paths need
	b := room[:0]
	for _, s := range p {
		switch {
		case s.Key == "":
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.Index), 10)
			b = append(b, ']')
		case strings.ContainsAny(s.Key, `./[]"* `):
			b = append(b, '[')
			b = strconv.AppendQuote(b, s.Key)
			b = append(b, ']')
		default:
			if len(b) > 0 {
				b = append(b, '.')
			}
			b = append(b, s.Key...)
		}
	}
	return string(b)
}

// MaxShown is how many bytes of a name a report shows, which is more than the API
// server takes for one.
const MaxShown = 1000

// maxSteps is how many bytes of keys, and one for each step, a path may have to be
// shown as a whole.
const maxSteps = 10_000

// Shown is the path as reports have it. Keys that nobody writes are cut, and of a path
// that is too long the middle is left out: it is said again for every finding.
func (p Path) Shown() Path {
	size := 0
	for _, s := range p {
		size += 1 + len(s.Key)
	}
	if size <= MaxShown {
		return p
	}
	out := make(Path, len(p))
	size = 0
	for i, s := range p {
		out[i] = Step{Key: Shown(s.Key), Index: s.Index}
		size += 1 + len(out[i].Key)
	}
	if size <= maxSteps {
		return out
	}
	const end = maxSteps / (1 + MaxShown) / 2 // steps
	return slices.Concat(out[:end], Path{{Key: "…"}}, out[len(out)-end:])
}

// Shown is a name as reports have it.
func Shown(name string) string {
	if len(name) <= MaxShown {
		return name
	}
	return strings.ToValidUTF8(name[:MaxShown], "") + "…"
}
