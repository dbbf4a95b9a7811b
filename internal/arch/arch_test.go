// Package arch tests the direction of imports between packages: the layers of
// docs/design/000-layers.md.
package arch_test

import (
	"slices"
	"strings"
	"testing"
)

const module = "github.com/usergroup-dev/usergroup"

// rule says what the packages below a folder may import. Third-party modules
// are not limited unless pure is set.
type rule struct {
	folder string
	pure   bool     // standard library and the listed packages only
	may    []string // folders of this module; with /... also what is below
}

// leaves are helpers that import nothing of this module, and that any package but a
// pure one may import.
var leaves = []string{"internal/closest", "internal/joined", "internal/plainyaml", "internal/policykind", "internal/readall", "internal/slab", "internal/yamlvalue"}

// The layers from the bottom up. A package is judged by the rule with the
// longest matching folder.
var rules = []rule{
	{folder: "internal/closest", pure: true},
	{folder: "internal/joined", pure: true},
	{folder: "internal/plainyaml"},
	{folder: "internal/policykind", pure: true},
	{folder: "internal/readall"},
	{folder: "internal/slab", pure: true},
	{folder: "internal/yamlvalue"},
	{folder: "podspec", pure: true},
	{folder: "image", pure: true},
	{folder: "policy", pure: true, may: []string{"podspec", "image"}},
	{folder: "internal/podindex", pure: true, may: []string{"podspec"}},
	{folder: "internal/written", pure: true, may: []string{"policy"}},
	{folder: "validator", pure: true, may: []string{"podspec", "policy", "image"}},
	{folder: "report", may: []string{"podspec", "policy"}},
	{folder: "internal/yamltext", may: []string{"internal/yamlvalue"}},
	{folder: "manifest", may: []string{"internal/yamltext"}},
	{folder: "transformer", may: []string{"manifest", "podspec"}},
	{folder: "internal/image", may: []string{"image", "internal/image/..."}},
	{folder: "image/sources", may: []string{"manifest", "policy", "image", "internal/image/..."}},
	{folder: "internal/workload", may: []string{"manifest", "podspec", "policy"}},
	{folder: "internal/dialect", may: []string{"manifest", "podspec", "policy", "image", "internal/dialect/...", "internal/podindex"}},
	{folder: "config", may: []string{"manifest", "podspec", "policy", "image", "internal/dialect/...", "internal/written"}},
	{folder: "internal/convert", may: []string{"manifest", "podspec", "policy", "config", "internal/dialect/..."}},
	{folder: "engine", may: []string{"config", "internal/podindex", "internal/workload", "internal/written", "manifest", "validator", "transformer", "report", "image", "podspec", "policy"}},
	{folder: "internal/crdfiles", may: []string{"internal/tree", "internal/workload", "manifest"}},
	{folder: "fn", may: []string{"internal/admission", "internal/crdfiles", "engine", "config", "manifest", "report", "image", "policy"}},
	{folder: "internal/admission", may: []string{"engine", "internal/workload", "podspec", "policy"}},
	{folder: "internal/tree"},
	{folder: "internal/render", may: []string{"internal/tree"}},
	{folder: "internal/ownfile", may: []string{"internal/dialect/strict", "manifest"}},
	{folder: "internal/baseline", may: []string{"internal/ownfile", "policy", "report"}},
	{folder: "internal/project", may: []string{"internal/ownfile"}},
	{folder: "internal/suggest", may: []string{"report"}},
	{folder: "internal/policylint", pure: true, may: []string{"podspec", "policy"}},
	{folder: "internal/policytest", may: []string{"internal/ownfile", "engine", "image/sources", "manifest", "policy", "report"}},
	{folder: "internal/cmd", may: []string{"docs", "engine", "fn", "config", "manifest", "report", "image", "image/sources", "policy", "internal/..."}},
	{folder: "fn/kptsdk", may: []string{"fn", "report"}},
	{folder: "fn/krmsdk", may: []string{"fn", "report"}},
	{folder: "fn/kyaml", may: []string{"fn", "policy", "report"}},
	{folder: "internal", may: []string{"manifest", "podspec", "policy", "config", "image", "fn", "internal/..."}},
	{folder: "docs", pure: true},
	{folder: "examples", may: []string{"fn", "internal/cmd"}},
	{folder: "bench", may: []string{"internal/..."}},
	{folder: "e2e", may: []string{"manifest", "internal/..."}},
	{folder: "", may: []string{"internal/cmd"}},
}

func TestDirection(t *testing.T) {
	for pkg, imports := range list(t) {
		r := ruleFor(t, pkg)
		for _, imp := range imports {
			own, internal := strings.CutPrefix(imp, module)
			switch {
			case internal:
				own = strings.TrimPrefix(own, "/")
				leaf := !r.pure && slices.Contains(leaves, own)
				if !leaf && !slices.ContainsFunc(r.may, func(f string) bool { return matches(own, f) }) {
					t.Errorf("%s must not import %s", pkg, own)
				}
			case r.pure && strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
				t.Errorf("%s must import nothing but the standard library, imports %s", pkg, imp)
			}
		}
	}
}

// TestThirdParties keeps large dependencies in one place each, so that a program
// links only what it uses.
func TestThirdParties(t *testing.T) {
	for prefix, home := range map[string]string{
		"cuelang.org/": "internal/dialect/imagepolicy",
		"github.com/GoogleContainerTools/kpt-functions-sdk/": "fn/kptsdk",
		"github.com/kptdev/krm-functions-sdk/":               "fn/krmsdk",
	} {
		for pkg, imports := range list(t) {
			for _, imp := range imports {
				if strings.HasPrefix(imp, prefix) && !within(pkg, home) && !within(pkg, "bench") {
					t.Errorf("%s imports %s, which belongs in %s", pkg, imp, home)
				}
			}
		}
	}
}

// TestAdapters: the program links no adapter to an SDK.
func TestAdapters(t *testing.T) {
	out := command(t, "list", "-deps", module)
	for dep := range strings.Lines(string(out)) {
		if strings.Contains(dep, "functions-sdk") || strings.HasPrefix(dep, module+"/fn/") {
			t.Errorf("the program links %s", dep)
		}
	}
}

// list returns the imports of every package of the module, by folder.
func list(t *testing.T) map[string][]string {
	t.Helper()
	out := command(t, "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...")
	pkgs := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkgs[strings.TrimPrefix(strings.TrimPrefix(fields[0], module), "/")] = fields[1:]
	}
	if len(pkgs) < 10 {
		t.Fatalf("only %d packages found", len(pkgs))
	}
	return pkgs
}

func ruleFor(t *testing.T, pkg string) rule {
	t.Helper()
	best := -1
	for i, r := range rules {
		if within(pkg, r.folder) && (best < 0 || len(r.folder) > len(rules[best].folder)) {
			if r.folder == "" && pkg != "" {
				continue
			}
			best = i
		}
	}
	if best < 0 {
		t.Fatalf("%s has no rule: add a row", pkg)
	}
	return rules[best]
}

// matches reports whether a package is the one of a pattern: its folder, or where
// that ends in /... one below it.
func matches(pkg, pattern string) bool {
	folder, below := strings.CutSuffix(pattern, "/...")
	return pkg == folder || below && within(pkg, folder)
}

func within(pkg, folder string) bool {
	return folder == "" || pkg == folder || strings.HasPrefix(pkg, folder+"/")
}
