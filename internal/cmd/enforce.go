package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// enforcement is what check, fix and diff have in common.
type enforcement struct {
	Streams
	outputs
	policies  []string
	images    imageFlags
	verbose   bool
	checkOnly bool
	args      []string
	// taken reports whether standard output is for manifests or a patch; nil means
	// that it is not.
	taken func(args []string) bool
}

func (e *enforcement) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&e.policies, "policy", "p", nil, "file with one or more policies; may be repeated")
	f.BoolVarP(&e.verbose, "verbose", "v", false, "also say which objects had to be written anew instead of edited in place, and why")
	e.images.add(f)
	e.outputs.add(cmd)
	e.reporting(cmd)
}

// run reads policies and manifests and applies the one to the other.
func (e *enforcement) run(ctx context.Context, args []string) ([]*source, engine.Outcome, error) {
	if len(e.policies) == 0 {
		return nil, engine.Outcome{}, errors.New("no policy given: name its file with --policy")
	}
	sources, err := readSources(args, e.Streams)
	if err != nil {
		return nil, engine.Outcome{}, err
	}
	all := items(sources)
	policies, err := e.readPolicies(all)
	if err != nil {
		return nil, engine.Outcome{}, err
	}
	src, err := e.images.options().For(policies, all)
	if err != nil {
		return nil, engine.Outcome{}, err
	}
	p, err := engine.New(policies, engine.Options{
		Source: src, CheckOnly: e.checkOnly, Details: e.needs().Details, Workloads: e.needs().Workloads,
	})
	if err != nil {
		return nil, engine.Outcome{}, err
	}
	outcome, err := p.Apply(ctx, all)
	return sources, outcome, err
}

