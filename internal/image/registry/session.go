package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// reader is a Source without limits on how many images are read at a time.
type reader struct {
	opts    Options
	rewrite rewriter
	hosts   map[string]bool // that may be spoken to over plain HTTP
	carrier *carrier

	mu    sync.Mutex
	known map[string]*registry // by host
}

// registry is what is known of one registry.
type registry struct {
	name  name.Registry
	asked lazy[handshake]

	mu    sync.Mutex
	repos map[string]*lazy[*repository] // by name
}

// handshake is how a registry wants to be spoken to.
type handshake struct {
	challenge *transport.Challenge
	carrier   http.RoundTripper // speaks the scheme that works
	// foreign is whether the registry let another host answer for it. That host
	// is not the one that credentials are for.
	foreign bool
}

// repository reads from one repository, with whatever authentication it takes.
type repository struct {
	name   name.Repository
	puller *remote.Puller
	// noCredentials is why there are none, where looking for them failed.
	noCredentials error
}

// repository returns the session with a repository.
func (r *reader) repository(ctx context.Context, repo name.Repository) (*repository, error) {
	reg, err := r.registry(repo.RegistryStr())
	if err != nil {
		return nil, err
	}
	hs, err := reg.asked.get(ctx, func(ctx context.Context) (handshake, error) { return r.ask(ctx, reg.name) })
	if err != nil {
		return nil, err
	}
	repo.Registry = reg.name
	return reg.repo(repo.Name()).get(ctx, func(ctx context.Context) (*repository, error) {
		return r.open(ctx, hs, repo)
	})
}

func (r *reader) registry(host string) (*registry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if reg, ok := r.known[host]; ok {
		return reg, nil
	}
	var opts []name.Option
	if r.hosts[host] {
		opts = append(opts, name.Insecure)
	}
	n, err := name.NewRegistry(host, opts...)
	if err != nil {
		return nil, err
	}
	reg := &registry{name: n, repos: map[string]*lazy[*repository]{}}
	r.known[host] = reg
	return reg, nil
}

func (reg *registry) repo(name string) *lazy[*repository] {
	reg.mu.Lock()
	defer reg.mu.Unlock()
	l, ok := reg.repos[name]
	if !ok {
		l = &lazy[*repository]{}
		reg.repos[name] = l
	}
	return l
}

// ask finds out how a registry wants to be spoken to: over which scheme, and
// with which kind of authentication. It takes half of the time that an image
// has, so that a registry that does not answer is known for it before the first
// image runs out of time.
func (r *reader) ask(ctx context.Context, reg name.Registry) (handshake, error) {
	late := fmt.Errorf("no answer within %v: %w", r.opts.Timeout/2, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, r.opts.Timeout/2, late)
	defer cancel()
	w := &watcher{inner: r.carrier, host: reg.RegistryStr()}
	c, err := transport.Ping(ctx, reg, w)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return handshake{}, err
	}
	scheme := "https"
	if c.Insecure {
		scheme = "http"
	}
	return handshake{c, schemer{r.carrier, reg.RegistryStr(), scheme}, w.left.Load()}, nil
}

// watcher notices requests that leave a host.
type watcher struct {
	inner http.RoundTripper
	host  string
	left  atomic.Bool
}

func (w *watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != w.host {
		w.left.Store(true)
	}
	return w.inner.RoundTrip(req)
}

// schemer speaks to a host over the scheme that it answered on.
type schemer struct {
	inner        http.RoundTripper
	host, scheme string
}

func (s schemer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == s.host && req.URL.Scheme != s.scheme {
		req = req.Clone(req.Context())
		req.URL.Scheme = s.scheme
	}
	return s.inner.RoundTrip(req)
}

// open authenticates to a repository.
func (r *reader) open(ctx context.Context, hs handshake, repo name.Repository) (*repository, error) {
	auth, failure := r.credentials(ctx, hs, repo)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	rt, err := authenticate(ctx, hs, auth, repo)
	if err != nil {
		return nil, errors.Join(err, failure)
	}
	p, err := remote.NewPuller(remote.WithTransport(rt), remote.WithJobs(r.opts.Concurrency))
	if err != nil {
		return nil, err
	}
	return &repository{repo, p, failure}, nil
}

