// Package sources opens the sources of images that the command line has: lock files,
// OCI layouts, archives and registries, each of which reads the USER of an image.
//
// Options.For is an fn.Sources, so that the function, and each of its adapters, reads
// images as the program does:
//
//	code := fn.Run(ctx, os.Stdin, os.Stdout, os.Stderr, sources.Options{}.For)
//
// A pipeline takes what For returns:
//
//	images, err := sources.Options{Offline: true, Locks: []string{"images.yaml"}}.For(policies, file.Items)
//	p, err := engine.New(policies, engine.Options{Source: images})
//
// A source of the program's own is anything that implements image.Source; image.FirstOf
// asks it before or after these.
//
// Registries are asked with the credentials of docker login and podman login, or with
// those that Options.Keychain has. See
// docs/images.md for what is read, in which order and within which limits.
package sources

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/archive"
	"github.com/usergroup-dev/usergroup/internal/image/disk"
	"github.com/usergroup-dev/usergroup/internal/image/layout"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// Options say where image configurations come from. The zero Options are the lock
// files that policies name, and then the registries behind a cache on disk. Each
// field is the flag of the command line that is named beside it.
type Options struct {
	Locks    []string // files of ImageUserLocks: --image-lock
	Layouts  []string // folders of OCI image layouts: --image-layout
	Archives []string // tarballs of docker save, or of OCI layouts: --image-archive
	Offline  bool     // ask no registry: --offline
	NoCache  bool     // keep nothing on disk: --no-cache

	// Insecure lists registries, host or host:port, that may be asked over plain
	// HTTP where they do not answer HTTPS: --insecure-registry.
	Insecure []string
	// Mirrors replace the beginning of references: the key is a registry, or a
	// registry and the beginning of a repository, the value what to put there. The
	// longest key that matches counts, and the original is not asked:
	// --registry-mirror.
	Mirrors map[string]string
	// Timeout bounds reading one image from a registry, retries included; 0 means 30
	// seconds: --image-timeout.
	Timeout time.Duration
	// Keychain has the credentials of registries; nil means authn.DefaultKeychain, that
	// is those of docker login and podman login. Where it has none, or fails, registries
	// are asked without.
	Keychain authn.Keychain
	// Transport carries the requests to registries; nil means one with the system's
	// root certificates (SSL_CERT_FILE, SSL_CERT_DIR) and proxies (HTTPS_PROXY).
	Transport http.RoundTripper
}

// For opens the sources for a run. They are asked in this order: the lock files of
// the options and of the policies, layouts, archives, the locks among the items where
// every policy that asks for images sets images.lockFromItems, and registries.
// Nothing is opened, and the Source is nil, where no policy asks for images.
func (o Options) For(policies []*policy.Policy, items []*manifest.Item) (image.Source, error) {
	if !slices.ContainsFunc(policies, (*policy.Policy).NeedsImages) {
		return nil, nil
	}
	locks := slices.Clone(o.Locks)
	for _, p := range policies {
		if p.Images.Lock != "" {
			locks = append(locks, p.Images.Lock)
		}
	}
	var among []image.Source
	if believeItems(policies) {
		var err error
		if among, err = lockItems(items); err != nil {
			return nil, err
		}
	}
	return o.open(locks, among)
}

// Open opens the sources of the options alone, whether or not a policy asks for them.
func (o Options) Open() (image.Source, error) { return o.open(o.Locks, nil) }

// open opens the sources in the order in which they are asked. The error joins those
// of all that cannot be opened.
func (o Options) open(locks []string, among []image.Source) (image.Source, error) {
	var sources []image.Source
	var errs []error
	add := func(src image.Source, err error) {
		errs = append(errs, err)
		sources = append(sources, src)
	}
	for _, path := range locks {
		add(lockFile(path))
	}
	for _, dir := range o.Layouts {
		add(layout.New(dir, layout.Options{}))
	}
	for _, path := range o.Archives {
		add(archive.New(path, archive.Options{}))
	}
	sources = append(sources, among...)
	if !o.Offline {
		add(registry.New(o.registry()))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return image.Memory(image.FirstOf(sources...)), nil
}

// registry returns the options that concern registries.
func (o Options) registry() registry.Options {
	opts := registry.Options{Insecure: o.Insecure, Mirrors: o.Mirrors, Timeout: o.Timeout, Keychain: o.Keychain, Transport: o.Transport}
	if !o.NoCache {
		opts.Cache = disk.Cache(disk.Dir())
	}
	return opts
}

// believeItems reports whether the locks among the items count. They are written
// by whoever writes the manifests.
func believeItems(policies []*policy.Policy) bool {
	believes := func(p *policy.Policy) bool { return p.Images.LockFromItems }
	return slices.ContainsFunc(policies, believes) && !slices.ContainsFunc(policies, func(p *policy.Policy) bool {
		return p.NeedsImages() && !believes(p)
	})
}

// lockItems returns the locks among the items.
func lockItems(items []*manifest.Item) ([]image.Source, error) {
	var sources []image.Source
	for _, it := range items {
		head, err := it.Head()
		if err != nil || head.Kind != lock.Kind || head.APIVersion != lock.APIVersion {
			continue
		}
		// The item's first line lacks the indentation that the others have.
		l, err := lock.Parse(append(bytes.Repeat([]byte(" "), it.Column()), it.Bytes()...))
		if err != nil {
			return nil, at(it, err)
		}
		sources = append(sources, l)
	}
	return sources, nil
}

func lockFile(path string) (image.Source, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("image lock: %w", err)
	}
	l, err := lock.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("image lock %s: %w", path, err)
	}
	return l, nil
}

// at adds the place of an item to an error.
func at(it *manifest.Item, err error) error {
	if it.Name() == "" {
		return fmt.Errorf("item %d, line %d: %w", it.Index(), it.Line(), err)
	}
	return fmt.Errorf("%s:%d: %w", it.Name(), it.Line(), err)
}
