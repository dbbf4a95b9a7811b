package engine

import (
	"sync"

	"github.com/usergroup-dev/usergroup/policy"
)

// resolved are policies whose ranges come from Namespaces, each read once for all
// objects of its namespace.
type resolved struct {
	mu   sync.Mutex
	what map[inNamespace]resolution
}

type inNamespace struct {
	policy *policy.Policy
	ns     *policy.Namespace
}

type resolution struct {
	policy *policy.Policy
	err    error
}

// forNamespace is ForNamespace of the policy.
func (r *run) forNamespace(p *policy.Policy, ns *policy.Namespace) (*policy.Policy, error) {
	if !p.UsesNamespaceRanges() {
		return p, nil
	}
	r.resolved.mu.Lock()
	defer r.resolved.mu.Unlock()
	key := inNamespace{p, ns}
	if found, ok := r.resolved.what[key]; ok {
		return found.policy, found.err
	}
	var found resolution
	found.policy, found.err = p.ForNamespace(ns)
	if r.resolved.what == nil {
		r.resolved.what = map[inNamespace]resolution{}
	}
	r.resolved.what[key] = found
	return found.policy, found.err
}
