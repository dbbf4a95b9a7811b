package image

import (
	"context"
	"fmt"
	"time"
)

// Timeout gives src at most d for each answer; d <= 0 means no limit. The error
// wraps context.DeadlineExceeded.
func Timeout(src Source, d time.Duration) Source {
	if d <= 0 {
		return src
	}
	return timeout{src, d}
}

type timeout struct {
	src Source
	d   time.Duration
}

func (t timeout) Config(ctx context.Context, req Request) (Config, error) {
	late := fmt.Errorf("no answer within %v: %w", t.d, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, t.d, late)
	defer cancel()
	return t.src.Config(ctx, req)
}

// Limit asks src for at most n images at a time; n <= 0 means no limit. Waiting
// for one's turn ends with the context.
func Limit(src Source, n int) Source {
	if n <= 0 {
		return src
	}
	return limit{src, make(chan struct{}, n)}
}

type limit struct {
	src   Source
	turns chan struct{}
}

func (l limit) Config(ctx context.Context, req Request) (Config, error) {
	select {
	case l.turns <- struct{}{}:
	case <-ctx.Done():
		return Config{}, context.Cause(ctx)
	}
	defer func() { <-l.turns }()
	return l.src.Config(ctx, req)
}
