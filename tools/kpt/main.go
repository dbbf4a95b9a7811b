// Command kpt is kpt's own function commands (fn eval, fn render, fn source,
// fn sink, fn doc) and nothing else of kpt.
//
// kpt's whole command cannot be built from the Go module proxy, because one
// module that its "alpha rollouts" commands need is not served there. Its
// function commands can be, and they are all that a function's tests drive.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/kptdev/kpt/commands/fn"
	"github.com/kptdev/kpt/pkg/lib/errors"
	"github.com/kptdev/kpt/pkg/lib/errors/resolver"
	"github.com/kptdev/kpt/pkg/printer"
	"github.com/spf13/cobra"
)

func main() {
	ctx := printer.WithContext(context.Background(), printer.New(os.Stdout, os.Stderr))
	root := &cobra.Command{Use: "kpt", SilenceUsage: true, SilenceErrors: true}
	root.PersistentFlags().BoolVar(&printer.TruncateOutput, "truncate-output", true, "truncate long output")
	root.AddCommand(fn.GetCommand(ctx, "kpt"))
	if err := root.Execute(); err != nil {
		os.Exit(report(err))
	}
}

// report says what went wrong in the words that kpt itself would use, and
// returns kpt's exit code for it.
func report(err error) int {
	if known, ok := resolver.ResolveError(err); ok {
		if known.Message != "" {
			fmt.Fprintln(os.Stderr, known.Message)
		}
		return known.ExitCode
	}
	if cause, ok := errors.UnwrapErrors(err); ok {
		err = cause
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	return 1
}
