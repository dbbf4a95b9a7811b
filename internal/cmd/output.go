package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// outputs are the reports that a command writes: each to a file, and one of them to
// a standard stream.
type outputs struct {
	values []string // FORMAT or FORMAT=FILE
	file   string   // for the format without a file
	color  string
	quiet  bool
	failOn string
	max    int

	reports []output
	writer  *tree.Writer
}

// output is one report.
type output struct {
	report.Format
	path string // "" for a standard stream
}

func (o *outputs) add(cmd *cobra.Command, w *tree.Writer) {
	o.writer = w
	f := cmd.Flags()
	f.StringArrayVarP(&o.values, "output", "o", nil, "`FORMAT` of the report, or FORMAT=FILE; may be repeated (default text):\n"+formatChoices().help())
	f.StringVar(&o.file, "output-file", "", "write the report to a file and show the summary on the terminal")
	f.StringVar(&o.color, "color", "auto", "use colours: auto (on a terminal), always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print only errors, one line each")
	f.StringVar(&o.failOn, "fail-on", "error", "findings that fail the run with exit code 1: error, warning (or worse), never")
	f.IntVar(&o.max, "max", 0, "most findings to show in text; the summary counts all (0: no limit)")
	complete(cmd, "output", formatChoices().names())
	complete(cmd, "color", colors)
	complete(cmd, "fail-on", failOns)
}

var (
	colors  = []string{"auto", "always", "never"}
	failOns = []string{"error", "warning", "never"}
)

// open finds what is wrong with the flags, and with files that cannot be written,
// before anything is read or changed. The reports that can be written are those
// that say so.
func (o *outputs) open() error {
	var errs []error
	o.reports = nil
	for _, v := range o.values {
		name, path, named := strings.Cut(v, "=")
		f, err := formatNamed(name)
		if err == nil && named && path == "" {
			err = fmt.Errorf("--output %q: the file name is missing", v)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if path == "-" {
			path = ""
		}
		o.reports = append(o.reports, output{f, path})
	}
	if len(o.reports) == 0 {
		o.reports = []output{{Format: report.Formats()[0]}}
	}
	if o.file != "" {
		i := slices.IndexFunc(o.reports, func(r output) bool { return r.path == "" })
		if i < 0 {
			errs = append(errs, errors.New("--output-file needs an --output without a file, and each names one"))
		} else {
			o.reports[i].path = o.file
		}
	}
	errs = append(errs, oneOf("color", o.color, colors), oneOf("fail-on", o.failOn, failOns))
	paths := map[string]bool{}
	o.reports = slices.DeleteFunc(o.reports, func(r output) bool {
		var err error
		switch {
		case paths[r.path] && r.path == "":
			err = fmt.Errorf("only one --output may be without a file: give the others one, as in --output %s=FILE", r.Name)
		case paths[r.path]:
			err = fmt.Errorf("--output: several reports go to %s: give each a file of its own", r.path)
		case r.path != "":
			if err = o.writer.Writable(r.path); err != nil {
				err = fmt.Errorf("--output: cannot write the report: %w", err)
			}
		}
		paths[r.path] = true
		errs = append(errs, err)
		return err != nil
	})
	return errors.Join(errs...)
}

func formatChoices() choices {
	var cs choices
	for _, f := range report.Formats() {
		cs = append(cs, choice{f.Name, f.Doc})
	}
	return cs
}

func formatNamed(name string) (report.Format, error) {
	formats := report.Formats()
	i := slices.IndexFunc(formats, func(f report.Format) bool { return f.Name == name })
	if i < 0 {
		return report.Format{}, oneOf("output", name, formatChoices().names())
	}
	return formats[i], nil
}

// needs is what the reports need together.
func (o *outputs) needs() report.Needs {
	var n report.Needs
	for _, r := range o.reports {
		n.Details = n.Details || r.Details && !(o.quiet && r.path == "")
		n.Workloads = n.Workloads || r.Workloads
	}
	return n
}

// write writes all reports, the one without a file to w. Where there is none, w is
// told the summary.
func (o *outputs) write(w io.Writer, run report.Run) error {
	var errs []error
	text := o.text(w)
	told := false
	for _, r := range o.reports {
		format := r.Writer
		if _, ok := format.(report.Text); ok && r.path == "" {
			format = text
		}
		if r.path != "" {
			errs = append(errs, o.writer.Write(r.path, func(w io.Writer) error { return format.Write(w, run) }))
			continue
		}
		told = true
		errs = append(errs, format.Write(w, run))
	}
	if !told && !o.quiet && run.Exit != fn.ExitInvalid {
		errs = append(errs, text.WriteSummary(w, run))
	}
	return errors.Join(errs...)
}

// exit is the exit code of a run with these findings.
func (o *outputs) exit(s report.Summary) int {
	failed := s.Errors > 0 && o.failOn != "never" || s.Warnings > 0 && o.failOn == "warning"
	if failed {
		return fn.ExitFindings
	}
	return fn.ExitOK
}

// failure is the report of a run that ended with an error before anything was
// judged. Where text is read, the error is on standard error.
func (e *enforcement) failure(err error) error {
	run := report.Run{Version: Version(), Exit: fn.ExitInvalid, Shard: e.shard.report(nil), Input: e.input(), Checkout: checkoutOf(e.input())}
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

// checkoutOf finds the repository that the paths of a report are in: that of the first
// file or folder of the run, else that of the working directory, else the working
// directory itself.
func checkoutOf(input string) report.Checkout {
	dir, err := os.Getwd()
	if err != nil {
		return report.Checkout{}
	}
	for _, start := range []string{filepath.Join(dir, input), filepath.Clean(input), dir} {
		if !filepath.IsAbs(start) {
			continue
		}
		if root := repositoryOf(start); root != "" {
			return report.Checkout{Root: root, Dir: dir}
		}
	}
	return report.Checkout{Root: dir, Dir: dir}
}

// repositoryOf returns the nearest folder at or above a path that has a .git, ""
// where there is none.
func repositoryOf(path string) string {
	for {
		if _, err := os.Lstat(filepath.Join(path, ".git")); err == nil {
			return path
		}
		above := filepath.Dir(path)
		if above == path {
			return ""
		}
		path = above
	}
}

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
