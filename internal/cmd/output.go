package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/tree"
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

// finish writes the reports of a run, and returns its exit code as an error.
func (o *outputs) finish(w io.Writer, run report.Run) error {
	if err := o.write(w, run); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if run.Exit != fn.ExitOK {
		return &exitError{code: run.Exit}
	}
	return nil
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
