package cmd

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/report"
)

func newReport(s Streams) *cobra.Command {
	return family("report", "work with saved reports", newReportMerge(s))
}

func newReportMerge(s Streams) *cobra.Command {
	var out outputs
	cmd := &cobra.Command{
		Use:   "merge FILE…",
		Short: "merge JSON reports into one report of any format",
		Long: `merge reads the JSON reports of several runs and writes one report, ordered by file
and object. Of a sharded check it needs every shard, because only together do they tell
which policies matched nothing. The exit code is 2 if that of any report is, and
otherwise follows from the findings and --fail-on.

JSON reports hold neither the source lines of the manifests nor the changes that fix
would make. Merged reports do not show them, and an HTML page lists findings only.`,
		Example: `  usergroup check --policy policy.yaml --shard 1/3 -o json=shard-1.json manifests/
  usergroup report merge -o text -o sarif=usergroup.sarif shard-*.json`,
		Args: someOf("reports"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := out.open(); err != nil {
				return err
			}
			run, err := mergeReports(args)
			if err != nil {
				return err
			}
			if run.Exit != fn.ExitInvalid {
				run.Exit = out.exit(run.Summary)
			}
			return out.finish(s.Out, run)
		},
	}
	out.add(cmd, s.writer)
	return cmd
}

// mergeReports makes one report of several. If they are all shards of a check, it
// also says what of the policies was for nothing.
func mergeReports(paths []string) (report.Run, error) {
	runs, err := readReports(paths)
	if err != nil {
		return report.Run{}, err
	}
	run, err := report.Merge(runs)
	if err != nil {
		return report.Run{}, err
	}
	if run.Shard != nil && run.Shard.Usage != nil {
		for _, r := range engine.Unused(*run.Shard.Usage) {
			run.Results = append(run.Results, r)
			run.Summary.Add(r)
		}
		run.Order()
	}
	run.Shard = nil
	if i := slices.IndexFunc(run.Results, func(r report.Result) bool { return r.File.Path != "" }); i >= 0 {
		run.Input = run.Results[i].File.Path
	}
	run.Checkout = checkoutOf(run.Input)
	return run, nil
}

// readReports reads JSON reports; all that cannot be read are said at once.
func readReports(paths []string) ([]report.Run, error) {
	var runs []report.Run
	var errs []error
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		run, err := report.Parse(data)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		runs = append(runs, run)
	}
	return runs, errors.Join(errs...)
}
