package engine

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// namespaces are the Namespaces among the items.
type namespaces struct {
	byName map[string]*policy.Namespace
	// disagree are the names that are defined more than once, with different labels or
	// annotations.
	disagree map[string]bool
}

// addNamespaces collects the Namespaces among the items that reach a cluster.
func (g *Gathering) addNamespaces(_ context.Context, items []*manifest.Item) error {
	for _, it := range items {
		if head, err := it.Head(); err == nil && !head.Ambiguous && !head.Items && head.Kind != "Namespace" &&
			g.run.table.Classify(head.APIVersion, head.Kind) != workload.List {
			continue
		}
		root, err := it.Decode()
		if err != nil {
			return err
		}
		for _, o := range g.run.table.Objects(root) {
			if isNamespace(o.Object) && len(o.Within) == 0 && !g.run.skips(o) {
				g.run.namespaces.add(o.Object)
			}
		}
	}
	return nil
}

func (n namespaces) add(o policy.Object) {
	ns := policy.NewNamespace(o)
	if first := n.byName[o.Name]; first != nil {
		if !maps.Equal(first.Labels, ns.Labels) || !maps.Equal(first.Annotations, ns.Annotations) {
			n.disagree[o.Name] = true
		}
		return
	}
	n.byName[o.Name] = ns
}

func isNamespace(o policy.Object) bool { return o.Group() == "" && o.Kind == "Namespace" }

// addImages collects the images that each policy asks for.
func (g *Gathering) addImages(ctx context.Context, items []*manifest.Item) error {
	var mu sync.Mutex
	return g.run.pods(ctx, items, func(obj policy.Object, pods []*podspec.Pod) {
		for _, p := range g.run.policies {
			refs := g.run.imagesOf(p, obj, pods)
			if len(refs) == 0 {
				continue
			}
			mu.Lock()
			if g.wanted[p] == nil {
				g.wanted[p] = map[string]bool{}
			}
			for _, ref := range refs {
				g.wanted[p][ref] = true
			}
			mu.Unlock()
		}
	})
}

// Images lists the images of all pods among the items, sorted.
func (p *Pipeline) Images(ctx context.Context, items []*manifest.Item) ([]string, error) {
	r := newRun(p)
	found := map[string]bool{}
	var mu sync.Mutex
	err := r.pods(ctx, items, func(_ policy.Object, pods []*podspec.Pod) {
		mu.Lock()
		defer mu.Unlock()
		for _, pod := range pods {
			for _, c := range pod.Containers {
				found[c.Image] = true
			}
		}
	})
	delete(found, "")
	return slices.Sorted(maps.Keys(found)), err
}

// pods calls f, from several goroutines, with the pods of every object.
func (r *run) pods(ctx context.Context, items []*manifest.Item, f func(policy.Object, []*podspec.Pod)) error {
	return parallel(ctx, len(items), func(i int) error {
		if !r.concerns(items[i]) {
			return nil
		}
		desk := r.desks.get()
		defer r.desks.put(desk)
		root, err := items[i].DecodeWith(&desk.memory.Decoder)
		if err != nil {
			return err
		}
		for _, o := range r.table.Objects(root) {
			if class := r.table.Classify(o.APIVersion, o.Kind); !r.skips(o) && class != workload.Ignored && class != workload.List {
				f(o.Object, r.table.Pods(o.Node, o.APIVersion, o.Kind, nil))
			}
		}
		return nil
	})
}

// resolve reads every image that a policy asks for, once, and returns a Lookup
// for each policy that asks.
func (r *run) resolve(ctx context.Context, wanted map[*policy.Policy]map[string]bool) (map[*policy.Policy]image.Lookup, error) {
	lookups := map[*policy.Policy]image.Lookup{}
	for _, p := range r.policies {
		var reqs []image.Request
		for _, ref := range slices.Sorted(maps.Keys(wanted[p])) {
			for _, platform := range platforms(p) {
				reqs = append(reqs, image.Request{Ref: ref, Platform: platform, ResolveNames: p.Images.ResolveNames})
			}
		}
		if len(reqs) > 0 && r.source != nil {
			lookups[p] = image.ResolveAll(ctx, r.source, reqs, 0)
		}
	}
	return lookups, ctx.Err()
}

func platforms(p *policy.Policy) []string {
	if len(p.Images.Platforms) == 0 {
		return []string{image.DefaultPlatform}
	}
	return p.Images.Platforms
}

// imagesOf lists the images of the pods that a policy wants to know about.
func (r *run) imagesOf(p *policy.Policy, obj policy.Object, pods []*podspec.Pod) []string {
	if !p.NeedsImages() {
		return nil
	}
	scope := r.scope(p, obj)
	if !scope.applies {
		return nil
	}
	var refs []string
	seen := map[string]bool{"": true}
	for _, pod := range pods {
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if seen[c.Image] || scope.excluded(pod, c) {
				continue
			}
			seen[c.Image] = true
			if p.JudgesImages() || slices.ContainsFunc(p.Evaluators, func(e policy.Evaluator) bool { return e.NeedsImages(c.Image) }) {
				refs = append(refs, c.Image)
			}
		}
	}
	return refs
}
