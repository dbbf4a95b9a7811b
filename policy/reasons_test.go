package policy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReasonsDocumented: docs/results.md names every reason, and no other.
func TestReasonsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "results.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "## Reasons")
	documented := map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for i, part := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				documented[part] = true
			}
		}
	}
	reasons := reasonConstants(t)
	if len(reasons) < 20 {
		t.Fatalf("only %d reasons found", len(reasons))
	}
	for _, r := range reasons {
		if !documented[r] {
			t.Errorf("%s is not in docs/results.md", r)
		}
		delete(documented, r)
	}
	for r := range documented {
		t.Errorf("docs/results.md names %s, which is not a reason", r)
	}
}

// reasonConstants returns the values of the constants of type Reason.
func reasonConstants(t *testing.T) []string {
	t.Helper()
	var reasons []string
	for _, file := range []string{"finding.go", filepath.Join("..", "podspec", "pod.go")} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok || typ.Name != "Reason" && typ.Name != "Code" {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok {
					reasons = append(reasons, strings.Trim(lit.Value, `"`))
				}
			}
			return true
		})
	}
	return reasons
}
