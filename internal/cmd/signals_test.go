package cmd

import (
	"bytes"
	"context"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// TestStoppedWhileWriting: a file that is being written to a file system that does
// not answer is not left half done beside its place.
func TestStoppedWhileWriting(t *testing.T) {
	t.Chdir(t.TempDir())
	var log bytes.Buffer
	w := new(tree.Writer)
	answer := make(chan struct{})
	written := make(chan error, 1)
	code := interruptible(&log, w, func(context.Context) int {
		written <- w.Write("report.json", func(io.Writer) error {
			err := syscall.Kill(os.Getpid(), syscall.SIGTERM)
			<-answer
			return err
		})
		return 0
	})
	if code != 143 {
		t.Errorf("exit code %d:\n%s", code, &log)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	close(answer)
	if err := <-written; err == nil {
		t.Error("written after the end")
	}
}

// TestStoppedAtOnce: a signal that comes with the first file that is written finds
// the program ready for it.
func TestStoppedAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	for range 50 {
		var log bytes.Buffer
		w := new(tree.Writer)
		code := interruptible(&log, w, func(ctx context.Context) int {
			err := w.Write("report.json", func(io.Writer) error {
				if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
					return err
				}
				<-ctx.Done()
				return ctx.Err()
			})
			if err == nil {
				t.Error("written after the end")
			}
			return 0
		})
		if code != 143 {
			t.Errorf("exit code %d:\n%s", code, &log)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
