package engine

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

// Policies decodes the policies of a configuration and, where one of them asks
// for policiesFromItems, those among the items. All configuration errors are
// returned at once and wrap config.ErrConfig.
func Policies(configs, items []*manifest.Item) ([]*policy.Policy, error) {
	policies, err := config.Items(configs)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		if !p.PoliciesFromItems {
			continue
		}
		found, err := policyItems(items)
		if err != nil {
			return nil, err
		}
		more, err := config.Items(found)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			p.Output = "" // what leaves is not for an item to say
		}
		policies = append(policies, more...)
		break
	}
	if err := config.CheckNames(policies); err != nil {
		return nil, err
	}
	for _, p := range policies {
		if p.Images.LockFromItems && p.NeedsImages() {
			p.Notes = append(p.Notes, believed(p, items)...)
		}
	}
	return policies, nil
}

// believed says of each image lock among the items that the policy takes its word:
// whoever wrote the manifests wrote it, too.
func believed(p *policy.Policy, items []*manifest.Item) []policy.Finding {
	var notes []policy.Finding
	for _, it := range items {
		head, err := it.Head()
		if err != nil || head.Kind != lockKind || head.APIVersion != policykind.Native {
			continue
		}
		at := fmt.Sprintf("item %d", it.Index())
		if it.Name() != "" {
			at = fmt.Sprintf("%s:%d", it.Name(), it.Line())
		}
		notes = append(notes, policy.Finding{
			Policy: p.Name, Reason: policy.NotEvaluated, Severity: policy.Info,
			Message: fmt.Sprintf("policy %q trusts the %s among the items, %s, for images that no other source has (images.lockFromItems)", p.Name, lockKind, at),
		})
	}
	p.Attribute(notes)
	return notes
}

// lockKind is the kind of an image lock, see package internal/image/lock.
const lockKind = "ImageUserLock"

// policyItems returns the items that are policies.
func policyItems(items []*manifest.Item) ([]*manifest.Item, error) {
	var found []*manifest.Item
	for _, it := range items {
		head, err := it.Head()
		if err != nil {
			return nil, err
		}
		if config.IsPolicy(head.APIVersion, head.Kind) {
			found = append(found, it)
		}
	}
	return found, nil
}

// CRDs lists the files and folders of CustomResourceDefinitions that policies name,
// for Options.Schemas.
func CRDs(policies []*policy.Policy) []string {
	var paths []string
	seen := map[string]bool{}
	for _, p := range policies {
		for _, path := range p.CRDs {
			if !seen[path] {
				seen[path] = true
				paths = append(paths, path)
			}
		}
	}
	return paths
}
