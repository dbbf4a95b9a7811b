package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/tree"
)

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

// fixWriter writes fixed files back, in place, and collects what goes to standard
// output until it is known whether it may.
type fixWriter struct {
	Streams
	stdout bool // everything goes to standard output
	out    bytes.Buffer
	parts  int
}

func (w *fixWriter) write(j judged) error {
	switch {
	case w.stdout:
		w.parts++
		return printDocument(&w.out, j.rendered, w.parts == 1)
	case j.file.Path == tree.Stdin:
		w.out.Write(j.rendered)
	case j.changed():
		if err := w.writer.Replace(j.file, j.data, j.rendered); err != nil {
			return &fileError{j.source, err}
		}
	}
	return nil
}

// flush prints what was collected.
func (w *fixWriter) flush() error {
	if _, err := w.Out.Write(w.out.Bytes()); err != nil {
		return fmt.Errorf("writing standard output: %w", err)
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
