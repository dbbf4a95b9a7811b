package imagepolicy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// The bounds on a policy. Policies in use are smaller by an order of magnitude.
const (
	maxSource = 32 << 10 // bytes
	maxGrowth = 16       // see budget.growth
	maxDigits = 30       // of a number
)

// functions are the members of CUE's packages that a policy may use: those
// whose result is no larger than their arguments. list.Range, strings.Repeat
// and their like build gigabytes from a few characters.
var functions = map[string][]string{
	"list":    {"Avg", "Contains", "IsSorted", "IsSortedStrings", "MatchN", "Max", "MaxItems", "Min", "MinItems", "Sum", "UniqueItems"},
	"math":    {"Abs", "Ceil", "Floor", "MultipleOf", "Round", "Trunc"},
	"net":     {"FQDN", "IP", "IPCIDR", "IPv4", "IPv6", "InCIDR", "LoopbackIP", "MulticastIP", "URL"},
	"regexp":  {"Find", "Match", "Valid"},
	"strconv": {"Atoi", "ParseBool", "ParseInt"},
	"strings": {"Contains", "ContainsAny", "Count", "HasPrefix", "HasSuffix", "Index", "LastIndex", "MaxRunes", "MinRunes", "ToLower", "ToUpper", "TrimPrefix", "TrimSpace", "TrimSuffix"},
	"struct":  {"MaxFields", "MinFields"},
	"time":    {"Duration", "Hour", "Minute", "Parse", "ParseDuration", "RFC3339", "RFC3339Date", "RFC3339Nano", "Second", "Time"},
}

// checkBudget returns all that keeps a policy from being evaluated at a bounded
// cost, syntax errors among it. Errors name the line in the policy.
func checkBudget(source string) []error {
	if len(source) > maxSource {
		return []error{fmt.Errorf("must not be longer than %d bytes, is %d", maxSource, len(source))}
	}
	f, err := parser.ParseFile("", source)
	if err != nil {
		var out []error
		for _, e := range errors.Errors(err) {
			out = append(out, at(e.Position(), "%s", text(e)))
		}
		return out
	}
	b := budget{names: map[*ast.Ident]bool{}, imports: map[string]string{}, growth: 1}
	ast.Walk(f, b.visit, nil)
	return b.errs
}

// budget looks for what builds values of any size from a short text. What only
// takes long, such as disjunctions multiplied with one another, is bounded by
// estimator.
type budget struct {
	errs    []error
	imports map[string]string   // package paths by local name
	names   map[*ast.Ident]bool // identifiers that are labels, not references
	// growth bounds how many times longer than the longest string it is given
	// the policy can make a string.
	growth int
}

// visit looks at one node of the policy, before those below it.
func (b *budget) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Attribute:
		b.refuse(n.Pos(), "attributes are not evaluated: %s", n.Text)
	case *ast.Package:
		return false
	case *ast.ImportDecl:
		for _, s := range n.Specs {
			b.imported(s)
		}
		return false
	case *ast.Field:
		b.label(n.Label)
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && b.imports[x.Name] != "" {
			b.member(n, x)
			return false
		}
		b.label(n.Sel)
	case *ast.Ident:
		if path := b.imports[n.Name]; path != "" && !b.names[n] {
			b.refuse(n.Pos(), "package %q may only be used as in %s.%s", path, n.Name, functions[path][0])
		}
	case *ast.BasicLit:
		b.number(n)
	case *ast.BinaryExpr:
		b.operator(n)
	case *ast.Interpolation:
		b.grow(n.Pos(), len(n.Elts)/2)
	}
	return true
}

// label notes that an identifier is a label.
func (b *budget) label(l ast.Label) {
	if id, ok := l.(*ast.Ident); ok {
		b.names[id] = true
	}
}

// imported notes an import, or refuses it.
func (b *budget) imported(s *ast.ImportSpec) {
	path, err := literal.Unquote(s.Path.Value)
	if err != nil || functions[path] == nil {
		b.refuse(s.Pos(), "package %s is not available", s.Path.Value)
		return
	}
	name := path
	if s.Name != nil {
		name = s.Name.Name
	}
	b.imports[name] = path
}

// member refuses members of a package that are not functions.
func (b *budget) member(n *ast.SelectorExpr, x *ast.Ident) {
	path := b.imports[x.Name]
	sel, _, err := ast.LabelName(n.Sel)
	if err != nil || !slices.Contains(functions[path], sel) {
		b.refuse(n.Pos(), "%s.%s is not available, of package %q only %s", path, sel, path, strings.Join(functions[path], ", "))
	}
}

// operator refuses * where it could repeat a string, and counts +.
func (b *budget) operator(n *ast.BinaryExpr) {
	switch n.Op {
	case token.MUL:
		if !isNumber(n.X) || !isNumber(n.Y) {
			b.refuse(n.OpPos, "* may only multiply number literals")
		}
	case token.ADD:
		if !isNumber(n.X) && !isNumber(n.Y) {
			b.grow(n.OpPos, 2)
		}
	}
}

// grow counts an operation that makes one string of n.
func (b *budget) grow(pos token.Pos, n int) {
	if n < 2 || b.growth > maxGrowth {
		return
	}
	if b.growth *= n; b.growth > maxGrowth {
		b.refuse(pos, "too many strings are joined: one could grow to more than %d times its size", maxGrowth)
	}
}

// number refuses a number with more digits than any value judged here has: it
// would be written out in full.
func (b *budget) number(n *ast.BasicLit) {
	if n.Kind != token.INT && n.Kind != token.FLOAT {
		return
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.Value), "e")
	if strings.HasPrefix(mantissa, "0x") {
		mantissa, exponent = n.Value, ""
	}
	e, err := strconv.Atoi("0" + strings.TrimLeft(exponent, "+-"))
	if err != nil || len(mantissa)+e > maxDigits {
		b.refuse(n.Pos(), "numbers must not have more than %d digits", maxDigits)
	}
}

// isNumber reports whether an expression is arithmetic on numbers written out.
func isNumber(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return x.Kind == token.INT || x.Kind == token.FLOAT
	case *ast.ParenExpr:
		return isNumber(x.X)
	case *ast.UnaryExpr:
		return isNumber(x.X)
	case *ast.BinaryExpr:
		return isNumber(x.X) && isNumber(x.Y)
	}
	return false
}

// refuse adds an error at a place in the policy.
func (b *budget) refuse(pos token.Pos, format string, args ...any) {
	b.errs = append(b.errs, at(pos, format, args...))
}

// at returns an error with the line in the policy, where that is known.
func at(pos token.Pos, format string, args ...any) error {
	msg := fmt.Sprintf(format, args...)
	if pos.Line() > 0 {
		msg = fmt.Sprintf("line %d: %s", pos.Line(), msg)
	}
	return errors.New(msg)
}
