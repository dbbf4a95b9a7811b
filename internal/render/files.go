package render

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// files is the file system that kustomize sees: regular files of limited size, in
// which every kustomization names nothing but what is here, and that of the root
// asks for origins.
type files struct {
	filesys.FileSystem
	root  string
	limit int64
	// refused is why a kustomization could not be read, which kustomize takes for one
	// that is not there.
	refused error
}

// ReadFile reads a file for kustomize.
func (f *files) ReadFile(path string) ([]byte, error) {
	data, err := tree.Read(tree.File{Path: path}, f.limit)
	if err != nil || !slices.Contains(konfig.RecognizedKustomizationFileNames(), filepath.Base(path)) {
		return data, err
	}
	if err := f.onlyLocal(path, data); err != nil {
		f.refused = cmp.Or(f.refused, err)
		return nil, err
	}
	if filepath.Dir(path) != f.root {
		return data, nil
	}
	return withOrigins(data), nil
}

// CleanedAbs returns the folder of a path, and the name of a file in it. kustomize's own
// ends the process where a folder vanishes meanwhile or cannot be looked at.
func (f *files) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", "", err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return "", "", err
	}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		return "", "", err
	case info.IsDir():
		return filesys.ConfirmedDir(abs), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(abs)), filepath.Base(abs), nil
}

// onlyLocal refuses a kustomization that names a base elsewhere, for which
// kustomize would start git.
func (f *files) onlyLocal(path string, data []byte) error {
	var k types.Kustomization
	if err := yaml.Unmarshal(data, &k); err != nil {
		return nil // kustomize says so
	}
	k.FixKustomization() // bases, too, are resources
	for _, name := range slices.Concat(k.Resources, k.Components, k.Generators, k.Transformers, k.Validators) {
		if strings.Contains(name, "\n") {
			continue // the thing itself
		}
		if looksRemote(name) {
			return fmt.Errorf("%s names %q: %w", f.displayed(path), name, errNoNetwork)
		}
		switch host, _, _ := strings.Cut(name, "/"); {
		case f.Exists(filepath.Join(filepath.Dir(path), name)):
		case strings.HasPrefix(host, ".") || !strings.Contains(host, ".") || host == name:
			return fmt.Errorf("%s names %q, which does not exist", f.displayed(path), name)
		default:
			return fmt.Errorf("%s names %q, which is not here: %w", f.displayed(path), name, errNoNetwork)
		}
	}
	return nil
}

// displayed is a path as seen from the folder that is rendered.
func (f *files) displayed(path string) string {
	if rel, err := filepath.Rel(f.root, path); err == nil {
		return rel
	}
	return path
}

// looksRemote reports whether kustomize may take a name for a repository although
// there is a folder of that name.
func looksRemote(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"://", "@", "git::", "github.com"}, func(s string) bool { return strings.Contains(name, s) })
}

// withOrigins asks kustomize to annotate every object with the file that it is
// from.
func withOrigins(data []byte) []byte {
	var k map[string]any
	if err := yaml.Unmarshal(data, &k); err != nil || k == nil {
		return data // kustomize says what is wrong
	}
	metadata, _ := k["buildMetadata"].([]any)
	if slices.Contains(metadata, any(types.OriginAnnotations)) {
		return data
	}
	k["buildMetadata"] = append(metadata, types.OriginAnnotations)
	out, err := yaml.Marshal(k)
	if err != nil {
		return data
	}
	return out
}
