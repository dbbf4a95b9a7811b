package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const faultPod = `apiVersion: v1
kind: Pod
metadata:
  name: a
spec:
  containers:
  - name: c
    image: c
`

// A tree of many pods, its policy, and each pod before and after fix.
type podTree struct {
	dir, policy string
	old, fixed  string
	files       []string
}

func newPodTree(t *testing.T, n int) podTree {
	t.Helper()
	root := t.TempDir()
	p := podTree{dir: filepath.Join(root, "pods"), policy: filepath.Join(root, "policy.yaml"), old: faultPod}
	p.fixed = strings.Replace(faultPod, "spec:\n", "spec:\n  securityContext:\n    runAsNonRoot: true\n", 1) +
		"    securityContext:\n      runAsNonRoot: true\n"
	if err := errors.Join(os.Mkdir(p.dir, 0o777), os.WriteFile(p.policy, []byte(signalPolicy), 0o666)); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		path := filepath.Join(p.dir, fmt.Sprintf("%04d.yaml", i))
		if err := os.WriteFile(path, []byte(faultPod), 0o666); err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, path)
	}
	return p
}

// changed counts the files that are fixed, and fails for one that is neither as it
// was nor fixed.
func (p podTree) changed(t *testing.T) int {
	t.Helper()
	n := 0
	for _, path := range p.files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch string(data) {
		case p.fixed:
			n++
		case p.old:
		default:
			t.Errorf("%s is half done:\n%s", path, data)
		}
	}
	return n
}

func (p podTree) fix(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	var errs bytes.Buffer
	c := exec.Command("usergroup", append([]string{"fix", "--policy", p.policy, p.dir}, args...)...)
	c.Stderr = &errs
	return c, &errs
}

// waitFor waits until a file of the tree is fixed.
func (p podTree) waitFor(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && string(data) == p.fixed {
			return
		}
	}
	t.Fatal("nothing is being fixed")
}

// TestStopped: a fix that is told to stop says how much it has done.
func TestStopped(t *testing.T) {
	p := newPodTree(t, 3000)
	c, errs := p.fix(t)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.waitFor(t, p.files[5])
	signalAndWait(t, c, syscall.SIGTERM)
	if got := c.ProcessState.ExitCode(); got != 143 {
		t.Fatalf("exit code %d, want 143", got)
	}
	n := p.changed(t)
	said := regexp.MustCompile(`(\d+) files were changed before`).FindStringSubmatch(errs.String())
	if said == nil || said[1] != strconv.Itoa(n) {
		t.Errorf("%d files are changed; stderr:\n%s", n, errs)
	}
}

// TestKilled: a fix that is killed leaves every file as it was or fixed, and
// nothing that keeps the next one from doing the rest.
func TestKilled(t *testing.T) {
	p := newPodTree(t, 300)
	c, _ := p.fix(t)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.waitFor(t, p.files[5])
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	p.changed(t)
	again, errs := p.fix(t)
	if err := again.Run(); err != nil {
		t.Errorf("%v\n%s", err, errs)
	}
	if n := p.changed(t); n != len(p.files) {
		t.Errorf("%d files are fixed, want all", n)
	}
}

