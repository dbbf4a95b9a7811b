package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/report"
)

// listing is the command effective.
type listing struct {
	enforcement
	format, order, color string
	root, ask            bool
}

func newEffective(s Streams) *cobra.Command {
	l := &listing{enforcement: enforcement{Streams: s}}
	cmd := &cobra.Command{
		Use:   "effective PATH…",
		Short: "list the user and groups of every container, and where each comes from",
		Long: `effective lists every container in the manifests with its effective runAsUser,
runAsGroup, runAsNonRoot, supplementalGroups and fsGroup, and where each comes from:
the container, the pod, the image, or nowhere. It needs no policy.

RUNS AS sums this up, the worst first: root; invalid (a value is not valid); anyone
(unset, so the image decides, and most images run as root); nonroot (any user but
root, which the kubelet refuses to start); user (a user other than root).

The users of images are read from --image-lock, --image-layout and --image-archive,
and with --images from registries.`,
		Example: `  usergroup effective manifests/
  usergroup effective --root --output csv manifests/ > may-be-root.csv
  usergroup effective --kustomize overlays/production`,
		RunE: func(cmd *cobra.Command, args []string) error { return l.list(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.StringVarP(&l.format, "output", "o", "table", "`FORMAT` of the list:\n"+runningChoices().help())
	f.StringVar(&l.order, "sort", "risk", "order: risk (the worst first), object, file")
	f.BoolVar(&l.root, "root", false, "only containers that run as root or may run as root")
	f.BoolVar(&l.ask, "images", false, "look up the users of images in registries")
	f.StringVar(&l.color, "color", "auto", "use colours: auto (on a terminal), always, never")
	f.StringArrayVarP(&l.policies, "policy", "p", nil, "policy whose podSpecPaths name more kinds with pods; may be repeated")
	l.tree.add(f)
	l.tree.addRendered(f)
	l.tree.addCluster(f, s)
	l.images.add(f)
	complete(cmd, "output", runningChoices().names())
	complete(cmd, "sort", report.Orders())
	complete(cmd, "color", colors)
	l.settings.decorate(cmd, s, "policy", "exclude")
	return cmd
}

func (l *listing) list(ctx context.Context, args []string) error {
	i := slices.Index(runningChoices().names(), l.format)
	err := errors.Join(
		oneOf("output", l.format, runningChoices().names()),
		oneOf("sort", l.order, report.Orders()),
		oneOf("color", l.color, colors),
	)
	if err != nil {
		return err
	}
	workloads, err := l.read(ctx, args)
	if err != nil {
		return err
	}
	rows := report.RunningOf(workloads)
	if l.root {
		rows = slices.DeleteFunc(rows, func(r report.Running) bool { return !r.MayBeRoot() })
	}
	report.Sort(rows, l.order)
	if err := report.RunningFormats()[i].Write(l.Out, rows, (&outputs{color: l.color}).text(l.Out)); err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	if l.invalid > 0 {
		return &exitError{code: fn.ExitInvalid}
	}
	return nil
}

// read lists the workloads of all manifests. A file that cannot be read is said,
// and the rest is listed.
func (l *listing) read(ctx context.Context, args []string) ([]report.Workload, error) {
	if err := l.images.check(); err != nil {
		return nil, err
	}
	in, err := l.tree.open(ctx, args, l.Streams)
	if err != nil {
		return nil, err
	}
	p, err := l.pipeline(in)
	if err != nil {
		return nil, err
	}
	var workloads []report.Workload
	broken := func(err error) {
		var ignored engine.Outcome
		l.unreadable(&ignored, err)
	}
	err = in.each(ctx, func(src *source) error {
		found, err := p.Workloads(ctx, src.stream.Items)
		if err != nil {
			broken(err)
		}
		workloads = append(workloads, found...)
		return nil
	}, broken)
	l.sayRest()
	return workloads, err
}

// pipeline is one that knows the kinds of the policies, and the sources of images
// that are asked for.
func (l *listing) pipeline(in *inputs) (*engine.Pipeline, error) {
	configs, err := readConfigs(l.policies, l.Streams)
	if err != nil {
		return nil, err
	}
	policies, err := engine.Policies(configs, nil)
	if err != nil {
		return nil, err
	}
	opts := engine.Options{Origin: in.origin()}
	o := l.images.Options
	o.Offline = o.Offline || !l.ask
	if l.ask || len(o.Locks)+len(o.Layouts)+len(o.Archives) > 0 {
		if opts.Source, err = o.Open(); err != nil {
			return nil, err
		}
	}
	return engine.New(policies, opts)
}

func runningChoices() choices {
	var cs choices
	for _, f := range report.RunningFormats() {
		cs = append(cs, choice{f.Name, f.Doc})
	}
	return cs
}
