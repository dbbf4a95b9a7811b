package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/usergroup-dev/usergroup/image"
)

// Content opens what descriptors describe. Readers end with the context.
type Content interface {
	// Manifest opens a manifest or an index.
	Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
	// Document opens a configuration.
	Document(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
	// Layer opens a layer as it is stored.
	Layer(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
}

// Image is an image for one platform.
type Image struct {
	// Config is what was found; Ref and Source are the medium's to set, UID and
	// GID those of Names.
	Config image.Config

	layers []layer
}

// maxDepth bounds indexes within indexes.
const maxDepth = 4

// windowsOnly returns the index of an image of an index whose images are all for
// Windows, which is a Windows image whatever the platform asked for; -1 for any
// other index.
func windowsOnly(entries []v1.Descriptor) int {
	found := -1
	for i, e := range entries {
		switch {
		case isAttestation(e):
		case e.Platform == nil || e.Platform.OS != "windows":
			return -1
		default:
			found = i
		}
	}
	return found
}

// errNoPlatform says that an index has nothing for the platform.
var errNoPlatform = errors.New("no image for the platform")

// Load finds the image for want in the manifest or index root, whose digest its
// Config has. Entries of an index that are not images for a platform, such as
// attestations, are passed over. A root that is an image is taken whatever its
// platform, because a node runs it whatever its own is.
func Load(ctx context.Context, c Content, root []byte, want v1.Platform) (*Image, error) {
	digest, _, err := v1.SHA256(bytes.NewReader(root))
	if err != nil {
		return nil, err
	}
	img, err := loader{c, want}.document(ctx, root, 0)
	if err != nil {
		return nil, err
	}
	img.Config.Digest = digest.String()
	return img, nil
}

// loadFrom is Load where several roots answer to one reference, one for each
// platform.
func loadFrom(ctx context.Context, c Content, roots []v1.Descriptor, want v1.Platform) (*Image, error) {
	l := loader{c, want}
	if len(roots) == 1 {
		data, err := l.manifest(ctx, roots[0])
		if err != nil {
			return nil, err
		}
		return Load(ctx, c, data, want)
	}
	return l.index(ctx, roots, 0)
}

type loader struct {
	content Content
	want    v1.Platform
}

// document is what a manifest and an index have, as far as it matters here.
type document struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     types.MediaType `json:"mediaType"`
	Config        *v1.Descriptor  `json:"config"`
	Layers        []v1.Descriptor `json:"layers"`
	Manifests     []v1.Descriptor `json:"manifests"`
}

func (l loader) document(ctx context.Context, data []byte, depth int) (*Image, error) {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	switch {
	case doc.SchemaVersion == 1:
		return nil, errors.New("manifest: Docker's schema 1 is not supported")
	case doc.Manifests != nil && (doc.Config != nil || doc.Layers != nil):
		// What it is would depend on who reads it.
		return nil, errors.New("manifest: is both an index and an image")
	case doc.Manifests != nil:
		return l.index(ctx, doc.Manifests, depth)
	case doc.Config != nil:
		return l.image(ctx, *doc.Config, doc.Layers)
	}
	return nil, fmt.Errorf("manifest: neither an image nor an index (media type %q)", doc.MediaType)
}

// index finds the image for the platform among the entries of an index: the one
// whose platform fits best, else one that does not say and turns out to fit.
func (l loader) index(ctx context.Context, entries []v1.Descriptor, depth int) (*Image, error) {
	if depth >= maxDepth {
		return nil, errors.New("manifest: too many indexes within indexes")
	}
	best, score := -1, -1
	var silent []v1.Descriptor
	for i, e := range entries {
		switch {
		case isAttestation(e):
		case e.Platform == nil:
			silent = append(silent, e)
		default:
			if f := fit(*e.Platform, l.want); f > score {
				best, score = i, f
			}
		}
	}
	if best >= 0 {
		return l.entry(ctx, entries[best], depth)
	}
	for _, e := range silent {
		img, err := l.entry(ctx, e, depth)
		if errors.Is(err, errNoPlatform) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if have, err := ParsePlatform(img.Config.Platform); err == nil && fit(have, l.want) >= 0 {
			return img, nil
		}
	}
	if i := windowsOnly(entries); i >= 0 {
		return l.entry(ctx, entries[i], depth)
	}
	return nil, fmt.Errorf("%w %s, only for %s", errNoPlatform, l.want, platforms(entries))
}

// entry loads the manifest or index that an entry of an index names.
func (l loader) entry(ctx context.Context, e v1.Descriptor, depth int) (*Image, error) {
	data, err := l.manifest(ctx, e)
	if err != nil {
		return nil, err
	}
	img, err := l.document(ctx, data, depth+1)
	if err != nil {
		return nil, err
	}
	img.Config.Digest = e.Digest.String()
	return img, nil
}

// isAttestation reports whether an entry of an index is not an image to run but
// something said about one, as BuildKit adds it.
func isAttestation(e v1.Descriptor) bool {
	_, refers := e.Annotations["vnd.docker.reference.type"]
	unknown := e.Platform != nil && e.Platform.OS == "unknown" && e.Platform.Architecture == "unknown"
	return refers || unknown
}

// platforms lists the platforms of an index, for a message.
func platforms(entries []v1.Descriptor) string {
	var out bytes.Buffer
	for _, e := range entries {
		if e.Platform == nil || isAttestation(e) {
			continue
		}
		if out.Len() > 0 {
			out.WriteString(", ")
		}
		out.WriteString(e.Platform.String())
	}
	if out.Len() == 0 {
		return "platforms it does not name"
	}
	return out.String()
}

// configFile is what matters of an image's configuration.
type configFile struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
	Config       struct {
		User string `json:"User"`
	} `json:"config"`
}

func (l loader) image(ctx context.Context, config v1.Descriptor, descs []v1.Descriptor) (*Image, error) {
	if !config.MediaType.IsConfig() {
		return nil, fmt.Errorf("manifest: is not of a container image (configuration of media type %q)", config.MediaType)
	}
	data, err := read(ctx, l.content.Document, config)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	img, err := FromConfig(data, l.want)
	if err != nil {
		return nil, err
	}
	for _, d := range descs {
		img.layers = append(img.layers, blobLayer{l.content, d})
	}
	return img, nil
}

// FromConfig makes an image without layers of a configuration file. One that
// does not name its platform is taken to be for want.
func FromConfig(data []byte, want v1.Platform) (*Image, error) {
	var f configFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	have := v1.Platform{OS: f.OS, Architecture: f.Architecture, Variant: f.Variant}
	if have.OS == "" || have.Architecture == "" {
		have = want
	}
	return &Image{Config: image.Config{
		Platform: have.String(),
		OS:       have.OS,
		User:     f.Config.User,
		File:     data,
	}}, nil
}

func (l loader) manifest(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	data, err := read(ctx, l.content.Manifest, d)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	return data, nil
}

// read reads and checks a whole document.
func read(ctx context.Context, open func(context.Context, v1.Descriptor) (io.ReadCloser, error), d v1.Descriptor) ([]byte, error) {
	if d.Size > MaxDocument {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, d.Size, MaxDocument)
	}
	rc, err := open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	r, err := verified(rc, d)
	if err != nil {
		return nil, err
	}
	return ReadAll(r, MaxDocument)
}
