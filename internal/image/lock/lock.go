// Package lock keeps the users of images in a file beside the manifests, so that
// a policy can judge them without a network: the same bytes in, the same
// findings out.
//
// Build reads the images once and Marshal writes the file; Parse reads it back,
// strictly, and a Lock is then an image.Source, to be before all others in
// image.FirstOf. Verify says what in a lock no longer holds.
//
// The file is a Kubernetes-like object that hosts leave alone and never apply
// (config.kubernetes.io/local-config):
//
//	apiVersion: usergroup.dev/v1alpha1
//	kind: ImageUserLock
//	metadata:
//	  name: images
//	  annotations:
//	    config.kubernetes.io/local-config: "true"
//	images:
//	- image: registry.example/app:1.2
//	  digest: sha256:…
//	  platform: linux/amd64
//	  os: linux
//	  user: app
//	  uid: 1000
//	  gid: 1000
package lock

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// What a lock file says it is.
const (
	APIVersion = "usergroup.dev/v1alpha1"
	Kind       = "ImageUserLock"
)

// source is what Config.Source says.
const source = "lock"

// Entry is what is known of one image for one platform.
type Entry struct {
	// Image is the reference as it is written in the manifests. It also answers for
	// every other way to write the same image, and for its repository with
	// Digest.
	Image string `json:"image"`
	// Digest is that of the manifest or index, sha256:…; "" where the source it
	// was read from did not know it.
	Digest string `json:"digest,omitempty"`
	// Platform is the one asked for, os/arch[/variant].
	Platform string `json:"platform"`
	OS       string `json:"os"`   // of the image: linux, windows
	User     string `json:"user"` // USER as the image has it; "" for none
	// UID and GID are the ids that User means, names resolved; nil where it
	// names none or the image does not know the name.
	UID *int64 `json:"uid,omitempty"`
	GID *int64 `json:"gid,omitempty"`
}

// Lock is the content of a lock file. It is an image.Source; make it with New,
// Parse or Build, and do not change Entries afterwards.
type Lock struct {
	// Entries are sorted by image and platform, each pair once.
	Entries []Entry

	index map[key]int // into Entries
}

// key names an image for a platform: a normalised reference.
type key struct{ image, platform string }

// New makes a Lock of entries in any order. The error joins everything that is
// wrong with them.
func New(entries []Entry) (*Lock, error) {
	l := &Lock{Entries: sorted(entries), index: map[key]int{}}
	return l, l.check()
}

// Config implements image.Source. UID and GID are there whether or not
// ResolveNames is set, and File never is. An image that the lock does not have
// for the platform is not found.
func (l *Lock) Config(ctx context.Context, req image.Request) (image.Config, error) {
	if ctx.Err() != nil {
		return image.Config{}, context.Cause(ctx)
	}
	ref, want, err := oci.ParseRequest(req)
	if err != nil {
		return image.Config{}, fmt.Errorf("lock: %w", err)
	}
	i, ok := l.index[key{ref.Name(), want.String()}]
	if !ok {
		return image.Config{}, fmt.Errorf("lock: %w: %s for %s", image.ErrNotFound, ref.Name(), want)
	}
	e := l.Entries[i]
	return image.Config{
		Ref:      req.Ref,
		Digest:   e.Digest,
		Platform: e.Platform,
		OS:       e.OS,
		User:     e.User,
		UID:      e.UID,
		GID:      e.GID,
		Source:   source,
	}, nil
}

// add puts entry i into the index under every name it answers to.
func (l *Lock) add(i int, ref name.Reference, platform string) {
	e := l.Entries[i]
	l.index[key{ref.Name(), platform}] = i
	if e.Digest == "" {
		return
	}
	pinned := key{ref.Context().Digest(e.Digest).Name(), platform}
	if _, taken := l.index[pinned]; !taken {
		l.index[pinned] = i
	}
}
