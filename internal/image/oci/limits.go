package oci

import (
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// What is read of an image at most, in bytes.
const (
	// MaxDocument bounds a manifest, an index and a configuration. The OCI
	// distribution specification has registries refuse manifests above it.
	MaxDocument = 4 << 20
	// maxPacked and maxUnpacked bound the layers of one image that are read for
	// the names of users, as they are stored and after decompression.
	maxPacked   = 512 << 20
	maxUnpacked = 2 << 30
	// maxNames bounds /etc/passwd and /etc/group.
	maxNames = 1 << 20
)

// ErrTooLarge is wrapped where a limit is exceeded.
var ErrTooLarge = errors.New("larger than allowed")

// ReadAll reads r to its end, at most limit bytes.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return data, nil
}

// budget counts down the bytes that may still be read.
type budget struct {
	left int64
	what string
}

// reader charges what is read from r to b.
func (b *budget) reader(r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if b.left < 0 {
			return 0, fmt.Errorf("%s %w", b.what, ErrTooLarge)
		}
		// One byte more than is left tells the end from too much.
		n, err := r.Read(p[:min(int64(len(p)), b.left+1)])
		if b.left -= int64(n); b.left < 0 {
			return 0, fmt.Errorf("%s %w", b.what, ErrTooLarge)
		}
		return n, err
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// verified gives the bytes of r and, at their end, an error in place of io.EOF
// where they are not those that d describes.
func verified(r io.Reader, d v1.Descriptor) (io.Reader, error) {
	hash, err := v1.Hasher(d.Digest.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("digest %q: %w", d.Digest, err)
	}
	var size int64
	return readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		hash.Write(p[:n])
		size += int64(n)
		if size > d.Size {
			return 0, fmt.Errorf("%s has more than the %d bytes that its manifest says", d.Digest, d.Size)
		}
		if err != io.EOF {
			return n, err
		}
		if got := fmt.Sprintf("%x", hash.Sum(nil)); got != d.Digest.Hex {
			return n, fmt.Errorf("digest must be %s, is %s:%s", d.Digest, d.Digest.Algorithm, got)
		}
		return n, io.EOF
	}), nil
}
