package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// switches is the file that each package gets beside its own.
//
//go:embed switches.tmpl
var switches string

// instrumentAll writes the packages' files with switches below work, and an
// overlay for go build that puts them in place of the originals. The mutants are
// in the order of the packages.
func instrumentAll(root, work string, dirs []string) (mutants [][]mutant, overlay string, err error) {
	replace := map[string]string{}
	next := 0
	for _, dir := range dirs {
		found, err := instrumentPackage(root, work, dir, &next, replace)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", dir, err)
		}
		mutants = append(mutants, found)
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, "", err
	}
	overlay = filepath.Join(work, "overlay.json")
	return mutants, overlay, os.WriteFile(overlay, data, 0o644)
}

func instrumentPackage(root, work, dir string, next *int, replace map[string]string) ([]mutant, error) {
	names, exports, err := list(root, dir)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	sources := map[string][]byte{}
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(root, dir, name))
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		sources[name] = src
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	if _, err := config.Check(dir, fset, files, info); err != nil {
		return nil, err
	}
	var found []mutant
	for i, f := range files {
		in := &instrumenter{fset: fset, info: info, src: sources[names[i]], name: filepath.ToSlash(filepath.Join(dir, names[i])), next: next}
		src, mutants := in.instrument(f)
		found = append(found, mutants...)
		if err := put(root, work, dir, names[i], src, replace); err != nil {
			return nil, err
		}
	}
	return found, put(root, work, dir, "zz_mutants.go", fmt.Appendf(nil, switches, files[0].Name.Name, *next+1), replace)
}

// put writes a file below work and lets it take the place of dir's.
func put(root, work, dir, name string, src []byte, replace map[string]string) error {
	to := filepath.Join(work, strings.ReplaceAll(filepath.ToSlash(dir), "/", "_")+"_"+name)
	replace[filepath.Join(root, dir, name)] = to
	return os.WriteFile(to, src, 0o644)
}

// list returns a package's files, and where the compiler's export data of what
// it imports is.
func list(root, dir string) (files []string, exports map[string]string, err error) {
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export,GoFiles", "./"+dir)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, err
	}
	exports = map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Export string
			GoFiles            []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return files, exports, nil
		} else if err != nil {
			return nil, nil, err
		}
		files = p.GoFiles // the package itself comes last
		exports[p.ImportPath] = p.Export
	}
}
