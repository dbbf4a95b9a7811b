package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const signalPolicy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAsNonRoot}
`

// TestSignals stops the function and commands while they wait for standard
// input, which never comes.
func TestSignals(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte(signalPolicy), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"function": nil,
		"check":    {"check", "--policy", policy, "-"},
		"fix":      {"fix", "--policy", policy, "-"},
		"convert":  {"convert", "-"},
	} {
		for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
			t.Run(name+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				var errs bytes.Buffer
				c := start(t, &errs, args...)
				signalAndWait(t, c, sig)
				if got := c.ProcessState.ExitCode(); got != want {
					t.Errorf("exit code %d, want %d; stderr:\n%s", got, want, &errs)
				}
				if want := "stopped by a signal: " + sig.String(); !strings.Contains(errs.String(), want) {
					t.Errorf("stderr lacks %q:\n%s", want, &errs)
				}
			})
		}
	}
}

// TestSecondSignal stops a program that cannot even say that it was stopped,
// because nobody reads its standard error.
func TestSecondSignal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fill(t, w)
	c := start(t, w)
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	signalAndWait(t, c, syscall.SIGTERM)
	if status := c.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v, want to be killed by SIGTERM", c.ProcessState)
	}
}

// fill writes to a pipe until it takes no more.
func fill(t *testing.T, w *os.File) {
	t.Helper()
	if err := w.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := w.Write(make([]byte, 4096)); errors.Is(err, os.ErrDeadlineExceeded) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// start starts the program with a standard input that stays open and empty, and
// waits until it is reading.
func start(t *testing.T, errs interface{ Write([]byte) (int, error) }, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("usergroup", args...)
	c.Stderr = errs
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	time.Sleep(500 * time.Millisecond)
	return c
}

// signalAndWait gives the program a second to end, and what a busy machine adds.
func signalAndWait(t *testing.T, c *exec.Cmd, sig os.Signal) {
	t.Helper()
	if err := c.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	const limit = 3 * time.Second
	start := time.Now()
	timer := time.AfterFunc(5*limit, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	_ = c.Wait() // the exit code is for the caller
	if took := time.Since(start); took > limit {
		t.Errorf("took %v to end", took)
	}
}
