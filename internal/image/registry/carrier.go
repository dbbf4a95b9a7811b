package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// carrier carries every request that leaves the program, below whatever
// go-containerregistry does. It refuses plain HTTP to hosts that are not listed
// and endless redirects, reads answers to a limit, repeats what failed for a
// passing reason, and waits as long as a registry asks it to.
type carrier struct {
	inner   http.RoundTripper
	retries int
	plain   map[string]bool

	mu    sync.Mutex
	until map[string]time.Time // when a host wants to be asked again
}

func newCarrier(o Options) *carrier {
	return &carrier{
		inner:   o.Transport,
		retries: o.Retries,
		plain:   hostSet(o.Insecure),
		until:   map[string]time.Time{},
	}
}

func hostSet(hosts []string) map[string]bool {
	set := map[string]bool{}
	for _, h := range hosts {
		set[h] = true
	}
	return set
}

const (
	userAgent    = "usergroup"
	maxRedirects = 10
	// firstWait and maxWait bound the time before the first and before any
	// further attempt, where the registry does not say.
	firstWait = 200 * time.Millisecond
	maxWait   = 5 * time.Second
)

// streamKey marks the context of a request whose answer is not a document to be
// read at once, but a layer.
type streamKey struct{}

func streaming(ctx context.Context) context.Context {
	return context.WithValue(ctx, streamKey{}, true)
}

// RoundTrip implements http.RoundTripper.
func (c *carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := c.allowed(req); err != nil {
		return nil, err
	}
	ctx := req.Context()
	req = req.Clone(ctx)
	req.Header.Set("User-Agent", userAgent)
	for attempt := 0; ; attempt++ {
		if err := sleep(ctx, time.Until(c.pause(req.URL.Host))); err != nil {
			return nil, err
		}
		resp, err := c.once(req)
		wait, again := c.again(req, resp, err, attempt)
		if !again {
			return resp, err
		}
		if sleep(ctx, wait) != nil {
			return resp, err // what the registry said is worth more than that time is up
		}
		if resp != nil {
			resp.Body.Close()
		}
	}
}

// allowed refuses what must not be sent at all.
func (c *carrier) allowed(req *http.Request) error {
	host := req.URL.Host
	if req.URL.Scheme != "https" && !c.plain[host] && !isLoopback(req.URL.Hostname()) {
		return fmt.Errorf("refusing plain HTTP to %s: allow it with --insecure-registry %s", host, host)
	}
	redirects := 0
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		if redirects++; redirects > maxRedirects {
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// once sends a request and, unless it is for a layer, reads the whole answer,
// so that one which breaks off is repeated like one which fails.
func (c *carrier) once(req *http.Request) (*http.Response, error) {
	resp, err := c.inner.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if stream, _ := req.Context().Value(streamKey{}).(bool); stream && resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := oci.ReadAll(resp.Body, oci.MaxDocument)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// again says whether a request is to be repeated, and after which wait.
func (c *carrier) again(req *http.Request, resp *http.Response, err error, attempt int) (wait time.Duration, ok bool) {
	if attempt >= c.retries || req.Method != http.MethodGet && req.Method != http.MethodHead {
		return 0, false
	}
	if err != nil {
		return backoff(attempt), isPassing(err)
	}
	if !slices.Contains(passingStatus(), resp.StatusCode) {
		return 0, false
	}
	if after, ok := retryAfter(resp); ok {
		c.hold(req.URL.Host, after)
		return after, true
	}
	return backoff(attempt), true
}

// passingStatus lists the answers that may be others next time.
func passingStatus() []int {
	return []int{
		http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}
}

// isPassing reports whether an error may be gone next time.
func isPassing(err error) bool {
	var timeout net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, context.DeadlineExceeded)
}

// backoff doubles the wait with every attempt, and spreads it so that requests
// that failed together do not come back together.
func backoff(attempt int) time.Duration {
	d := min(firstWait<<attempt, maxWait)
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header of that name: seconds or a date (RFC 9110).
func retryAfter(resp *http.Response) (time.Duration, bool) {
	h := resp.Header.Get("Retry-After")
	if s, err := strconv.ParseUint(h, 10, 31); err == nil {
		return time.Duration(s) * time.Second, true
	}
	if t, err := http.ParseTime(h); err == nil {
		return time.Until(t), true
	}
	return 0, false
}

// hold keeps all requests from a host that asked for it: others would only be
// refused as well.
func (c *carrier) hold(host string, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := time.Now().Add(d); t.After(c.until[host]) {
		c.until[host] = t
	}
}

func (c *carrier) pause(host string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until[host]
}

// sleep waits for d, or fails at once where the context ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return fmt.Errorf("the registry asks to retry in %v, which is after the timeout: %w", d.Round(time.Second), context.DeadlineExceeded)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
