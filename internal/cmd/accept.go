package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/baseline"
	"github.com/usergroup-dev/usergroup/internal/tree"
)

// acceptance is the baseline of a check: the findings that it accepts.
type acceptance struct {
	baseline, write string
	accepted        *baseline.Baseline
}

func (a *acceptance) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.baseline, "baseline", "", "file of accepted findings: only other findings fail the run")
	f.StringVar(&a.write, "write-baseline", "", "write the findings of this run to a baseline file and accept them")
}

// open reads the baseline, before anything is judged.
func (a *acceptance) open() (err error) {
	if a.baseline == "" || a.write != "" {
		return nil
	}
	if a.accepted, err = baseline.Read(a.baseline); err != nil {
		return prefixed("baseline", err)
	}
	return nil
}

// maxStale is how many stale entries are named.
const maxStale = 10

// apply accepts findings of a run, and says which entries no finding has any more.
// A baseline is not written of files of which some could not be read: what is accepted
// of those would be lost.
func (a *acceptance) apply(out *engine.Outcome, judged []string, unread int, s Streams) (err error) {
	path := a.baseline
	if a.write != "" {
		if unread > 0 {
			fmt.Fprintf(s.Err, "usergroup: error: --write-baseline: %s is not written, because not all files could be read\n", a.write)
			return nil
		}
		path = a.write
		if a.accepted, err = baseline.Of(out.Results, path); err != nil {
			return err
		}
		if err := a.save(s.writer); err != nil {
			return fmt.Errorf("--write-baseline: %w", err)
		}
	}
	if a.accepted == nil {
		return nil
	}
	var stale []baseline.Entry
	if out.Summary, stale, err = a.accepted.Accept(out.Results, out.Summary, path, judged); err != nil {
		return err
	}
	for _, e := range stale[:min(len(stale), maxStale)] {
		fmt.Fprintf(s.Err, "usergroup: %s: stale, there is no such finding any more: %s\n", path, e)
	}
	if more := len(stale) - maxStale; more > 0 {
		fmt.Fprintf(s.Err, "usergroup: %s: and %d more stale entries: --write-baseline removes them\n", path, more)
	}
	return nil
}

func (a *acceptance) save(w *tree.Writer) error {
	data, err := a.accepted.Marshal()
	if err != nil {
		return err
	}
	return w.Write(a.write, all(data))
}

// all writes all that a file is to hold.
func all(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
