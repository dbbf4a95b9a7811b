package v1alpha1_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	cuejson "cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/dialect/schema"
	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/podspec"
)

//go:generate go test . -run TestSchemaIsCurrent -update

var update = flag.Bool("update", false, "write the JSON Schema")

const (
	schemaFile = "../../../docs/schema/usergrouppolicy.schema.json"
	reference  = "../../../fn-config.yaml"
	schemaID   = "https://raw.githubusercontent.com/usergroup-dev/usergroup/main/docs/schema/usergrouppolicy.schema.json"
)

// generate generates the schema of both kinds.
func generate(t *testing.T) []byte {
	t.Helper()
	platform := schema.Object{"type": "string", "pattern": "^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?$"}
	g, err := schema.New(map[reflect.Type]schema.Object{
		reflect.TypeFor[v1alpha1.Platforms](): {"oneOf": []any{platform, schema.Object{"type": "array", "items": platform}}},
		reflect.TypeFor[*int64]():             {"type": "integer", "minimum": 0, "maximum": podspec.MaxID},
	}, "types.go")
	if err != nil {
		t.Fatal(err)
	}
	kind := func(ref schema.Object, kind string, required ...string) schema.Object {
		ref["required"] = append([]string{"apiVersion", "kind"}, required...)
		ref["properties"] = schema.Object{
			"apiVersion": schema.Object{"const": v1alpha1.APIVersion, "description": "apiVersion is " + v1alpha1.APIVersion + "."},
			"kind":       schema.Object{"const": kind, "description": "kind is " + kind + "."},
		}
		return ref
	}
	out, err := g.Document(v1alpha1.Kind+" and "+v1alpha1.ListKind, schema.Object{"$id": schemaID, "oneOf": []any{
		kind(g.Ref(reflect.TypeFor[v1alpha1.UserGroupPolicy]()), v1alpha1.Kind, "spec"),
		kind(g.Ref(reflect.TypeFor[v1alpha1.UserGroupPolicyList]()), v1alpha1.ListKind, "items"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSchemaIsCurrent(t *testing.T) {
	want := generate(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("the schema is not that of the types, go test ./internal/dialect/v1alpha1 -update writes it:\n%s", cmp.Diff(string(got), string(want)))
	}
}

func TestEveryPropertyIsDescribed(t *testing.T) {
	var doc any
	if err := json.Unmarshal(generate(t), &doc); err != nil {
		t.Fatal(err)
	}
	count := 0
	properties(doc, func(name string, s map[string]any) {
		count++
		d, _ := s["description"].(string)
		if first, _, _ := strings.Cut(d, " "); first != name {
			t.Errorf("the description of %s must begin with its name, is %q", name, d)
		}
	})
	if count < 50 {
		t.Errorf("found %d properties, which cannot be all", count)
	}
}

// properties calls f with every property of a schema.
func properties(v any, f func(name string, s map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			properties(x, f)
		}
	case map[string]any:
		for k, x := range v {
			if ps, ok := x.(map[string]any); ok && k == "properties" {
				for name, s := range ps {
					f(name, s.(map[string]any))
				}
			}
			properties(x, f)
		}
	}
}

// validator returns a validator of YAML objects against the schema, which is
// CUE's.
func validator(t *testing.T) func(text string) error {
	t.Helper()
	ctx := cuecontext.New()
	expr, err := cuejson.Extract(schemaFile, generate(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{})
	if err != nil {
		t.Fatal(err)
	}
	compiled := ctx.BuildFile(file)
	if err := compiled.Err(); err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		j, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Unify(ctx.CompileBytes(j)).Validate(cue.Concrete(true))
	}
}

func TestSchemaValidates(t *testing.T) {
	valid := validator(t)
	const head = "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\n"
	ref, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]string{
		"the reference":    string(ref),
		"an empty spec":    head + "spec: {}",
		"two ranges":       head + "metadata: {name: a}\nspec: {runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]}}",
		"one platform":     head + "spec: {images: {platform: linux/arm64}}",
		"platforms":        head + "spec: {images: {platform: [linux/amd64, linux/arm64/v8]}}",
		"an exclusion":     head + "spec: {exclude: [{containers: [a], reason: b}]}",
		"a list":           "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicyList\nitems: [{metadata: {name: a}, spec: {mode: Warn}}]",
		"cluster metadata": head + "metadata: {name: a, creationTimestamp: null, uid: x}\nspec: {}",
	}
	for name, text := range good {
		if err := valid(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := map[string]string{
		"no spec":                head,
		"no kind":                "apiVersion: usergroup.dev/v1alpha1\nspec: {}",
		"another version":        "apiVersion: usergroup.dev/v2\nkind: UserGroupPolicy\nspec: {}",
		"unknown field":          head + "spec: {runAsUsr: {}}",
		"unknown nested field":   head + "spec: {fsGroup: {rule: RunAsAny, requireStrict: true}}",
		"unknown rule":           head + "spec: {runAsUser: {rule: Never}}",
		"a string for a bound":   head + `spec: {runAsUser: {rule: MustRunAs, ranges: [{min: "1", max: 2}]}}`,
		"a negative bound":       head + "spec: {runAsUser: {rule: MustRunAs, ranges: [{min: -1, max: 2}]}}",
		"half a range":           head + "spec: {runAsUser: {rule: MustRunAs, ranges: [{min: 1}]}}",
		"a number for a boolean": head + "spec: {validateContainerImageConfiguration: 1}",
		"unknown mode":           head + "spec: {mode: enforce}",
		"a platform":             head + "spec: {images: {platform: linux}}",
		"no reason":              head + "spec: {exclude: [{containers: [a]}]}",
	}
	for name, text := range bad {
		if valid(text) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