func (e *enforcement) readPolicies(all []*manifest.Item) ([]*policy.Policy, error) {
	var configs []*manifest.Item
	var errs []error
	for _, path := range e.policies {
		src, err := readSource(path, e.Streams)
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(src.stream.Items) == 0:
			errs = append(errs, fmt.Errorf("%s: holds no policy", path))
		default:
			configs = append(configs, src.stream.Items...)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return engine.Policies(configs, all)
}

// report writes the reports and returns the exit code as an error.
func (e *enforcement) report(outcome engine.Outcome) error {
	run := report.Run{
		Version: Version(), Results: outcome.Results, Summary: outcome.Summary, Workloads: outcome.Workloads,
		Exit: e.exit(outcome.Summary), Input: e.input(), Place: placeOf(),
	}
	if err := e.write(e.stream(), run); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if run.Exit != fn.ExitOK {
		return &exitError{code: run.Exit}
	}
	return nil
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

// explain says which objects were written anew.
func (e *enforcement) explain(sources []*source, outcome engine.Outcome) {
	if !e.verbose {
		return
	}
	for i, it := range items(sources) {
		if why := outcome.Reencoded[i]; why != "" {
			fmt.Fprintf(e.Err, "usergroup: %s:%d: written anew: %s\n", it.Name(), it.Line(), why)
		}
	}
}

func newCheck(s Streams) *cobra.Command {
	e := &enforcement{Streams: s, checkOnly: true}
	cmd := &cobra.Command{
		Use:   "check --policy FILE PATH…",
		Short: "report what breaks the policy, and change nothing",
		Long: `check reports everything in the manifests that breaks the policy, also what fix
would mend, and changes nothing. PATH is a file, - for standard input, or a folder,
which stands for the manifests below it; folders whose name begins with a dot are
passed over unless they are named.`,
		Example: `  usergroup check --policy policy.yaml manifests/
  kustomize build . > rendered.yaml && usergroup check --policy policy.yaml rendered.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, outcome, err := e.run(cmd.Context(), args)
			if err != nil {
				return err
			}
			return e.report(outcome)
		},
	}
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
		Long: `fix applies the policy to the manifests. Files are replaced in place and as a whole,
and only if something in them changes; only the lines of the change differ. An object
that keeps an error is left as it is, and the exit code is 1.

With - it is a filter: a stream of manifests in, the whole stream out. Where an error
remains nothing is printed, here and with --stdout, since what reads a pipe acts on it
before it knows the exit code.`,
		Example: `  usergroup fix --policy policy.yaml manifests/
  kustomize build . > rendered.yaml && usergroup fix --policy policy.yaml - < rendered.yaml > fixed.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, outcome, err := e.run(cmd.Context(), args)
			if err != nil {
				return err
			}
			e.explain(sources, outcome)
			out := s.Out
			if outcome.Summary.Errors > 0 && !printRefused {
				out = io.Discard
			}
			if err := writeFixed(sources, stdout, out); err != nil {
				return err
			}
			return e.report(outcome)
		},
	}
	e.flags(cmd)
	cmd.Flags().BoolVar(&stdout, "stdout", false, "print all manifests as one stream and leave the files alone")
	cmd.Flags().BoolVar(&printRefused, "print-refused", false, "print the stream even if an error remains, with the refused objects as they came")
	return cmd
}

// writeFixed writes the sources back. Everything is rendered before the first
// byte is written.
func writeFixed(sources []*source, stdout bool, out io.Writer) error {
	rendered := make([][]byte, len(sources))
	for i, src := range sources {
		var err error
		if rendered[i], err = src.render(); err != nil {
			return fmt.Errorf("%s: %w", src.path, err)
		}
	}
	for i, src := range sources {
		switch {
		case stdout:
			if err := printDocument(out, rendered[i], i == 0); err != nil {
				return fmt.Errorf("writing standard output: %w", err)
			}
		case src.path == "-":
			if _, err := out.Write(rendered[i]); err != nil {
				return fmt.Errorf("writing standard output: %w", err)
			}
		case src.changed():
			if err := replaceFile(src.path, rendered[i]); err != nil {
				return fmt.Errorf("writing %s: %w", src.path, err)
			}
		}
	}
	return nil
}

// printDocument prints one file of several as a part of one stream.
func printDocument(out io.Writer, data []byte, first bool) error {
	sep := "---\n"
	if first || strings.HasPrefix(string(data[:min(len(data), 4)]), "---") {
		sep = ""
	}
	end := ""
	if len(data) > 0 && data[len(data)-1] != '\n' {
		end = "\n"
	}
	_, err := fmt.Fprintf(out, "%s%s%s", sep, data, end)
	return err
}

func newDiff(s Streams) *cobra.Command {
	e := &enforcement{Streams: s, taken: func([]string) bool { return true }}
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff --policy FILE PATH…",
		Short: "show what fix would change",
		Long: `diff prints what fix would change as a unified diff, which patch and git apply take,
and writes nothing. The report goes to standard error.`,
		Example: `  usergroup diff --policy policy.yaml manifests/ | git apply`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, outcome, err := e.run(cmd.Context(), args)
			if err != nil {
				return err
			}
			e.explain(sources, outcome)
			if err := printDiffs(sources, s.Out); err != nil {
				return err
			}
			if err := e.report(outcome); err != nil {
				return err
			}
			if exitCode && outcome.Summary.Changed > 0 {
				return &exitError{code: fn.ExitFindings}
			}
			return nil
		},
	}
	e.flags(cmd)
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 1 also where there are differences")
	return cmd
}

func printDiffs(sources []*source, out io.Writer) error {
	for _, src := range sources {
		if !src.changed() {
			continue
		}
		now, err := src.render()
		if err != nil {
			return fmt.Errorf("%s: %w", src.path, err)
		}
		name := src.stream.Name
		text := diff.Diff("a/"+name, src.data, "b/"+name, now)
		// The first line is the library's own; the header of a patch follows it.
		_, text, _ = bytes.Cut(text, []byte("\n"))
		if _, err := out.Write(text); err != nil {
			return fmt.Errorf("writing standard output: %w", err)
		}
	}
	return nil
}
