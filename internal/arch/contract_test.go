package arch_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// stable are the packages that docs/VERSIONING.md makes contract.
var stable = []string{"fn", "fn/kptsdk", "fn/krmsdk", "fn/kyaml", "engine", "config", "policy", "podspec", "image", "image/sources", "manifest", "report"}

// excluded are what stable packages export for the rest of this module, and what
// docs/VERSIONING.md excludes by name: the tree of a decoded item.
var excluded = []string{"manifest.Node", "manifest.Field", "manifest.Decode", "manifest.Equal", "manifest.Item.Decode", "manifest.Item.DecodeWith", "manifest.Decoder", "config.Decode"}

// theirs are the packages of others whose types a stable package may show: those of
// the SDK that it is an adapter to, and the keychains that there are for registries.
var theirs = map[string]string{
	"image/sources": "github.com/google/go-containerregistry/pkg/authn",

	"fn/kptsdk": "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn",
	"fn/krmsdk": "github.com/kptdev/krm-functions-sdk/go/fn",
	"fn/kyaml":  "sigs.k8s.io/kustomize/kyaml/yaml",
}

// TestContract walks everything that stable packages export: a type of an unstable
// package in it could change under who uses it, and could not be named by them. An
// alias in a stable package makes a type, and all it exports, contract.
func TestContract(t *testing.T) {
	w := &walker{t: t, exported: map[types.Object]bool{}, seen: map[types.Object]bool{}}
	pkgs := load(t)
	for _, name := range stable {
		for obj := range exportedOf(pkgs[name]) {
			if alias, ok := obj.(*types.TypeName); ok && alias.IsAlias() && !slices.Contains(excluded, name+"."+alias.Name()) {
				if named, ok := types.Unalias(alias.Type()).(*types.Named); ok {
					w.exported[named.Obj()] = true
				}
			}
		}
	}
	for _, name := range stable {
		w.pkg = name
		for obj := range exportedOf(pkgs[name]) {
			w.object(name, obj)
		}
	}
	if len(w.seen) < 100 {
		t.Errorf("only %d objects were walked", len(w.seen))
	}
}

// TestContractDocs: docs/VERSIONING.md names the stable packages, and what of them is
// excluded, and no other.
func TestContractDocs(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "VERSIONING.md"))
	if err != nil {
		t.Fatal(err)
	}
	for begin, want := range map[string][]string{"- The Go packages ": stable, "- Of the packages above: ": excluded} {
		_, rest, _ := strings.Cut(string(data), begin)
		text, _, ok := strings.Cut(rest, "\n- ")
		if !ok {
			t.Fatalf("there is no line %q", begin)
		}
		var named []string
		for i, part := range strings.Split(text, "`") {
			if i%2 == 1 {
				named = append(named, part)
			}
		}
		want = slices.Sorted(slices.Values(want))
		if slices.Sort(named); !slices.Equal(named, want) {
			t.Errorf("%q names %q, the test %q", begin, named, want)
		}
	}
}

// walker follows the types that exported objects show.
type walker struct {
	t        *testing.T
	pkg      string                // that is walked
	exported map[types.Object]bool // by an alias in a stable package
	seen     map[types.Object]bool
}

// object walks what is exported within a package or a type.
func (w *walker) object(within string, obj types.Object) {
	full := within + "." + obj.Name()
	if w.seen[obj] || slices.Contains(excluded, full) {
		return
	}
	w.seen[obj] = true
	name, isType := obj.(*types.TypeName)
	if !isType {
		w.typ(obj, obj.Type())
		return
	}
	t := types.Unalias(name.Type())
	named, ok := t.(*types.Named)
	if !ok || name.IsAlias() && !w.mine(named) {
		w.typ(obj, t)
		return
	}
	w.typ(obj, named.Underlying())
	for m := range named.Methods() {
		if m.Exported() {
			w.object(full, m)
		}
	}
}

// mine reports whether a type is of this module.
func (w *walker) mine(n *types.Named) bool {
	return n.Obj().Pkg() != nil && strings.HasPrefix(n.Obj().Pkg().Path(), module+"/")
}

// typ judges a type that from shows.
func (w *walker) typ(from types.Object, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		w.named(from, t)
	case *types.Pointer:
		w.typ(from, t.Elem())
	case *types.Slice:
		w.typ(from, t.Elem())
	case *types.Array:
		w.typ(from, t.Elem())
	case *types.Chan:
		w.typ(from, t.Elem())
	case *types.Map:
		w.typ(from, t.Key())
		w.typ(from, t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			w.typ(from, v.Type())
		}
		for v := range t.Results().Variables() {
			w.typ(from, v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				w.typ(from, f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			w.typ(from, m.Type())
		}
	}
}

func (w *walker) named(from types.Object, t *types.Named) {
	for arg := range t.TypeArgs().Types() {
		w.typ(from, arg)
	}
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil || !strings.Contains(obj.Pkg().Path(), "."): // error, the standard library
	case w.mine(t) && slices.Contains(stable, strings.TrimPrefix(obj.Pkg().Path(), module+"/")):
	case w.exported[obj]:
		w.object(obj.Pkg().Name(), obj)
	case theirs[w.pkg] == obj.Pkg().Path():
	default:
		w.t.Errorf("%s.%s shows %s.%s, which is not contract", from.Pkg().Path(), from.Name(), obj.Pkg().Path(), obj.Name())
	}
}

// exportedOf yields the exported objects of a package.
func exportedOf(pkg *types.Package) func(yield func(types.Object) bool) {
	return func(yield func(types.Object) bool) {
		for _, name := range pkg.Scope().Names() {
			if obj := pkg.Scope().Lookup(name); obj.Exported() && !yield(obj) {
				return
			}
		}
	}
}

// load reads the stable packages from what the compiler exports of them.
func load(t *testing.T) map[string]*types.Package {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, name := range stable {
		args = append(args, module+"/"+name)
	}
	out := command(t, args...)
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(files[path])
	})
	pkgs := map[string]*types.Package{}
	for _, name := range stable {
		pkg, err := imp.Import(module + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		pkgs[name] = pkg
	}
	return pkgs
}

// TestAliasDocs: documentation shows of an alias nothing but its comment, so that the
// comment of one for a struct must name the fields.
func TestAliasDocs(t *testing.T) {
	for name, pkg := range load(t) {
		comments := typeComments(t, filepath.Join("..", "..", filepath.FromSlash(name)))
		for obj := range exportedOf(pkg) {
			alias, ok := obj.(*types.TypeName)
			if !ok || !alias.IsAlias() || slices.Contains(excluded, name+"."+obj.Name()) {
				continue
			}
			s, ok := types.Unalias(alias.Type()).Underlying().(*types.Struct)
			if !ok {
				continue
			}
			for f := range s.Fields() {
				if f.Exported() && !slices.Contains(strings.FieldsFunc(comments[obj.Name()], notLetter), f.Name()) {
					t.Errorf("the comment of %s.%s does not name its field %s", name, obj.Name(), f.Name())
				}
			}
		}
	}
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// typeComments returns the comments of the types that a package declares, by name.
func typeComments(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE && !d.Lparen.IsValid() {
				comments[d.Specs[0].(*ast.TypeSpec).Name.Name] = d.Doc.Text()
			}
		}
	}
	return comments
}

// TestExamples: each stable package has an example that the tests run.
func TestExamples(t *testing.T) {
	for _, name := range stable {
		data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name), "example_test.go"))
		if err != nil || !strings.Contains(string(data), "// Output:") {
			t.Errorf("%s has no example_test.go with a line // Output: (%v)", name, err)
		}
	}
}
