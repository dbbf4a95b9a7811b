package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// grace is how long a command may take to stop in order after a signal. One that
// is reading standard input cannot, and is left behind.
const grace = 500 * time.Millisecond

// interruptible runs f until it returns its exit code or SIGINT or SIGTERM comes:
// then it ends f's context, says what was interrupted, and returns 130 or 143 as
// a shell does. A second signal kills the process. What is being written to w then
// stays as it was.
func interruptible(log io.Writer, w *tree.Writer, f func(context.Context) int) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan int, 1)
	// Both change the signal mask on another thread and wait for that, which f need not
	// until it writes files.
	release := w.Hold()
	go func() { done <- f(ctx) }()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	release()
	defer func() { go signal.Stop(signals) }()
	select {
	case code := <-done:
		return code
	case sig := <-signals:
		signal.Stop(signals)
		cancel()
		select {
		case <-done:
		case <-time.After(grace):
			stop(w)
		}
		fmt.Fprintf(log, "usergroup: stopped by a signal: %s%s\n", sig, changedSoFar(w.Replaced()))
		code := 128
		if s, ok := sig.(syscall.Signal); ok {
			code += int(s)
		}
		return code
	}
}

// stop stops what is being written, where the file system can still do that.
func stop(w *tree.Writer) {
	stopped := make(chan struct{})
	go func() {
		w.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(grace / 2):
	}
}

func changedSoFar(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "; 1 file was changed before that, all others are unchanged"
	}
	return fmt.Sprintf("; %d files were changed before that, all others are unchanged", n)
}
