// Package render builds a kustomization as kustomize does, with kustomize's own
// library, but starts no program and opens no connection: bases elsewhere are
// not fetched, plugins and functions are not run, and Helm charts are not
// inflated. What a kustomization may do is not for its author to widen.
package render

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Kustomize returns the manifests of the kustomization in a folder, as a stream
// of YAML documents. Each carries kustomize's annotation of its origin
// (config.kubernetes.io/origin), but relative to the working directory, as dir is.
// No file larger than limit bytes is read.
func Kustomize(dir string, limit int64) ([]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	switch info, err := os.Stat(dir); {
	case err != nil:
		return nil, fmt.Errorf("kustomize: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("kustomize: %s: is a file, must be the folder of a kustomization", dir)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	defer withoutNetwork()()
	opts := krusty.MakeDefaultOptions() // no plugins, nothing above the folder
	files := &files{FileSystem: filesys.MakeFsOnDisk(), root: root, limit: limit}
	resources, err := krusty.MakeKustomizer(opts).Run(files, root)
	if err = cmp.Or(files.refused, err); err != nil {
		return nil, fmt.Errorf("kustomize: %s: %w", dir, err)
	}
	for _, r := range resources.Resources() {
		if err := placeOrigin(r, dir); err != nil {
			return nil, err
		}
	}
	return resources.AsYaml()
}

// placeOrigin makes the origin of a resource the path of a file as it is named
// here. What a generator made is from the file that has the generator.
func placeOrigin(r *resource.Resource, dir string) error {
	origin, err := r.GetOrigin()
	if err != nil || origin == nil {
		return err
	}
	if origin.Path == "" {
		origin.Path = origin.ConfiguredIn
	}
	origin.Path = filepath.Join(dir, origin.Path)
	return r.SetOrigin(origin)
}

// errNoNetwork is what kustomize gets for a file at a URL.
var errNoNetwork = errors.New("remote files are not fetched: run kustomize build and check its output")

// withoutNetwork refuses connections until the function that it returns is called.
// kustomize takes no HTTP client of ours, but the default one.
func withoutNetwork() (restore func()) {
	before := http.DefaultTransport
	http.DefaultTransport = refusal{}
	return func() { http.DefaultTransport = before }
}

type refusal struct{}

func (refusal) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }
