// Package imagebuild makes the container image of usergroup without a container
// engine: two layers on an empty image, the same bytes on every machine and at
// every time.
//
// The lower layer is what a function needs around it. Kustomize and kpt run
// every function as "nobody", so /etc/passwd has to know that name; a temporary
// folder; and the root certificates for policies that look at images. The upper
// layer is the binary, so that a new version costs one layer.
//
// The Dockerfile at the root of the repository makes an equivalent image with an
// engine, out of the same files.
package imagebuild

import (
	"archive/tar"
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Places and ids in the image.
const (
	BinaryPath       = "/usr/local/bin/usergroup"
	CertificatesPath = "/etc/ssl/certs/ca-certificates.crt"
	// User is nobody and its group, by number: the kubelet cannot verify a name.
	User = "65534:65534"
)

// rootfs is the skeleton that the Dockerfile copies too.
//
//go:embed rootfs
var rootfs embed.FS

// Contents is what the images are made of.
type Contents struct {
	// Binaries are the static programs by platform, as in linux/amd64.
	Binaries map[string][]byte
	// Certificates are the trusted roots in PEM; nil leaves them out.
	Certificates []byte
	// Version and Revision become labels: a version, and the commit it was
	// built from.
	Version, Revision string
}

// Labels are the labels of the image, which its manifests carry as annotations
// too.
func (c Contents) Labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "usergroup",
		"org.opencontainers.image.description": "KRM function that enforces which users and groups Kubernetes workloads run as",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     c.Version,
		"org.opencontainers.image.revision":    c.Revision,
		"dev.usergroup.krm.function-config":    "usergroup.dev/v1alpha1 UserGroupPolicy",
		"dev.usergroup.krm.network":            "none, unless a policy looks at images",
	}
}

// Image makes the image of one platform.
func (c Contents) Image(platform string) (v1.Image, error) {
	binary, ok := c.Binaries[platform]
	if !ok {
		return nil, fmt.Errorf("no binary for platform %s", platform)
	}
	files, err := c.skeleton()
	if err != nil {
		return nil, err
	}
	var adds []mutate.Addendum
	for _, l := range []struct {
		createdBy string
		files     []file
	}{
		{"root file system", files},
		{"usergroup " + c.Version, []file{{name: BinaryPath, mode: 0o755, data: binary}}},
	} {
		layer, err := newLayer(l.files)
		if err != nil {
			return nil, err
		}
		adds = append(adds, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: l.createdBy}})
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.Append(img, adds...); err != nil {
		return nil, err
	}
	if img, err = c.configure(img, platform); err != nil {
		return nil, err
	}
	return mutate.Annotations(img, c.Labels()).(v1.Image), nil
}

// configure completes the configuration that the layers gave. It sets no time
// of creation, because that would make each build another image.
func (c Contents) configure(img v1.Image, platform string) (v1.Image, error) {
	p, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, err
	}
	cfg, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	cfg = cfg.DeepCopy()
	cfg.OS, cfg.Architecture, cfg.Variant = p.OS, p.Architecture, p.Variant
	cfg.Config = v1.Config{
		User:       User,
		Entrypoint: []string{BinaryPath},
		Env:        []string{"PATH=" + path.Dir(BinaryPath)},
		Labels:     c.Labels(),
	}
	return mutate.ConfigFile(img, cfg)
}

// Index makes the multi-platform image, its platforms in alphabetical order.
func (c Contents) Index() (v1.ImageIndex, error) {
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range slices.Sorted(maps.Keys(c.Binaries)) {
		img, err := c.Image(platform)
		if err != nil {
			return nil, err
		}
		p, err := v1.ParsePlatform(platform)
		if err != nil {
			return nil, err
		}
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: p}})
	}
	return mutate.Annotations(idx, c.Labels()).(v1.ImageIndex), nil
}

// WriteLayout writes the index as an OCI image layout, where ref.name is the
// version, as crane and skopeo look it up. The folder must not exist.
func WriteLayout(dir, version string, idx v1.ImageIndex) error {
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	return l.AppendIndex(idx, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": version}))
}

// WriteTarball writes one image in the form that docker load and podman load
// read.
func WriteTarball(w io.Writer, tag name.Tag, img v1.Image) error {
	return tarball.Write(tag, img, w)
}

// file is a file or, with fs.ModeDir, a folder of a layer.
type file struct {
	name string
	mode fs.FileMode
	data []byte
}

// skeleton lists the files of the lower layer, parents before what they hold.
func (c Contents) skeleton() ([]file, error) {
	var files []file
	err := fs.WalkDir(rootfs, "rootfs", func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == "rootfs" {
			return err
		}
		f := file{name: p[len("rootfs"):], mode: 0o644}
		if d.IsDir() {
			f.mode = fs.ModeDir | 0o755
		} else if f.data, err = rootfs.ReadFile(p); err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	files = append(files, file{name: "/tmp", mode: fs.ModeDir | fs.ModeSticky | 0o777})
	if c.Certificates != nil {
		for _, dir := range []string{path.Dir(path.Dir(CertificatesPath)), path.Dir(CertificatesPath)} {
			files = append(files, file{name: dir, mode: fs.ModeDir | 0o755})
		}
		files = append(files, file{name: CertificatesPath, mode: 0o644, data: c.Certificates})
	}
	return files, nil
}

// newLayer packs files that belong to root and have no time.
func newLayer(files []file) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		info := &tar.Header{
			Typeflag: tar.TypeReg,
			Name:     f.name[1:],
			Mode:     int64(f.mode.Perm()),
			Size:     int64(len(f.data)),
			ModTime:  time.Unix(0, 0),
		}
		if f.mode.IsDir() {
			info.Typeflag = tar.TypeDir
			info.Name += "/"
		}
		if f.mode&fs.ModeSticky != 0 {
			info.Mode |= 0o1000
		}
		if err := w.WriteHeader(info); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer))
}
