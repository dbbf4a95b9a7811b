package image

import (
	"context"
	"errors"
	"fmt"
)

// FirstOf asks the sources in order and returns the first answer. Only a source
// that does not have the image (ErrNotFound) passes the question on: one that
// fails otherwise might have said something else than the next, so its error is
// the answer. Where no source has the image the error names every attempt and
// wraps ErrNotFound.
func FirstOf(sources ...Source) Source {
	return firstOf(sources)
}

type firstOf []Source

func (f firstOf) Config(ctx context.Context, req Request) (Config, error) {
	var misses []error
	for _, src := range f {
		cfg, err := src.Config(ctx, req)
		if !errors.Is(err, ErrNotFound) {
			return cfg, err
		}
		misses = append(misses, err)
	}
	if len(misses) == 0 {
		return Config{}, fmt.Errorf("%w: no source is configured", ErrNotFound)
	}
	return Config{}, errors.Join(misses...)
}
