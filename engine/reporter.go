package engine

import (
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// reporter reports on the objects of an item.
type reporter struct {
	*itemOutcome
	desk   *desk
	render func(b []byte, r *report.Result) []byte
}

// add reports one object: the changes made, and what is left to say of it.
func (r *reporter) add(where *details, o *judged) {
	ref := o.resource()
	if o.checked {
		r.summary.Checked++
	}
	if o.edited {
		r.summary.Changed++
		made := r.desk.editSet() // two policies may ask for the same
		for _, f := range o.findings {
			for _, c := range f.Fix {
				if made.add(c.Edit) {
					r.reportOf(o, report.FromChange(c, f, ref, where.file(o, c.Edit.Path)))
				}
			}
		}
	}
	for _, f := range o.final {
		res := report.FromFinding(f, ref, where.file(o, f.Path))
		res.Detail = where.of(o, f, res.File)
		r.reportOf(o, res)
		for _, c := range f.Foretold {
			would := report.FromChange(c, f, ref, where.file(o, c.Edit.Path))
			would.Changed = false
			r.reportOf(o, would)
		}
	}
}

// reportOf is report for a result on an object. What is within another object has
// its path in the outermost.
func (r *reporter) reportOf(o *judged, res report.Result) {
	if len(o.Within) > 0 && res.Path != nil {
		res.Path = o.Path.Join(res.Path)
	}
	r.report(res)
}

// maxMessage is how many bytes of a message are reported: it may hold names and values
// of any length, or name thousands of containers.
const maxMessage = 10_000

// report counts a result and keeps it, rendered or as it is.
func (r *reporter) report(res report.Result) {
	r.summary.Add(res)
	res.Path = res.Path.Shown()
	if len(res.Message) > maxMessage {
		res.Message = strings.ToValidUTF8(res.Message[:maxMessage], "") + "…"
	}
	if r.render != nil {
		r.desk.render(r.render, res)
		if res.Severity == policy.Info {
			return
		}
	}
	r.results = append(r.results, kept(res))
}
