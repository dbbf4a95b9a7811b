package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// pings asks each registry once how it wants to be spoken to. go-containerregistry
// asks for every repository, and repositories are mostly of one image.
type pings struct {
	inner http.RoundTripper
	// timeout bounds one ping. It is half of the time that an image has, so that a
	// registry that does not answer is known for it before the first image runs out
	// of time.
	timeout time.Duration

	mu      sync.Mutex
	known   map[string]*lazy[answer] // by URL
	foreign map[string]bool
}

// answer is what a registry answered to a ping.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func newPings(inner http.RoundTripper, timeout time.Duration) *pings {
	return &pings{inner: inner, timeout: timeout, known: map[string]*lazy[answer]{}, foreign: map[string]bool{}}
}

// pingPath is that of the request that asks a registry for its API.
const pingPath = "/v2/"

// RoundTrip implements http.RoundTripper.
func (p *pings) RoundTrip(req *http.Request) (*http.Response, error) {
	p.note(req)
	if req.URL.Path != pingPath || req.Method != http.MethodGet {
		return p.inner.RoundTrip(req)
	}
	a, err := p.of(req.URL.String()).get(req.Context(), func(context.Context) (answer, error) { return p.ask(req) })
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: a.status, Header: a.header.Clone(), Request: req,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}, nil
}

// note remembers a registry that let another host answer for it. That host is not
// the one that credentials are for.
func (p *pings) note(req *http.Request) {
	first := req
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
	}
	if first.URL.Path == pingPath && first.URL.Host != req.URL.Host {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.foreign[first.URL.Host] = true
	}
}

func (p *pings) isForeign(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.foreign[host]
}

func (p *pings) of(url string) *lazy[answer] {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.known[url]
	if !ok {
		l = &lazy[answer]{}
		p.known[url] = l
	}
	return l
}

func (p *pings) ask(req *http.Request) (answer, error) {
	late := fmt.Errorf("no answer within %v: %w", p.timeout, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(req.Context(), p.timeout, late)
	defer cancel()
	resp, err := p.inner.RoundTrip(req.Clone(ctx))
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := oci.ReadAll(resp.Body, oci.MaxDocument)
	return answer{resp.StatusCode, resp.Header, body}, err
}
