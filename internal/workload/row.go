package workload

import (
	"errors"
	"fmt"

	"github.com/usergroup-dev/usergroup/podspec"
)

// row is a Kind with its paths parsed.
type row struct {
	paths, containers, contexts, below []pattern
	parts                              []parts
	partial                            bool
	context                            podspec.ContextPlace // of the pods at paths
	closed                             bool                 // there are no security contexts elsewhere
}

// parts are Parts with their paths parsed.
type parts struct {
	base, pod         pattern
	context, defaults pattern // nil for none
	fallbacks         []fallback
	containers        []containerPart
}

type fallback struct {
	path    pattern
	version string
}

type containerPart struct {
	path, defaults pattern
	fromBase       bool
}

// parseRow parses the paths of a kind. Errors begin with the field they are
// about: ".paths[0]: …".
func parseRow(k Kind) (*row, error) {
	if len(k.Paths)+len(k.Pods)+len(k.ContainerPaths)+len(k.Contexts)+len(k.Below) == 0 {
		return nil, errors.New(".paths: must not be empty")
	}
	r := &row{partial: k.Operator, closed: k.Project == kubernetes}
	if k.NoPodContext {
		r.context = podspec.RefusedContext
	}
	var err error
	if r.paths, err = parsePatterns("paths", k.Paths); err != nil {
		return nil, err
	}
	if r.containers, err = parsePatterns("containers", k.ContainerPaths); err != nil {
		return nil, err
	}
	if r.contexts, err = parsePatterns("securityContexts", k.Contexts); err != nil {
		return nil, err
	}
	if r.below, err = parsePatterns("below", k.Below); err != nil {
		return nil, err
	}
	for i, p := range k.Pods {
		parsed, err := parseParts(p)
		if err != nil {
			return nil, fmt.Errorf(".pods[%d]%w", i, err)
		}
		r.parts = append(r.parts, parsed)
	}
	return r, nil
}

// parsePatterns parses the paths of one field.
func parsePatterns(field string, texts []string) ([]pattern, error) {
	var out []pattern
	for i, text := range texts {
		p, err := parsePattern(text)
		if err != nil {
			return nil, fmt.Errorf(".%s[%d]: %w", field, i, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func parseParts(p Parts) (parts, error) {
	var out parts
	for _, f := range []struct {
		name, text string
		to         *pattern
	}{
		{"base", p.Base, &out.base},
		{"path", p.Pod, &out.pod},
		{"securityContext", p.Context, &out.context},
		{"defaults", p.Defaults, &out.defaults},
	} {
		if f.text == "" {
			continue
		}
		var err error
		if *f.to, err = parsePattern(f.text); err != nil {
			return out, fmt.Errorf(".%s: %w", f.name, err)
		}
	}
	for _, f := range p.Fallbacks {
		path, err := parsePattern(f.Path)
		if err != nil {
			return out, fmt.Errorf(".fallbacks: %w", err)
		}
		out.fallbacks = append(out.fallbacks, fallback{path, f.Version})
	}
	for i, c := range p.Containers {
		path, err := parsePattern(c.Path)
		if err != nil {
			return out, fmt.Errorf(".containers[%d]: %w", i, err)
		}
		part := containerPart{path: path, fromBase: c.FromBase}
		if c.Defaults != "" {
			if part.defaults, err = parsePattern(c.Defaults); err != nil {
				return out, fmt.Errorf(".containerDefaults: %w", err)
			}
		}
		out.containers = append(out.containers, part)
	}
	return out, nil
}
