package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A mutant is one change of the source, which is compiled in and waits for its
// number to be asked for.
type mutant struct {
	id   int
	file string // relative to the module
	line int
	code string // the line's source, with marks around what is changed
	what string // what is changed, and into what
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.what, m.code) }

// instrumenter writes switches into one file. Lines keep their numbers.
type instrumenter struct {
	fset  *token.FileSet
	info  *types.Info
	src   []byte
	name  string
	next  *int
	found []mutant
	edits []edit
}

// An edit inserts text. Of edits at one offset, those that close a node come
// first, inner before outer; those that open one come outer before inner.
type edit struct {
	offset int
	closes bool
	order  int
	text   string
}

// instrument returns the file's source with switches, and its mutants.
func (in *instrumenter) instrument(file *ast.File) ([]byte, []mutant) {
	var results []*ast.FieldList // of the functions around the node
	var stack []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			switch stack[len(stack)-1].(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				results = results[:len(results)-1]
			}
			stack = stack[:len(stack)-1]
			return true
		}
		if skipped(n) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			results = append(results, n.Type.Results)
		case *ast.FuncLit:
			results = append(results, n.Type.Results)
		case *ast.BlockStmt:
			in.statements(n.List, results)
		case *ast.CaseClause:
			in.statements(n.Body, results)
			for _, e := range n.List {
				in.negate(e, "condition negated")
			}
		case *ast.CommClause:
			in.statements(n.Body, results)
		case *ast.IfStmt:
			in.negate(n.Cond, "condition negated")
		case *ast.ForStmt:
			if n.Cond != nil {
				in.negate(n.Cond, "condition negated")
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				in.negate(e, "returned condition negated")
			}
		}
		if e, ok := n.(ast.Expr); ok && in.constant(e) {
			return false
		}
		if e, ok := n.(*ast.BinaryExpr); ok {
			in.binary(e)
		}
		stack = append(stack, n)
		return true
	})
	return in.source(), in.found
}

// skipped says whether nothing below n can be switched at run time, or nothing
// worth a test: types, constants, and the sizes that make is given.
func skipped(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.CONST || n.Tok == token.TYPE || n.Tok == token.IMPORT
	case *ast.ArrayType, *ast.FieldList:
		return true
	case *ast.CallExpr:
		name, ok := n.Fun.(*ast.Ident)
		return ok && name.Name == "make"
	}
	return false
}

// statements switches off statements that declare nothing, and returns zero
// values in place of others.
func (in *instrumenter) statements(list []ast.Stmt, results []*ast.FieldList) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && !isPanic(call) {
				in.delete(s)
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE && !allBlank(s.Lhs) {
				in.delete(s)
			}
		case *ast.IncDecStmt, *ast.DeferStmt:
			in.delete(s)
		case *ast.BranchStmt:
			if s.Tok == token.BREAK || s.Tok == token.CONTINUE {
				in.delete(s)
			}
		case *ast.ReturnStmt:
			in.returnZero(s, results[len(results)-1])
		}
	}
}

func isPanic(call *ast.CallExpr) bool {
	name, ok := call.Fun.(*ast.Ident)
	return ok && name.Name == "panic"
}

func allBlank(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool {
		name, ok := e.(*ast.Ident)
		return !ok || name.Name != "_"
	})
}

func (in *instrumenter) delete(s ast.Stmt) {
	in.wrap(s, "if !mutantOn(%d) { ", " }", "statement deleted")
}

// returnZero returns zero values, unless that is what is returned, or the only
// result is a bool: that is negated.
func (in *instrumenter) returnZero(s *ast.ReturnStmt, results *ast.FieldList) {
	if results == nil || len(s.Results) == 0 || !slices.ContainsFunc(s.Results, func(e ast.Expr) bool { return !in.isZero(e) }) {
		return
	}
	if len(s.Results) == 1 && in.isBool(s.Results[0]) {
		return
	}
	var zeros []string
	for _, field := range results.List {
		for range max(1, len(field.Names)) {
			zeros = append(zeros, "*new("+in.text(field.Type)+")")
		}
	}
	in.wrap(s, "if mutantOn(%d) { return "+strings.Join(zeros, ", ")+" }; ", "", "zero values returned")
}

func (in *instrumenter) isZero(e ast.Expr) bool {
	tv := in.info.Types[e]
	if tv.IsNil() {
		return true
	}
	if lit, ok := e.(*ast.CompositeLit); ok {
		_, isStruct := tv.Type.Underlying().(*types.Struct)
		return isStruct && len(lit.Elts) == 0
	}
	if tv.Value == nil {
		return false
	}
	switch tv.Value.Kind() {
	case constant.Bool:
		return !constant.BoolVal(tv.Value)
	case constant.String:
		return constant.StringVal(tv.Value) == ""
	default:
		return constant.Sign(tv.Value) == 0
	}
}

func (in *instrumenter) negate(e ast.Expr, what string) {
	if in.isBool(e) {
		in.wrap(e, "((", ") != mutantOn(%d))", what)
	}
}

