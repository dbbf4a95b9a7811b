package config

import (
	"errors"
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// Parse decodes the policies in a text: one or more documents of YAML or JSON, in
// any dialect. All errors are returned at once, each with its field and line, and
// wrap ErrConfig.
func Parse(data []byte) ([]*policy.Policy, error) {
	s, err := manifest.ReadStream("", data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	ps, err := Items(s.Items)
	switch {
	case err != nil && !errors.Is(err, ErrConfig):
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	case err != nil:
		return nil, err
	case len(ps) == 0:
		return nil, fmt.Errorf("%w: no policy: the text has no documents", ErrConfig)
	}
	return ps, nil
}

// Items decodes the policies that items of manifests are. All configuration errors
// are returned at once, each with its file where the item has one.
func Items(items []*manifest.Item) ([]*policy.Policy, error) {
	var policies []*policy.Policy
	var errs []error
	for _, it := range items {
		root, err := it.Decode()
		if err != nil {
			return nil, err
		}
		ps, err := Decode(root, Options{Data: it.Bytes(), Line: it.Line(), File: it.Name()})
		if err != nil && it.Name() != "" {
			err = inFile(it.Name(), err)
		}
		errs = append(errs, err)
		policies = append(policies, ps...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return policies, nil
}

// inFile names the file in each of joined errors.
func inFile(name string, err error) error {
	var errs []error
	joined.Each(err, func(err error) { errs = append(errs, fmt.Errorf("%s: %w", name, err)) })
	return errors.Join(errs...)
}
