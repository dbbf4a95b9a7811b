package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
)

// TestClosedStreams: a stream that is closed is as if it were /dev/null: a command
// comes to its end with the same exit code, and no file of the tree is opened in
// its place.
func TestClosedStreams(t *testing.T) {
	for _, tt := range []struct {
		args string
		code int
	}{
		{"", 2}, // an empty ResourceList
		{"check --policy POLICY DIR", 1},
		{"check --policy POLICY -", 2},
		{"fix --policy POLICY DIR", 0},
		{"fix --policy POLICY --stdout DIR", 0},
		{"fix --policy POLICY -", 2},
		{"diff --policy POLICY DIR", 0},
		{"effective DIR", 0},
		{"init DIR", 0},
		{"convert POLICY", 0},
		{"convert -", 2},
		{"explain", 0},
		{"kinds", 0},
		{"policy lint POLICY", 0},
		{"policy schema", 0},
		{"images lock --offline --file - DIR", 2},
		{"report merge", 2},
		{"completion bash", 0},
		{"version", 0},
		{"help", 0},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- >&- 2>&-"} {
				p := newPodTree(t, 2)
				args := strings.NewReplacer("POLICY", p.policy, "DIR", p.dir).Replace(tt.args)
				sh := exec.Command("sh", "-c", "exec usergroup "+args+" "+closed)
				sh.WaitDelay = time.Second
				timer := time.AfterFunc(30*time.Second, func() { _ = sh.Process.Kill() })
				_ = sh.Run() // the exit code follows
				timer.Stop()
				if code := sh.ProcessState.ExitCode(); code != tt.code {
					t.Errorf("%s: exit code %d, want %d", closed, code, tt.code)
				}
				want := 0
				if tt.args == "fix --policy POLICY DIR" {
					want = len(p.files)
				}
				if n := p.changed(t); n != want {
					t.Errorf("%s: %d files are fixed, want %d", closed, n, want)
				}
			}
		})
	}
}

