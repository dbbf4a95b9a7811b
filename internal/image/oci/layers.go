package oci

import (
	"context"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layer is one layer of an image.
type layer interface {
	// open opens the layer as it is stored: a tar stream, compressed or not. A
	// reader that can tell ends in an error where the bytes are not those the
	// image names.
	open(ctx context.Context) (io.ReadCloser, error)
}

// blobLayer is a layer that a descriptor names.
type blobLayer struct {
	content Content
	desc    v1.Descriptor
}

func (l blobLayer) open(ctx context.Context) (io.ReadCloser, error) {
	rc, err := l.content.Layer(ctx, l.desc)
	if err != nil {
		return nil, err
	}
	r, err := verified(rc, l.desc)
	if err != nil {
		rc.Close()
		return nil, err
	}
	return readCloser{r, rc}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// LayerFunc opens a layer that no descriptor names.
type LayerFunc func(ctx context.Context) (io.ReadCloser, error)

func (f LayerFunc) open(ctx context.Context) (io.ReadCloser, error) { return f(ctx) }

// AddLayer puts a layer on top of the image.
func (img *Image) AddLayer(f LayerFunc) { img.layers = append(img.layers, f) }

// layerReader reads layers within the limits of one image.
type layerReader struct {
	packed, unpacked budget
}

func newLayerReader() *layerReader {
	return &layerReader{
		packed:   budget{maxPacked, "layers are"},
		unpacked: budget{maxUnpacked, "layers unpacked are"},
	}
}

// read gives f the tar stream of a layer. It reads the layer to its end,
// whatever f left, because only then its digest is known to be right: until
// then nothing of it is to be believed.
func (r *layerReader) read(ctx context.Context, l layer, f func(io.Reader) error) (err error) {
	raw, err := l.open(ctx)
	if err != nil {
		return err
	}
	defer raw.Close()
	packed := r.packed.reader(contextReader(ctx, raw))
	tar, err := unpack(packed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tar.Close()) }()

	plain := r.unpacked.reader(tar)
	if err := f(plain); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, packed)
	return err
}

// contextReader ends when the context does, whatever the medium.
func contextReader(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("layer: %w", context.Cause(ctx))
		}
		return r.Read(p)
	})
}

// unpack decompresses r, which may be gzip, zstd or not compressed.
func unpack(r io.Reader) (io.ReadCloser, error) {
	l, err := partial.CompressedToLayer(compressed{r})
	if err != nil {
		return nil, err
	}
	return l.Uncompressed()
}

// compressed is as much of a partial.CompressedLayer as decompressing asks for.
type compressed struct{ r io.Reader }

func (c compressed) Compressed() (io.ReadCloser, error)  { return io.NopCloser(c.r), nil }
func (c compressed) Digest() (v1.Hash, error)            { return v1.Hash{}, errors.ErrUnsupported }
func (c compressed) Size() (int64, error)                { return 0, errors.ErrUnsupported }
func (c compressed) MediaType() (types.MediaType, error) { return "", errors.ErrUnsupported }
