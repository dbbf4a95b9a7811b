// Package layout reads the users of images from an OCI image layout: a folder
// with index.json and blobs, as skopeo, crane, BuildKit and ko write it.
//
// An image is found by its digest, or by the name in its annotations:
// io.containerd.image.name, else org.opencontainers.image.ref.name. The latter is
// often no more than a tag; Options.Name then says of which repository.
package layout

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// source is what Config.Source says.
const source = "layout"

// Options are what a layout does not say itself.
type Options struct {
	// Name is an image reference. Its repository is that of images whose
	// annotation is only a tag, and the only image of a layout, where it has no
	// annotation, is taken to be Name. Empty: such images are found by digest
	// alone.
	Name string
}

// Source is an OCI image layout. It reads index.json once, when first asked, and
// is safe for concurrent use.
type Source struct {
	dir  string
	load func() (*oci.Layout, error)
}

// New returns the layout in a folder. The error is of opts; what is wrong with
// the folder is the answer to every request.
func New(dir string, opts Options) (*Source, error) {
	var as name.Reference
	if opts.Name != "" {
		var err error
		if as, err = oci.ParseRef(opts.Name); err != nil {
			return nil, fmt.Errorf("layout %s: name: %w", dir, err)
		}
	}
	open := func(name string) (io.ReadCloser, error) { return open(dir, name) }
	return &Source{dir, sync.OnceValues(func() (*oci.Layout, error) { return oci.LoadLayout(open, as) })}, nil
}

// open opens a file of the layout; a link that leads out of it is refused.
func open(dir, name string) (io.ReadCloser, error) {
	return os.OpenInRoot(dir, filepath.FromSlash(name))
}

// Config implements image.Source.
func (s *Source) Config(ctx context.Context, req image.Request) (image.Config, error) {
	cfg, err := s.config(ctx, req)
	if err != nil {
		return image.Config{}, fmt.Errorf("layout %s: %w", s.dir, err)
	}
	return cfg, nil
}

func (s *Source) config(ctx context.Context, req image.Request) (image.Config, error) {
	ref, want, err := oci.ParseRequest(req)
	if err != nil {
		return image.Config{}, err
	}
	l, err := s.load()
	if err != nil {
		return image.Config{}, err
	}
	img, ok, err := l.Find(ctx, ref, want)
	switch {
	case err != nil:
		return image.Config{}, err
	case !ok:
		return image.Config{}, fmt.Errorf("%w: %s", image.ErrNotFound, ref.Name())
	}
	return oci.Answer(ctx, img, req, source)
}
