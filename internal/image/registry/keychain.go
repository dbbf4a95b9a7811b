package registry

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
)

// keychain finds credentials. Not finding them must not keep a public image from
// being read, so a failure is only remembered.
type keychain struct {
	authn.Keychain
	// foreign reports whether another host answers for a registry.
	foreign func(host string) bool

	mu       sync.Mutex
	failures map[string]error // by what credentials were looked for
}

// ResolveContext implements authn.ContextKeychain. A credential helper is a program
// that knows nothing of ctx.
func (k *keychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	type result struct {
		auth authn.Authenticator
		err  error
	}
	done := make(chan result, 1)
	go func() {
		auth, err := authn.Resolve(ctx, k.Keychain, target)
		done <- result{auth, err}
	}()
	select {
	case r := <-done:
		k.remember(target, r.err)
		if r.err != nil || r.auth == authn.Anonymous {
			return authn.Anonymous, nil
		}
		return credentials{r.auth, func() bool { return k.foreign(target.RegistryStr()) }}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("credentials: %w", context.Cause(ctx))
	}
}

func (k *keychain) remember(target authn.Resource, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.failures[target.String()] = fmt.Errorf("credentials: %w", err)
	}
}

// failure returns why there are no credentials for a target, nil where looking for
// them did not fail.
func (k *keychain) failure(target authn.Resource) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failures[target.String()]
}

// credentials are kept from a host that answers for the one they are for.
type credentials struct {
	authn.Authenticator
	foreign func() bool
}

// AuthorizationContext implements authn.ContextAuthenticator. It is called when it is
// known who answers.
func (c credentials) AuthorizationContext(ctx context.Context) (*authn.AuthConfig, error) {
	if c.foreign() {
		return &authn.AuthConfig{}, nil
	}
	return authn.Authorization(ctx, c.Authenticator)
}
