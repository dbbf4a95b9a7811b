package lock

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// Kinds of Stale.
const (
	Changed     = "changed"     // the image says something else than the lock
	Missing     = "missing"     // the lock does not have the image for a platform
	Superfluous = "superfluous" // nothing names the image
	Unreadable  = "unreadable"  // the image could not be read
)

// Stale is one way in which a lock no longer holds.
type Stale struct {
	Kind     string
	Image    string
	Platform string
	Detail   string // what was and what is, for Changed
	Err      error  // why, for Unreadable
}

// String renders it as a message.
func (s Stale) String() string {
	out := fmt.Sprintf("image %q for %s: %s", s.Image, s.Platform, s.Kind)
	if s.Detail != "" {
		out += ": " + s.Detail
	}
	if s.Err != nil {
		out += ": " + s.Err.Error()
	}
	return out
}

// Verify reads the images of a lock from src, which is not to be the lock
// itself, and returns in what the lock no longer holds for manifests that name
// refs: entries that nothing names, images that are not in it for each of the
// lock's platforms, and entries of which the image now says something else.
// Superfluous entries are not read. The result is sorted as the entries are,
// with what is missing at the end in the order of refs; it is empty where the
// lock holds.
func Verify(ctx context.Context, src image.Source, l *Lock, refs []string) []Stale {
	named, missing := l.compare(refs)
	var reqs []image.Request
	for i, e := range l.Entries {
		if named[i] {
			reqs = append(reqs, image.Request{Ref: e.Image, Platform: e.Platform, ResolveNames: true})
		}
	}
	cfgs, errs := read(ctx, src, reqs, nil)

	var stale []Stale
	next := 0 // in reqs
	for i, e := range l.Entries {
		s := Stale{Image: e.Image, Platform: e.Platform}
		switch {
		case !named[i]:
			s.Kind = Superfluous
		case errs[next] != nil:
			s.Kind, s.Err = Unreadable, errs[next]
			next++
		default:
			s.Detail = difference(e, entry(reqs[next], cfgs[next]))
			next++
			if s.Detail == "" {
				continue
			}
			s.Kind = Changed
		}
		stale = append(stale, s)
	}
	return append(stale, missing...)
}

// compare says which entries refs name, and which of refs have none.
func (l *Lock) compare(refs []string) (named map[int]bool, missing []Stale) {
	named = map[int]bool{}
	reported := map[key]bool{}
	for _, ref := range refs {
		n, err := oci.ParseRef(ref)
		if err != nil {
			missing = append(missing, Stale{Kind: Unreadable, Image: ref, Err: err})
			continue
		}
		for _, platform := range l.platforms() {
			k := key{n.Name(), platform}
			i, ok := l.index[k]
			switch {
			case ok:
				named[i] = true
			case !reported[k]:
				reported[k] = true
				missing = append(missing, Stale{Kind: Missing, Image: ref, Platform: platform})
			}
		}
	}
	return named, missing
}

// platforms lists the platforms of the lock, sorted; the default one where it is
// empty.
func (l *Lock) platforms() []string {
	var out []string
	for _, e := range l.Entries {
		if !slices.Contains(out, e.Platform) {
			out = append(out, e.Platform)
		}
	}
	if len(out) == 0 {
		return []string{image.DefaultPlatform}
	}
	slices.Sort(out)
	return out
}

// difference says what of an entry changed; "" where nothing did.
func difference(was, is Entry) string {
	var out []string
	differ := func(field, was, is string) {
		if was != is {
			out = append(out, fmt.Sprintf("%s was %s, is %s", field, was, is))
		}
	}
	differ("digest", orNone(was.Digest), orNone(is.Digest))
	differ("os", was.OS, is.OS)
	differ("user", fmt.Sprintf("%q", was.User), fmt.Sprintf("%q", is.User))
	differ("uid", id(was.UID), id(is.UID))
	differ("gid", id(was.GID), id(is.GID))
	return strings.Join(out, ", ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func id(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}
