package lock

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

func sorted(entries []Entry) []Entry {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Image, b.Image), cmp.Compare(a.Platform, b.Platform))
	})
	return entries
}

// check judges all entries and fills the index.
func (l *Lock) check() error {
	var errs []error
	for i, e := range l.Entries {
		ref, platform, err := e.check()
		if err != nil {
			errs = append(errs, fmt.Errorf("image %q: %w", e.Image, err))
			continue
		}
		if first, ok := l.index[key{ref.Name(), platform}]; ok && l.sameName(first, ref) {
			errs = append(errs, fmt.Errorf("image %q is defined more than once for %s, also as %q", e.Image, platform, l.Entries[first].Image))
			continue
		}
		l.add(i, ref, platform)
	}
	return errors.Join(errs...)
}

// sameName reports whether an entry has the name ref itself, and not only
// answers to it for its digest.
func (l *Lock) sameName(i int, ref name.Reference) bool {
	other, err := oci.ParseRef(l.Entries[i].Image)
	return err == nil && other.Name() == ref.Name()
}

// check judges one entry, and returns its reference and its platform in normal
// form.
func (e Entry) check() (name.Reference, string, error) {
	var errs []error
	fail := func(field string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", field, err))
		}
	}
	ref, err := oci.ParseRef(e.Image)
	fail("image", err)
	platform, err := oci.ParsePlatform(e.Platform)
	fail("platform", err)
	if e.Platform == "" {
		fail("platform", errors.New("is missing"))
	}
	fail("digest", e.checkDigest(ref))
	if e.OS == "" {
		fail("os", errors.New("is missing"))
	}
	fail("uid", checkID(e.UID))
	fail("gid", checkID(e.GID))
	fail("user", e.checkUser())
	return ref, platform.String(), errors.Join(errs...)
}

// checkDigest judges the digest of an entry for an image, nil where its reference
// cannot be read.
func (e Entry) checkDigest(ref name.Reference) error {
	if e.Digest == "" {
		return nil
	}
	if _, err := v1.NewHash(e.Digest); err != nil {
		return fmt.Errorf("must be sha256: and 64 hexadecimal digits, is %q", e.Digest)
	}
	if d, ok := ref.(name.Digest); ok && d.DigestStr() != e.Digest {
		return fmt.Errorf("must be that of the image, is %q", e.Digest)
	}
	return nil
}

func checkID(id *int64) error {
	if id != nil && (*id < 0 || *id > math.MaxInt32) {
		return fmt.Errorf("must be in 0-%d, is %d", math.MaxInt32, *id)
	}
	return nil
}

// checkUser refuses ids that the numbers in USER contradict: a lock that is
// edited by hand must not say of an image what is not so.
func (e Entry) checkUser() error {
	if e.OS == "windows" {
		return nil
	}
	u := image.ParseUser(e.User)
	if contradicts(u.User, e.UID) {
		return fmt.Errorf("%q contradicts uid %d", e.User, *e.UID)
	}
	if contradicts(u.Group, e.GID) {
		return fmt.Errorf("%q contradicts gid %d", e.User, *e.GID)
	}
	return nil
}

// contradicts reports whether a half of USER is another id than the one given.
func contradicts(p image.Part, id *int64) bool {
	return id != nil && (p.Kind == image.Numeric || p.Kind == image.Empty) && p.ID != *id
}
