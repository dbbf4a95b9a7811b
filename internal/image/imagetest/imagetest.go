// Package imagetest builds images and serves them from a registry on loopback,
// for tests: real images and a real registry, go-containerregistry's own.
package imagetest

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/compression"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// File is an entry of a layer. The zero Type is that of a regular file.
type File struct {
	Name, Body, Link string
	Type             byte
}

// Tar packs files as a tar stream, in their order.
func Tar(t testing.TB, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.Name, Linkname: f.Link, Typeflag: f.Type, Mode: 0o644, Size: int64(len(f.Body))}
		if f.Type == 0 {
			h.Typeflag = tar.TypeReg
		}
		check(t, w.WriteHeader(h))
		_, err := io.WriteString(w, f.Body)
		check(t, err)
	}
	check(t, w.Close())
	return b.Bytes()
}

// Spec describes an image. The zero Spec is for linux/amd64, has no USER and no
// layers, and is written in Docker's schema 2.
type Spec struct {
	User              string
	OS, Arch, Variant string
	OCI               bool
	Zstd              bool     // layers are compressed with zstd, not gzip
	Layers            [][]File // the lowest first
}

// Image builds an image.
func Image(t testing.TB, s Spec) v1.Image {
	t.Helper()
	img := empty.Image
	if s.OCI {
		img = mutate.MediaType(img, types.OCIManifestSchema1)
		img = mutate.ConfigMediaType(img, types.OCIConfigJSON)
	}
	comp := compression.GZip
	if s.Zstd {
		comp = compression.ZStd
	}
	for _, files := range s.Layers {
		data := Tar(t, files...)
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
		l, err := tarball.LayerFromOpener(open, tarball.WithCompression(comp))
		check(t, err)
		img, err = mutate.AppendLayers(img, l)
		check(t, err)
	}
	cf, err := img.ConfigFile()
	check(t, err)
	cf = cf.DeepCopy()
	cf.OS, cf.Architecture, cf.Variant = or(s.OS, "linux"), or(s.Arch, "amd64"), s.Variant
	cf.Config.User = s.User
	img, err = mutate.ConfigFile(img, cf)
	check(t, err)
	return img
}

// Index builds an index of images under their own platforms, each followed by
// an attestation as BuildKit adds it.
func Index(t testing.TB, oci bool, specs ...Spec) v1.ImageIndex {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.DockerManifestList)
	if oci {
		idx = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	}
	for _, s := range specs {
		img := Image(t, s)
		digest, err := img.Digest()
		check(t, err)
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: or(s.OS, "linux"), Architecture: or(s.Arch, "amd64"), Variant: s.Variant},
		}}, mutate.IndexAddendum{Add: Image(t, Spec{User: "attestation of " + s.User, OS: "unknown", Arch: "unknown", OCI: true}), Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"},
			Annotations: map[string]string{
				"vnd.docker.reference.type":   "attestation-manifest",
				"vnd.docker.reference.digest": digest.String(),
			},
		}})
	}
	return idx
}

// Registry is a registry on loopback that counts what it is asked.
type Registry struct {
	Host string // host:port

	mu    sync.Mutex
	count map[string]int
}

// Serve starts a registry until the end of the test. wrap is in front of
// it, for authentication and for trouble; it may be nil. What wrap answers
// itself counts as well.
func Serve(t testing.TB, wrap func(http.Handler) http.Handler) *Registry {
	t.Helper()
	r, h := handler(wrap)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	r.Host = s.Listener.Addr().String()
	return r
}

// ServeTLS is Serve over HTTPS, and returns the server for its certificate.
func ServeTLS(t testing.TB, wrap func(http.Handler) http.Handler) (*Registry, *httptest.Server) {
	t.Helper()
	r, h := handler(wrap)
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	r.Host = s.Listener.Addr().String()
	return r, s
}

func handler(wrap func(http.Handler) http.Handler) (*Registry, http.Handler) {
	r := &Registry{count: map[string]int{}}
	h := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	if wrap != nil {
		h = wrap(h)
	}
	return r, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.count[kind(req)]++
		r.mu.Unlock()
		h.ServeHTTP(w, req)
	})
}

// kind is what Counts counts a request under.
func kind(req *http.Request) string {
	switch p := req.URL.Path; {
	case p == "/v2/":
		return "ping"
	case strings.Contains(p, "/manifests/"):
		return "manifest"
	case strings.Contains(p, "/blobs/"):
		return "blob"
	}
	return "other"
}

// Counts returns the number of requests since it was last called, by kind: ping,
// manifest, blob, other.
func (r *Registry) Counts() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.count
	r.count = map[string]int{}
	return out
}

// Push puts an image or an index into the registry under repo:tag, and returns
// its full reference and its digest. Its requests are not counted.
func (r *Registry) Push(t testing.TB, repoTag string, img remote.Taggable, opts ...remote.Option) (ref, digest string) {
	t.Helper()
	ref = r.Host + "/" + repoTag
	tag, err := name.NewTag(ref)
	check(t, err)
	type digester interface{ Digest() (v1.Hash, error) }
	switch img := img.(type) {
	case v1.Image:
		err = remote.Write(tag, img, opts...)
	case v1.ImageIndex:
		err = remote.WriteIndex(tag, img, opts...)
	}
	check(t, err)
	h, err := img.(digester).Digest()
	check(t, err)
	r.Counts()
	return ref, h.String()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