// credentials looks for credentials for a repository. Not finding them must not
// keep a public image from being read, so a failure is only remembered.
func (r *reader) credentials(ctx context.Context, hs handshake, repo name.Repository) (authn.Authenticator, error) {
	if hs.foreign {
		return authn.Anonymous, nil
	}
	type result struct {
		auth authn.Authenticator
		err  error
	}
	// A credential helper is a program that knows nothing of our context.
	done := make(chan result, 1)
	go func() {
		auth, err := authn.Resolve(ctx, r.opts.Keychain, repo)
		done <- result{auth, err}
	}()
	select {
	case res := <-done:
		if res.err != nil {
			return authn.Anonymous, fmt.Errorf("credentials: %w", res.err)
		}
		return res.auth, nil
	case <-ctx.Done():
		return authn.Anonymous, fmt.Errorf("credentials: %w", context.Cause(ctx))
	}
}

// authenticate returns what carries requests for a repository. The Wrapper that
// it is keeps remote from asking the registry once more for every repository.
func authenticate(ctx context.Context, hs handshake, auth authn.Authenticator, repo name.Repository) (http.RoundTripper, error) {
	token := &transport.Token{}
	if strings.EqualFold(hs.challenge.Scheme, "bearer") {
		scopes := []string{repo.Scope(transport.PullScope)}
		t, err := transport.Exchange(ctx, repo.Registry, auth, hs.carrier, scopes, hs.challenge)
		if err != nil {
			return nil, err
		}
		if token = t; token.Token == "" {
			token.Token = token.AccessToken
		}
	}
	return transport.FromToken(repo.Registry, auth, hs.carrier, hs.challenge, token)
}

// load reads the image that ref names, what has a digest from the cache if it is
// there. The registry is asked how it wants to be spoken to only for what is not.
func (r *reader) load(ctx context.Context, ref name.Reference, want v1.Platform) (*oci.Image, error) {
	at := pending{r, ref.Context()}
	content := r.opts.Cache.Content(at)
	pinned, err := v1.NewHash(ref.Identifier())
	if err == nil {
		if root, ok := r.opts.Cache.Get(pinned); ok {
			return oci.Load(ctx, content, root, want)
		}
	}
	root, err := at.root(ctx, ref)
	if err != nil {
		return nil, missing(err)
	}
	r.opts.Cache.Put(pinned, root)
	return oci.Load(ctx, content, root, want)
}

// pending is a repository that is opened when it is first read from.
type pending struct {
	*reader
	name name.Repository
}

// root reads the manifest or index that ref names.
func (p pending) root(ctx context.Context, ref name.Reference) ([]byte, error) {
	repo, err := p.repository(ctx, p.name)
	if err != nil {
		return nil, err
	}
	root, err := repo.puller.Get(ctx, repo.in(ref))
	if err != nil {
		return nil, repo.explain(err)
	}
	return root.Manifest, nil
}

// Manifest implements oci.Content.
func (p pending) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	root, err := p.root(ctx, p.name.Digest(d.Digest.String()))
	return io.NopCloser(bytes.NewReader(root)), err
}

// Document implements oci.Content.
func (p pending) Document(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	repo, err := p.repository(ctx, p.name)
	if err != nil {
		return nil, err
	}
	l, err := repo.puller.Layer(ctx, repo.name.Digest(d.Digest.String()))
	if err != nil {
		return nil, repo.explain(err)
	}
	rc, err := l.Compressed() // a blob as it is stored
	return rc, repo.explain(err)
}

// Layer implements oci.Content.
func (p pending) Layer(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return p.Document(streaming(ctx), d)
}

// explain adds to an error why there were no credentials.
func (r *repository) explain(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, r.noCredentials)
}

// in returns ref in this repository, whose registry knows its scheme.
func (r *repository) in(ref name.Reference) name.Reference {
	if d, ok := ref.(name.Digest); ok {
		return r.name.Digest(d.DigestStr())
	}
	return r.name.Tag(ref.Identifier())
}

// missing makes of a registry's answer that it does not have an image the error
// that lets the next source be asked.
func missing(err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return fmt.Errorf("%w: %w", image.ErrNotFound, err)
	}
	return err
}
