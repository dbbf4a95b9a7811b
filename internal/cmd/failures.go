package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// reporting decorates a command's RunE: what is wrong with the outputs is found
// first, and an error becomes a report too.
func (e *enforcement) reporting(cmd *cobra.Command) {
	work := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e.args = args
		err := e.open()
		if err == nil {
			err = work(cmd, args)
		}
		var exit *exitError
		if err == nil || errors.As(err, &exit) && exit.err == nil {
			return err
		}
		return errors.Join(err, e.failure(err))
	}
	// Flags before the one that is wrong are known.
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		err = flagError(cmd, err)
		if e.open() != nil {
			return err
		}
		return errors.Join(err, e.failure(err))
	})
}

// failure is the report of a run that ended with an error before anything was
// judged. Where text is read, the error is on standard error.
func (e *enforcement) failure(err error) error {
	run := report.Run{Version: programVersion(), Exit: fn.ExitInvalid, Shard: e.shard.report(nil), Input: e.input(), Checkout: checkoutOf(e.input())}
	joined.Each(err, func(err error) { run.Results = append(run.Results, e.failureResult(err)) })
	for _, r := range run.Results {
		run.Summary.Add(r)
	}
	w := e.stream()
	if slices.ContainsFunc(e.reports, func(r output) bool { return r.path == "" && r.forPeople() }) {
		w = io.Discard
	}
	return e.write(w, run)
}

// forPeople reports whether a format is read in a terminal.
func (o output) forPeople() bool {
	switch o.Writer.(type) {
	case report.Text, report.Compact:
		return true
	}
	return false
}

// failureResult is an error as a result, with the place that it names.
func (e *enforcement) failureResult(err error) report.Result {
	r := report.Result{Severity: policy.Error, Message: answer(err), Reason: policy.InvalidUsage}
	var broken *manifest.Error
	var unread *fs.PathError
	switch {
	case errors.Is(err, config.ErrConfig):
		r.Reason = policy.InvalidConfig
		for _, path := range e.policies {
			if msg, ok := strings.CutPrefix(r.Message, path+": "); ok {
				r.Message, r.File.Path = msg, path
			}
		}
		var at *config.Error
		if errors.As(err, &at) && r.File.Path != "" {
			r.File.Line = at.Line
		}
	case errors.As(err, &broken):
		r.Reason = policy.Unreadable
		if broken.File != "" {
			r.Message = broken.Msg
			r.File = report.File{Path: broken.File, Line: broken.Line, Column: broken.Column}
		}
	case errors.As(err, &unread):
		r.Reason = policy.Unreadable
		r.File.Path = unread.Path
	}
	return r
}

// maxSaid is how many files that could not be read or written standard error
// names; the reports name all.
const maxSaid = 20

// fail adds the result of a file that could not be read or written, and says so
// on standard error, whatever becomes of the reports.
func (e *enforcement) fail(out *engine.Outcome, r report.Result, err error) {
	e.invalid++
	out.Results = append(out.Results, r)
	out.Summary.Add(r)
	if e.invalid <= maxSaid {
		fmt.Fprintln(e.Err, "usergroup: error:", err)
	}
}

// unreadable reports a file that could not be read.
func (e *enforcement) unreadable(out *engine.Outcome, err error) {
	r := e.failureResult(err)
	r.Reason = policy.Unreadable
	e.fail(out, r, err)
}

// fileError is the error of a file that could not be changed, and is as it was.
type fileError struct {
	*source
	err error
}

func (f *fileError) Error() string { return f.err.Error() }

func (f *fileError) Unwrap() error { return f.err }

// undone takes back that objects were changed, because their file could not be.
func (e *enforcement) undone(out *engine.Outcome, err *fileError) {
	out.Results = slices.DeleteFunc(out.Results, func(r report.Result) bool { return r.Changed })
	out.Summary.Changed = 0
	e.fail(out, report.Result{
		Severity: policy.Error, Reason: policy.NotEdited, Message: err.Error(), File: report.File{Path: err.stream.Name},
	}, err)
}

// keepAtMost drops the results of a file that are more than the reports list. They
// are counted all the same.
func (e *enforcement) keepAtMost(out *engine.Outcome, kept int) {
	if room := max(e.maxFindings-kept, 0); e.maxFindings > 0 && len(out.Results) > room {
		e.dropped += len(out.Results) - room
		out.Results = out.Results[:room]
	}
}

// sayRest says how many files fail has not named, and how many results are not
// listed.
func (e *enforcement) sayRest() {
	if e.invalid > maxSaid {
		fmt.Fprintf(e.Err, "usergroup: error: and %d more files\n", e.invalid-maxSaid)
	}
	if e.dropped > 0 {
		fmt.Fprintf(e.Err, "usergroup: %d more findings and changes are counted but not listed (--max-findings)\n", e.dropped)
	}
}
