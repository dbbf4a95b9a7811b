// Package crdfiles reads the CustomResourceDefinitions that a policy or the command
// line names.
package crdfiles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
)

// Read returns the items with CustomResourceDefinitions in the files that the paths
// stand for: a file, or all *.yaml, *.yml and *.json below a folder. Other objects in
// them are passed over.
func Read(ctx context.Context, paths []string) ([]*manifest.Item, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	listing, err := tree.List(ctx, paths, tree.Options{NoIgnore: true})
	if err != nil {
		return nil, fmt.Errorf("CustomResourceDefinitions: %w", err)
	}
	errs := slices.Clone(listing.Errors)
	var items []*manifest.Item
	for _, f := range listing.Files {
		data, err := tree.Read(f, 0)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		stream, err := manifest.ReadStream(f.Path, data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		items = append(items, slices.DeleteFunc(stream.Items, func(it *manifest.Item) bool { return !workload.IsSchema(it) })...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("CustomResourceDefinitions: %w", err)
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("no CustomResourceDefinitions in %s", strings.Join(paths, ", "))
	}
	return items, ctx.Err()
}
