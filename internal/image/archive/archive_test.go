package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/archive"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
)

// docker writes what docker save writes, with go-containerregistry.
func docker(t *testing.T, images map[string]v1.Image) []byte {
	t.Helper()
	refs := map[name.Reference]v1.Image{}
	for n, img := range images {
		ref, err := name.ParseReference(n)
		if err != nil {
			t.Fatal(err)
		}
		refs[ref] = img
	}
	var b bytes.Buffer
	if err := tarball.MultiRefWrite(refs, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// oci packs a layout that go-containerregistry wrote.
func oci(t *testing.T, idx v1.ImageIndex, annotations map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	if err == nil {
		err = p.AppendIndex(idx, ggcrlayout.WithAnnotations(annotations))
	}
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compress(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newSource(t *testing.T, data []byte, opts archive.Options) *archive.Source {
	t.Helper()
	file := filepath.Join(t.TempDir(), "images.tar")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := archive.New(file, opts)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestCompressed: what is small is kept while a compressed archive is indexed, so that
// it is not decompressed for each image.
func TestCompressed(t *testing.T) {
	images := map[string]v1.Image{}
	for _, user := range []string{"1", "2"} {
		images["registry.example/app:"+user] = imagetest.Image(t, imagetest.Spec{User: user})
	}
	file := filepath.Join(t.TempDir(), "images.tar.gz")
	if err := os.WriteFile(file, compress(t, docker(t, images)), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := archive.New(file, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"1", "2"} {
		cfg, err := src.Config(t.Context(), image.Request{Ref: "registry.example/app:" + user, Platform: image.DefaultPlatform})
		if err != nil || cfg.User != user {
			t.Errorf("user %q, %v; want %s", cfg.User, err, user)
		}
		os.Remove(file)
	}
}

// TestArchives reads the same images from every form of archive.
func TestArchives(t *testing.T) {
	spec := imagetest.Spec{User: "app:staff", Layers: [][]imagetest.File{
		{{Name: "etc/passwd", Body: "app:x:1000:2000::/:\n"}, {Name: "etc/group", Body: "staff:x:50:\n"}},
		{{Name: "big", Body: strings.Repeat("x", 10000)}},
	}}
	saved := docker(t, map[string]v1.Image{
		"registry.example/app:1":   imagetest.Image(t, spec),
		"registry.example/other:1": imagetest.Image(t, imagetest.Spec{User: "0"}),
	})
	idx := imagetest.Index(t, true, spec, imagetest.Spec{User: "arm", Arch: "arm64"})
	packed := oci(t, idx, map[string]string{"org.opencontainers.image.ref.name": "registry.example/app:1"})
	digest, err := idx.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, digest string
		data         []byte
	}{
		{"docker save", "", saved},
		{"docker save, compressed", "", compress(t, saved)},
		{"OCI", digest.String(), packed},
		{"OCI, compressed", digest.String(), compress(t, packed)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := newSource(t, tc.data, archive.Options{})
			got, err := src.Config(t.Context(), image.Request{Ref: "registry.example/app:1", ResolveNames: true})
			if err != nil {
				t.Fatal(err)
			}
			if got.User != "app:staff" || got.Digest != tc.digest || got.Platform != "linux/amd64" || got.Source != "archive" || len(got.File) == 0 {
				t.Errorf("%+v", got)
			}
			if got.UID == nil || *got.UID != 1000 || got.GID == nil || *got.GID != 50 {
				t.Errorf("uid %v, gid %v", got.UID, got.GID)
			}
			for _, ref := range []string{"registry.example/app:2", "app:1", "registry.example/app@sha256:" + strings.Repeat("0", 64)} {
				if _, err := src.Config(t.Context(), image.Request{Ref: ref}); !errors.Is(err, image.ErrNotFound) {
					t.Errorf("%s: error is %v", ref, err)
				}
			}
		})
	}
}

// TestBoth: recent versions of docker save write a layout with a manifest.json
// beside it.
func TestBoth(t *testing.T) {
	idx := imagetest.Index(t, true, imagetest.Spec{User: "1"})
	packed := oci(t, idx, map[string]string{"io.containerd.image.name": "docker.io/library/app:1"})
	saved := docker(t, map[string]v1.Image{"old:1": imagetest.Image(t, imagetest.Spec{User: "2"})})
	const end = 2 * 512 // the zeros that end an archive
	src := newSource(t, append(packed[:len(packed)-end], saved...), archive.Options{})
	for ref, user := range map[string]string{"app:1": "1", "old:1": "2"} {
		if got, err := src.Config(t.Context(), image.Request{Ref: ref}); err != nil || got.User != user {
			t.Errorf("%s: %+v, %v", ref, got, err)
		}
	}
}

// TestUnnamed: an image that was saved by its id has no name.
func TestUnnamed(t *testing.T) {
	data := imagetest.Tar(t,
		imagetest.File{Name: "manifest.json", Body: `[{"Config":"c.json","RepoTags":null,"Layers":[]}]`},
		imagetest.File{Name: "c.json", Body: `{"os":"linux","architecture":"arm64","config":{"User":"9"}}`})
	req := image.Request{Ref: "registry.example/app"}
	if _, err := newSource(t, data, archive.Options{}).Config(t.Context(), req); !errors.Is(err, image.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	got, err := newSource(t, data, archive.Options{Name: "registry.example/app"}).Config(t.Context(), req)
	if err != nil || got.User != "9" || got.Platform != "linux/arm64" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLinks: old versions of docker save link layers that images share.
func TestLinks(t *testing.T) {
	layer := string(imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: "app:x:3:4::/:\n"}))
	data := imagetest.Tar(t,
		imagetest.File{Name: "aaa/layer.tar", Body: layer},
		imagetest.File{Name: "bbb/layer.tar", Link: "../aaa/layer.tar", Type: tar.TypeSymlink},
		imagetest.File{Name: "ccc/layer.tar", Link: "bbb/layer.tar", Type: tar.TypeLink},
		imagetest.File{Name: "loop", Link: "loop", Type: tar.TypeSymlink},
		imagetest.File{Name: "c.json", Body: `{"os":"linux","architecture":"amd64","config":{"User":"app"}}`},
		imagetest.File{Name: "manifest.json", Body: `[
			{"Config":"c.json","RepoTags":["app:1"],"Layers":["ccc/layer.tar"]},
			{"Config":"c.json","RepoTags":["app:2"],"Layers":["loop"]},
			{"Config":"gone.json","RepoTags":["app:3"],"Layers":[]}]`})
	src := newSource(t, data, archive.Options{})
	got, err := src.Config(t.Context(), image.Request{Ref: "app:1", ResolveNames: true})
	if err != nil || got.UID == nil || *got.UID != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, ref := range []string{"app:2", "app:3"} {
		if _, err := src.Config(t.Context(), image.Request{Ref: ref, ResolveNames: true}); err == nil || errors.Is(err, image.ErrNotFound) {
			t.Errorf("%s: error is %v", ref, err)
		}
	}
}

func TestBroken(t *testing.T) {
	saved := docker(t, map[string]v1.Image{"app:1": imagetest.Image(t, imagetest.Spec{User: "1"})})
	for _, tc := range []struct {
		name string
		data []byte
	}{
		{"empty", nil},
		{"no tar", []byte(strings.Repeat("x", 2000))},
		{"no images", imagetest.Tar(t, imagetest.File{Name: "a"})},
		{"cut off", saved[:700]},
		{"compressed and cut off", compress(t, saved)[:100]},
		{"manifest.json is not JSON", imagetest.Tar(t, imagetest.File{Name: "manifest.json", Body: "["})},
		{"huge manifest.json", imagetest.Tar(t, imagetest.File{Name: "manifest.json", Body: strings.Repeat(" ", 5<<20)})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := newSource(t, tc.data, archive.Options{}).Config(t.Context(), image.Request{Ref: "app:1"})
			if err == nil || errors.Is(err, image.ErrNotFound) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	src, err := archive.New(filepath.Join(t.TempDir(), "gone.tar"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Config(t.Context(), image.Request{Ref: "app:1"}); !errors.Is(err, os.ErrNotExist) || errors.Is(err, image.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newSource(t, saved, archive.Options{}).Config(ctx, image.Request{Ref: "app:1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if _, err := archive.New("x", archive.Options{Name: "UPPER"}); err == nil {
		t.Error("a bad name is accepted")
	}
}
