// Package arch tests the direction of imports between packages: the layers of
// docs/design/000-layers.md.
package arch_test

import (
	"os/exec"
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
	may    []string // folders of this module, each with what is below it
}

// The layers from the bottom up. A package is judged by the rule with the
// longest matching folder.
var rules = []rule{
	{folder: "podspec", pure: true},
	{folder: "image", pure: true},
	{folder: "policy", pure: true, may: []string{"podspec", "image"}},
	{folder: "validator", pure: true, may: []string{"podspec", "policy", "image"}},
	{folder: "report", may: []string{"podspec", "policy"}},
	{folder: "internal/yamlvalue"},
	{folder: "internal/yamltext", may: []string{"internal/yamlvalue"}},
	{folder: "manifest", may: []string{"internal/yamltext", "internal/yamlvalue"}},
	{folder: "transformer", may: []string{"internal/yamlvalue", "manifest", "podspec"}},
	{folder: "internal/image/sources", may: []string{"internal/yamlvalue", "manifest", "policy", "image", "internal/image"}},
	{folder: "internal/image", may: []string{"image", "internal/image"}},
	{folder: "internal/workload", may: []string{"internal/policykind", "internal/yamlvalue", "manifest", "podspec", "policy"}},
	{folder: "internal/policykind", pure: true},
	{folder: "internal/dialect", may: []string{"internal/policykind", "internal/closest", "internal/yamlvalue", "manifest", "podspec", "policy", "image", "internal/dialect"}},
	{folder: "config", may: []string{"internal/policykind", "internal/yamlvalue", "manifest", "podspec", "policy", "image", "internal/dialect"}},
	{folder: "internal/convert", may: []string{"internal/policykind", "internal/yamlvalue", "manifest", "podspec", "policy", "config", "internal/dialect"}},
	{folder: "engine", may: []string{"config", "internal/closest", "internal/workload", "internal/joined", "internal/yamlvalue", "manifest", "validator", "transformer", "report", "image", "podspec", "policy"}},
	{folder: "fn", may: []string{"engine", "config", "internal/joined", "internal/readall", "internal/yamlvalue", "manifest", "report", "image", "policy"}},
	{folder: "internal/admission", may: []string{"engine", "internal/workload", "podspec", "policy"}},
	{folder: "internal/cmd", may: []string{"internal/admission", "internal/policykind", "engine", "fn", "config", "internal/convert", "internal/joined", "internal/readall", "internal/yamlvalue", "manifest", "report", "image", "internal/image", "policy"}},
	{folder: "internal", may: []string{"internal/yamlvalue", "manifest", "podspec", "policy", "config", "image", "fn", "internal"}},
	{folder: "examples", may: []string{"fn", "internal/cmd"}},
	{folder: "bench", may: []string{"internal"}},
	{folder: "e2e", may: []string{"internal/yamlvalue", "manifest", "internal"}},
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
				if !slices.ContainsFunc(r.may, func(f string) bool { return within(own, f) }) {
					t.Errorf("%s must not import %s", pkg, own)
				}
			case r.pure && strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
				t.Errorf("%s must import nothing but the standard library, imports %s", pkg, imp)
			}
		}
	}
}

// TestCUE keeps the largest dependency in one place.
func TestCUE(t *testing.T) {
	for pkg, imports := range list(t) {
		for _, imp := range imports {
			if strings.HasPrefix(imp, "cuelang.org/") && !within(pkg, "internal/dialect/imagepolicy") {
				t.Errorf("%s imports %s: CUE belongs in internal/dialect/imagepolicy", pkg, imp)
			}
		}
	}
}

// list returns the imports of every package of the module, by folder.
func list(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
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

func within(pkg, folder string) bool {
	return folder == "" || pkg == folder || strings.HasPrefix(pkg, folder+"/")
}
