package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/report"
)

func newDiff(s Streams) *cobra.Command {
	e := &enforcement{Streams: s, taken: func([]string) bool { return true }}
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff --policy FILE PATH…",
		Short: "show what fix would change",
		Long: `diff prints what fix would change as a patch, and writes no files. Paths are relative
to the root of the repository, so that git apply works in any of its folders; outside
a repository they are relative to the working directory. The report goes to standard
error.`,
		Example: `  usergroup diff --policy policy.yaml manifests/ | git apply`,
		RunE: func(cmd *cobra.Command, args []string) error {
			outcome, err := e.run(cmd.Context(), args, func(j judged) error {
				e.explain(j)
				return printDiff(j, s.Out)
			})
			if err != nil {
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
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "also exit with 1 if there are differences")
	return cmd
}

// printDiff prints a changed file as a patch in the form of git.
func printDiff(j judged, out io.Writer) error {
	if !j.changed() {
		return nil
	}
	name := patchPath(j.stream.Name)
	from, to := patchName("a/"+name), patchName("b/"+name)
	// The library's header cannot quote names.
	_, hunks, _ := bytes.Cut(diff.Diff("a", j.data, "b", j.rendered), []byte("\n@@"))
	_, err := fmt.Fprintf(out, "diff --git %s %s\n--- %s\n+++ %s\n@@%s", from, to, tabbed(from), tabbed(to), hunks)
	if err != nil {
		return fmt.Errorf("writing standard output: %w", err)
	}
	return nil
}

// patchPath is the path of a file from the root of its own repository, or else from
// the working directory.
func patchPath(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	dir, _ := os.Getwd()
	root := repositoryOf(filepath.Dir(abs))
	if root == "" {
		root = dir
	}
	return report.Checkout{Root: root, Dir: dir}.Path(file)
}

// patchName quotes a name in the header of a patch as git does, where it must be.
func patchName(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return name
	}
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteString("\\" + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// tabbed ends a name with a blank in it with a tab, or it would end at the blank.
func tabbed(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