// TestTwoAtOnce: of two that fix one tree, each file is fixed by one, and the
// other leaves it.
func TestTwoAtOnce(t *testing.T) {
	p := newPodTree(t, 300)
	var errs [2]*bytes.Buffer
	var cs [2]*exec.Cmd
	for i := range cs {
		cs[i], errs[i] = p.fix(t)
		if err := cs[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range cs {
		_ = c.Wait() // the exit code follows
		code := c.ProcessState.ExitCode()
		if left := strings.Contains(errs[i].String(), "has changed since it was read"); code != 0 && (code != 2 || !left) {
			t.Errorf("exit code %d:\n%s", code, errs[i])
		}
	}
	if n := p.changed(t); n != len(p.files) {
		t.Errorf("%d files are fixed, want all", n)
	}
	if entries, err := os.ReadDir(p.dir); err != nil || len(entries) != len(p.files) {
		t.Errorf("%d entries in the folder, want %d", len(entries), len(p.files))
	}
}

// TestNoRoom: where a file cannot be written, for a limit of the system that
// stands for a full disk, it is left as it was, and so is nothing else.
func TestNoRoom(t *testing.T) {
	p := newPodTree(t, 3)
	big := strings.Repeat("# a comment that takes room\n", 200)
	p.old, p.fixed = big+p.old, big+p.fixed
	if err := os.WriteFile(p.files[1], []byte(p.old), 0o666); err != nil {
		t.Fatal(err)
	}
	c, _ := p.fix(t)
	var errs bytes.Buffer
	sh := exec.Command("sh", append([]string{"-c", `ulimit -f 4; trap '' XFSZ; exec "$0" "$@"`}, c.Args...)...)
	sh.Stderr = &errs
	_ = sh.Run() // the exit code follows
	if code := sh.ProcessState.ExitCode(); code != 2 || !strings.Contains(errs.String(), "0001.yaml: not changed: ") {
		t.Errorf("exit code %d:\n%s", code, &errs)
	}
	if data, err := os.ReadFile(p.files[1]); err != nil || string(data) != p.old {
		t.Errorf("the file that there was no room for: %v\n%s", err, data)
	}
	if entries, err := os.ReadDir(p.dir); err != nil || len(entries) != len(p.files) {
		t.Errorf("%d entries in the folder, want %d", len(entries), len(p.files))
	}
}

// TestNoRoomForReports: a file of the program's own for which there is no room is as
// it was, and a new one is not there.
func TestNoRoomForReports(t *testing.T) {
	for name, args := range map[string]string{
		"reports":       "check --policy POLICY -o json=old -o sarif=new DIR",
		"fix":           "fix --policy POLICY --stdout -o junit=old -o html=new DIR",
		"merge":         "report merge -o junit=old -o json=new run.json",
		"baseline":      "check --policy POLICY --write-baseline new DIR",
		"old baseline":  "check --policy POLICY --write-baseline old DIR",
		"suite":         "policy test --update suite.yaml",
		"expected file": "policy test --update --run first suite.yaml",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPodTree(t, 20)
			dir := t.TempDir()
			usergroup := func(args string) *exec.Cmd {
				args = strings.NewReplacer("POLICY", p.policy, "DIR", p.dir).Replace(args)
				c := exec.Command("sh", "-c", "exec usergroup "+args)
				c.Dir = dir
				return c
			}
			_ = usergroup("check --policy POLICY -o json=run.json DIR").Run() // it exits 1
			write(t, filepath.Join(dir, "old"), "old\n")
			write(t, filepath.Join(dir, "fixed"), "old\n")
			write(t, filepath.Join(dir, "suite.yaml"), fmt.Sprintf("apiVersion: usergroup.dev/v1alpha1\nkind: PolicyTest\npolicies: [%s]\ntests:\n"+
				"- {name: first, manifests: [%s], fixed: fixed}\n- {name: second, manifests: [%s]}\n",
				relative(t, dir, p.policy)[0], relative(t, dir, p.files[0])[0], strings.Join(relative(t, dir, p.files...), ", ")))
			before := holds(t, dir)
			c := usergroup(args)
			c.Args[2] = "ulimit -f 0; trap '' XFSZ; " + c.Args[2]
			out, err := c.CombinedOutput()
			if c.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "file too large") {
				t.Errorf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(before, holds(t, dir)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
			if c := usergroup(args); c.Run() != nil && c.ProcessState.ExitCode() != 1 {
				t.Errorf("with room: exit code %d", c.ProcessState.ExitCode())
			}
			if cmp.Equal(before, holds(t, dir)) {
				t.Error("nothing is written where there is room")
			}
		})
	}
}

// TestPartialBaseline: a baseline is not replaced by one of the files that could be
// read: what it accepts of the others would be lost.
func TestPartialBaseline(t *testing.T) {
	p := newPodTree(t, 3)
	baseline := filepath.Join(t.TempDir(), "baseline.yaml")
	check := func() (int, string) {
		c := exec.Command("usergroup", "check", "--policy", p.policy, "--write-baseline", baseline, p.dir)
		out, _ := c.CombinedOutput() // the exit code follows
		return c.ProcessState.ExitCode(), string(out)
	}
	if code, out := check(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	before := holds(t, filepath.Dir(baseline))
	if err := errors.Join(os.Remove(p.files[1]), os.Symlink("nowhere", p.files[1])); err != nil {
		t.Fatal(err)
	}
	if code, out := check(); code != 2 || !strings.Contains(out, "baseline.yaml is not written") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if diff := cmp.Diff(before, holds(t, filepath.Dir(baseline))); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// relative returns paths from a folder.
func relative(t *testing.T, dir string, paths ...string) []string {
	t.Helper()
	var out []string
	for _, p := range paths {
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rel)
	}
	return out
}

// holds returns what each file of a folder holds.
func holds(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// TestBrokenOutput: a report or a stream that cannot be written is an error, and
// no half of it counts.
func TestBrokenOutput(t *testing.T) {
	p := newPodTree(t, 1)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	for name, args := range map[string][]string{
		"check":        {"check", "--policy", p.policy, p.dir},
		"check, sarif": {"check", "--policy", p.policy, "-o", "sarif", p.dir},
		"fix --stdout": {"fix", "--policy", p.policy, "--stdout", p.dir},
		"diff":         {"diff", "--policy", p.policy, p.dir},
		"effective":    {"effective", p.dir},
		"help":         {"help"},
		"--help":       {"check", "--help"},
		"no command":   {"policy"},
	} {
		t.Run(name, func(t *testing.T) {
			var errs bytes.Buffer
			c := exec.Command("usergroup", args...)
			c.Stdout, c.Stderr = full, &errs
			_ = c.Run() // the exit code follows
			if code := c.ProcessState.ExitCode(); code != 2 || !strings.Contains(errs.String(), "no space left") {
				t.Errorf("exit code %d:\n%s", code, &errs)
			}
		})
	}
	if p.changed(t) != 0 {
		t.Error("a file was changed")
	}
}

// TestReaderGone: nobody reads what is printed.
func TestReaderGone(t *testing.T) {
	p := newPodTree(t, 1)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	c := exec.Command("usergroup", "fix", "--policy", p.policy, "--stdout", p.dir)
	c.Stdout = w
	if err := c.Run(); err == nil {
		t.Error("exit code 0")
	}
	if p.changed(t) != 0 {
		t.Error("a file was changed")
	}
}
