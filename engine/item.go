package engine

import (
	"context"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/report"
)

// itemOutcome is what happened to one item.
type itemOutcome struct {
	results   []report.Result
	rendered  []byte
	summary   report.Summary
	reencoded string
	workloads []report.Workload
}

// AppliedAnnotation names the policies that changed an object, where a policy
// asks for it.
const AppliedAnnotation = "usergroup.dev/applied"

// item judges and, where it may, changes one item.
func (r *run) item(ctx context.Context, it *manifest.Item) (itemOutcome, error) {
	if !r.concerns(it) {
		out := itemOutcome{summary: report.Summary{Objects: 1}}
		if head, err := it.Head(); err == nil && head.IsNothing() {
			out.summary.Objects = 0
		}
		return out, nil
	}
	desk := r.desks.get()
	defer r.desks.put(desk)
	root, err := it.DecodeWith(&desk.memory.Decoder)
	if err != nil {
		return itemOutcome{}, err
	}
	where := &details{
		locator: &locator{item: it, text: it.Bytes(), root: r.root, origins: r.origins}, memory: &desk.memory, root: root, wanted: r.details,
	}
	objects := r.judge(ctx, desk, root, it.Bytes())
	why := r.edit(ctx, desk, it, root, objects)
	out := itemOutcome{reencoded: why, summary: report.Summary{Objects: len(objects)}}
	rep := reporter{itemOutcome: &out, desk: desk, render: r.render}
	for i := range objects {
		rep.add(where, &objects[i])
		if r.workloads {
			out.workloads = append(out.workloads, r.workloadsOf(where.locator, &objects[i])...)
		}
	}
	out.rendered = desk.taken()
	return out, nil
}

// concerns reports, without decoding where that is safe, whether an item can
// hold anything to judge or to warn of.
func (r *run) concerns(it *manifest.Item) bool {
	head, err := it.Head()
	if err != nil || head.Ambiguous {
		return true
	}
	if head.IsNothing() {
		return false
	}
	switch class := r.table.Classify(head.APIVersion, head.Kind); {
	case class == workload.Ignored:
		return head.Items
	case head.Kind == "Namespace" && r.namespaces.byName != nil:
		return true // what is wrong with it decides on others
	case class == workload.Unknown || class == workload.List:
		return saysUsers(it) || it.Mentions("Secret") // whose data are in base64
	case r.table.Sparse(head.APIVersion, head.Kind):
		return saysUsers(it) || r.judgesImages
	}
	return true
}

// saysUsers reports whether an item may hold anything about users and groups:
// there is no pod without containers, initContainers or ephemeralContainers.
func saysUsers(it *manifest.Item) bool {
	return it.MentionsKey("ontainers") || workload.SaysUsers(it)
}
