package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// Build reads the images that refs name for every platform (none:
// image.DefaultPlatform) and makes a Lock of them, names resolved. References
// that mean the same image give one entry, under the one that comes first.
// progress is told of every image read, one call at a time; it may be nil. The
// error joins those of all images; then there is no Lock.
func Build(ctx context.Context, src image.Source, refs, platforms []string, progress func(done, total int)) (*Lock, error) {
	reqs, err := requests(refs, platforms)
	if err != nil {
		return nil, err
	}
	cfgs, errs := read(ctx, src, reqs, progress)
	entries := make([]Entry, len(reqs))
	for i, req := range reqs {
		entries[i] = entry(req, cfgs[i])
		if errs[i] != nil {
			errs[i] = fmt.Errorf("image %q for %s: %w", req.Ref, req.Platform, errs[i])
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return New(entries)
}

// entry is what a lock keeps of the answer to a request.
func entry(req image.Request, c image.Config) Entry {
	return Entry{
		Image:    req.Ref,
		Digest:   c.Digest,
		Platform: req.Platform,
		OS:       c.OS,
		User:     c.User,
		UID:      c.UID,
		GID:      c.GID,
	}
}

// requests lists what is to be read, each image and platform once.
func requests(refs, platforms []string) ([]image.Request, error) {
	if len(platforms) == 0 {
		platforms = []string{image.DefaultPlatform}
	}
	var reqs []image.Request
	var errs []error
	seen := map[key]bool{}
	for _, ref := range refs {
		n, err := oci.ParseRef(ref)
		if err != nil {
			errs = append(errs, fmt.Errorf("image %q: %w", ref, err))
			continue
		}
		for _, p := range platforms {
			platform, err := oci.ParsePlatform(p)
			if err != nil {
				return nil, err
			}
			if k := (key{n.Name(), platform.String()}); !seen[k] {
				seen[k] = true
				reqs = append(reqs, image.Request{Ref: ref, Platform: k.platform, ResolveNames: true})
			}
		}
	}
	return reqs, errors.Join(errs...)
}

// read reads all requests concurrently; answers and errors are at their index.
func read(ctx context.Context, src image.Source, reqs []image.Request, progress func(done, total int)) ([]image.Config, []error) {
	kept := image.Memory(&counting{src: src, total: len(reqs), tell: progress})
	image.ResolveAll(ctx, kept, reqs, 0)
	cfgs := make([]image.Config, len(reqs))
	errs := make([]error, len(reqs))
	for i, req := range reqs {
		cfgs[i], errs[i] = kept.Config(ctx, req)
	}
	return cfgs, errs
}

// counting tells of every answer of a source.
type counting struct {
	src   image.Source
	total int
	tell  func(done, total int) // may be nil

	mu   sync.Mutex
	done int
}

func (c *counting) Config(ctx context.Context, req image.Request) (image.Config, error) {
	cfg, err := c.src.Config(ctx, req)
	if c.tell != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.done = min(c.done+1, c.total)
		c.tell(c.done, c.total)
	}
	return cfg, err
}
