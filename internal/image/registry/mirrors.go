package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// rewriter puts mirrors in the place of registries.
type rewriter []mirror // the longest first

// mirror replaces from, at the beginning of a repository's full name, by to.
type mirror struct{ from, to string }

func newRewriter(mirrors map[string]string) (rewriter, error) {
	var rw rewriter
	for from, to := range mirrors {
		f, err := prefix(from)
		if err != nil {
			return nil, fmt.Errorf("mirror of %q: %w", from, err)
		}
		t, err := prefix(to)
		if err != nil {
			return nil, fmt.Errorf("mirror of %q: %q: %w", from, to, err)
		}
		rw = append(rw, mirror{f, t})
	}
	slices.SortFunc(rw, func(a, b mirror) int {
		return cmp.Or(cmp.Compare(len(b.from), len(a.from)), cmp.Compare(a.from, b.from))
	})
	return rw, nil
}

// prefix normalises a registry, or a registry and the beginning of a repository.
func prefix(s string) (string, error) {
	host, path, deep := strings.Cut(strings.TrimSuffix(s, "/"), "/")
	reg, err := name.NewRegistry(host, name.StrictValidation)
	if err != nil {
		return "", err
	}
	if !deep {
		return reg.Name(), nil
	}
	// Not reg.Repo(path): that adds library/ to a single word.
	if _, err := name.NewRepository(host + "/" + path); err != nil {
		return "", err
	}
	return reg.Name() + "/" + path, nil
}

// ref returns where the image of ref is to be read.
func (rw rewriter) ref(ref name.Reference) (name.Reference, error) {
	repo := ref.Context().Name()
	for _, m := range rw {
		rest, ok := strings.CutPrefix(repo, m.from)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		to, err := name.NewRepository(m.to + rest)
		if err != nil {
			return nil, fmt.Errorf("mirror of %q: %w", m.from, err)
		}
		if d, ok := ref.(name.Digest); ok {
			return to.Digest(d.DigestStr()), nil
		}
		return to.Tag(ref.Identifier()), nil
	}
	return ref, nil
}
