package cmd

import (
	"context"
	"runtime"
	"sync"
)

// maxAhead is how many files are read ahead of the one whose turn it is.
const maxAhead = 64

// ordered calls work for 0..n-1 on all processors and done with what it returns,
// in order and one at a time. It works at most maxAhead ahead of done, so that what
// is held does not grow with n. It stops at done's first error, or with the
// context.
func ordered[T any](ctx context.Context, n int, work func(i int) T, done func(i int, t T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	window := min(maxAhead, max(n, 1))
	ahead := make(chan struct{}, window)
	jobs := make(chan int)
	slots := make([]chan T, window)
	for i := range slots {
		slots[i] = make(chan T, 1)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		defer close(jobs)
		for i := range n {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := range jobs {
				slots[i%window] <- work(i)
			}
		})
	}
	for i := range n {
		select {
		case t := <-slots[i%window]:
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := done(i, t); err != nil {
				return err
			}
			<-ahead
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
