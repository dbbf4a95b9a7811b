package imagepolicy

import (
	"fmt"
	"math"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

// The bounds on the effort of an evaluation. Policies in use take some thousands
// of values on large objects. What is within them takes seconds at worst: a hundred
// thousand values a second, and half a second for a thousand alternatives.
const (
	maxValues       = 1_000_000 // alternatives included
	maxAlternatives = 1024
)

// estimator bounds the effort of evaluating a policy on an input, from its text and
// the size of the input. CUE's evaluator cannot be interrupted, and to give it up
// after some time would make the answer depend on the machine.
//
// Three things make an evaluation long: values that refer to values, of which each
// holds several; constraints and comprehensions over what the input has many of; and
// disjunctions, of which unification tries every combination. So an expression has a
// bound on the values that it makes and one on its alternatives. The bounds are rough
// upwards: a name stands for every field of that name, and alternatives count as if
// all disjunctions were unified.
type estimator struct {
	file   *ast.File
	labels map[string][]ast.Expr // values of fields, lets and aliases by name
}

// size is the size of an input.
type size struct {
	nodes  float64 // values in it
	fanout float64 // elements of its largest list or mapping
}

// effort is a bound on the values that an expression makes, and on its
// alternatives.
type effort struct{ values, alternatives float64 }

var single = effort{1, 1}

// and adds what is made besides; the alternatives of both may be combined.
func (e effort) and(o effort) effort {
	return effort{e.values + o.values, e.alternatives * o.alternatives}
}

// times is the effort for n of them.
func (e effort) times(n float64) effort { return effort{e.values * n, e.alternatives} }

// newEstimator parses a policy, which has been found to be well-formed.
func newEstimator(source string) (*estimator, error) {
	f, err := parser.ParseFile("", source)
	if err != nil {
		return nil, err
	}
	e := &estimator{file: f, labels: map[string][]ast.Expr{}}
	ast.Walk(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if name, _, err := ast.LabelName(n.Label); err == nil {
				e.labels[name] = append(e.labels[name], n.Value)
			}
			if a, ok := n.Value.(*ast.Alias); ok {
				e.labels[a.Ident.Name] = append(e.labels[a.Ident.Name], a.Expr)
			}
		case *ast.LetClause:
			e.labels[n.Ident.Name] = append(e.labels[n.Ident.Name], n.Expr)
		case *ast.Alias:
			e.labels[n.Ident.Name] = append(e.labels[n.Ident.Name], n.Expr)
		}
		return true
	}, nil)
	return e, nil
}

// check refuses an input on which the policy takes too long.
func (e *estimator) check(in size) error {
	switch o := e.effort(in); {
	case o.alternatives > maxAlternatives:
		return fmt.Errorf("it may have %.3g alternatives, at most %d", o.alternatives, maxAlternatives)
	case o.values*o.alternatives > maxValues:
		return fmt.Errorf("it may produce %.3g values, at most %d are allowed", o.values*o.alternatives, maxValues)
	}
	return nil
}

// effort bounds what the policy takes on an input.
func (e *estimator) effort(in size) effort {
	w := walk{estimator: e, in: in, known: map[reference]effort{}, open: map[string]bool{}}
	total := effort{in.nodes, 1}
	for _, d := range e.file.Decls {
		total = total.and(w.decl(d, 0))
	}
	return total
}

// walk is one walk over a policy.
type walk struct {
	*estimator
	in    size
	known map[reference]effort
	open  map[string]bool // names whose values are being walked
}

// reference is a name, below so many constraints on all of something.
type reference struct {
	name   string
	within int
}

// decl bounds an element of a struct. within is how many constraints on all of
// something it is below: those apply to parts of the same values.
func (w *walk) decl(d ast.Decl, within int) effort {
	switch d := d.(type) {
	case *ast.Field:
		if _, pattern := d.Label.(*ast.ListLit); pattern {
			return w.all(d.Value, within)
		}
		return single.and(w.expr(d.Value, within))
	case *ast.EmbedDecl:
		return w.expr(d.Expr, within)
	case *ast.Comprehension:
		return w.comprehension(d, within)
	case *ast.Ellipsis:
		return w.all(d.Type, within)
	case *ast.LetClause:
		return w.expr(d.Expr, within)
	case ast.Expr:
		return w.expr(d, within)
	}
	return single
}

// all bounds a constraint on all fields of a struct or elements of a list.
func (w *walk) all(x ast.Expr, within int) effort {
	n := 1.0
	switch within {
	case 0:
		n = w.in.fanout
	case 1: // together they are for no more than the whole input
		n = max(1, w.in.nodes/w.in.fanout)
	}
	return w.expr(x, within+1).times(n)
}

// comprehension bounds a body for each element of its sources.
func (w *walk) comprehension(c *ast.Comprehension, within int) effort {
	total, n := single, 1.0
	for _, clause := range c.Clauses {
		switch clause := clause.(type) {
		case *ast.ForClause:
			source := w.expr(clause.Source, within)
			total = total.and(source.times(n))
			n *= w.in.fanout + w.made(clause.Source)
		case *ast.IfClause:
			total = total.and(w.expr(clause.Condition, within).times(n))
		case *ast.LetClause:
			total = total.and(w.expr(clause.Expr, within).times(n))
		}
	}
	return total.and(w.expr(c.Value, within).times(n))
}

// made bounds the elements of a source that are not the input's: those that the
// policy itself makes.
func (w *walk) made(x ast.Expr) float64 {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return w.made(x.X)
	case *ast.ListLit:
		return w.elements(x.Elts)
	case *ast.Ident:
		return w.madeBy(x.Name)
	case *ast.SelectorExpr:
		name, _, _ := ast.LabelName(x.Sel)
		return w.madeBy(name)
	}
	return w.expr(x, 0).values
}

