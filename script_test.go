package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"usergroup": main})
}

// TestScript runs the scenarios of testdata/script. Beside testscript's own
// commands they have:
//
//	function FILE CODE   run the function with FILE on standard input, want the
//	                     exit code, and leave stdout.yaml and stderr.txt; then
//	                     run it on its own output, which must change nothing
//	                     but the results
//	exits CODE ARG…      run the command line, want the exit code, and leave
//	                     stdout.yaml and stderr.txt; standard input is the file
//	                     stdin, where there is one
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"function": function,
			"exits":    exits,
		},
	})
}

func function(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: function FILE CODE")
	}
	in := ts.ReadFile(args[0])
	out := run(ts, args[1], in)
	if out == "" {
		return
	}
	items, _, _ := bytes.Cut([]byte(out), []byte("\nresults:"))
	again, _, _ := bytes.Cut([]byte(run(ts, args[1], string(items)+"\n")), []byte("\nresults:"))
	if string(items) != string(again) && string(items) != string(again)+"\n" && string(items)+"\n" != string(again) {
		ts.Fatalf("a second run changes the output:\n%s\n--- becomes\n%s", items, again)
	}
	run(ts, args[1], in)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits CODE ARG…")
	}
	in := ""
	if _, err := os.Stat(ts.MkAbs("stdin")); err == nil {
		in = ts.ReadFile("stdin")
	}
	run(ts, args[0], in, args[1:]...)
}

// run runs the program as a process of its own, in the script's folder.
func run(ts *testscript.TestScript, code, in string, args ...string) string {
	want, err := strconv.Atoi(code)
	ts.Check(err)
	program := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if program = filepath.Join(dir, "usergroup"); isFile(program) {
			break
		}
	}
	var out, errs bytes.Buffer
	c := exec.Command(program, args...)
	c.Dir = ts.MkAbs(".")
	c.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"), "XDG_CACHE_HOME="+ts.MkAbs(".cache"))
	c.Stdin, c.Stdout, c.Stderr = bytes.NewBufferString(in), &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		ts.Fatalf("%v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("stdout.yaml"), out.Bytes(), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), errs.Bytes(), 0o666))
	if got := c.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, &out, &errs)
	}
	return out.String()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