// TestOneCache: of several runs that share a cache each gives the same answer, and the
// cache holds whole documents and nothing else.
func TestOneCache(t *testing.T) {
	registry := imagetest.Serve(t, nil)
	pods := ""
	for i := range 20 {
		ref, _ := registry.Push(t, fmt.Sprintf("app%d:1", i), imagetest.Image(t, imagetest.Spec{User: fmt.Sprint(i)}))
		pods += fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  containers:\n  - {name: c, image: %q}\n", i, ref)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pods.yaml"), pods)
	write(t, filepath.Join(dir, "policy.yaml"), "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\n"+
		"spec:\n  validateContainerImageConfiguration: true\n  runAsUser: {rule: MayRunAs, ranges: [{min: 1, max: 99}]}\n")
	var outs [4]bytes.Buffer
	var cs [len(outs)]*exec.Cmd
	for i := range cs {
		c := exec.Command("usergroup", "check", "-o", "compact", "--policy", "policy.yaml", "--insecure-registry", registry.Host, "pods.yaml")
		c.Dir, c.Stdout, c.Stderr = dir, &outs[i], &outs[i]
		c.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
		if cs[i] = c; i == len(cs)-1 {
			break // after the others
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range cs {
		if c.Process == nil {
			_ = c.Start()
		}
		_ = c.Wait() // the exit code follows
		if code := c.ProcessState.ExitCode(); code != 1 || !strings.Contains(outs[i].String(), "Pod/p0 ") || outs[i].String() != outs[0].String() {
			t.Errorf("run %d: exit code %d:\n%s", i, code, &outs[i])
		}
	}
	files := 0
	err := filepath.WalkDir(filepath.Join(dir, "cache"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != filepath.Base(path) {
			t.Errorf("%s holds something else", path)
		}
		return err
	})
	if err != nil || files < 20 { // a configuration for each image
		t.Errorf("%d documents in the cache: %v", files, err)
	}
}

// TestVanishing: files that vanish while a command runs are errors or are not seen, and
// all others are fixed.
func TestVanishing(t *testing.T) {
	p := newPodTree(t, 1000)
	c, errs := p.fix(t)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for i := len(p.files) - 1; i > 0; i -= 2 {
		if err := os.Remove(p.files[i]); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.Wait() // the exit code follows
	code := c.ProcessState.ExitCode()
	if code != 0 && (code != 2 || !strings.Contains(errs.String(), "no such file")) {
		t.Errorf("exit code %d:\n%.1000s", code, errs)
	}
	p.files = everySecond(p.files)
	if n := p.changed(t); n != len(p.files) {
		t.Errorf("%d files are fixed, want %d", n, len(p.files))
	}
	if entries, err := os.ReadDir(p.dir); err != nil || len(entries) != len(p.files) {
		t.Errorf("%d entries in the folder, want %d", len(entries), len(p.files))
	}
}

func everySecond(all []string) (even []string) {
	for i := 0; i < len(all); i += 2 {
		even = append(even, all[i])
	}
	return even
}

// TestLeftOver: what a run that was killed has left is neither read nor in the way.
func TestLeftOver(t *testing.T) {
	p := newPodTree(t, 2)
	left := filepath.Join(p.dir, ".0000.yaml.123456")
	write(t, left, "apiVersion: v1\nkind: Pod\nmetadata: {na")
	c, errs := p.fix(t)
	if err := c.Run(); err != nil {
		t.Errorf("%v\n%s", err, errs)
	}
	if n := p.changed(t); n != len(p.files) {
		t.Errorf("%d files are fixed, want all", n)
	}
}

// mounted returns a folder of its own file system of this size.
func mounted(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("nothing can be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

// TestFullDisk: where there is no room for the new bytes the old ones stay.
func TestFullDisk(t *testing.T) {
	p := newPodTree(t, 0)
	p.dir = mounted(t, "64k")
	for i := range 3 {
		p.files = append(p.files, filepath.Join(p.dir, fmt.Sprintf("%d.yaml", i)))
		write(t, p.files[i], p.old)
	}
	filler, err := os.Create(filepath.Join(p.dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 1024))
	}
	filler.Close()
	c, errs := p.fix(t)
	_ = c.Run() // the exit code follows
	if code := c.ProcessState.ExitCode(); code != 2 || strings.Count(errs.String(), "not changed: ") != 3 || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("exit code %d:\n%s", code, errs)
	}
	if n := p.changed(t); n != 0 {
		t.Errorf("%d files are fixed", n)
	}
	if entries, err := os.ReadDir(p.dir); err != nil || len(entries) != 4 {
		t.Errorf("%d entries in the folder, want 4", len(entries))
	}
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	if again, errs := p.fix(t); again.Run() != nil || p.changed(t) != 3 {
		t.Errorf("with room: %s", errs)
	}
}

// TestReadOnly: on a file system that is read-only everything can be judged, and what
// cannot be written is an error.
func TestReadOnly(t *testing.T) {
	p := newPodTree(t, 0)
	p.dir = mounted(t, "64k")
	p.files = []string{filepath.Join(p.dir, "a.yaml")}
	write(t, p.files[0], p.old)
	if out, err := exec.Command("mount", "-o", "remount,ro", p.dir).CombinedOutput(); err != nil {
		t.Skipf("cannot be mounted again: %v: %s", err, out)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"check", "--policy", p.policy, p.dir}, 1, ""},
		{[]string{"diff", "--policy", p.policy, p.dir}, 0, ""},
		{[]string{"fix", "--policy", p.policy, "--stdout", p.dir}, 0, ""},
		{[]string{"fix", "--policy", p.policy, p.dir}, 2, "read-only file system"},
		{[]string{"check", "--policy", p.policy, "-o", "json=" + filepath.Join(p.dir, "report.json"), p.dir}, 2, "read-only file system"},
		{[]string{"check", "--policy", p.policy, "--write-baseline", filepath.Join(p.dir, "b.yaml"), p.dir}, 2, "read-only file system"},
	} {
		var errs bytes.Buffer
		c := exec.Command("usergroup", tt.args...)
		c.Stderr = &errs
		var exit *exec.ExitError
		if err := c.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if code := c.ProcessState.ExitCode(); code != tt.code || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%q: exit code %d, want %d:\n%s", tt.args, code, tt.code, &errs)
		}
	}
	if p.changed(t) != 0 {
		t.Error("a file was changed")
	}
}
