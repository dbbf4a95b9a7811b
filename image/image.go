// Package image answers which user an image runs as.
//
// A Source reads the configuration of an image. Package image/sources opens those of
// the command line: registries, OCI layouts, tarballs and lock files. Decorators in
// this package work on any Source: FirstOf asks one source after the other, Memory
// keeps answers, Limit and Timeout bound the asking.
//
// A run collects the images it needs, hands them to ResolveAll, which reads each
// once, and then judges with the Lookup that it returns, which does no I/O:
//
//	src := image.Memory(image.FirstOf(lock, layout, registry))
//	lookup := image.ResolveAll(ctx, src, requests, image.DefaultConcurrency)
package image

import (
	"context"
	"errors"
)

// DefaultPlatform is the platform whose configuration is read where a policy
// names none.
const DefaultPlatform = "linux/amd64"

// Errors that a Source wraps.
var (
	// ErrNotFound says that the source does not have the image: the next source
	// may.
	ErrNotFound = errors.New("image not found")
	// ErrNoConfigFile says that the source knows the user but not the whole
	// configuration, as a lock does.
	ErrNoConfigFile = errors.New("no image configuration file available")
)

// Config is what a policy needs to know of an image for one platform.
type Config struct {
	Ref      string // as asked
	Digest   string // of the manifest or index that the reference names: sha256:…; "" where unknown
	Platform string // os/arch[/variant]
	OS       string // linux, windows
	User     string // USER as it is written in the configuration; "" for none
	// UID and GID are the ids that the names in User resolve to in the image's
	// own /etc/passwd and /etc/group; nil where not asked for or not there.
	UID, GID *int64
	// Source says where this was read: registry, layout, archive, lock.
	Source string
	// File is the configuration file as the image holds it, JSON; nil where the
	// source does not have it.
	File []byte
}

// Request asks for the configuration of one image.
type Request struct {
	Ref          string // as it is written in the manifest: nginx, or a full reference
	Platform     string // os/arch[/variant]
	ResolveNames bool   // whether UID and GID are wanted
}

// Source reads image configurations. It is safe for concurrent use, ends when
// the context does, and wraps ErrNotFound where it does not have the image.
type Source interface {
	Config(ctx context.Context, req Request) (Config, error)
}

// Lookup gives what is known of an image after all images of a run have been
// resolved: one Config for each platform asked for, or the error that stood in
// the way. It does no I/O.
type Lookup func(ref string) ([]Config, error)
