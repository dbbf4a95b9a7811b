package image

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// DefaultConcurrency is the number of images that ResolveAll reads at a time
// where the caller does not say.
const DefaultConcurrency = 16

// ResolveAll reads every image that reqs name, each unique Request once and at
// most concurrency (0: DefaultConcurrency) at a time, and returns when all are
// read. An empty Platform means DefaultPlatform.
//
// The Lookup gives the configurations of a reference in the order in which its
// platforms are in reqs. An image for a single platform answers for whatever
// platform it is asked, and then is there once. If any platform of a
// reference could not be read the Lookup gives the error, for all of them
// joined, and no configuration. For a reference that reqs do not name it wraps
// ErrNotFound.
func ResolveAll(ctx context.Context, src Source, reqs []Request, concurrency int) Lookup {
	if concurrency <= 0 {
		concurrency = DefaultConcurrency
	}
	reqs = unique(reqs)
	cfgs, errs := readAll(ctx, src, reqs, concurrency)

	type answer struct {
		cfgs []Config
		err  error
	}
	answers := map[string]answer{}
	for i, req := range reqs {
		a := answers[req.Ref]
		switch {
		case errs[i] != nil:
			a.err = errors.Join(a.err, fmt.Errorf("image %q for %s: %w", req.Ref, req.Platform, errs[i]))
		case !slices.ContainsFunc(a.cfgs, func(c Config) bool { return sameImage(c, cfgs[i]) }):
			a.cfgs = append(a.cfgs, cfgs[i])
		}
		answers[req.Ref] = a
	}
	return func(ref string) ([]Config, error) {
		a, ok := answers[ref]
		switch {
		case !ok:
			return nil, fmt.Errorf("image %q: %w: it was not requested", ref, ErrNotFound)
		case a.err != nil:
			return nil, a.err
		}
		return slices.Clone(a.cfgs), nil
	}
}

// unique returns reqs without repetitions, with their platforms filled in. Of
// two requests that differ in ResolveNames alone the more curious one stays:
// its answer serves both.
func unique(reqs []Request) []Request {
	var out []Request
	at := map[Request]int{}
	for _, req := range reqs {
		if req.Platform == "" {
			req.Platform = DefaultPlatform
		}
		key := Request{Ref: req.Ref, Platform: req.Platform}
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key] = i
			out = append(out, req)
		}
		out[i].ResolveNames = out[i].ResolveNames || req.ResolveNames
	}
	return out
}

// readAll reads reqs with n workers; the results are at the index of their
// request.
func readAll(ctx context.Context, src Source, reqs []Request, n int) ([]Config, []error) {
	cfgs := make([]Config, len(reqs))
	errs := make([]error, len(reqs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, len(reqs)) {
		wg.Go(func() {
			for i := range next {
				cfgs[i], errs[i] = src.Config(ctx, reqs[i])
			}
		})
	}
	for i := range reqs {
		next <- i
	}
	close(next)
	wg.Wait()
	return cfgs, errs
}

// sameImage reports whether two answers for one reference are the same image,
// so that whatever is to be said of it is said once.
func sameImage(a, b Config) bool {
	return a.Digest == b.Digest && a.Platform == b.Platform && a.User == b.User && a.OS == b.OS
}
