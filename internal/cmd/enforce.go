package cmd

import (
	"errors"
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
		Version: Version(), Results: outcome.Results, Summary: outcome.Summary, Workloads: outcome.Workloads,
		Exit: e.exitCode(outcome.Summary), Shard: e.shard.report(e.usage), Input: e.input(), Checkout: checkoutOf(e.input()),
	}
	if err := e.write(e.stream(), run); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if run.Exit != fn.ExitOK {
		return &exitError{code: run.Exit}
	}
	return nil
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

func newCheck(s Streams) *cobra.Command {
	e := &enforcement{Streams: s, checkOnly: true}
	cmd := &cobra.Command{
		Use:   "check --policy FILE PATH…",
		Short: "report what violates the policy, without changing anything",
		Long: `check reports everything in the manifests that violates the policy, including what
fix can correct, and changes nothing. PATH is a file, - for standard input, or a
folder, whose manifests are read recursively. Helm templates, kustomize patches and
configuration, symbolic links to folders, and files that .gitignore or .krmignore
excludes are skipped, and standard error says so. A file that cannot be parsed is an
error; the others are still checked. --kustomize renders a kustomization first,
without fetching remote resources or running plugins.`,
		Example: `  usergroup check --policy policy.yaml manifests/
  usergroup check --policy policy.yaml --kustomize overlays/production
  helm template chart/ > rendered.yaml && usergroup check --policy policy.yaml rendered.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if e.accepted.write != "" && !e.shard.whole() {
				return errors.New("--write-baseline needs all findings, and --shard has a part of them")
			}
			if err := e.accepted.open(); err != nil {
				return err
			}
			outcome, err := e.run(cmd.Context(), args, nil)
			if err != nil {
				return err
			}
			if err := e.accepted.apply(&outcome, e.read, e.invalid, s); err != nil {
				return err
			}
			return e.report(outcome)
		},
	}
	e.tree.addCluster(cmd.Flags(), s)
	e.accepted.add(cmd)
	cmd.Flags().Var(&e.shard, "shard", "check only part `K/N` of the files, split by a hash of their names; report merge combines the JSON reports of all N")
	e.flags(cmd)
	return cmd
}

func newFix(s Streams) *cobra.Command {
	e := &enforcement{Streams: s}
	var stdout, printRefused bool
	e.taken = func(args []string) bool { return stdout || slices.Contains(args, "-") }
	cmd := &cobra.Command{
		Use:   "fix --policy FILE PATH…",
		Short: "apply the policy to manifests, in place",
		Long: `fix applies the policy to the manifests. It edits only the lines it must, and writes
only files that change, each in one atomic replacement. If an object still has an
error after the fix, fix leaves it unchanged and exits with 1. If a file changed after
it was read, is read-only, has other hard links, or would lose its owner, fix leaves it
unchanged and exits with 2.

With - it is a filter that reads a stream of manifests and prints all of it. If an
error remains, neither - nor --stdout prints anything, because the next command in a
pipe acts on its input before the exit code is known. fix then exits with 1, whatever
--fail-on says.`,
		Example: `  usergroup fix --policy policy.yaml manifests/
  kustomize build . > rendered.yaml && usergroup fix --policy policy.yaml - < rendered.yaml > fixed.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if printRefused && !e.taken(args) {
				return errors.New("--print-refused is for a stream: with --stdout, or of -")
			}
			w := fixWriter{Streams: s, stdout: stdout}
			outcome, err := e.run(cmd.Context(), args, func(j judged) error {
				e.explain(j)
				return w.write(j)
			})
			if err != nil {
				return err
			}
			refused := outcome.Summary.Errors > 0 || e.exit(outcome.Summary) != fn.ExitOK
			if !refused || printRefused {
				err = w.flush()
			} else {
				e.withheld = e.taken(args)
			}
			return errors.Join(err, e.report(outcome))
		},
	}
	e.flags(cmd)
	cmd.Flags().BoolVar(&stdout, "stdout", false, "print all manifests as one stream instead of writing files")
	cmd.Flags().BoolVar(&printRefused, "print-refused", false, "print the stream even if errors remain, with the refused objects unchanged")
	return cmd
}
