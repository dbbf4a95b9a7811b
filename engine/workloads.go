package engine

import (
	"context"
	"slices"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// Workloads lists the pod templates of all items in order, with what their
// containers run as. It needs no policy: those of the pipeline only add the kinds
// that they know. Where the pipeline has a source of images, a container without a
// user has that of its image.
func (p *Pipeline) Workloads(ctx context.Context, items []*manifest.Item) ([]report.Workload, error) {
	r := newRun(p)
	if p.source != nil {
		refs, err := p.Images(ctx, items)
		if err != nil {
			return nil, err
		}
		reqs := make([]image.Request, len(refs))
		for i, ref := range refs {
			reqs[i] = image.Request{Ref: ref, Platform: image.DefaultPlatform}
		}
		r.images = map[*policy.Policy]image.Lookup{nil: image.ResolveAll(ctx, p.source, reqs, 0)}
	}
	found := make([][]report.Workload, len(items))
	err := parallel(ctx, len(items), func(i int) error {
		if !r.concerns(items[i]) {
			return nil
		}
		desk := r.desks.get()
		defer r.desks.put(desk)
		root, err := items[i].DecodeWith(&desk.memory.Decoder)
		if err != nil {
			return err
		}
		where := &locator{item: items[i], text: items[i].Bytes(), root: r.root, origins: r.origins}
		for _, o := range p.table.Objects(root) {
			found[i] = append(found[i], r.workloadsOf(where, &judged{Object: o})...)
		}
		return nil
	})
	return slices.Concat(found...), err
}

// workloadsOf reads off the pods of an object what their containers run as. Where a
// mapping has an image and, apart from it, a security context, the latter says more.
func (r *run) workloadsOf(where *locator, o *judged) []report.Workload {
	var out []report.Workload
	contexts := make(map[string]bool) // the paths of pods that are a security context alone
	for _, pod := range r.table.Pods(o.Node, o.APIVersion, o.Kind, nil) {
		w := where.workload(o, pod)
		if len(pod.Containers) == 0 {
			contexts[w.Path.String()] = true
		}
		for i := range w.Containers {
			c := &w.Containers[i]
			r.fromImage(c)
			c.Name, c.Image = podspec.Shown(c.Name), podspec.Shown(c.Image)
		}
		out = append(out, w)
	}
	return slices.DeleteFunc(out, func(w report.Workload) bool { return imageAlone(&w) && contexts[w.Path.String()] })
}

// imageAlone reports whether w is a mapping of which nothing but its image is known.
func imageAlone(w *report.Workload) bool {
	if !w.Partial || len(w.Containers) != 1 {
		return false
	}
	c := &w.Containers[0]
	return c.Name == "" && c.Image != "" && c.Path.Equal(w.Path) && c.RunsAs() == report.RunsAsAnyone
}

// fromImage gives a container without a user the one that its image names, where
// that is known: an image without USER runs as root.
func (r *run) fromImage(c *report.Container) {
	if c.User.Origin != podspec.FromNowhere {
		return
	}
	for _, lookup := range r.images {
		cfgs, err := lookup(c.Image)
		if err != nil || len(cfgs) == 0 || cfgs[0].OS == "windows" {
			continue
		}
		user := image.ParseUser(cfgs[0].User)
		c.User = report.Effective{Value: half(user.User), Text: cfgs[0].User, Origin: podspec.FromImage, Path: c.Path.Key("image")}
		if c.User.Value == nil && user.User.Kind == image.Absent {
			c.User.Value = int64(0)
		}
		if c.Group.Origin == podspec.FromNowhere && user.Group.Kind != image.Absent {
			c.Group = report.Effective{Value: half(user.Group), Text: cfgs[0].User, Origin: podspec.FromImage, Path: c.Path.Key("image")}
		}
		return
	}
}

// half is the user or the group of an image as a report has it: an id or a name,
// nil for neither.
func half(p image.Part) any {
	switch p.Kind {
	case image.Numeric:
		return p.ID
	case image.Named:
		return p.Text
	}
	return nil
}

// workload reads off a pod what its containers run as.
func (l *locator) workload(o *judged, pod *podspec.Pod) report.Workload {
	w := report.Workload{
		Resource: o.resource(), File: l.file(o, pod.Path), Path: pod.Path, Windows: pod.Windows, Partial: pod.Partial,
		Groups:  groups(pod.SupplementalGroups),
		FSGroup: effective(pod.FSGroup, podspec.FromPod),
	}
	for i := range pod.Containers {
		w.Containers = append(w.Containers, l.container(o, pod, &pod.Containers[i]))
	}
	if len(pod.Containers) == 0 && pod.Partial {
		// A security context alone, which an operator gives to containers of its own.
		w.Containers = append(w.Containers, l.container(o, pod, &podspec.Container{Kind: podspec.RegularContainer, Path: pod.Path}))
	}
	return w
}

// container reads off a container of a pod what it runs as.
func (l *locator) container(o *judged, pod *podspec.Pod, c *podspec.Container) report.Container {
	out := report.Container{
		Kind: c.Kind, Name: c.Name, Image: c.Image, File: l.file(o, c.Path), Path: c.Path,
		User:    effective(pod.EffectiveUser(c)),
		Group:   effective(pod.EffectiveGroup(c)),
		NonRoot: effective(pod.EffectiveNonRoot(c)),
	}
	if pod.Windows {
		out.User, out.Group = effective(pod.EffectiveUserName(c)), report.Effective{}
	}
	return out
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
