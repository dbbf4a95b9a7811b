package validator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// tweak changes one field of a pod's or a container's securityContext.
type tweak func(*podspec.SecurityContext)

func user(id int64) tweak  { return func(sc *podspec.SecurityContext) { set(&sc.RunAsUser, id) } }
func group(id int64) tweak { return func(sc *podspec.SecurityContext) { set(&sc.RunAsGroup, id) } }
func nonRoot(b bool) tweak { return func(sc *podspec.SecurityContext) { set(&sc.RunAsNonRoot, b) } }
func name(n string) tweak  { return func(sc *podspec.SecurityContext) { set(&sc.RunAsUserName, n) } }

func both(ts ...tweak) tweak {
	return func(sc *podspec.SecurityContext) {
		for _, t := range ts {
			t(sc)
		}
	}
}

func badUser(c podspec.Code) tweak {
	return func(sc *podspec.SecurityContext) { spoil(&sc.RunAsUser, c) }
}

func badGroup(c podspec.Code) tweak {
	return func(sc *podspec.SecurityContext) { spoil(&sc.RunAsGroup, c) }
}

func badNonRoot(c podspec.Code) tweak {
	return func(sc *podspec.SecurityContext) { spoil(&sc.RunAsNonRoot, c) }
}

func set[T any](v *podspec.Value[T], to T) {
	v.State, v.V, v.Raw, v.Problem = podspec.Set, to, fmt.Sprint(to), nil
}

// spoil makes a value one that cannot be judged, as package workload would.
func spoil[T any](v *podspec.Value[T], c podspec.Code) {
	raw, detail := problemText(c)
	var zero T
	v.State, v.V, v.Raw = podspec.Invalid, zero, raw
	v.Problem = &podspec.Problem{Code: c, Path: v.Path, Raw: raw, Detail: detail}
}

func problemText(c podspec.Code) (raw, detail string) {
	switch c {
	case podspec.InvalidType:
		return "1000", `must be an integer, is the string "1000"`
	case podspec.InvalidID:
		return "-1", "must be in 0-2147483647, is -1"
	case podspec.AmbiguousValue:
		return "yes", "must be true or false, is yes, which parsers read differently"
	}
	return "0", "must be set once, is set twice, and parsers disagree which one wins"
}

// podTweak changes a pod.
type podTweak func(*podspec.Pod)

// onPod changes the pod's own securityContext.
func onPod(ts ...tweak) podTweak {
	return func(p *podspec.Pod) { both(ts...)(&p.SecurityContext) }
}

func windows(p *podspec.Pod) { p.Windows = true }

func fsGroup(id int64) podTweak { return func(p *podspec.Pod) { set(&p.FSGroup, id) } }

func groupsPolicy(s string) podTweak {
	return func(p *podspec.Pod) { set(&p.SupplementalGroupsPolicy, s) }
}

func groups(ids ...int64) podTweak {
	return func(p *podspec.Pod) { setGroups(&p.SupplementalGroups, ids) }
}

func setGroups(g *podspec.Groups, ids []int64) {
	g.State, g.Raw, g.Problem = podspec.Set, strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), nil
	g.Items = make([]podspec.Value[int64], len(ids))
	for i, id := range ids {
		g.Items[i].Path = g.Path.Index(i)
		set(&g.Items[i], id)
	}
}

// ctr adds a regular container, initCtr an init container, debugCtr an ephemeral
// one. Its image is registry.example/ with its name.
func ctr(name string, ts ...tweak) podTweak { return add(podspec.RegularContainer, name, ts) }

func initCtr(name string, ts ...tweak) podTweak {
	return add(podspec.InitContainer, name, ts)
}

func debugCtr(name string, ts ...tweak) podTweak {
	return add(podspec.EphemeralContainer, name, ts)
}

func add(kind podspec.ContainerKind, name string, ts []tweak) podTweak {
	return func(p *podspec.Pod) {
		c := podspec.Container{Kind: kind, Name: name, Image: "registry.example/" + name}
		for _, o := range p.Containers {
			if o.Kind == kind {
				c.Index++
			}
		}
		c.Path = p.Path.Key(kind.Field()).Index(c.Index)
		c.SecurityContext = emptyContext(c.Path.Key("securityContext"))
		both(ts...)(&c.SecurityContext)
		p.Containers = append(p.Containers, c)
	}
}

