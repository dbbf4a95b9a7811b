package cluster_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// result is one result of usergroup's report.
type result struct {
	Severity   string
	Message    string
	Reason     string
	Kind       string
	Namespace  string
	Name       string
	Containers []string
	Path       string
}

// program is usergroup as it now is.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "usergroup-cluster-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "usergroup")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building usergroup: %v: %s\n", err, out)
			return 1
		}
		return m.Run()
	}())
}

// usergroup runs the program and returns what it printed on both streams. An exit
// code of 2 fails the test.
func usergroup(t *testing.T, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	c := exec.Command(program, args...)
	var out, log bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &log
	if err := c.Run(); err != nil && c.ProcessState.ExitCode() != 1 {
		t.Fatalf("usergroup %s: %v: %s", strings.Join(args, " "), err, &log)
	}
	return out.String(), log.String()
}

// stream writes objects as the documents of one stream.
func stream(t *testing.T, objects []object) string {
	t.Helper()
	var docs []string
	for _, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(text))
	}
	return strings.Join(docs, "---\n")
}

// objectsOf reads the documents of a stream.
func objectsOf(t *testing.T, text string) []object {
	t.Helper()
	var out []object
	for doc := range strings.SplitSeq(text, "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatalf("%v: %s", err, doc)
		}
		if o != nil {
			out = append(out, o)
		}
	}
	return out
}

// file writes a policy to a file.
func file(t *testing.T, policy object) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, path, stream(t, []object{policy}))
	return path
}

// resultsOf reads a report.
func resultsOf(t *testing.T, report string) []result {
	t.Helper()
	var run struct{ Results []result }
	if err := json.Unmarshal([]byte(report), &run); err != nil {
		t.Fatal(err)
	}
	return run.Results
}

// errorsOf are the results of severity error, by the name of the object.
func errorsOf(t *testing.T, report string) map[string][]result {
	t.Helper()
	out := map[string][]result{}
	for _, r := range resultsOf(t, report) {
		if r.Severity == "error" {
			out[r.Name] = append(out[r.Name], r)
		}
	}
	return out
}

// severities counts the errors and warnings of a report.
func severities(t *testing.T, report string) (errs, warnings int) {
	t.Helper()
	for _, r := range resultsOf(t, report) {
		switch r.Severity {
		case "error":
			errs++
		case "warning":
			warnings++
		}
	}
	return errs, warnings
}

// check is usergroup check: the errors of each object, by its name.
func check(t *testing.T, policy string, objects []object) map[string][]result {
	t.Helper()
	out, _ := usergroup(t, stream(t, objects), "check", "-p", policy, "-o", "json", "-")
	return errorsOf(t, out)
}

// fix is usergroup fix: the objects as they leave, and the errors that are left.
func fix(t *testing.T, policy string, objects []object) ([]object, map[string][]result) {
	t.Helper()
	out, report := usergroup(t, stream(t, objects), "fix", "-p", policy, "--print-refused", "-o", "json", "-")
	return objectsOf(t, out), errorsOf(t, report)
}
