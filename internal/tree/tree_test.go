package tree_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// TestList lists small trees, each written as a txtar. A file whose text begins
// with -> is a link.
func TestList(t *testing.T) {
	for name, tc := range map[string]struct {
		tree  string
		args  []string // default: the folder t
		opts  tree.Options
		files string
		note  string // a part of the notes
		err   string
	}{
		"manifests by their names, lexically": {
			tree:  "-- t/b.yaml --\n-- t/a/z.json --\n-- t/c.YML --\n-- t/readme.md --\n-- t/.git/x.yaml --\n-- t/.hidden.yaml --\n",
			files: "t/.hidden.yaml t/a/z.json t/b.yaml t/c.YML",
		},
		"a file once": {
			tree: "-- t/a.yaml --\n", args: []string{"t/a.yaml", "t", "./t/a.yaml"},
			files: "t/a.yaml",
		},
		"a dot folder that is named": {
			tree: "-- .github/a.yaml --\n", args: []string{".github"}, files: ".github/a.yaml",
		},
		"standard input": {
			tree: "-- t/a.yaml --\n", args: []string{"-", "t"}, files: "- t/a.yaml",
		},
		"nothing": {
			tree: "-- t/readme.md --\n", err: "t: no manifests",
		},
		"not there": {
			tree: "-- t/a.yaml --\n", args: []string{"x"}, err: "no such file",
		},
		"a chart": {
			tree: "-- t/c/Chart.yaml --\n-- t/c/values.yaml --\n-- t/c/values-prod.yaml --\n-- t/c/templates/a.yaml --\n-- t/c/crds/b.yaml --\n" +
				"-- t/c/charts/sub/Chart.yaml --\n-- t/c/charts/sub/templates/x.yaml --\n-- t/pod.yaml --\n-- t/templates/y.yaml --\n",
			files: "t/c/crds/b.yaml t/pod.yaml t/templates/y.yaml",
			note:  "the templates of t/c: check what they render: helm template t/c | usergroup check -",
		},
		"a chart and nothing else": {
			tree: "-- t/Chart.yaml --\n-- t/templates/a.yaml --\n", err: "helm template t",
		},
		"a template that is named": {
			tree: "-- t/Chart.yaml --\n-- t/templates/x/a.yaml --\n-- b.yaml --\n", args: []string{"t/templates/x/a.yaml", "b.yaml"},
			files: "b.yaml", note: "helm template t |",
		},
		"parts of a kustomization": {
			tree: `-- t/overlay/kustomization.yaml --
resources: [../base, extra.yaml]
patches:
- path: a.yaml
- patch: "{}"
- old.yaml
patchesStrategicMerge: [b.yaml, "kind: Deployment\nmetadata: {}"]
patchesJson6902: [{path: c.yaml}]
replacements: [{path: d.yaml}, {source: {kind: X}}]
configurations: [e.yaml]
crds: [f.json]
openapi: {path: g.json}
generators: [h.yaml]
transformers: [i.yaml]
validators: [j.yaml]
configMapGenerator: [{name: x, files: [k.yaml, key=l.yaml], envs: [m.yaml]}]
helmCharts: [{valuesFile: n.yaml, additionalValuesFiles: [o.yaml]}]
` + many("t/overlay/", "a.yaml b.yaml c.yaml d.yaml e.yaml f.json g.json h.yaml i.yaml j.yaml k.yaml l.yaml m.yaml n.yaml o.yaml old.yaml extra.yaml other.yaml") + many("t/base/", "a.yaml"),
			files: "t/base/a.yaml t/overlay/extra.yaml t/overlay/kustomization.yaml t/overlay/other.yaml",
			note:  "patches and configuration of t/overlay (t/overlay/a.yaml, t/overlay/b.yaml, t/overlay/c.yaml, t/overlay/d.yaml, t/overlay/e.yaml and 11 more): check what they render: usergroup check --kustomize t/overlay",
		},
		"a component": {
			tree:  "-- t/c/kustomization.yaml --\nkind: Component\npatches: [{path: a.yaml}]\n-- t/c/a.yaml --\n-- t/x.yaml --\n",
			files: "t/c/kustomization.yaml t/x.yaml",
			note:  "skipped: patches and configuration of t/c (t/c/a.yaml): check what the kustomizations that use these components render",
		},
		"a component and an overlay that uses it": {
			tree: "-- t/c/kustomization.yaml --\nkind: Component\npatches: [{path: a.yaml}]\n-- t/c/a.yaml --\n" +
				"-- t/o/kustomization.yaml --\ncomponents: [../c]\npatches: [{path: b.yaml}]\n-- t/o/b.yaml --\n-- t/x.yaml --\n",
			files: "t/c/kustomization.yaml t/o/kustomization.yaml t/x.yaml",
			note:  "skipped: patches and configuration of t/o (t/o/b.yaml): check what they render: usergroup check --kustomize t/o",
		},
		"a patch that is named": {
			tree: "-- t/kustomization.yml --\npatches: [{path: p/a.yaml}]\n-- t/p/a.yaml --\n-- t/p/b.yaml --\n", args: []string{"t/p/a.yaml", "t/p/b.yaml"},
			files: "t/p/b.yaml",
		},
		"a patch for one and a resource for another": {
			tree:  "-- t/a/kustomization.yaml --\npatches: [{path: ../x.yaml}]\n-- t/b/Kustomization --\nresources: [../x.yaml]\n-- t/x.yaml --\n",
			files: "t/a/kustomization.yaml t/x.yaml",
		},
		"a kustomization that cannot be read": {
			tree: "-- t/kustomization.yaml --\npatches: [\n-- t/patch.yaml --\n-- t/base/a.yaml --\n", files: "t/base/a.yaml",
			note: "t/patch.yaml", err: "t/kustomization.yaml: ",
		},
		"gitignore": {
			tree: "-- t/.gitignore --\n# generated\n/out/\n*.gen.yaml\n!keep.gen.yaml\ndeep/**/x.yaml\n-- t/out/a.yaml --\n-- t/sub/out/a.yaml --\n-- t/a.gen.yaml --\n" +
				"-- t/keep.gen.yaml --\n-- t/deep/1/2/x.yaml --\n-- t/deep/1/2/y.yaml --\n-- t/sub/.gitignore --\nlocal.yaml\n-- t/sub/local.yaml --\n-- t/local.yaml --\n",
			files: "t/deep/1/2/y.yaml t/keep.gen.yaml t/local.yaml t/sub/out/a.yaml",
			note:  "because of .gitignore or .krmignore: t/a.gen.yaml, t/deep/1/2/x.yaml, t/out, t/sub/local.yaml (--no-ignore reads them)",
		},
		"gitignore of the repository above": {
			tree: "-- .git/HEAD --\n-- .gitignore --\nt/x.yaml\n-- t/x.yaml --\n-- t/y.yaml --\n", files: "t/y.yaml",
		},
		"gitignore above, in no repository": {
			tree: "-- .gitignore --\nt/x.yaml\n-- t/x.yaml --\n-- t/y.yaml --\n", files: "t/x.yaml t/y.yaml",
		},
		"an ignored file that is named": {
			tree: "-- t/.gitignore --\n*\n-- t/a.yaml --\n", args: []string{"t/a.yaml"}, files: "t/a.yaml",
		},
		"an ignore file that cannot be read": {
			tree: "-- t/.gitignore --\nx.yaml\n" + strings.Repeat("#\n", 2<<20) + "-- t/x.yaml --\n-- t/sub/y.yaml --\n-- u/z.yaml --\n", args: []string{"t", "u"},
			files: "u/z.yaml", err: "larger than the limit",
		},
		"an ignore file that leads to itself": {
			tree: "-- t/.krmignore --\n->.krmignore\n-- t/x.yaml --\n-- u/z.yaml --\n", args: []string{"t", "u"},
			files: "u/z.yaml", err: "too many levels of symbolic links",
		},
		"a kustomization that leads to itself": {
			tree: "-- t/Kustomization --\n->Kustomization\n-- t/patch.yaml --\n-- u/z.yaml --\n", args: []string{"t", "u"},
			files: "u/z.yaml", err: "t/Kustomization: stat", note: "t/patch.yaml",
		},
		"krmignore": {
			tree: "-- t/.krmignore --\nx.yaml\n-- t/x.yaml --\n-- t/y.yaml --\n", files: "t/y.yaml",
		},
		"no ignoring": {
			tree: "-- t/.gitignore --\nx.yaml\n-- t/x.yaml --\n", opts: tree.Options{NoIgnore: true}, files: "t/x.yaml",
		},
		"exclude": {
			tree: "-- t/x.yaml --\n-- t/sub/x.yaml --\n-- t/sub/y.yaml --\n-- t/vendor/a.yaml --\n", opts: tree.Options{Exclude: []string{"t/x.yaml", "vendor/"}},
			files: "t/sub/x.yaml t/sub/y.yaml",
		},
		"exclude a file that is named": {
			tree: "-- t/x.yaml --\n-- t/y.yaml --\n", args: []string{"t/x.yaml", "t/y.yaml"}, opts: tree.Options{Exclude: []string{"x.yaml"}},
			files: "t/y.yaml",
		},
		"links": {
			tree: "-- out.yaml --\n-- far/a.yaml --\n-- t/in.yaml --\n-- t/a.yaml --\n->../out.yaml\n-- t/b.yaml --\n->in.yaml\n-- t/folder --\n->../far\n",
			// b.yaml is in.yaml, which is there already.
			files: "t/a.yaml(out.yaml) t/in.yaml", note: "links to folders: t/folder",
		},
		"a link to a folder that is named": {
			tree: "-- far/a.yaml --\n-- t --\n->far\n", files: "t/a.yaml",
		},
		"a link that leads nowhere": {
			tree: "-- t/a.yaml --\n->nowhere.yaml\n-- t/b.yaml --\n", files: "t/b.yaml", err: "t/a.yaml",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, tc.tree)
			args := tc.args
			if args == nil {
				args = []string{"t"}
			}
			got, err := tree.List(context.Background(), args, tc.opts)
			if err != nil {
				if tc.err == "" || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %q, want %q", err, tc.err)
				}
				return
			}
			var files []string
			for _, f := range got.Files {
				name := f.Path
				if f.Outside != "" {
					name += "(" + filepath.Base(f.Outside) + ")"
				}
				files = append(files, name)
			}
			if diff := cmp.Diff(tc.files, strings.Join(files, " ")); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, tc.note) {
				t.Errorf("notes:\n%s\nlack:\n%s", notes, tc.note)
			}
			switch {
			case tc.err == "" && len(got.Errors) > 0:
				t.Errorf("errors: %v", got.Errors)
			case tc.err != "" && (len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Error(), tc.err)):
				t.Errorf("errors %v, want one with %q", got.Errors, tc.err)
			}
		})
	}
}

