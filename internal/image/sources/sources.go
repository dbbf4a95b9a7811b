// Package sources opens the image sources that a run asks, in the order in which
// they are asked.
package sources

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/archive"
	"github.com/usergroup-dev/usergroup/internal/image/disk"
	"github.com/usergroup-dev/usergroup/internal/image/layout"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// Options say where image configurations come from. The zero Options are the
// locks that policies name, and then the registries.
type Options struct {
	Locks    []string // files of ImageUserLocks
	Layouts  []string // folders of OCI image layouts
	Archives []string // tarballs of docker save, or of OCI layouts
	Offline  bool     // ask no registry
	NoCache  bool     // keep nothing on disk
	Registry registry.Options
}

// For opens the sources for a run, in the order in which they are asked: the locks
// of the options and of the policies, layouts, archives, the locks among the items
// where every policy that asks for images believes them, and the registries behind a
// cache on disk. Nothing is opened where no policy asks for images.
func (o Options) For(policies []*policy.Policy, items []*manifest.Item) (image.Source, error) {
	if !slices.ContainsFunc(policies, (*policy.Policy).NeedsImages) {
		return nil, nil
	}
	return o.open(policies, items)
}

// Open opens the sources of the options alone.
func (o Options) Open() (image.Source, error) { return o.open(nil, nil) }

func (o Options) open(policies []*policy.Policy, items []*manifest.Item) (image.Source, error) {
	var sources []image.Source
	var errs []error
	locks := slices.Clone(o.Locks)
	for _, p := range policies {
		if p.Images.Lock != "" {
			locks = append(locks, p.Images.Lock)
		}
	}
	for _, path := range locks {
		src, err := lockFile(path)
		errs = append(errs, err)
		sources = append(sources, src)
	}
	for _, dir := range o.Layouts {
		src, err := layout.New(dir, layout.Options{})
		errs = append(errs, err)
		sources = append(sources, src)
	}
	for _, path := range o.Archives {
		src, err := archive.New(path, archive.Options{})
		errs = append(errs, err)
		sources = append(sources, src)
	}
	if believeItems(policies) {
		locks, err := lockItems(items)
		errs = append(errs, err)
		sources = append(sources, locks...)
	}
	if !o.Offline {
		if !o.NoCache {
			o.Registry.Cache = disk.Cache(disk.Dir())
		}
		src, err := registry.New(o.Registry)
		errs = append(errs, err)
		sources = append(sources, src)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return image.Memory(image.FirstOf(sources...)), nil
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
