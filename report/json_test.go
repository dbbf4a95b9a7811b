package report_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	cuejson "cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// schemaFile is the published schema of the JSON report.
var schemaFile = filepath.Join("..", "docs", "schema", "report.schema.json")

// whole has every field of a result.
func whole() report.Result {
	return report.Result{
		Severity: policy.Error, Message: "m", Reason: policy.MissingUserID, Resource: web,
		Path: podspec.Field("spec"), Current: int64(0), Proposed: []int64{1},
		File:   report.File{Path: "a.yaml", Line: 1, Column: 1, EndColumn: 2},
		Policy: "p", PolicyFile: "p.yaml", PolicyLine: 1, Rule: "MustRunAs",
		Containers: []string{"c"}, Origin: podspec.FromPod, Image: "i",
	}
}

// TestJSONSchema: reports are what the schema says, it names every field, and it
// refuses what no report is. The validator is CUE's.
func TestJSONSchema(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	expr, err := cuejson.Extract(schemaFile, data)
	if err != nil {
		t.Fatal(err)
	}
	file, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{})
	if err != nil {
		t.Fatal(err)
	}
	schema := ctx.BuildFile(file)
	valid := func(text string) error { return schema.Unify(ctx.CompileString(text)).Validate(cue.Concrete(true)) }

	all := report.Run{Version: "v1.0.0", Exit: 2, Results: []report.Result{whole()}, Shard: &report.Shard{Index: 1, Of: 2, Usage: &report.Usage{}}}
	for name, run := range map[string]report.Run{"whole": all, "usual": run(), "hostile": hostileRun(), "empty": {}} {
		if err := valid(renderRun(t, report.JSON{}, run)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		`{}`, `{"version": 1, "exitCode": 0, "summary": {}, "results": []}`,
		`{"version": "", "exitCode": 3, "summary": {"objects": 0, "checked": 0, "changed": 0, "errors": 0, "warnings": 0, "infos": 0}, "results": []}`,
		`{"version": "", "exitCode": 1, "summary": {"objects": 0, "checked": 0, "changed": 0, "errors": 0, "warnings": 0, "infos": 0}, "results": [{"severity": "fatal", "changed": false, "message": ""}]}`,
	} {
		if valid(text) == nil {
			t.Errorf("the schema accepts %s", text)
		}
	}

	var doc struct {
		Properties map[string]any
		Defs       struct {
			Result struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	var got struct{ Results []map[string]any }
	var top map[string]any
	out := renderRun(t, report.JSON{}, all)
	for _, err := range []error{json.Unmarshal(data, &doc), json.Unmarshal([]byte(out), &got), json.Unmarshal([]byte(out), &top)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	names := func(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
	if diff := cmp.Diff(names(doc.Properties), names(top)); diff != "" {
		t.Errorf("fields of the report (-schema +report):\n%s", diff)
	}
	if diff := cmp.Diff(names(doc.Defs.Result.Properties), names(got.Results[0])); diff != "" {
		t.Errorf("fields of a result (-schema +report):\n%s", diff)
	}
}

// TestJSONEscapes: a name stays what it is, and no byte of it reaches a terminal that
// would take it for a control sequence or turn the direction of the text.
func TestJSONEscapes(t *testing.T) {
	const name = "a\u009b31m\u202eb\x7f\u0085"
	r := whole()
	r.Resource.Name = name
	var out strings.Builder
	if err := (report.JSON{}).Write(&out, report.Run{Results: []report.Result{r}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"a\u009b31m\u202eb\u007f\u0085"`) {
		t.Errorf("not escaped:\n%q", out.String())
	}
	var got struct{ Results []struct{ Name string } }
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Results[0].Name != name {
		t.Errorf("got %q, want %q", got.Results[0].Name, name)
	}
}