func (w *walk) madeBy(name string) float64 {
	if w.open["made "+name] {
		return 1
	}
	w.open["made "+name] = true
	defer delete(w.open, "made "+name)
	n := 0.0
	for _, x := range w.labels[name] {
		if list, ok := x.(*ast.ListLit); ok {
			n += w.elements(list.Elts)
		} else if s, ok := x.(*ast.StructLit); ok {
			n += float64(len(s.Elts))
		} else {
			n += w.expr(x, 0).values
		}
	}
	return n
}

// elements counts those of a list.
func (w *walk) elements(xs []ast.Expr) float64 {
	n := 0.0
	for _, x := range xs {
		switch x := x.(type) {
		case *ast.Ellipsis: // a constraint, no element
		case *ast.Comprehension:
			n += w.yielded(x)
		default:
			n++
		}
	}
	return n
}

// yielded bounds how many elements a comprehension yields.
func (w *walk) yielded(x *ast.Comprehension) float64 {
	n := 1.0
	for _, clause := range x.Clauses {
		if f, ok := clause.(*ast.ForClause); ok {
			n *= w.in.fanout + w.made(f.Source)
		}
	}
	return n
}

// expr bounds an expression.
func (w *walk) expr(x ast.Expr, within int) effort {
	switch x := x.(type) {
	case *ast.Ident:
		return w.named(x.Name, within)
	case *ast.SelectorExpr:
		name, _, err := ast.LabelName(x.Sel)
		if err != nil || len(w.labels[name]) == 0 {
			return effort{1 + w.in.fanout, 1} // a part of the input
		}
		return w.named(name, within)
	case *ast.Alias:
		return w.expr(x.Expr, within)
	case *ast.IndexExpr:
		return w.expr(x.X, within).and(w.expr(x.Index, within))
	case *ast.SliceExpr:
		return w.expr(x.X, within)
	case *ast.ParenExpr:
		return w.expr(x.X, within)
	case *ast.UnaryExpr:
		return single.and(w.expr(x.X, within))
	case *ast.BinaryExpr:
		return w.binary(x, within)
	case *ast.StructLit:
		total := single
		for _, d := range x.Elts {
			total = total.and(w.decl(d, within))
		}
		return total
	case *ast.ListLit:
		total := single
		for _, el := range x.Elts {
			switch el := el.(type) {
			case *ast.Ellipsis:
				total = total.and(w.all(el.Type, within))
			case *ast.Comprehension:
				total = total.and(w.comprehension(el, within))
			default:
				total = total.and(w.expr(el, within))
			}
		}
		return total
	case *ast.Comprehension:
		return w.comprehension(x, within)
	case *ast.Interpolation:
		total := single
		for _, el := range x.Elts {
			total = total.and(w.expr(el, within))
		}
		return total
	case *ast.CallExpr:
		return w.call(x, within)
	}
	return single
}

// binary bounds an operation. A disjunction of literals and types has few results
// whatever it is unified with, and counts as one alternative.
func (w *walk) binary(x *ast.BinaryExpr, within int) effort {
	a, b := w.expr(x.X, within), w.expr(x.Y, within)
	both := a.and(b)
	switch {
	case x.Op != token.OR:
		return both
	case isFlat(x):
		return effort{both.values, 1}
	}
	return effort{both.values, a.alternatives + b.alternatives}
}

// types are CUE's names for all values of a type.
var types = map[string]bool{"bool": true, "string": true, "bytes": true, "number": true, "int": true, "float": true, "_": true}

// isFlat reports whether an expression is a disjunction of literals and types.
func isFlat(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit, *ast.BottomLit:
		return true
	case *ast.Ident:
		return types[x.Name]
	case *ast.ParenExpr:
		return isFlat(x.X)
	case *ast.UnaryExpr:
		return (x.Op == token.MUL || x.Op == token.SUB) && isFlat(x.X)
	case *ast.BinaryExpr:
		return x.Op == token.OR && isFlat(x.X) && isFlat(x.Y)
	}
	return false
}

// call bounds a call of a function, of which or and and make disjunctions and
// conjunctions of lists.
func (w *walk) call(x *ast.CallExpr, within int) effort {
	total := single
	for _, a := range x.Args {
		total = total.and(w.expr(a, within))
	}
	name := ""
	if id, ok := x.Fun.(*ast.Ident); ok {
		name = id.Name
	} else if s, ok := x.Fun.(*ast.SelectorExpr); ok {
		name, _, _ = ast.LabelName(s.Sel)
	}
	n := 1.0
	for _, a := range x.Args {
		n = max(n, w.in.fanout+w.made(a))
	}
	switch name {
	case "or":
		total.alternatives *= n
	case "and":
		total.alternatives = math.Pow(total.alternatives, n)
	case "matchN", "matchIf", "MatchN":
		total = total.times(n)
	}
	return total
}

// named bounds what a name stands for: all fields of that name.
func (w *walk) named(name string, within int) effort {
	ref := reference{name, within}
	if known, ok := w.known[ref]; ok {
		return known
	}
	if w.open[name] || len(w.labels[name]) == 0 {
		return single // CUE ends cycles itself
	}
	w.open[name] = true
	defer delete(w.open, name)
	total := single
	for _, x := range w.labels[name] {
		total = total.and(w.expr(x, within))
	}
	w.known[ref] = total
	return total
}
