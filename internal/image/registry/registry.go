// Package registry reads the users of images from registries.
//
// New returns a Source for all registries. For an image it reads the manifest,
// the index above it if there is one, and the configuration; layers only where
// the names of users are wanted. Each registry is asked once how it wants to be
// authenticated to, and each repository is authenticated to once.
//
// With Options.Cache, what has a digest is read once and kept on disk.
//
// A Source is for one run: a registry that did not answer is not asked again.
//
// What it guarantees whatever a registry answers:
//
//   - An answer has a time limit (Options.Timeout) and a size limit, and is
//     checked against its digest wherever it was asked for by digest.
//   - Credentials go to the registry they are for, or to the token server that
//     this registry itself names; not where a redirect leads.
//   - Plain HTTP is used for loopback addresses and to the hosts listed in
//     Options.Insecure only, redirects and token servers included.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/disk"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// source is what Config.Source says.
const source = "registry"

// Defaults of Options.
const (
	DefaultTimeout      = 30 * time.Second
	DefaultNamesTimeout = 5 * time.Minute
	DefaultRetries      = 3
)

// Options say how to reach registries. The zero Options are good for use.
type Options struct {
	// Insecure lists registries, host or host:port as in the reference, that may
	// be spoken to over plain HTTP. HTTPS is tried first.
	Insecure []string
	// Mirrors replace the beginning of references: the key is a registry or a
	// registry and the beginning of a repository, the value what to put there.
	// The longest key that matches counts. The original is not asked; to have it
	// as a fallback, put a second Source behind this one with image.FirstOf.
	Mirrors map[string]string
	// Timeout bounds reading the configuration of one image, retries included;
	// 0 means DefaultTimeout.
	Timeout time.Duration
	// NamesTimeout bounds reading the layers of one image for the names of
	// users; 0 means DefaultNamesTimeout.
	NamesTimeout time.Duration
	// Retries is how often a request that failed for a passing reason is
	// repeated; 0 means DefaultRetries, and less than 0 never.
	Retries int
	// Cache keeps manifests and configurations that were read by digest. The zero
	// Cache keeps nothing.
	Cache disk.Cache
	// Concurrency bounds the images read at a time; 0 means
	// image.DefaultConcurrency.
	Concurrency int
	// Keychain has the credentials; nil means authn.DefaultKeychain, which reads
	// the configuration of Docker and of Podman and runs their credential
	// helpers. Where it has none, or fails, registries are asked without.
	Keychain authn.Keychain
	// Transport carries the requests; nil means one with the system's root
	// certificates (SSL_CERT_FILE, SSL_CERT_DIR) and proxies (HTTPS_PROXY).
	Transport http.RoundTripper
}

// Source reads from registries. It is safe for concurrent use.
type Source struct {
	image.Source // reader, within limits
}

// New returns a Source. The error names what in opts cannot be read.
func New(opts Options) (*Source, error) {
	opts = withDefaults(opts)
	r, err := newReader(opts)
	if err != nil {
		return nil, err
	}
	return &Source{image.Limit(r, opts.Concurrency)}, nil
}

func withDefaults(o Options) Options {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.NamesTimeout <= 0 {
		o.NamesTimeout = DefaultNamesTimeout
	}
	if o.Retries == 0 {
		o.Retries = DefaultRetries
	}
	if o.Concurrency <= 0 {
		o.Concurrency = image.DefaultConcurrency
	}
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	if o.Transport == nil {
		o.Transport = defaultTransport(o)
	}
	return o
}

// defaultTransport is go-containerregistry's, with a connection for each image
// that is read at a time and with nothing that waits without end.
func defaultTransport(o Options) http.RoundTripper {
	const headers = 1 << 20 // bytes
	t, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return remote.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = o.Concurrency
	t.ResponseHeaderTimeout = o.Timeout
	t.MaxResponseHeaderBytes = headers
	return t
}

// Config implements image.Source of a Source.
func (r *reader) Config(ctx context.Context, req image.Request) (image.Config, error) {
	ref, want, err := oci.ParseRequest(req)
	if err != nil {
		return image.Config{}, err
	}
	ref, err = r.rewrite.ref(ref)
	if err != nil {
		return image.Config{}, err
	}
	late := fmt.Errorf("no answer within %v: %w", r.opts.Timeout, context.DeadlineExceeded)
	quick, cancel := context.WithTimeoutCause(ctx, r.opts.Timeout, late)
	defer cancel()
	img, err := r.load(quick, ref, want)
	if err != nil {
		return image.Config{}, explain(quick, ref, err)
	}
	late = fmt.Errorf("layers not read within %v: %w", r.opts.NamesTimeout, context.DeadlineExceeded)
	slow, cancel := context.WithTimeoutCause(ctx, r.opts.NamesTimeout, late)
	defer cancel()
	cfg, err := oci.Answer(slow, img, req, source)
	if err != nil {
		return image.Config{}, explain(slow, ref, err)
	}
	return cfg, nil
}

// explain says of an error what it means: that the image is not there, that time
// is up, that credentials are wanted.
func explain(ctx context.Context, ref name.Reference, err error) error {
	var answer *transport.Error
	switch {
	case ctx.Err() != nil:
		if cause := context.Cause(ctx); !errors.Is(err, cause) {
			err = fmt.Errorf("%w (%w)", cause, err)
		}
	case errors.As(err, &answer):
		switch answer.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			err = fmt.Errorf("the registry refuses access: log in with docker login or podman login, or check the name: %w", err)
		case http.StatusTooManyRequests:
			err = fmt.Errorf("the registry's rate limit is reached: log in, or use a mirror or a lock file: %w", err)
		}
	}
	return fmt.Errorf("registry: %s: %w", ref.Name(), err)
}
