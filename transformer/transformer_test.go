package transformer_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/transformer"
)

// example is a before and after of testdata: in a txtar file, "name/in" and
// "name/want" with the edits between them. A file "name/reencoded" says why
// the edits cannot be spliced.
type example struct {
	name, in, want string
	edits          []podspec.Edit
	reencoded      string
}

// examples reads the examples of testdata.
func examples(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var all []example
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for _, f := range ar.Files {
			name, part, _ := strings.Cut(f.Name, "/")
			name = group + "/" + name
			if part == "in" {
				all = append(all, example{name: name})
			}
			if len(all) == 0 || all[len(all)-1].name != name {
				t.Fatalf("%s: %s has no in", file, f.Name)
			}
			ex, text := &all[len(all)-1], string(f.Data)
			switch part {
			case "in":
				ex.in = text
			case "edits":
				ex.edits = parseEdits(t, text)
			case "want":
				ex.want = text
			case "reencoded":
				ex.reencoded = strings.TrimSpace(text)
			default:
				t.Fatalf("%s: unknown part %s", file, f.Name)
			}
		}
	}
	return all
}

// parseEdits reads edits, one a line: "path = value" or "remove path".
func parseEdits(t testing.TB, text string) []podspec.Edit {
	t.Helper()
	var edits []podspec.Edit
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if path, ok := strings.CutPrefix(line, "remove "); ok {
			edits = append(edits, podspec.Edit{Op: podspec.Remove, Path: parsePath(t, path)})
			continue
		}
		path, val, ok := strings.Cut(line, " = ")
		if !ok {
			t.Fatalf("not an edit: %s", line)
		}
		edits = append(edits, podspec.Edit{Path: parsePath(t, path), Value: parseValue(t, val)})
	}
	return edits
}

func parseValue(t testing.TB, s string) any {
	t.Helper()
	if s == "true" || s == "false" {
		return s == "true"
	}
	if list, ok := strings.CutPrefix(s, "["); ok {
		ids := []int64{}
		for _, f := range strings.FieldsFunc(strings.TrimSuffix(list, "]"), func(r rune) bool { return r == ',' || r == ' ' }) {
			id, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		return ids
	}
	if id, err := strconv.ParseInt(s, 10, 64); err == nil {
		return id
	}
	str, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("not a value: %s", s)
	}
	return str
}

// parsePath reads what podspec.Path.String writes.
func parsePath(t testing.TB, s string) podspec.Path {
	t.Helper()
	var p podspec.Path
	for rest := s; rest != ""; {
		if inner, ok := strings.CutPrefix(rest, "["); ok {
			end := strings.LastIndexByte(inner, ']')
			if inner[0] != '"' {
				end = strings.IndexByte(inner, ']')
			}
			text := inner[:end]
			rest = inner[end+1:]
			if key, err := strconv.Unquote(text); err == nil {
				p = p.Key(key)
				continue
			}
			i, err := strconv.Atoi(text)
			if err != nil {
				t.Fatalf("not a path: %s", s)
			}
			p = p.Index(i)
			continue
		}
		rest = strings.TrimPrefix(rest, ".")
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		p = p.Key(rest[:end])
		rest = rest[end:]
	}
	if p.String() != s {
		t.Fatalf("path %s reads as %s", s, p)
	}
	return p
}

// variant is a way to write an example differently without changing what it
// shows.
type variant struct {
	name   string
	column int
	write  func(string) string
}

var variants = []variant{
	{name: "as is", write: func(s string) string { return s }},
	{name: "CRLF", write: func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
	{name: "no newline at the end", write: func(s string) string { return strings.TrimSuffix(s, "\n") }},
	{name: "list element", column: 4, write: func(s string) string { return indented(s, 4) }},
	{name: "byte order mark", write: func(s string) string { return "\ufeff" + s }},
}

// indented indents all lines but the first, and no blank ones.
func indented(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	for i, line := range lines {
		if i > 0 && strings.TrimSpace(line) != "" {
			lines[i] = strings.Repeat(" ", n) + line
		}
	}
	return strings.Join(lines, "")
}

func TestExamples(t *testing.T) {
	for _, ex := range examples(t) {
		for _, v := range variants {
			t.Run(ex.name+"/"+v.name, func(t *testing.T) {
				data := []byte(v.write(ex.in))
				res := apply(t, data, v.column, ex.edits)
				if diff := cmp.Diff(v.write(ex.want), string(res.Bytes)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if res.Reencoded != (ex.reencoded != "") || res.Why != ex.reencoded {
					t.Errorf("Reencoded is %v, Why %q, want %q", res.Reencoded, res.Why, ex.reencoded)
				}
				margin := strings.Repeat(" ", v.column)
				checkReaders(t, margin+string(data), margin+string(res.Bytes), ex.edits)
				again := apply(t, res.Bytes, v.column, ex.edits)
				if diff := cmp.Diff(string(res.Bytes), string(again.Bytes)); diff != "" {
					t.Errorf("the second application changes something:\n%s", diff)
				}
			})
		}
	}
}

// apply decodes and applies, and checks that the result's Root is its Bytes.
func apply(t testing.TB, data []byte, column int, edits []podspec.Edit) transformer.Result {
	t.Helper()
	root, err := manifest.Decode(data, column)
	if err != nil {
		t.Fatalf("the input does not decode: %v\n%s", err, data)
	}
	before := slices.Clone(data)
	res, err := transformer.Apply(new(transformer.Memory), data, column, root, edits)
	if err != nil {
		t.Fatalf("Apply: %v\n%s", err, data)
	}
	if !slices.Equal(before, data) {
		t.Fatal("Apply changed its input")
	}
	if whole := bytes.HasSuffix(data, []byte("\n")) && !res.Reencoded && len(edits) > 0 && !slices.Equal(res.Bytes, data); whole && res.Parts == nil {
		t.Error("the result is not in parts")
	}
	if res.Parts != nil && !bytes.Equal(bytes.Join(res.Parts, nil), res.Bytes) {
		t.Errorf("the parts make up %q, not %q", bytes.Join(res.Parts, nil), res.Bytes)
	}
	full, err := yamltext.DecodeFull(res.Bytes, column)
	if err != nil {
		t.Fatalf("the result does not decode: %v\n%s", err, res.Bytes)
	}
	if !manifest.Equal(full, res.Root) {
		t.Fatalf("Root is not what the bytes hold:\n%s", res.Bytes)
	}
	return res
}
