package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// dockerImage is one image of docker save. It has no digest: the archive does
// not hold the manifest that a registry has of it.
type dockerImage struct {
	file *file
	desc tarball.Descriptor
}

// loadDocker reads manifest.json: the images by their full names, nil where there is
// none. The first of a name counts.
func loadDocker(f *file, as name.Reference) (map[string]dockerImage, error) {
	data, err := f.read("manifest.json")
	if err != nil {
		return nil, err
	}
	var m tarball.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	images := make(map[string]dockerImage, len(m))
	add := func(ref name.Reference, d tarball.Descriptor) {
		if _, ok := images[ref.Name()]; !ok {
			images[ref.Name()] = dockerImage{f, d}
		}
	}
	for _, d := range m {
		for _, t := range d.RepoTags {
			// A tag that is not a reference is none that anyone asks for.
			if ref, err := oci.ParseRef(t); err == nil {
				add(ref, d)
			}
		}
	}
	if len(m) == 1 && len(m[0].RepoTags) == 0 && as != nil {
		add(as, m[0])
	}
	return images, nil
}

// load reads the image, whatever its platform: it is the only one under its
// name.
func (d dockerImage) load(want v1.Platform) (*oci.Image, error) {
	data, err := d.file.read(d.desc.Config)
	if err != nil {
		return nil, err
	}
	img, err := oci.FromConfig(data, want)
	if err != nil {
		return nil, err
	}
	for _, layer := range d.desc.Layers {
		img.AddLayer(func(context.Context) (io.ReadCloser, error) { return d.file.open(layer) })
	}
	return img, nil
}