func emptyContext(at podspec.Path) podspec.SecurityContext {
	return podspec.SecurityContext{
		RunAsUser:     podspec.Value[int64]{Path: at.Key("runAsUser")},
		RunAsGroup:    podspec.Value[int64]{Path: at.Key("runAsGroup")},
		RunAsNonRoot:  podspec.Value[bool]{Path: at.Key("runAsNonRoot")},
		RunAsUserName: podspec.Value[string]{Path: at.Key("windowsOptions", "runAsUserName")},
	}
}

// newPod is a pod at spec with nothing set and no containers, and the tweaks.
func newPod(ts ...podTweak) *podspec.Pod {
	at := podspec.Field("spec")
	sc := at.Key("securityContext")
	p := &podspec.Pod{
		Path:                     at,
		MetadataPath:             podspec.Field("metadata"),
		HostUsers:                podspec.Value[bool]{Path: at.Key("hostUsers")},
		SecurityContext:          emptyContext(sc),
		SupplementalGroups:       podspec.Groups{Path: sc.Key("supplementalGroups")},
		SupplementalGroupsPolicy: podspec.Value[string]{Path: sc.Key("supplementalGroupsPolicy")},
		FSGroup:                  podspec.Value[int64]{Path: sc.Key("fsGroup")},
	}
	for _, t := range ts {
		t(p)
	}
	return p
}

// The ranges of most tests, 1000-1999 and 3000-3999: the default is 1000.
var ranges = policy.Ranges{{Min: 1000, Max: 1999}, {Min: 3000, Max: 3999}}

// The strategies of most tests.
var (
	must      = policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges}
	overwrite = policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, Overwrite: true}
	may       = policy.Strategy{Rule: policy.MayRunAs, Ranges: ranges}
	notRoot   = policy.Strategy{Rule: policy.MustRunAsNonRoot}
	unset     = policy.Strategy{Rule: policy.MustBeUnset}
	anything  = policy.Strategy{Rule: policy.RunAsAny}
)

// summary is the findings in short, one line each and one for each edit:
//
//	error MissingUserID spec.containers[0].securityContext.runAsUser web
//	  Defaulted spec.containers[0].securityContext.runAsUser=1000
//
// A path leaves out the securityContext that all have.
func summary(fs []policy.Finding) []string {
	var out []string
	for _, f := range fs {
		line := fmt.Sprintf("%s %s %s %s", f.Severity, f.Reason, short(f.Path), strings.Join(f.Containers, " "))
		out = append(out, strings.TrimSpace(line))
		for _, c := range f.Fix {
			line := fmt.Sprintf("  %s %s", c.Reason, short(c.Edit.Path))
			if c.Edit.Op == podspec.Put {
				line += fmt.Sprintf("=%v", c.Edit.Value)
			}
			out = append(out, line)
		}
	}
	return out
}

// short renders a path without what every path has: the pod's fields are pod.x,
// those of a container containers[0].x.
func short(p podspec.Path) string {
	s := strings.ReplaceAll(p.String(), ".securityContext.", ".")
	s = strings.TrimPrefix(s, "spec.")
	if strings.Contains(s, "ontainers") {
		return s
	}
	return "pod." + s
}

// row is a pod, judged by a policy, with the summary of what is found.
type row struct {
	name   string
	policy policy.Policy
	pod    *podspec.Pod
	want   []string
}

func run(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Helper()
			got := validator.Evaluate(&r.policy, validator.Subject{Pod: r.pod})
			diff(t, r.want, summary(got))
		})
	}
}

func spoilGroups(g *podspec.Groups, c podspec.Code) {
	raw, detail := problemText(c)
	g.State, g.Raw, g.Items = podspec.Invalid, raw, nil
	g.Problem = &podspec.Problem{Code: c, Path: g.Path, Raw: raw, Detail: detail}
}
