package imagebuild_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/archive"
	"github.com/usergroup-dev/usergroup/internal/imagebuild"
)

const tag = "registry.example/usergroup:v1.2.3"

func contents() imagebuild.Contents {
	return imagebuild.Contents{
		Binaries: map[string][]byte{
			"linux/amd64": []byte("binary for amd64"),
			"linux/arm64": []byte("binary for arm64"),
		},
		Certificates: []byte("certificates"),
		Version:      "v1.2.3",
		Revision:     "0123456789abcdef",
	}
}

func TestImageConfiguration(t *testing.T) {
	img, err := contents().Image("linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	got, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := &v1.ConfigFile{
		OS:           "linux",
		Architecture: "arm64",
		History:      []v1.History{{CreatedBy: "root file system"}, {CreatedBy: "usergroup v1.2.3"}},
		RootFS:       got.RootFS, // the layers, of which TestImageFiles sees every byte
		Config: v1.Config{
			User:       "65534:65534",
			Entrypoint: []string{"/usr/local/bin/usergroup"},
			Env:        []string{"PATH=/usr/local/bin"},
			Labels: map[string]string{
				"org.opencontainers.image.title":       "usergroup",
				"org.opencontainers.image.description": "KRM function that enforces which users and groups Kubernetes workloads run as",
				"org.opencontainers.image.licenses":    "Apache-2.0",
				"org.opencontainers.image.version":     "v1.2.3",
				"org.opencontainers.image.revision":    "0123456789abcdef",
				"dev.usergroup.krm.function-config":    "usergroup.dev/v1alpha1 UserGroupPolicy",
				"dev.usergroup.krm.network":            "none, unless a policy looks at images",
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestImageFiles(t *testing.T) {
	img, err := contents().Image("linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, l := range layers {
		got = append(got, list(t, l))
	}
	want := [][]string{
		{
			"etc/ 755",
			"etc/group 644 root:x:0:|nogroup:x:65534:|",
			"etc/passwd 644 root:x:0:0:root:/root:/sbin/nologin|nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin|",
			"tmp/ 1777",
			"etc/ssl/ 755",
			"etc/ssl/certs/ 755",
			"etc/ssl/certs/ca-certificates.crt 644 certificates",
		},
		{"usr/local/bin/usergroup 755 binary for amd64"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// list renders the entries of a layer, one a string: name, mode, content. An
// entry that does not belong to root at the epoch fails the test.
func list(t *testing.T, l v1.Layer) []string {
	t.Helper()
	if mt, err := l.MediaType(); err != nil || mt != types.OCILayer {
		t.Errorf("media type of a layer is %q (%v)", mt, err)
	}
	rc, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	var entries []string
	for r := tar.NewReader(rc); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.ModTime.Unix() != 0 {
			t.Errorf("%s: uid %d, gid %d, time %v", h.Name, h.Uid, h.Gid, h.ModTime)
		}
		entry := fmt.Sprintf("%s %o %s", h.Name, h.Mode, strings.ReplaceAll(string(data), "\n", "|"))
		entries = append(entries, strings.TrimSpace(entry))
	}
}

func TestIndex(t *testing.T) {
	idx, err := contents().Index()
	if err != nil {
		t.Fatal(err)
	}
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	got := []string{string(m.MediaType)}
	for _, d := range m.Manifests {
		got = append(got, string(d.MediaType)+" "+d.Platform.String())
	}
	want := []string{
		"application/vnd.oci.image.index.v1+json",
		"application/vnd.oci.image.manifest.v1+json linux/amd64",
		"application/vnd.oci.image.manifest.v1+json linux/arm64",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}
}

// TestSameBytes writes everything twice and compares every file.
func TestSameBytes(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	for _, dir := range dirs {
		write(t, dir)
	}
	files := 0
	err := filepath.WalkDir(dirs[0], func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dirs[0], p)
		if err != nil {
			return err
		}
		first, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		second, err := os.ReadFile(filepath.Join(dirs[1], rel))
		if err != nil {
			return err
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s differs", rel)
		}
		files++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// The tarball; oci-layout, index.json, the index, and for two platforms a
	// manifest, a configuration, a layer of their own; and the common layer.
	if want := 1 + 3 + 2*3 + 1; files != want {
		t.Errorf("compared %d files, want %d", files, want)
	}
}

// write writes a layout and a tarball to dir.
func write(t *testing.T, dir string) {
	t.Helper()
	c := contents()
	idx, err := c.Index()
	if err != nil {
		t.Fatal(err)
	}
	if err := imagebuild.WriteLayout(filepath.Join(dir, "image"), c.Version, idx); err != nil {
		t.Fatal(err)
	}
	img, err := c.Image("linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := imagebuild.WriteTarball(&b, ref, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "usergroup.tar"), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestWritten(t *testing.T) {
	dir := t.TempDir()
	write(t, dir)
	l, err := layout.ImageIndexFromPath(filepath.Join(dir, "image"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(l); err != nil {
		t.Errorf("layout: %v", err)
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		t.Fatal(err)
	}
	img, err := tarball.ImageFromPath(filepath.Join(dir, "usergroup.tar"), &ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(img); err != nil {
		t.Errorf("tarball: %v", err)
	}
}

// TestUserAsReadByUsergroup reads the image with the project's own code.
func TestUserAsReadByUsergroup(t *testing.T) {
	dir := t.TempDir()
	write(t, dir)
	src, err := archive.New(filepath.Join(dir, "usergroup.tar"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Config(context.Background(), image.Request{Ref: tag, Platform: "linux/amd64", ResolveNames: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.User != imagebuild.User || got.UID == nil || *got.UID != 65534 || got.GID == nil || *got.GID != 65534 {
		t.Errorf("user %q, uid %v, gid %v", got.User, got.UID, got.GID)
	}
}

func TestMissingBinary(t *testing.T) {
	if _, err := contents().Image("linux/s390x"); err == nil {
		t.Error("an image without a binary was made")
	}
}

// TestDockerfile holds the Dockerfile to what this package makes.
func TestDockerfile(t *testing.T) {
	data, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	_, final, ok := strings.Cut(text, "\nFROM scratch\n")
	if !ok {
		t.Fatal("the last stage is not FROM scratch")
	}
	c := contents()
	c.Version, c.Revision = "$VERSION", "$REVISION"
	labels := map[string]string{}
	for _, m := range regexp.MustCompile(`([a-z.-]+)="([^"]*)"`).FindAllStringSubmatch(final, -1) {
		labels[m[1]] = m[2]
	}
	if diff := cmp.Diff(c.Labels(), labels); diff != "" {
		t.Errorf("labels (-imagebuild +Dockerfile):\n%s", diff)
	}
	for _, line := range []string{
		"COPY internal/imagebuild/rootfs/ /",
		"COPY --from=build /usergroup " + imagebuild.BinaryPath,
		"ENV PATH=/usr/local/bin",
		"USER " + imagebuild.User,
		`ENTRYPOINT ["` + imagebuild.BinaryPath + `"]`,
	} {
		if !strings.Contains(final, "\n"+line+"\n") && !strings.HasPrefix(final, line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
	if !strings.Contains(text, " > /rootfs"+imagebuild.CertificatesPath+"\n") {
		t.Errorf("no certificates at %s", imagebuild.CertificatesPath)
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (?:--\S+ )?(\S+)`).FindAllStringSubmatch(text, -1) {
		if m[1] != "scratch" && !regexp.MustCompile(`:\d+\.\d+\.\d+`).MatchString(m[1]) {
			t.Errorf("base image %s has no exact version", m[1])
		}
	}
}
