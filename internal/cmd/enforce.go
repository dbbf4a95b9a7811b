package cmd

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/report"
)

// enforcement is what check, fix and diff have in common.
type enforcement struct {
	Streams
	outputs
	settings  settings
	accepted  acceptance
	policies  []string
	tree      treeFlags
	images    imageFlags
	shard     shard
	usage     *report.Usage // what a shard made use of
	crds      []string
	verbose   bool
	checkOnly bool
	args      []string
	invalid   int      // files that could not be read or written
	withheld  bool     // the stream was not printed, because an error remains
	read      []string // the names of the files that were judged
	// maxFindings bounds the results that are kept; dropped counts the others.
	maxFindings, dropped int
	// taken reports whether standard output is for manifests or a patch; nil means
	// that it is not.
	taken func(args []string) bool
}

func (e *enforcement) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&e.policies, "policy", "p", nil, "file with one or more policies; may be repeated")
	f.BoolVarP(&e.verbose, "verbose", "v", false, "also name the objects that were re-encoded instead of edited in place, and why")
	f.StringArrayVar(&e.crds, "crds", nil, crdsHelp)
	e.tree.add(f)
	e.tree.addRendered(f)
	f.IntVar(&e.maxFindings, "max-findings", 100_000, "most findings and changes that reports list; the summary counts all")
	e.images.add(f)
	e.outputs.add(cmd, e.Streams.writer)
	e.reporting(cmd)
	e.settings.decorate(cmd, e.Streams, "policy", "exclude", "output", "fail-on", "baseline")
}

// report writes the reports and returns the exit code as an error.
func (e *enforcement) report(outcome engine.Outcome) error {
	run := report.Run{
		Version: programVersion(), Results: outcome.Results, Summary: outcome.Summary, Workloads: outcome.Workloads,
		Exit: e.exitCode(outcome.Summary), Shard: e.shard.report(e.usage), Input: e.input(), Checkout: checkoutOf(e.input()),
	}
	return e.finish(e.stream(), run)
}

// exitCode is that of a run with these findings.
func (e *enforcement) exitCode(s report.Summary) int {
	if e.invalid > 0 {
		return fn.ExitInvalid
	}
	if e.withheld {
		return fn.ExitFindings
	}
	return e.exit(s)
}

// written are the files that the run writes beside the manifests.
func (e *enforcement) written() []string {
	var paths []string
	for _, r := range e.reports {
		paths = append(paths, r.path)
	}
	return append(paths, e.accepted.write)
}

// stream is where a report without a file goes: standard output, where it is free.
func (e *enforcement) stream() io.Writer {
	if e.taken != nil && e.taken(e.args) {
		return e.Err
	}
	return e.Out
}

// input is the first file or folder of the run; "" where there is none.
func (e *enforcement) input() string {
	for _, arg := range append(slices.Clone(e.args), e.policies...) {
		if arg != "-" {
			return arg
		}
	}
	return ""
}

// explain says which objects were re-encoded.
func (e *enforcement) explain(j judged) {
	if !e.verbose {
		return
	}
	for i, it := range j.stream.Items {
		if why := j.outcome.Reencoded[i]; why != "" {
			fmt.Fprintf(e.Err, "usergroup: %s:%d: re-encoded: %s\n", it.Name(), it.Line(), why)
		}
	}
}
