// Package disk keeps manifests and configurations of images in a folder, each
// under its digest.
//
// What is kept are the bytes that a digest names, not an answer made of them: a
// file whose bytes do not have the digest of its name is as good as none. So the
// folder cannot say of an image what is not so, whoever writes to it. Layers are
// not kept, they are large; where the names of users are looked up, they are read
// each time.
package disk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// Dir returns the folder of the cache: $XDG_CACHE_HOME/usergroup, else
// $HOME/.cache/usergroup; "" where neither is an absolute path, as in a container
// without a home.
func Dir() string {
	base := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(base) { // the XDG specification: a relative path is to be ignored
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return ""
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "usergroup")
}

// Cache is a folder of documents. A Cache of "" keeps nothing.
//
// Files appear by renaming, so that processes may share the folder and a run that
// is cut off leaves nothing broken, only a file that a later one removes. What cannot be read is a miss and what cannot
// be written is not kept: a cache never makes a run fail. The folder is created for
// its owner alone.
type Cache string

// format is the version of the files. It is part of their path: another version
// neither reads nor spoils them.
const format = "images-v2"

// Get returns the document with a digest.
func (c Cache) Get(digest v1.Hash) (data []byte, ok bool) {
	f, err := os.Open(c.file(digest))
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err = oci.ReadAll(f, oci.MaxDocument)
	return data, err == nil && has(data, digest)
}

// Put keeps a document if it has the digest. It writes it under a name of its own
// and renames it. What goes wrong only means that the next run reads it again.
func (c Cache) Put(digest v1.Hash, data []byte) {
	file := c.file(digest)
	if file == "" || !has(data, digest) {
		return
	}
	unfinished := filepath.Join(string(c), format, "unfinished")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.MkdirAll(unfinished, 0o700)); err != nil {
		return
	}
	sweep(unfinished)
	tmp, err := os.CreateTemp(unfinished, "*") // mode 0600
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
}

// abandoned is the age of a file that nobody writes to any more.
const abandoned = time.Hour

// sweep removes what processes that were killed have left.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir) // what cannot be read stays
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// file returns where a document is kept, "" where none is.
func (c Cache) file(digest v1.Hash) string {
	if c == "" {
		return ""
	}
	return filepath.Join(string(c), format, digest.Algorithm, digest.Hex)
}

// has reports whether data has the digest. SHA256 is the only algorithm.
func has(data []byte, digest v1.Hash) bool {
	got, _, err := v1.SHA256(bytes.NewReader(data))
	return err == nil && got == digest
}

// Content returns next behind the cache.
func (c Cache) Content(next oci.Content) oci.Content { return content{c, next} }

type content struct {
	cache Cache
	oci.Content
}

// Manifest implements oci.Content.
func (c content) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return c.open(ctx, d, c.Content.Manifest)
}

// Document implements oci.Content.
func (c content) Document(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return c.open(ctx, d, c.Content.Document)
}

// open opens a document. Whether it has its digest is for oci to say, also of what
// was just read.
func (c content) open(ctx context.Context, d v1.Descriptor, next func(context.Context, v1.Descriptor) (io.ReadCloser, error)) (io.ReadCloser, error) {
	data, ok := c.cache.Get(d.Digest)
	if !ok {
		rc, err := next(ctx, d)
		if err != nil {
			return nil, err
		}
		defer rc.Close()
		if data, err = oci.ReadAll(rc, oci.MaxDocument); err != nil {
			return nil, err
		}
		c.cache.Put(d.Digest, data)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}
