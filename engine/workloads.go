package engine

import (
	"context"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// Workloads lists the pod templates of all items in order, with what their
// containers run as. It needs no policy: those of the pipeline only add the kinds
// that they know.
func (p *Pipeline) Workloads(ctx context.Context, items []*manifest.Item) ([]report.Workload, error) {
	r := &run{Pipeline: p}
	found := make([][]report.Workload, len(items))
	err := parallel(ctx, len(items), func(i int) error {
		if !r.concerns(items[i]) {
			return nil
		}
		root, err := items[i].Decode()
		if err != nil {
			return err
		}
		where := &locator{item: items[i], text: items[i].Bytes()}
		for _, o := range p.table.Objects(root) {
			for _, pod := range p.table.Pods(o.Node, o.APIVersion, o.Kind, nil) {
				found[i] = append(found[i], where.workload(&judged{Object: o}, pod))
			}
		}
		return nil
	})
	var all []report.Workload
	for _, f := range found {
		all = append(all, f...)
	}
	return all, err
}

// workload reads off a pod what its containers run as.
func (l *locator) workload(o *judged, pod *podspec.Pod) report.Workload {
	w := report.Workload{
		Resource: o.resource(), File: l.file(o, pod.Path), Path: pod.Path, Windows: pod.Windows,
		Groups:  groups(pod.SupplementalGroups),
		FSGroup: effective(pod.FSGroup, podspec.FromPod),
	}
	for i := range pod.Containers {
		c := &pod.Containers[i]
		out := report.Container{
			Kind: c.Kind, Name: c.Name, Image: c.Image, File: l.file(o, c.Path), Path: c.Path,
			User:    effective(pod.EffectiveUser(c)),
			Group:   effective(pod.EffectiveGroup(c)),
			NonRoot: effective(pod.EffectiveNonRoot(c)),
		}
		if pod.Windows {
			out.User, out.Group = effective(pod.EffectiveUserName(c)), report.Effective{}
		}
		w.Containers = append(w.Containers, out)
	}
	return w
}

// effective is a value with its origin as a report has it.
func effective[T any](v podspec.Value[T], from podspec.Origin) report.Effective {
	switch v.State {
	case podspec.Unset:
		return report.Effective{}
	case podspec.Invalid:
		return report.Effective{Text: v.Raw, Origin: from, Path: v.Path}
	}
	return report.Effective{Value: v.V, Text: v.Raw, Origin: from, Path: v.Path}
}

// groups is effective for supplementalGroups, which are valid where every one of
// them is.
func groups(g podspec.Groups) report.Effective {
	if g.State == podspec.Unset {
		return report.Effective{}
	}
	e := report.Effective{Text: g.Raw, Origin: podspec.FromPod, Path: g.Path}
	ids := make([]int64, 0, len(g.Items))
	for _, it := range g.Items {
		if !it.IsSet() {
			return e
		}
		ids = append(ids, it.V)
	}
	if g.State == podspec.Set {
		e.Value = ids
	}
	return e
}
