// Package schema generates the JSON Schema of Go types that package strict
// decodes, with the comments of their fields as descriptions. A field whose
// comment ends in "Required." is required.
//
// What a schema says is what decoding alone refuses: fields, types, the values
// of enums and bounds. What depends on several fields is left to the checks.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/manifest"
)

// Object is a JSON Schema or a part of one.
type Object = map[string]any

// Generator collects the schemas of types.
type Generator struct {
	docs map[string]string // of types by name, of fields by Type.Field
	defs Object
	// override is asked for the schema of a type first.
	override map[reflect.Type]Object
}

// New returns a generator that takes its descriptions from the comments of the
// Go files, and the schemas of types that decode themselves from override.
func New(override map[reflect.Type]Object, files ...string) (*Generator, error) {
	g := &Generator{docs: map[string]string{}, defs: Object{}, override: override}
	for _, f := range files {
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, g.collect)
	}
	return g, nil
}

// collect keeps the comments of types and of their fields.
func (g *Generator) collect(n ast.Node) bool {
	decl, ok := n.(*ast.GenDecl)
	if !ok {
		return true
	}
	for _, s := range decl.Specs {
		t, ok := s.(*ast.TypeSpec)
		if !ok {
			continue
		}
		g.docs[t.Name.Name] = text(decl.Doc)
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range st.Fields.List {
			for _, name := range f.Names {
				g.docs[t.Name.Name+"."+name.Name] = text(f.Doc)
			}
		}
	}
	return false
}

// text returns a comment as one line.
func text(c *ast.CommentGroup) string {
	return strings.Join(strings.Fields(c.Text()), " ")
}

// Ref returns a reference to the schema of a struct type, which it defines.
func (g *Generator) Ref(t reflect.Type) Object {
	if _, ok := g.defs[t.Name()]; !ok {
		g.defs[t.Name()] = nil // a type may refer to itself
		g.defs[t.Name()] = g.structure(t)
	}
	return Object{"$ref": "#/$defs/" + t.Name()}
}

// Document renders a schema with all definitions that it refers to.
func (g *Generator) Document(title string, root Object) ([]byte, error) {
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	root["$defs"] = g.defs
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(root)
	return b.Bytes(), err
}

// structure returns the schema of a struct. It holds no reference to the
// structs embedded in it, since these close no object of their own.
func (g *Generator) structure(t reflect.Type) Object {
	props, required := Object{}, []string{}
	for _, f := range strict.Fields(t) {
		s := g.of(f.Type)
		doc := g.docs[owner(t, f.Index)]
		s["description"] = doc
		props[f.Name] = s
		if strings.HasSuffix(doc, "Required.") {
			required = append(required, f.Name)
		}
	}
	out := Object{"type": "object", "additionalProperties": false, "properties": props, "description": g.docs[t.Name()]}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// owner names the field at an index as the Go files declare it: Type.Field,
// where the type may be one that is embedded.
func owner(t reflect.Type, index []int) string {
	for len(index) > 1 {
		t, index = t.Field(index[0]).Type, index[1:]
	}
	return t.Name() + "." + t.Field(index[0]).Name
}

// of returns the schema of any type.
func (g *Generator) of(t reflect.Type) Object {
	if s, ok := g.override[t]; ok {
		out := Object{}
		for k, v := range s {
			out[k] = v
		}
		return out
	}
	if t == reflect.TypeFor[*manifest.Node]() {
		return Object{}
	}
	if t.Implements(reflect.TypeFor[strict.Enum]()) {
		return Object{"type": "string", "enum": reflect.Zero(t).Interface().(strict.Enum).Values()}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Struct:
		return g.Ref(t)
	case reflect.Slice:
		return Object{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return Object{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Bool:
		return Object{"type": "boolean"}
	case reflect.String:
		return Object{"type": "string"}
	case reflect.Int64:
		return Object{"type": "integer"}
	}
	panic(fmt.Sprintf("schema: no schema of %v", t))
}