// TestSpecialFiles: what never ends when it is read is not even opened.
func TestSpecialFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- t/a.yaml --\n")
	if err := syscall.Mkfifo("t/pipe.yaml", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", "t/zero.yaml"); err != nil {
		t.Fatal(err)
	}
	got, err := tree.List(context.Background(), []string{"t"}, tree.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Files) != 1 || len(got.Errors) != 2 {
		t.Fatalf("files %v, errors %v; want 1 and 2", got.Files, got.Errors)
	}
	for i, kind := range []string{"named pipe", "device"} {
		if !strings.Contains(got.Errors[i].Error(), kind) {
			t.Errorf("error %q, want %q", got.Errors[i], kind)
		}
	}
	// Also if a file becomes one after it was listed.
	if _, err := tree.Read(tree.File{Path: "t/pipe.yaml"}, 0); err == nil || !strings.Contains(err.Error(), "named pipe") {
		t.Errorf("reading a pipe: %v", err)
	}
}

// TestSettingsLimits: files of patterns have limits of their own, which the error
// names, and nothing of their folder is read then.
func TestSettingsLimits(t *testing.T) {
	t.Chdir(t.TempDir())
	lines := strings.Repeat("b\n", 5000)
	write(t, "-- t/a.yaml --\n-- t/.gitignore --\n"+lines+"-- t/u/b.yaml --\n-- t/u/.gitignore --\n"+lines+"-- t/u/v/b.yaml --\n-- t/u/v/.gitignore --\nb.yaml\n"+
		"-- t/w/.krmignore --\n"+strings.Repeat("#", 4<<20)+"\n")
	got, err := tree.List(context.Background(), []string{"t"}, tree.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, err := range got.Errors {
		said = append(said, err.Error())
	}
	want := []string{
		"t/u/v/.gitignore: more than 10000 patterns, with those of the folders above: use --no-ignore",
		"t/w/.krmignore: larger than the limit of 4194304 bytes for such a file",
	}
	for i, err := range said {
		if i >= len(want) || !strings.HasSuffix(err, want[i]) {
			t.Errorf("error %q", err)
		}
	}
	if len(said) != len(want) || len(got.Files) != 2 {
		t.Errorf("errors %q, files %v; want 2 and 2", said, got.Files)
	}
}

func TestReadLimit(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-- a.yaml --\n1234\n")
	f := tree.File{Path: "a.yaml", Named: true}
	if data, err := tree.Read(f, 5); err != nil || string(data) != "1234\n" {
		t.Errorf("at the limit: %q, %v", data, err)
	}
	if _, err := tree.Read(f, 4); err == nil || !strings.Contains(err.Error(), "larger than the limit of 4 bytes") {
		t.Errorf("above the limit: %v", err)
	}
	// A device says nothing of its size.
	if _, err := tree.Read(tree.File{Path: "/dev/zero", Named: true}, 1<<20); err == nil {
		t.Error("/dev/zero was read")
	}
}

func many(dir, names string) string {
	var b strings.Builder
	for name := range strings.FieldsSeq(names) {
		b.WriteString("-- " + dir + name + " --\n")
	}
	return b.String()
}

func write(t *testing.T, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o777); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(string(f.Data), "->"); ok {
			err = os.Symlink(strings.TrimSpace(target), f.Name)
		} else {
			err = os.WriteFile(f.Name, f.Data, 0o666)
		}
		if err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
}
