// Package cmd is the command line of usergroup: commands over the same pipeline
// as the function, on files, folders and streams of manifests.
package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/internal/readall"
	"github.com/usergroup-dev/usergroup/internal/tree"
)

// Streams are the standard streams of the process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Plugin is whether kubectl called the program: check and effective then read a
	// cluster where no files are named.
	Plugin bool

	writer *tree.Writer
}

// version is set by the linker in released binaries.
var version = ""

// programVersion returns the version of the binary: what the linker set, else what the
// module system knows, else "devel".
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// long is the help of the program.
var long = `usergroup enforces which users and groups the containers of Kubernetes workloads
run as. It works on manifests, before they reach a cluster.

Without a command it is a KRM function, as kustomize build, kpt fn render and
kpt fn eval run it: it reads a ResourceList from standard input, applies the policy
in functionConfig to every workload among the items, and writes the ResourceList
with the fixed items and the results.

The policy is one of

` + policykind.List(func(k policykind.Kind) bool { return !k.Convert }) + `
For example:

  apiVersion: usergroup.dev/v1alpha1
  kind: UserGroupPolicy
  metadata: {name: app-ids}
  spec:
    runAsUser:  {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}
    runAsGroup: {rule: MayRunAs,  ranges: [{min: 1000, max: 1999}]}

Exit codes: 0 no errors found; 1 errors found; 2 invalid input, configuration or
usage; 130 and 143 stopped by SIGINT and SIGTERM.`

// exitError carries an exit code through cobra. err is nil where everything has
// been said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// Main runs the program and returns its exit code.
func Main(args []string, s Streams) int {
	s.writer = new(tree.Writer)
	return interruptible(s.Err, s.writer, func(ctx context.Context) int { return run(ctx, args, s) })
}

func run(ctx context.Context, args []string, s Streams) int {
	if len(args) == 0 && !s.Plugin && !isTerminal(s.In) {
		widen(s.In)
		widen(s.Out)
		in := &thrifty{Reader: s.In}
		defer runtime.KeepAlive(in)
		return fn.Run(ctx, readall.Only{Reader: in}, s.Out, s.Err, functionSources)
	}
	collectAt(gcPercent)
	floor := make([]byte, heapFloor)
	defer runtime.KeepAlive(floor)
	root := newRoot(s)
	root.SetArgs(args)
	help := &unheeded{Writer: s.Out}
	root.SetOut(help)
	err := cmp.Or(root.ExecuteContext(ctx), help.err)
	if err == nil {
		return fn.ExitOK
	}
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return exit.code
	}
	if ctx.Err() == nil { // else interruptible says why
		joined.Each(err, func(err error) { fmt.Fprintln(s.Err, "usergroup: error:", answer(err)) })
	}
	if exit != nil {
		return exit.code
	}
	return fn.ExitInvalid
}

// unheeded keeps the first error of a Writer, for help, which is printed without a
// look at it.
type unheeded struct {
	io.Writer
	err error
}

func (u *unheeded) Write(p []byte) (int, error) {
	n, err := u.Writer.Write(p)
	u.err = cmp.Or(u.err, err)
	return n, err
}

// isTerminal reports whether r is a terminal, which /dev/null is not.
func isTerminal(r any) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Root returns the command with those below it, for what is generated of them.
func Root() *cobra.Command { return newRoot(Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}) }

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "usergroup",
		Short:         "enforce the users and groups that Kubernetes workloads run as",
		Long:          long,
		Args:          known,
		Version:       programVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if s.Plugin {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: strings.ReplaceAll(plugin, "-", " ")}
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newCheck(s), newFix(s), newDiff(s), newEffective(s), newInit(s), newExplain(s), newPolicy(s), newKinds(s), newImages(s), newConvert(s), newReport(s), newVersion(s))
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args, completion.RunE = known, root.RunE
	}
	checkValues(root)
	return root
}

func newVersion(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.Out, programVersion())
			return err
		},
	}
}
