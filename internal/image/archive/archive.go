// Package archive reads the users of images from a tar archive: an OCI image
// layout packed up, or what docker save writes (manifest.json), plain or
// compressed with gzip.
//
// An image of docker save is found by its tags. One of a layout is found as in
// package layout. An archive that is both, as recent versions of Docker write
// it, is read as a layout first.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// source is what Config.Source says.
const source = "archive"

// Options are what an archive does not say itself.
type Options struct {
	// Name is an image reference. Its repository is that of images whose
	// annotation is only a tag, and the only image of an archive, where it has
	// no name, is taken to be Name. Empty: such images are found by digest
	// alone, and those of docker save not at all.
	Name string
}

// Source is an archive of images. It reads the archive's table of contents once,
// when first asked, and is safe for concurrent use.
type Source struct {
	path string
	as   name.Reference // nil for none
	turn chan struct{}  // held while loading
	c    *contents      // nil until loaded
}

// contents are the images of an archive, in either form.
type contents struct {
	layout *oci.Layout            // nil where the archive is none
	docker map[string]dockerImage // nil likewise
}

// New returns the archive in a file. The error is of opts; what is wrong with
// the file is the answer to every request.
func New(path string, opts Options) (*Source, error) {
	s := &Source{path: path, turn: make(chan struct{}, 1)}
	if opts.Name != "" {
		var err error
		if s.as, err = oci.ParseRef(opts.Name); err != nil {
			return nil, fmt.Errorf("archive %s: name: %w", path, err)
		}
	}
	return s, nil
}

// Config implements image.Source.
func (s *Source) Config(ctx context.Context, req image.Request) (image.Config, error) {
	cfg, err := s.config(ctx, req)
	if err != nil {
		return image.Config{}, fmt.Errorf("archive %s: %w", s.path, err)
	}
	return cfg, nil
}

func (s *Source) config(ctx context.Context, req image.Request) (image.Config, error) {
	ref, want, err := oci.ParseRequest(req)
	if err != nil {
		return image.Config{}, err
	}
	c, err := s.contents(ctx)
	if err != nil {
		return image.Config{}, err
	}
	img, err := c.find(ctx, ref, want)
	if err != nil {
		return image.Config{}, err
	}
	return oci.Answer(ctx, img, req, source)
}

// contents loads the archive's contents, once for all callers.
func (s *Source) contents(ctx context.Context) (*contents, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-s.turn }()
	if s.c != nil {
		return s.c, nil
	}
	c, err := load(ctx, s.path, s.as)
	if err != nil {
		return nil, err
	}
	s.c = c
	return c, nil
}

func load(ctx context.Context, path string, as name.Reference) (*contents, error) {
	f, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	c := &contents{}
	c.layout, err = oci.LoadLayout(f.open, as)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.docker, err = loadDocker(f, as)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if c.layout == nil && c.docker == nil {
		return nil, errors.New("holds no images: neither index.json nor manifest.json")
	}
	return c, nil
}

func (c *contents) find(ctx context.Context, ref name.Reference, want v1.Platform) (*oci.Image, error) {
	if c.layout != nil {
		if img, ok, err := c.layout.Find(ctx, ref, want); ok || err != nil {
			return img, err
		}
	}
	if d, ok := c.docker[ref.Name()]; ok {
		return d.load(want)
	}
	return nil, fmt.Errorf("%w: %s", image.ErrNotFound, ref.Name())
}
