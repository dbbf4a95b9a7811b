package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
)

// Annotations that name the images of a layout.
const (
	refNameAnnotation    = "org.opencontainers.image.ref.name" // OCI image specification, annotations.md
	containerdAnnotation = "io.containerd.image.name"
)

// Layout is an OCI image layout, in a folder or in an archive.
type Layout struct {
	// Open opens a file of the layout by its path with slashes. The error wraps
	// fs.ErrNotExist where there is none.
	Open func(name string) (io.ReadCloser, error)

	roots map[string][]v1.Descriptor // of images, by their full names
}

// LoadLayout reads the index of a layout. as names what does not name itself:
// its repository is that of an annotation that is no more than a tag, and the
// only image of a layout, where it has no annotation, has as for its name. It
// may be nil.
func LoadLayout(open func(string) (io.ReadCloser, error), as name.Reference) (*Layout, error) {
	rc, err := open("index.json")
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	data, err := ReadAll(rc, MaxDocument)
	if err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	var index struct {
		Manifests []v1.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	l := &Layout{Open: open, roots: map[string][]v1.Descriptor{}}
	for _, e := range index.Manifests {
		ref := entryName(e, as)
		if ref == nil && len(index.Manifests) == 1 && e.Annotations[refNameAnnotation] == "" {
			ref = as
		}
		if ref != nil {
			l.roots[ref.Name()] = append(l.roots[ref.Name()], e)
		}
	}
	return l, nil
}

// entryName returns the name of an entry of index.json, nil where it has none
// that can be read.
func entryName(e v1.Descriptor, as name.Reference) name.Reference {
	if ref, err := ParseRef(e.Annotations[containerdAnnotation]); err == nil {
		return ref
	}
	s := e.Annotations[refNameAnnotation]
	switch {
	case s == "":
		return nil
	case strings.ContainsAny(s, "/:@"):
		if ref, err := ParseRef(s); err == nil {
			return ref
		}
	case as != nil:
		return as.Context().Tag(s)
	}
	return nil
}

// Find loads the image that ref names: by digest if it has one, else by name.
// ok is false where the layout does not have it.
func (l *Layout) Find(ctx context.Context, ref name.Reference, want v1.Platform) (img *Image, ok bool, err error) {
	if d, pinned := ref.(name.Digest); pinned {
		return l.findDigest(ctx, d.DigestStr(), want)
	}
	roots := l.roots[ref.Name()]
	if len(roots) == 0 {
		return nil, false, nil
	}
	img, err = loadFrom(ctx, l, roots, want)
	return img, true, err
}

// findDigest loads a manifest or index that the layout holds, whether or not
// index.json lists it. Its digest says what it is, whatever its name.
func (l *Layout) findDigest(ctx context.Context, digest string, want v1.Platform) (*Image, bool, error) {
	h, err := v1.NewHash(digest)
	if err != nil {
		return nil, false, err
	}
	rc, err := l.blob(ctx, v1.Descriptor{Digest: h})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer rc.Close()
	r, err := verified(rc, v1.Descriptor{Digest: h, Size: MaxDocument})
	if err != nil {
		return nil, false, err
	}
	data, err := ReadAll(r, MaxDocument)
	if err != nil {
		return nil, false, err
	}
	img, err := Load(ctx, l, data, want)
	return img, true, err
}

// Manifest opens a manifest or an index; with Document and Layer it makes a
// Layout a Content.
func (l *Layout) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return l.blob(ctx, d)
}

// Document opens a configuration.
func (l *Layout) Document(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return l.blob(ctx, d)
}

// Layer opens a layer.
func (l *Layout) Layer(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return l.blob(ctx, d)
}

func (l *Layout) blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return l.Open("blobs/" + d.Digest.Algorithm + "/" + d.Digest.Hex)
}

// Answer makes the Config that a medium returns of an image: it adds what was
// asked and where the answer is from, and the names if they are wanted.
func Answer(ctx context.Context, img *Image, req image.Request, source string) (image.Config, error) {
	if req.ResolveNames {
		if err := img.Names(ctx); err != nil {
			return image.Config{}, err
		}
	}
	cfg := img.Config
	cfg.Ref, cfg.Source = req.Ref, source
	return cfg, nil
}
