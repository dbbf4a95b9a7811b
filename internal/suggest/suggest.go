// Package suggest writes the strictest policy that manifests already satisfy, so
// that a team begins with one that passes and tightens it from there.
//
// For every field it takes the strictest rule that holds for all containers, or
// for all pods, with ranges of exactly the ids that are there. What keeps it from
// a stricter one is named in comments, with the place.
package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/report"
)

// Policy returns the policy for workloads, as YAML, under a name.
func Policy(name string, workloads []report.Workload) []byte {
	s := read(workloads)
	var b strings.Builder
	fmt.Fprintf(&b, "# The strictest policy that %s in %s satisfy.\n",
		report.Count(s.containers, "container"), report.Count(s.workloads, "workload"))
	fmt.Fprintf(&b, "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: %s}\nspec:\n", name)
	b.WriteString("  # Without this line, usergroup fix and the function write missing values.\n  validateOnly: true\n")
	s.user(&b)
	s.group.write(&b, "runAsGroup", "container")
	s.groups.write(&b, "supplementalGroups", "pod")
	s.fsGroup.write(&b, "fsGroup", "pod")
	return []byte(b.String())
}

// survey is what is true of all workloads.
type survey struct {
	workloads, containers  int
	users                  field
	group, groups, fsGroup field
	root                   []place // containers that run as root, or that nothing keeps from it
}

// place is a container or a pod that is in the way of a rule.
type place struct {
	report.File
	what string
}

// field is what is true of one field.
type field struct {
	ids     []int64
	unset   []place
	invalid []place
}

func read(workloads []report.Workload) *survey {
	s := &survey{}
	for i := range workloads {
		w := &workloads[i]
		s.workloads++
		s.containers += len(w.Containers)
		if w.Windows {
			continue
		}
		pod := place{w.File, object(w)}
		s.groups.add(w.Groups, pod, w.Partial)
		s.fsGroup.add(w.FSGroup, pod, w.Partial)
		for j := range w.Containers {
			c := &w.Containers[j]
			at := place{c.File, fmt.Sprintf("%s, %s %q", pod.what, c.Kind, c.Name)}
			s.users.add(c.User, at, w.Partial)
			s.group.add(c.Group, at, w.Partial)
			unsaid := w.Partial && c.RunsAs() == report.RunsAsAnyone // the operator says
			if c.NonRoot.Value == false || !unsaid && (report.Running{Workload: w, Container: c}).MayBeRoot() {
				s.root = append(s.root, at)
			}
		}
	}
	return s
}

func object(w *report.Workload) string {
	name := w.Resource.Name
	if w.Resource.Namespace != "" {
		name = w.Resource.Namespace + "/" + name
	}
	return w.Resource.Kind + " " + name
}

// add takes in the value of one container or pod. What is absent of a pod that an
// operator completes is the operator's to say.
func (f *field) add(e report.Effective, at place, partial bool) {
	switch v := e.Value.(type) {
	case int64:
		f.ids = append(f.ids, v)
	case []int64:
		f.ids = append(f.ids, v...)
		if len(v) == 0 {
			f.unset = append(f.unset, at)
		}
	default:
		switch {
		case e.Invalid() || v != nil:
			f.invalid = append(f.invalid, at)
		case !partial:
			f.unset = append(f.unset, at)
		}
	}
}

// user writes the rule for runAsUser, the one field that has MustRunAsNonRoot.
func (s *survey) user(b *strings.Builder) {
	switch {
	case len(s.users.unset) == 0 && len(s.users.ids) > 0:
		s.users.write(b, "runAsUser", "container")
	case len(s.root) == 0 && s.containers > 0:
		say(b, "MustRunAs is not possible: containers without runAsUser", s.users.unset)
		b.WriteString("  runAsUser: {rule: MustRunAsNonRoot}\n")
		return
	default:
		s.users.write(b, "runAsUser", "container")
	}
	say(b, "MustRunAsNonRoot is not possible: containers that run, or may run, as root", s.root)
}

// write writes the strictest rule of ranges that holds: MustRunAs where every
// container or pod has an id, else MayRunAs.
func (f *field) write(b *strings.Builder, name, of string) {
	say(b, fmt.Sprintf("No policy accepts these: %s is not valid", name), f.invalid)
	rule := "MustRunAs"
	switch {
	case len(f.ids) == 0 && len(f.unset) > 0:
		fmt.Fprintf(b, "  # No %s sets %s.\n  %s: {rule: RunAsAny}\n", of, name, name)
		return
	case len(f.ids) == 0:
		fmt.Fprintf(b, "  %s: {rule: RunAsAny}\n", name)
		return
	case len(f.unset) > 0:
		rule = "MayRunAs"
		say(b, fmt.Sprintf("MustRunAs is not possible: %ss without %s", of, name), f.unset)
	}
	fmt.Fprintf(b, "  %s:\n    rule: %s\n    ranges:\n", name, rule)
	for _, r := range ranges(f.ids) {
		fmt.Fprintf(b, "    - {min: %d, max: %d}\n", r[0], r[1])
	}
}

// ranges are the fewest ranges of exactly the ids.
func ranges(ids []int64) [][2]int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	var out [][2]int64
	for _, id := range ids {
		if n := len(out); n > 0 && id <= out[n-1][1]+1 {
			out[n-1][1] = id
			continue
		}
		out = append(out, [2]int64{id, id})
	}
	return out
}

// maxSaid is how many places a comment names.
const maxSaid = 10

// say writes a comment that names places.
func say(b *strings.Builder, title string, places []place) {
	if len(places) == 0 {
		return
	}
	fmt.Fprintf(b, "  # %s\n", comment(title+":"))
	for _, p := range places[:min(len(places), maxSaid)] {
		at := p.Path
		if p.Line > 0 {
			at = fmt.Sprintf("%s:%d", p.Path, p.Line)
		}
		fmt.Fprintf(b, "  #   %s\n", comment(at+": "+p.what))
	}
	if more := len(places) - maxSaid; more > 0 {
		fmt.Fprintf(b, "  #   and %d more\n", more)
	}
}

// comment keeps a name from ending a comment.
func comment(s string) string { return report.Clean(s) }
