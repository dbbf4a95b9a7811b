// Package e2e runs usergroup inside the hosts that it is made for: the real
// kustomize and kpt, of the versions pinned in tools/, and the files in hosts/ as
// they are.
//
// The scenarios in testdata/script read as documentation. What needs many objects
// or the contents of a host's file is a test in Go.
//
// A host that has not been built skips its tests; "make test" builds the hosts and
// sets USERGROUP_HOSTS=required, which turns a skip into a failure.
package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Programs that a test may ask for.
const (
	usergroup = "usergroup"
	kustomize = "kustomize"
	kpt       = "kpt"
	crane     = "crane"
	helm3     = "helm3"
	helm4     = "helm4"
)

// root is the folder of go.mod, bin the folder with usergroup as it now is and
// links to the hosts.
var root, bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		clean, err := prepare()
		if err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
		defer clean()
		return m.Run()
	}())
}

// prepare builds usergroup and puts it first on PATH, the hosts beside it: a
// machine may have a kpt or kustomize of its own, which is not what is tested.
func prepare() (clean func(), err error) {
	if root, err = filepath.Abs(".."); err != nil {
		return nil, err
	}
	if bin, err = os.MkdirTemp("", "usergroup-e2e-"); err != nil {
		return nil, err
	}
	clean = func() { os.RemoveAll(bin) }
	build := exec.Command("go", "build", "-o", filepath.Join(bin, usergroup), ".")
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return clean, fmt.Errorf("go build: %w", err)
	}
	for _, tool := range []string{kustomize, kpt, crane, helm3, helm4} {
		if err := os.Symlink(toolPath(tool), filepath.Join(bin, tool)); err != nil {
			return clean, err
		}
	}
	return clean, os.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func toolPath(tool string) string { return filepath.Join(root, "tools", "bin", tool) }

// need skips the test where a host has not been built, and fails it where hosts
// are required.
func need(t *testing.T, tools ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: hosts are not run in short mode")
	}
	for _, tool := range tools {
		if _, err := os.Stat(toolPath(tool)); err == nil {
			continue
		}
		skip(t, fmt.Sprintf("%s is not built: run make tools/bin/%s", tool, tool))
	}
}

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("USERGROUP_HOSTS") == "required" {
		t.Fatal(why)
	}
	t.Skip("SKIPPED: " + why)
}

// result is what a program left.
type result struct {
	stdout, stderr string
	code           int
}

// command is a program to be run in a folder.
type command struct {
	dir   string
	stdin string
	env   []string // added to the environment of the test
	args  []string
}

// run runs a program to its end. Only one that cannot be started fails the test.
func run(t *testing.T, c command) result {
	t.Helper()
	var out, errs bytes.Buffer
	p := exec.Command(c.args[0], c.args[1:]...)
	p.Dir, p.Env = c.dir, append(os.Environ(), c.env...)
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(c.stdin), &out, &errs
	var exit *exec.ExitError
	if err := p.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", c.args, err)
	}
	return result{stdout: out.String(), stderr: errs.String(), code: p.ProcessState.ExitCode()}
}

// must runs a program that has to end with exit code 0, and returns its output.
func must(t *testing.T, c command) string {
	t.Helper()
	r := run(t, c)
	if r.code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", c.args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// TestScript runs the scenarios of testdata/script. Beside testscript's own
// commands they have:
//
//	host DIR             copy hosts/DIR here
//	exits CODE PROGRAM…  run a program, want the exit code, and leave stdout.txt
//	                     and stderr.txt
func TestScript(t *testing.T) {
	need(t, kustomize, kpt)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Cmds:                commands(),
	})
}

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){"host": copyHost, "exits": exits}
}

func copyHost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: host DIR")
	}
	ts.Check(os.CopyFS(ts.MkAbs("."), os.DirFS(filepath.Join(root, "hosts", args[0]))))
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var out, errs bytes.Buffer
	c := exec.Command(args[1], args[2:]...)
	c.Dir, c.Stdout, c.Stderr = ts.MkAbs("."), &out, &errs
	c.Env = append(os.Environ(), "HOME="+ts.MkAbs("home"))
	if err := c.Run(); err != nil && c.ProcessState == nil {
		ts.Fatalf("%v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("stdout.txt"), out.Bytes(), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), errs.Bytes(), 0o666))
	if got := c.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, &out, &errs)
	}
}
