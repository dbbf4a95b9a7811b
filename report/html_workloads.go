package report

import (
	"fmt"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// workloadView is a pod template, with a row for each container.
type workloadView struct {
	Kind, Name, File string
	Groups, FSGroup  valueView
	Rows             []rowView
}

type rowView struct {
	ID                string
	Name, Kind, Image string
	Where             string // the workload and the container
	Runs, RunsText    string
	User, Group       valueView
	NonRoot           valueView
	Findings          int
	Worst, Anchor     string // of the findings
}

type valueView struct {
	Text, Origin string
	Invalid      bool
}

// runsAs are the words for who containers run as, the worst first.
var runsAs = []struct {
	runs  RunsAs
	label string
}{
	{RunsAsRoot, "run as root"},
	{RunsAsInvalid, "have an invalid value"},
	{RunsAsAnyone, "run as the user of the image"},
	{RunsAsNonRoot, "run as any user but root"},
	{RunsAsUser, "run as a user other than root"},
}

func (v *pageView) addWorkloads(run Run, anchors map[objectKey]string) {
	counted := map[RunsAs]int{}
	total := 0
	said := findingsOf(run.Results)
	for i, w := range run.Workloads {
		view := workloadView{
			Kind: Clean(w.Resource.Kind), Name: Clean(strings.TrimPrefix(w.Resource.Namespace+"/"+w.Resource.Name, "/")),
			File: position(File{Path: w.File.Path, Line: w.File.Line}), Groups: valueOf(w.Groups), FSGroup: valueOf(w.FSGroup),
		}
		for j, c := range w.Containers {
			total++
			counted[c.RunsAs()]++
			r := rowOf(w, c)
			r.ID = fmt.Sprintf("c%d-%d", i, j)
			r.Where = view.Kind + " " + view.Name + ", " + c.Kind.String() + " " + r.Name
			k := objectKey{w.Resource, w.File.Path, w.File.Index}
			about := said.about(k, c)
			r.Findings, r.Worst, r.Anchor = about.total(), about.worst(), anchors[k]
			view.Rows = append(view.Rows, r)
		}
		v.Workloads = append(v.Workloads, view)
	}
	if total == 0 {
		return
	}
	v.Containers, v.WorkloadCount = Count(total, "container"), Count(len(run.Workloads), "workload")
	from := 0.0
	for _, k := range runsAs {
		share := 100 * float64(counted[k.runs]) / float64(total)
		v.Legend = append(v.Legend, legendView{
			Key: string(k.runs), Label: k.label, Count: counted[k.runs],
			From: fmt.Sprintf("%.3f", from), Share: fmt.Sprintf("%.3f", share),
		})
		from += share
	}
}

func rowOf(w Workload, c Container) rowView {
	r := rowView{
		Name: Clean(c.Name), Image: Clean(c.Image),
		Runs: string(c.RunsAs()), RunsText: runsText(c),
		User: valueOf(c.User), Group: valueOf(c.Group), NonRoot: valueOf(c.NonRoot),
	}
	if r.Name == "" {
		r.Name = Clean(c.Path.Shown().String())
	}
	if c.Kind != podspec.RegularContainer {
		r.Kind = strings.TrimSuffix(c.Kind.String(), " container")
	}
	if w.Windows {
		r.Kind = strings.TrimSpace(r.Kind + " windows")
	}
	return r
}

// runsText says who a container runs as in a word or two.
func runsText(c Container) string {
	switch c.RunsAs() {
	case RunsAsRoot:
		return "root"
	case RunsAsInvalid:
		return "invalid"
	case RunsAsAnyone:
		return "image decides"
	case RunsAsNonRoot:
		return "not root"
	}
	return "user " + Clean(Value(c.User.Value))
}

func valueOf(e Effective) valueView {
	switch {
	case e.Origin == podspec.FromNowhere:
		return valueView{}
	case e.Invalid():
		return valueView{Text: Clean(e.Text), Origin: string(e.Origin), Invalid: true}
	}
	return valueView{Text: Clean(Value(e.Value)), Origin: string(e.Origin)}
}

// saidOf are the findings of each object.
type saidOf map[objectKey]*said

// said counts the findings of one object by the containers that they name.
type said struct {
	ofPod counts // of those that name none
	by    map[string]*named
}

// named counts findings, a finding that names a container twice once.
type named struct {
	counts
	last *Result
}

func findingsOf(results []Result) saidOf {
	out := saidOf{}
	for i := range results {
		r := &results[i]
		if r.Changed {
			continue
		}
		k := keyOf(*r)
		if out[k] == nil {
			out[k] = &said{by: map[string]*named{}}
		}
		out[k].add(r)
	}
	return out
}

func (s *said) add(r *Result) {
	if len(r.Containers) == 0 {
		s.ofPod.add(*r)
	}
	for _, name := range r.Containers {
		if s.by[name] == nil {
			s.by[name] = &named{}
		}
		if n := s.by[name]; n.last != r {
			n.add(*r)
			n.last = r
		}
	}
}

// about counts the findings about a container: those that name it, and those that
// name no container, of its pod.
func (s saidOf) about(k objectKey, c Container) counts {
	of := s[k]
	if of == nil {
		return counts{}
	}
	n := of.ofPod
	if more := of.by[c.Name]; more != nil {
		n.errors, n.warnings, n.infos = n.errors+more.errors, n.warnings+more.warnings, n.infos+more.infos
	}
	return n
}
