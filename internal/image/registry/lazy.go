package registry

import (
	"context"
	"sync"
)

// lazy is a value that is made when first asked for. An error is kept like a
// value, unless the context of the caller who met it had ended: that says
// nothing to the next. The zero lazy is ready for use.
type lazy[T any] struct {
	once sync.Once
	turn chan struct{} // holds one token while nobody is making the value
	made bool
	v    T
	err  error
}

func (l *lazy[T]) get(ctx context.Context, fill func(context.Context) (T, error)) (T, error) {
	l.once.Do(func() {
		l.turn = make(chan struct{}, 1)
		l.turn <- struct{}{}
	})
	select {
	case <-l.turn:
	case <-ctx.Done():
		var zero T
		return zero, context.Cause(ctx)
	}
	defer func() { l.turn <- struct{}{} }()
	if !l.made {
		l.v, l.err = fill(ctx)
		l.made = l.err == nil || ctx.Err() == nil
	}
	return l.v, l.err
}
