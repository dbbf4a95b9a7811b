// Package oci reads what every medium has in common: references, manifests,
// indexes, configurations and, for the names of users, layers.
//
// A medium (a registry, a layout, an archive) says what bytes a reference names
// and opens manifests and blobs by descriptor; Load walks from there to the
// image of a platform, and Image.Names looks into its layers. Every document is
// read to a limit and checked against its digest here, whatever the medium did.
package oci

import (
	"errors"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
)

// ParseRef reads an image reference as Docker does: a short name means the
// default registry, no tag means latest, and of tag and digest the digest
// counts.
func ParseRef(ref string) (name.Reference, error) {
	if ref == "" {
		return nil, errors.New("no image is named")
	}
	return name.ParseReference(ref)
}

// ParseRequest reads the reference and the platform of a request.
func ParseRequest(req image.Request) (name.Reference, v1.Platform, error) {
	ref, err := ParseRef(req.Ref)
	if err != nil {
		return nil, v1.Platform{}, err
	}
	platform, err := ParsePlatform(req.Platform)
	return ref, platform, err
}
