// Package examples tests that every example does what its .expected folder
// says: results.yaml are the results of the function, diff.patch is what
// usergroup diff prints, exit is the exit code.
package examples_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

var update = flag.Bool("update", false, "rewrite the .expected folders")

func TestExamples(t *testing.T) {
	kptfiles, err := filepath.Glob("*/Kptfile")
	if err != nil || len(kptfiles) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, f := range kptfiles {
		dir := filepath.Dir(f)
		t.Run(dir, func(t *testing.T) {
			// Outside of the repository, whose root a diff would name its files from.
			example, err := filepath.Abs(dir)
			if err != nil {
				t.Fatal(err)
			}
			work := t.TempDir()
			if err := os.CopyFS(work, os.DirFS(example)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(work)
			// kpt must not take the expectations for resources.
			compare(t, example, "../.krmignore", ".expected\n")
			out, code := run(t, resourceList(t))
			_, results, _ := strings.Cut(out, "\nresults:\n")
			compare(t, example, "results.yaml", results)
			compare(t, example, "exit", strconv.Itoa(code)+"\n")

			patch, code := run(t, "", append([]string{"diff", "--policy", "policy.yaml"}, manifests(t)...)...)
			compare(t, example, "diff.patch", patch)
			compare(t, example, "exit", strconv.Itoa(code)+"\n")

			again, _ := run(t, out)
			before, _, _ := strings.Cut(out, "\nresults:\n")
			after, _, _ := strings.Cut(again, "\nresults:\n")
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("a second run changes the items (-first +second):\n%s", diff)
			}
		})
	}
}

// TestGateIsCurrent: the admission policies of the example are those of its policy.
func TestGateIsCurrent(t *testing.T) {
	t.Chdir("admission")
	out, _ := run(t, "", "convert", "--to", "admission", "policy.yaml")
	if *update {
		if err := os.WriteFile("gate.yaml", []byte(out), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("gate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("gate.yaml (-want +got):\n%s", diff)
	}
}

// run runs the program in the current folder.
func run(t *testing.T, in string, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cmd.Main(args, cmd.Streams{In: bytes.NewBufferString(in), Out: &stdout, Err: &stderr})
	if code == 2 {
		t.Fatalf("usergroup %s: %s", args, &stderr)
	}
	return stdout.String(), code
}

// manifests lists the files of an example that kpt and people apply.
func manifests(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, glob := range []string{"*.yaml", "*.json"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// resourceList reads an example as kpt does, with kyaml, and returns what kpt
// would send to the function.
func resourceList(t *testing.T) string {
	t.Helper()
	config, err := yaml.ReadFile("policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = kio.Pipeline{
		Inputs: []kio.Reader{kio.LocalPackageReader{PackagePath: ".", MatchFilesGlob: kio.MatchAll, PreserveSeqIndent: true, WrapBareSeqNode: true}},
		Outputs: []kio.Writer{kio.ByteWriter{
			Writer: &b, KeepReaderAnnotations: true, FunctionConfig: config,
			WrappingKind: kio.ResourceListKind, WrappingAPIVersion: kio.ResourceListAPIVersion,
		}},
	}.Execute()
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compare(t *testing.T, example, name, got string) {
	t.Helper()
	path := filepath.Join(example, ".expected", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// The policies that docs/recipes.md shows are policies, and each recipe has its
// example.
func TestRecipes(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, section := range strings.Split(string(page), "\n## ")[1:] {
		title, rest, _ := strings.Cut(section, "\n")
		_, example, _ := strings.Cut(rest, "](../examples/")
		example, _, _ = strings.Cut(example, ")")
		if _, err := os.Stat(filepath.Join(example, "Kptfile")); example == "" || err != nil {
			t.Errorf("%s has no example: %v", title, err)
		}
		specs := strings.Split(rest, "```yaml\n")[1:]
		if len(specs) == 0 {
			t.Errorf("%s shows no policy", title)
		}
		for _, spec := range specs {
			spec, _, _ = strings.Cut(spec, "```")
			file := filepath.Join(t.TempDir(), "policy.yaml")
			policy := "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: recipe}\n" + spec
			if err := os.WriteFile(file, []byte(policy), 0o666); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if code := cmd.Main([]string{"check", "--policy", file, filepath.Join("minimal", "resources.yaml")}, cmd.Streams{In: strings.NewReader(""), Out: &out, Err: &out}); code == 2 {
				t.Errorf("recipe %d, %s: %s", i, title, &out)
			}
		}
	}
}
