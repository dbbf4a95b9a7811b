package tree

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// kustomizationFiles are the names that kustomize knows.
var kustomizationFiles = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

func isKustomization(name string) bool { return slices.Contains(kustomizationFiles, name) }

// kustomization is what a kustomization says about files, by absolute path.
type kustomization struct {
	path      string          // of its file, as displayed
	component bool            // of kind Component, which renders nothing alone
	resources map[string]bool // what it deploys
	parts     map[string]bool // patches, configuration and data: no objects
	broken    string          // the folder whose files are left alone because the kustomization cannot be read
}

// kustomizeParts are the fields of a kustomization that name files that are no
// objects of their own. below are the fields in an entry that do; an entry may
// also be the name itself.
var kustomizeParts = []struct {
	field string
	below []string
}{
	{"patches", []string{"path"}},
	{"patchesStrategicMerge", nil},
	{"patchesJson6902", []string{"path"}},
	{"replacements", []string{"path"}},
	{"configurations", nil},
	{"crds", nil},
	{"openapi", []string{"path"}},
	{"generators", nil},
	{"transformers", nil},
	{"validators", nil},
	{"configMapGenerator", []string{"files", "envs", "env"}},
	{"secretGenerator", []string{"files", "envs", "env"}},
	{"helmCharts", []string{"valuesFile", "additionalValuesFiles"}},
	{"helmChartInflationGenerator", []string{"values"}},
}

// kustomization reads the kustomization of an absolute folder, once.
func (w *walker) kustomization(dir string) {
	if _, ok := w.kustomizations[dir]; ok {
		return
	}
	w.kustomizations[dir] = nil
	for _, name := range kustomizationFiles {
		path := filepath.Join(dir, name)
		file, err := isFile(path)
		if !file && err == nil {
			continue
		}
		k := &kustomization{path: displayed(path), resources: map[string]bool{}, parts: map[string]bool{}}
		if err == nil {
			err = k.read(path)
		}
		if err != nil {
			w.fail(fmt.Errorf("%s: %w", k.path, err))
			k.broken = dir
		}
		w.kustomizations[dir] = k
		return
	}
}

// ancestors reads the kustomizations of an absolute folder and those above it, up
// to a git repository's.
func (w *walker) ancestors(dir string) error {
	for {
		if _, done := w.kustomizations[dir]; done {
			return nil
		}
		w.kustomization(dir)
		if top, err := isRepository(dir); top || err != nil || dir == filepath.Dir(dir) {
			return err
		}
		dir = filepath.Dir(dir)
	}
}

func (k *kustomization) read(path string) error {
	data, err := readSettings(path)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := yaml.Unmarshal(data, &fields); err != nil {
		return err
	}
	k.component = fields["kind"] == "Component"
	dir := filepath.Dir(path)
	for _, field := range []string{"resources", "components", "bases"} {
		k.note(k.resources, dir, fields[field])
	}
	for _, row := range kustomizeParts {
		k.collect(dir, fields[row.field], row.below)
	}
	return nil
}

// collect notes the files that the entries of a field name.
func (k *kustomization) collect(dir string, v any, below []string) {
	switch v := v.(type) {
	case string:
		k.note(k.parts, dir, v)
	case []any:
		for _, entry := range v {
			k.collect(dir, entry, below)
		}
	case map[string]any:
		for _, field := range below {
			k.note(k.parts, dir, v[field])
		}
	}
}

// note adds the files that v, a string or a list of them, names.
func (k *kustomization) note(to map[string]bool, dir string, v any) {
	switch v := v.(type) {
	case string:
		if strings.ContainsAny(v, "\n{") {
			return // not a name but the thing itself
		}
		if _, after, found := strings.Cut(v, "="); found && !exists(filepath.Join(dir, v)) {
			v = after // key=file
		}
		to[filepath.Join(dir, v)] = true
	case []any:
		for _, entry := range v {
			k.note(to, dir, entry)
		}
	}
}

// withoutParts leaves out the files that are parts of kustomizations and not also
// deployed by one.
func (w *walker) withoutParts(files []File) []File {
	parts := map[string]*kustomization{}
	broken := map[string]*kustomization{}
	for _, dir := range slices.Sorted(maps.Keys(w.kustomizations)) {
		k := w.kustomizations[dir]
		if k == nil {
			continue
		}
		for path := range k.parts {
			parts[path] = k
		}
		if k.broken != "" {
			broken[dir] = k
		}
	}
	for _, k := range w.kustomizations {
		if k != nil {
			for path := range k.resources {
				delete(parts, path)
			}
		}
	}
	if len(parts)+len(broken) == 0 {
		return files
	}
	left := map[*kustomization][]string{}
	files = slices.DeleteFunc(files, func(f File) bool {
		abs, err := filepath.Abs(f.Path)
		if err != nil || f.Path == Stdin {
			return false
		}
		k := parts[abs]
		if k == nil {
			k = broken[filepath.Dir(abs)]
		}
		if k != nil && !isKustomization(filepath.Base(abs)) {
			left[k] = append(left[k], f.Path)
		}
		return k != nil
	})
	for _, dir := range slices.Sorted(maps.Keys(w.kustomizations)) {
		k := w.kustomizations[dir]
		if names := left[k]; len(names) > 0 {
			kind := kustomizations
			if k.component {
				kind = components
			}
			w.notes.add(kind, fmt.Sprintf("%s (%s)", displayed(dir), some(names)))
		}
	}
	return files
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
