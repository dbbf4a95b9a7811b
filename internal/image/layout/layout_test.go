package layout_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/layout"
)

// write makes a layout with go-containerregistry and returns its folder. An
// image is appended for every set of annotations.
func write(t *testing.T, img v1.Image, annotations ...map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	for _, a := range annotations {
		if err == nil {
			err = p.AppendImage(img, ggcrlayout.WithAnnotations(a))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func digestOf(t *testing.T, img interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	h, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h.String()
}

const (
	refName    = "org.opencontainers.image.ref.name"
	containerd = "io.containerd.image.name"
)

// TestNames: under which names an image is found.
func TestNames(t *testing.T) {
	img := imagetest.Image(t, imagetest.Spec{User: "7", OCI: true})
	digest := digestOf(t, img)
	for _, tc := range []struct {
		name        string
		annotations map[string]string
		as          string
		found       []string
		missing     []string
	}{
		{
			"full reference",
			map[string]string{refName: "registry.example/app:1"},
			"",
			[]string{"registry.example/app:1"},
			[]string{"registry.example/app:2", "registry.example/app", "app:1"},
		},
		{
			"short reference",
			map[string]string{refName: "app:1"},
			"",
			[]string{"app:1", "docker.io/app:1", "docker.io/library/app:1"},
			[]string{"registry.example/app:1"},
		},
		{
			"containerd's name wins",
			map[string]string{refName: "1", containerd: "registry.example/app:1"},
			"registry.example/other",
			[]string{"registry.example/app:1"},
			[]string{"registry.example/other:1", "1"},
		},
		{
			"a tag",
			map[string]string{refName: "1"},
			"",
			nil,
			[]string{"1", "registry.example/app:1"},
		},
		{
			"a tag, with a name",
			map[string]string{refName: "1"},
			"registry.example/app",
			[]string{"registry.example/app:1"},
			[]string{"registry.example/app", "1"},
		},
		{
			"no annotation", nil, "",
			nil,
			[]string{"registry.example/app"},
		},
		{
			"no annotation, with a name", nil, "registry.example/app",
			[]string{"registry.example/app", "registry.example/app:latest"},
			[]string{"registry.example/app:1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src, err := layout.New(write(t, img, tc.annotations), layout.Options{Name: tc.as})
			if err != nil {
				t.Fatal(err)
			}
			// By digest it is found under any name.
			for _, ref := range append(tc.found, "any.example/x@"+digest, "any.example/x:1@"+digest) {
				got, err := src.Config(t.Context(), image.Request{Ref: ref})
				got.File = nil
				want := image.Config{Ref: ref, Digest: digest, Platform: "linux/amd64", OS: "linux", User: "7", Source: "layout"}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("%s: %v %s", ref, err, diff)
				}
			}
			for _, ref := range append(tc.missing, "any.example/x@sha256:"+strings.Repeat("0", 64)) {
				if _, err := src.Config(t.Context(), image.Request{Ref: ref}); !errors.Is(err, image.ErrNotFound) {
					t.Errorf("%s: error is %v", ref, err)
				}
			}
		})
	}
}

// TestIndex reads an index in a layout, and an image in it by its own digest.
func TestIndex(t *testing.T) {
	idx := imagetest.Index(t, true,
		imagetest.Spec{User: "1", OCI: true},
		imagetest.Spec{User: "app", Arch: "arm64", OCI: true, Layers: [][]imagetest.File{{{Name: "etc/passwd", Body: "app:x:5:6::/:\n"}}}})
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	if err == nil {
		err = p.AppendIndex(idx, ggcrlayout.WithAnnotations(map[string]string{refName: "app:1"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	src, err := layout.New(dir, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Config(t.Context(), image.Request{Ref: "app:1", Platform: "linux/arm64", ResolveNames: true})
	if err != nil || got.User != "app" || got.Digest != digestOf(t, idx) || got.UID == nil || *got.UID != 5 || *got.GID != 6 {
		t.Errorf("%+v, %v", got, err)
	}
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	child := m.Manifests[0].Digest.String()
	if got, err := src.Config(t.Context(), image.Request{Ref: "app@" + child}); err != nil || got.User != "1" || got.Digest != child {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSeveralRoots: one name for an image of each platform, without an index of
// their own.
func TestSeveralRoots(t *testing.T) {
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	for _, arch := range []string{"amd64", "arm64"} {
		if err != nil {
			t.Fatal(err)
		}
		err = p.AppendImage(imagetest.Image(t, imagetest.Spec{User: arch, Arch: arch}),
			ggcrlayout.WithAnnotations(map[string]string{refName: "app:1"}),
			ggcrlayout.WithPlatform(v1.Platform{OS: "linux", Architecture: arch}))
	}
	if err != nil {
		t.Fatal(err)
	}
	src, err := layout.New(dir, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		if got, err := src.Config(t.Context(), image.Request{Ref: "app:1", Platform: "linux/" + arch}); err != nil || got.User != arch {
			t.Errorf("%s: %+v, %v", arch, got, err)
		}
	}
	if _, err := src.Config(t.Context(), image.Request{Ref: "app:1", Platform: "linux/arm"}); err == nil || errors.Is(err, image.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
}

// TestBroken: a layout that does not hold what it should is an error and not an
// image that is not there.
func TestBroken(t *testing.T) {
	img := imagetest.Image(t, imagetest.Spec{User: "7", OCI: true})
	cf, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	blob := func(dir string) string { return filepath.Join(dir, "blobs", cf.Algorithm, cf.Hex) }
	for _, tc := range []struct {
		name  string
		spoil func(dir string) error
	}{
		{"no index.json", func(dir string) error { return os.Remove(filepath.Join(dir, "index.json")) }},
		{"no folder", os.RemoveAll},
		{"no configuration", func(dir string) error { return os.Remove(blob(dir)) }},
		{"another configuration", func(dir string) error {
			return os.WriteFile(blob(dir), []byte(`{"config":{"User":"1000"}}`), 0o600)
		}},
		{"a longer configuration", func(dir string) error {
			return os.WriteFile(blob(dir), make([]byte, 1<<16), 0o600)
		}},
		{"a link out of the layout", func(dir string) error {
			if err := os.Rename(blob(dir), dir+".json"); err != nil {
				return err
			}
			return os.Symlink(dir+".json", blob(dir))
		}},
		{"index.json is not JSON", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "index.json"), []byte("{"), 0o600)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := write(t, img, map[string]string{refName: "app:1"})
			if err := tc.spoil(dir); err != nil {
				t.Fatal(err)
			}
			src, err := layout.New(dir, layout.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := src.Config(t.Context(), image.Request{Ref: "app:1"}); err == nil || errors.Is(err, image.ErrNotFound) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if _, err := layout.New(t.TempDir(), layout.Options{Name: "UPPER"}); err == nil {
		t.Error("a bad name is accepted")
	}
}
