package image

import (
	"context"
	"sync"
)

// Memory keeps what src answers for as long as the returned Source lives, and
// asks it once however many callers want the same Request at the same time.
// Errors are kept as well: within one run an image that could not be read is not
// tried again. An error that stems from a caller's own context is not kept.
func Memory(src Source) Source {
	return &memory{src: src, calls: map[Request]*call{}}
}

type memory struct {
	src   Source
	mu    sync.Mutex
	calls map[Request]*call
}

// call is one question, asked or answered.
type call struct {
	done chan struct{} // closed when cfg and err are there
	cfg  Config
	err  error
}

func (m *memory) Config(ctx context.Context, req Request) (Config, error) {
	for {
		c, mine := m.call(req)
		if mine {
			m.answer(ctx, req, c)
			return c.cfg, c.err
		}
		select {
		case <-c.done:
		case <-ctx.Done():
			return Config{}, context.Cause(ctx)
		}
		if m.kept(req, c) {
			return c.cfg, c.err
		}
		// Whoever asked gave up. That is not an answer for us: ask again.
	}
}

// call returns the call for req, and whether the caller is to answer it.
func (m *memory) call(req Request) (c *call, mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.calls[req]; ok {
		return c, false
	}
	c = &call{done: make(chan struct{})}
	m.calls[req] = c
	return c, true
}

// answer asks the source and tells those who wait.
func (m *memory) answer(ctx context.Context, req Request, c *call) {
	defer close(c.done)
	c.cfg, c.err = m.src.Config(ctx, req)
	if c.err != nil && ctx.Err() != nil {
		m.mu.Lock()
		delete(m.calls, req)
		m.mu.Unlock()
	}
}

// kept reports whether c is still the answer to req.
func (m *memory) kept(req Request, c *call) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[req] == c
}
