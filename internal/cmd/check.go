package cmd

import (
	"errors"

	"github.com/spf13/cobra"
)

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
