package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// reader is a Source without limits on how many images are read at a time.
type reader struct {
	opts     Options
	rewrite  rewriter
	insecure map[string]bool // hosts that may be spoken to over plain HTTP
	keychain *keychain
	puller   *remote.Puller
}

func newReader(opts Options) (*reader, error) {
	rw, err := newRewriter(opts.Mirrors)
	if err != nil {
		return nil, err
	}
	p := newPings(newCarrier(opts), opts.Timeout/2)
	keys := &keychain{Keychain: opts.Keychain, foreign: p.isForeign, failures: map[string]error{}}
	puller, err := remote.NewPuller(
		remote.WithTransport(p), remote.WithAuthFromKeychain(keys), remote.WithJobs(opts.Concurrency),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), // carrier repeats requests
	)
	if err != nil {
		return nil, err
	}
	return &reader{opts: opts, rewrite: rw, insecure: hostSet(opts.Insecure), keychain: keys, puller: puller}, nil
}

// load reads the image that ref names, what has a digest from the cache if it is
// there.
func (r *reader) load(ctx context.Context, ref name.Reference, want v1.Platform) (*oci.Image, error) {
	from := repository{r, ref.Context()}
	if r.insecure[from.name.RegistryStr()] {
		var err error
		if from.name.Registry, err = name.NewRegistry(from.name.RegistryStr(), name.Insecure); err != nil {
			return nil, err
		}
	}
	content := r.opts.Cache.Content(from)
	d, pinned := ref.(name.Digest)
	if !pinned {
		root, err := from.get(ctx, from.name.Tag(ref.Identifier()))
		if err != nil {
			return nil, missing(err)
		}
		return oci.Load(ctx, content, root, want)
	}
	digest, err := v1.NewHash(d.DigestStr())
	if err != nil {
		return nil, err
	}
	root, ok := r.opts.Cache.Get(digest)
	if !ok {
		if root, err = from.get(ctx, from.name.Digest(d.DigestStr())); err != nil {
			return nil, missing(err)
		}
		r.opts.Cache.Put(digest, root)
	}
	return oci.Load(ctx, content, root, want)
}

// repository is what oci reads from one repository.
type repository struct {
	*reader
	name name.Repository
}

// get reads the manifest or index that ref names, and checks it against its digest
// if ref has one.
func (r repository) get(ctx context.Context, ref name.Reference) ([]byte, error) {
	root, err := r.puller.Get(ctx, ref)
	if err != nil {
		return nil, r.explain(err)
	}
	return root.Manifest, nil
}

// Manifest implements oci.Content.
func (r repository) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	m, err := r.get(ctx, r.name.Digest(d.Digest.String()))
	return io.NopCloser(bytes.NewReader(m)), err
}

// Document implements oci.Content.
func (r repository) Document(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	l, err := r.puller.Layer(ctx, r.name.Digest(d.Digest.String()))
	if err != nil {
		return nil, r.explain(err)
	}
	rc, err := l.Compressed() // a blob as it is stored
	return rc, r.explain(err)
}

// Layer implements oci.Content.
func (r repository) Layer(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return r.Document(streaming(ctx), d)
}

// explain adds to an error why there were no credentials.
func (r repository) explain(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, r.keychain.failure(r.name))
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
