package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/crdfiles"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// prepare reads the policies, and from all manifests what judging any one of them
// needs. Most policies need nothing, and no manifest is read yet.
func (e *enforcement) prepare(ctx context.Context, in *inputs, shown *progressLine) (*engine.Run, error) {
	policies, found, err := e.readPolicies(ctx, in)
	if err != nil {
		return nil, err
	}
	src, err := e.images.For(policies, found)
	if err != nil {
		return nil, err
	}
	schemas, err := crdfiles.Read(ctx, append(slices.Clone(e.crds), engine.CRDs(policies)...))
	if err != nil {
		return nil, err
	}
	p, err := engine.New(policies, engine.Options{
		Schemas: schemas,
		Source:  src, CheckOnly: e.checkOnly, Details: e.needs().Details, Workloads: e.needs().Workloads,
		Origin: in.origin(), Progress: shown.objects,
	})
	if err != nil {
		return nil, err
	}
	if e.learnsFirst(policies) {
		var schemas []*manifest.Item
		err := in.each(ctx, func(src *source) error {
			schemas = append(schemas, schemasOf(src)...)
			return nil
		}, ignore)
		if err != nil {
			return nil, err
		}
		p = p.Learn(schemas)
	}
	g := p.Gather()
	for g.Next() {
		of := in
		if !g.Others() {
			of = e.shard.part(in)
		}
		err := of.each(ctx, func(src *source) error { return g.Add(ctx, src.stream.Items) }, ignore)
		if err != nil {
			return nil, err
		}
	}
	return g.Run(ctx)
}

// ignore is for what will be reported when the manifests are judged.
func ignore(error) {}

// learnsFirst reports whether the schemas are read before anything is judged:
// where the files are printed in their order, or where images are read first.
func (e *enforcement) learnsFirst(policies []*policy.Policy) bool {
	return e.taken != nil && e.taken(e.args) || slices.ContainsFunc(policies, (*policy.Policy).NeedsImages)
}

// readPolicies reads the policies, and where they ask for it those among the
// manifests. It also returns the manifests that have a say in how the others are
// judged: policies and locks.
func (e *enforcement) readPolicies(ctx context.Context, in *inputs) ([]*policy.Policy, []*manifest.Item, error) {
	configs, err := readConfigs(e.policies, e.Streams)
	if err != nil {
		return nil, nil, err
	}
	policies, err := engine.Policies(configs, nil)
	if err != nil || !slices.ContainsFunc(policies, asksForItems) {
		return policies, nil, err
	}
	var found []*manifest.Item
	err = in.each(ctx, func(src *source) error {
		for _, it := range src.stream.Items {
			head, err := it.Head()
			if err == nil && (config.IsPolicy(head.APIVersion, head.Kind) || head.Kind == lock.Kind && head.APIVersion == lock.APIVersion) {
				found = append(found, it)
			}
		}
		return nil
	}, ignore)
	if err != nil {
		return nil, nil, err
	}
	policies, err = engine.Policies(configs, found)
	return policies, found, err
}

// asksForItems reports whether a policy takes policies or locks from among the
// manifests.
func asksForItems(p *policy.Policy) bool { return p.PoliciesFromItems || p.NeedsImages() }

// readConfigs reads the files of policies.
func readConfigs(paths []string, s Streams) ([]*manifest.Item, error) {
	var configs []*manifest.Item
	var errs []error
	for _, path := range paths {
		src, err := readFile(path, s)
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(src.stream.Items) == 0:
			errs = append(errs, fmt.Errorf("%s: contains no policy", path))
		default:
			configs = append(configs, src.stream.Items...)
		}
	}
	return configs, errors.Join(errs...)
}