// binary leaves out one side of a && and a ||, moves the boundary of a
// comparison, and swaps + and - of integers.
func (in *instrumenter) binary(e *ast.BinaryExpr) {
	x, y := in.text(e.X), in.text(e.Y)
	switch e.Op {
	case token.LAND:
		if in.isBool(e) {
			in.wrap(e.X, "(mutantOn(%d) || (", "))", "left of && left out")
			in.wrap(e.Y, "(mutantOn(%d) || (", "))", "right of && left out")
		}
	case token.LOR:
		if in.isBool(e) {
			in.wrap(e.X, "(!mutantOn(%d) && (", "))", "left of || left out")
			in.wrap(e.Y, "(!mutantOn(%d) && (", "))", "right of || left out")
		}
	case token.LSS, token.GTR:
		if in.isBool(e) && pure(e) {
			in.wrap(e, "(mutantOn(%d) && "+x+" == "+y+" || ", ")", "= added to "+e.Op.String())
		}
	case token.LEQ, token.GEQ:
		if in.isBool(e) && pure(e) {
			in.wrap(e, "(!(mutantOn(%d) && "+x+" == "+y+") && ", ")", "= taken from "+e.Op.String())
		}
	case token.ADD, token.SUB:
		if typ, ok := in.integer(e); ok && pure(e) {
			swapped := map[token.Token]string{token.ADD: "-", token.SUB: "+"}[e.Op]
			in.wrap(e, "mutantPick["+typ+"](mutantOn(%d), "+x+" "+swapped+" ("+y+"), ", ")", e.Op.String()+" made "+swapped)
		}
	}
}

// pure says whether e may be evaluated twice.
func pure(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name, isName := n.Fun.(*ast.Ident)
			ok = ok && isName && (name.Name == "len" || name.Name == "min" || name.Name == "max")
		case *ast.FuncLit:
			ok = false
		}
		return ok
	})
	return ok
}

// constant adds 1 to an integer constant and subtracts 1 from it. A zero only
// grows: there is no index -1, and no length.
func (in *instrumenter) constant(e ast.Expr) bool {
	tv := in.info.Types[e]
	if tv.Value == nil {
		return false
	}
	typ, ok := in.integer(e)
	if !ok || strings.Contains(in.text(e), "'") {
		return true
	}
	if constant.Sign(tv.Value) != 0 {
		in.wrap(e, "(mutantPick["+typ+"](mutantOn(%d), 1, 0) * -1 + ", ")", in.text(e)+" less 1")
	}
	in.wrap(e, "(mutantPick["+typ+"](mutantOn(%d), 1, 0) + ", ")", in.text(e)+" plus 1")
	return true
}

// integer returns the name of e's type, if that is a signed integer of a
// usual size.
func (in *instrumenter) integer(e ast.Expr) (string, bool) {
	basic, ok := in.info.TypeOf(e).(*types.Basic)
	if !ok {
		return "", false
	}
	switch basic.Kind() {
	case types.Int, types.Int32, types.Int64:
		return basic.Name(), true
	}
	return "", false
}

func (in *instrumenter) isBool(e ast.Expr) bool {
	basic, ok := in.info.TypeOf(e).(*types.Basic)
	return ok && in.info.Types[e].IsValue() && basic.Info()&types.IsBoolean != 0
}

// wrap puts a switch around n. One %d in before or after is the mutant's number.
func (in *instrumenter) wrap(n ast.Node, before, after, what string) {
	id := *in.next
	*in.next++
	number := func(s string) string { return strings.ReplaceAll(s, "%d", fmt.Sprint(id)) }
	in.edits = append(in.edits,
		edit{in.offset(n.Pos()), false, len(in.edits), number(before)},
		edit{in.offset(n.End()), true, len(in.edits), number(after)})
	in.found = append(in.found, mutant{id, in.name, in.fset.Position(n.Pos()).Line, in.marked(n), what})
}

// marked returns the line on which n begins, with marks around n.
func (in *instrumenter) marked(n ast.Node) string {
	from, to := in.offset(n.Pos()), in.offset(n.End())
	start := bytes.LastIndexByte(in.src[:from], '\n') + 1
	end := from + bytes.IndexByte(in.src[from:], '\n')
	to = min(to, end)
	return strings.TrimSpace(fmt.Sprintf("%s«%s»%s", in.src[start:from], in.src[from:to], in.src[to:end]))
}

func (in *instrumenter) offset(p token.Pos) int { return in.fset.Position(p).Offset }

func (in *instrumenter) text(n ast.Node) string {
	return string(in.src[in.offset(n.Pos()):in.offset(n.End())])
}

func (in *instrumenter) source() []byte {
	slices.SortStableFunc(in.edits, func(a, b edit) int {
		switch {
		case a.offset != b.offset:
			return cmp.Compare(a.offset, b.offset)
		case a.closes != b.closes:
			return map[bool]int{true: -1, false: 1}[a.closes]
		case a.closes:
			return cmp.Compare(b.order, a.order)
		default:
			return cmp.Compare(a.order, b.order)
		}
	})
	var out []byte
	at := 0
	for _, e := range in.edits {
		out = append(out, in.src[at:e.offset]...)
		out = append(out, e.text...)
		at = e.offset
	}
	return append(out, in.src[at:]...)
}
