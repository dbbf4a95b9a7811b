package workload_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// podText is a pod spec with everything that is read.
const podText = `
os: {name: windows}
hostUsers: false
hostNetwork: false
hostPID: true
hostIPC: false
runtimeClassName: gvisor
securityContext:
  runAsUser: 1000
  runAsGroup: 0x7d0
  runAsNonRoot: true
  supplementalGroups: [3000, "3001", -1]
  supplementalGroupsPolicy: Strict
  fsGroup: 4000
  fsGroupChangePolicy: Always
  windowsOptions: {runAsUserName: ContainerUser}
ephemeralContainers:
- name: debug
  image: registry.example/debug
initContainers:
- {name: init, image: registry.example/init, securityContext: {runAsUser: 0}}
- {name: mesh, image: registry.example/mesh, restartPolicy: Always}
containers:
- name: web
  image: registry.example/web
  securityContext:
    runAsGroup: 5
    runAsNonRoot: false
    procMount: Unmasked
    windowsOptions: {runAsUserName: ContainerAdministrator}
- name: sidecar
`

func TestReadPod(t *testing.T) {
	spec := podspec.Field("spec", "template", "spec")
	sc := spec.Key("securityContext")
	container := func(kind podspec.ContainerKind, i int, name, image string) podspec.Container {
		path := spec.Key(kind.Field()).Index(i)
		return podspec.Container{
			Kind: kind, Index: i, Name: name, Image: image, Path: path,
			ProcMount: podspec.Value[string]{Path: path.Key("securityContext", "procMount")}, SecurityContext: unset(path),
		}
	}
	id := func(path podspec.Path, v int64, raw string) podspec.Value[int64] {
		return podspec.Value[int64]{State: podspec.Set, V: v, Raw: raw, Path: path}
	}
	flag := func(path podspec.Path, v bool, raw string) podspec.Value[bool] {
		return podspec.Value[bool]{State: podspec.Set, V: v, Raw: raw, Path: path}
	}
	text := func(path podspec.Path, v string) podspec.Value[string] {
		return podspec.Value[string]{State: podspec.Set, V: v, Raw: v, Path: path}
	}
	bad := func(path podspec.Path, code podspec.Code, raw, detail string) podspec.Value[int64] {
		return podspec.Value[int64]{
			State: podspec.Invalid, Raw: raw, Path: path,
			Problem: &podspec.Problem{Code: code, Path: path, Raw: raw, Detail: detail},
		}
	}

	first := container(podspec.InitContainer, 0, "init", "registry.example/init")
	first.RunAsUser = id(first.RunAsUser.Path, 0, "0")
	mesh := container(podspec.InitContainer, 1, "mesh", "registry.example/mesh")
	mesh.Sidecar = true
	web := container(podspec.RegularContainer, 0, "web", "registry.example/web")
	web.RunAsGroup = id(web.RunAsGroup.Path, 5, "5")
	web.RunAsNonRoot = flag(web.RunAsNonRoot.Path, false, "false")
	web.RunAsUserName = text(web.RunAsUserName.Path, "ContainerAdministrator")
	web.ProcMount = text(web.ProcMount.Path, "Unmasked")
	groups := sc.Key("supplementalGroups")
	want := &podspec.Pod{
		Path:         spec,
		MetadataPath: podspec.Field("spec", "template", "metadata"),
		Windows:      true,
		OSPath:       podspec.Field("spec", "template", "spec", "os", "name"),
		HostUsers:    flag(spec.Key("hostUsers"), false, "false"),
		RuntimeClass: "gvisor",
		HostNetwork:  flag(spec.Key("hostNetwork"), false, "false"),
		HostPID:      flag(spec.Key("hostPID"), true, "true"),
		HostIPC:      flag(spec.Key("hostIPC"), false, "false"),
		SecurityContext: podspec.SecurityContext{
			RunAsUser:     id(sc.Key("runAsUser"), 1000, "1000"),
			RunAsGroup:    id(sc.Key("runAsGroup"), 2000, "0x7d0"),
			RunAsNonRoot:  flag(sc.Key("runAsNonRoot"), true, "true"),
			RunAsUserName: text(sc.Key("windowsOptions", "runAsUserName"), "ContainerUser"),
		},
		SupplementalGroups: podspec.Groups{
			State: podspec.Set,
			Raw:   `[3000, "3001", -1]`,
			Path:  groups,
			Items: []podspec.Value[int64]{
				id(groups.Index(0), 3000, "3000"),
				bad(groups.Index(1), podspec.InvalidType, `"3001"`, `must be an integer, is the string "3001"`),
				bad(groups.Index(2), podspec.InvalidID, "-1", "must be in 0-2147483647, is -1"),
			},
		},
		SupplementalGroupsPolicy: text(sc.Key("supplementalGroupsPolicy"), "Strict"),
		FSGroup:                  id(sc.Key("fsGroup"), 4000, "4000"),
		FSGroupChangePolicy:      text(sc.Key("fsGroupChangePolicy"), "Always"),
		Containers: []podspec.Container{
			first,
			mesh,
			web,
			container(podspec.RegularContainer, 1, "sidecar", ""),
			container(podspec.EphemeralContainer, 0, "debug", "registry.example/debug"),
		},
	}
	got := workload.ReadPod(decode(t, podText), spec, want.MetadataPath)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pod (-want +got):\n%s", diff)
	}
}

// unset is the securityContext of a container at path that sets nothing.
func unset(path podspec.Path) podspec.SecurityContext {
	sc := path.Key("securityContext")
	return podspec.SecurityContext{
		RunAsUser:     podspec.Value[int64]{Path: sc.Key("runAsUser")},
		RunAsGroup:    podspec.Value[int64]{Path: sc.Key("runAsGroup")},
		RunAsNonRoot:  podspec.Value[bool]{Path: sc.Key("runAsNonRoot")},
		RunAsUserName: podspec.Value[string]{Path: sc.Key("windowsOptions", "runAsUserName")},
	}
}

// TestPathsDoNotShare appends to every path of a pod, which must change none of
// the others.
func TestPathsDoNotShare(t *testing.T) {
	read := func() *podspec.Pod {
		return workload.ReadPod(decode(t, podText), podspec.Field("spec"), podspec.Field("metadata"))
	}
	want, got := read(), read()
	for _, c := range got.Containers {
		_ = append(c.Path, podspec.Step{Key: "changed"})
		_ = append(c.RunAsUser.Path, podspec.Step{Key: "changed"})
	}
	_ = append(got.RunAsUser.Path, podspec.Step{Key: "changed"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pod changed (-before +after):\n%s", diff)
	}
}

// problem is a Problem as the tables below write it.
type problem struct {
	Code         podspec.Code
	Path, Detail string
}

func problems(ps []podspec.Problem) []problem {
	var out []problem
	for _, p := range ps {
		out = append(out, problem{p.Code, p.Path.String(), p.Detail})
	}
	return out
}

// allProblems lists the problems of a pod and of its values.
func allProblems(p *podspec.Pod) []problem {
	ps := append([]podspec.Problem(nil), p.Problems...)
	add := func(p *podspec.Problem) {
		if p != nil {
			ps = append(ps, *p)
		}
	}
	context := func(sc podspec.SecurityContext) {
		add(sc.RunAsUser.Problem)
		add(sc.RunAsGroup.Problem)
		add(sc.RunAsNonRoot.Problem)
		add(sc.RunAsUserName.Problem)
	}
	add(p.HostUsers.Problem)
	context(p.SecurityContext)
	add(p.SupplementalGroups.Problem)
	for _, g := range p.SupplementalGroups.Items {
		add(g.Problem)
	}
	add(p.SupplementalGroupsPolicy.Problem)
	add(p.FSGroup.Problem)
	for _, c := range p.Containers {
		context(c.SecurityContext)
	}
	return problems(ps)
}

const (
	twice   = "must be set once, is set more than once"
	doubled = "must be set once, is set below two merge keys of one mapping, which some parsers refuse"
	merged  = "must be set once, is set here and by a merge key after it, and parsers disagree which one wins"
	tagged  = "must have a plain key, has a key with a tag"

	otherCase = "must be written kind, because some parsers take it for that and others do not"
)

// podProblems are pod specs that a parser on the way to the cluster refuses or
// reads differently from another one. They are seeds of FuzzReadPod, too.
var podProblems = []struct {
	name, text string
	want       []problem
}{
	{
		"not a mapping", `[]`,
		[]problem{{podspec.InvalidType, "spec", "must be a mapping, is a list"}},
	},
	{
		"securityContext twice", "securityContext: {}\nsecurityContext: {runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext", twice}},
	},
	{
		"securityContext twice, alike", "securityContext: {runAsUser: 1}\nsecurityContext: {runAsUser: 1}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext", twice}},
	},
	{
		"securityContext null and set", "securityContext:\nsecurityContext: {runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext", twice}},
	},
	{
		"securityContext a list", "securityContext: [runAsUser]",
		[]problem{{podspec.InvalidType, "spec.securityContext", "must be a mapping, is a list"}},
	},
	{
		"securityContext a string", "securityContext: root",
		[]problem{{podspec.InvalidType, "spec.securityContext", `must be a mapping, is the string "root"`}},
	},
	{
		"runAsUser twice", "securityContext: {runAsUser: 1, runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"runAsUser null and set", "securityContext: {runAsUser: null, runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"runAsUser twice, once quoted", `securityContext: {runAsUser: 1, "runAsUser": 0}`,
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"runAsUser twice, once by an alias", "x: &x runAsUser\nsecurityContext: {runAsUser: 1, *x : 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"runAsUser twice, once with a tag", "securityContext: {runAsUser: 1, !x runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"runAsUser with a tag", "securityContext: {!x runAsUser: 0}",
		[]problem{{podspec.InvalidType, "spec.securityContext.runAsUser", tagged}},
	},
	{
		"runAsUser in base64", "securityContext: {!!binary cnVuQXNVc2Vy: 0}",
		[]problem{{podspec.InvalidType, "spec.securityContext.runAsUser", tagged}},
	},
	{
		"runAsNonRoot twice", "securityContext: {runAsNonRoot: true, runAsNonRoot: false}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsNonRoot", twice}},
	},
	{
		"hostUsers twice", "hostUsers: false\nhostUsers: true",
		[]problem{{podspec.DuplicateKey, "spec.hostUsers", twice}},
	},
	{
		"os twice", "os: {name: windows}\nos: {name: linux}",
		[]problem{{podspec.DuplicateKey, "spec.os", twice}},
	},
	{
		"os.name twice", "os: {name: windows, name: linux}",
		[]problem{{podspec.DuplicateKey, "spec.os.name", twice}},
	},
	{
		"os a string", "os: windows",
		[]problem{{podspec.InvalidType, "spec.os", `must be a mapping, is the string "windows"`}},
	},
	{
		"groups twice", "securityContext: {supplementalGroups: [], supplementalGroups: [0]}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.supplementalGroups", twice}},
	},
	{
		"groups a number", "securityContext: {supplementalGroups: 1}",
		[]problem{{podspec.InvalidType, "spec.securityContext.supplementalGroups", "must be a list, is the number 1"}},
	},
	{
		"groups with a null", "securityContext: {supplementalGroups: [1, null]}",
		[]problem{{podspec.InvalidType, "spec.securityContext.supplementalGroups[1]", "must be an integer, is null"}},
	},
	{
		"windowsOptions a list", "securityContext: {windowsOptions: []}",
		[]problem{{podspec.InvalidType, "spec.securityContext.windowsOptions", "must be a mapping, is a list"}},
	},
	{
		"containers twice", "containers: [{name: a}]\ncontainers: [{name: b}]",
		[]problem{{podspec.DuplicateKey, "spec.containers", twice}},
	},
	{
		"containers a mapping", "containers: {name: a}",
		[]problem{{podspec.InvalidType, "spec.containers", "must be a list, is a mapping"}},
	},
	{
		"initContainers a string", "initContainers: none",
		[]problem{{podspec.InvalidType, "spec.initContainers", `must be a list, is the string "none"`}},
	},
	{
		"a container null", "containers: [null, {name: a}]",
		[]problem{{podspec.InvalidType, "spec.containers[0]", "must be a mapping, is null"}},
	},
	{
		"a container a string", "ephemeralContainers: [debug]",
		[]problem{{podspec.InvalidType, "spec.ephemeralContainers[0]", `must be a mapping, is the string "debug"`}},
	},
	{
		"a container's securityContext twice", "containers:\n- securityContext: {runAsUser: 1}\n  securityContext: {runAsUser: 0}",
		[]problem{{podspec.DuplicateKey, "spec.containers[0].securityContext", twice}},
	},
	{
		"a container's securityContext a list", "containers: [{securityContext: []}]",
		[]problem{{podspec.InvalidType, "spec.containers[0].securityContext", "must be a mapping, is a list"}},
	},
	{
		"a container's image twice", "containers: [{image: a, image: b}]",
		[]problem{{podspec.DuplicateKey, "spec.containers[0].image", twice}},
	},
	{
		"a container's image a placeholder", "containers: [{image: {{ .Values.image }}}]",
		[]problem{{podspec.InvalidType, "spec.containers[0].image", "must be a string, is a mapping"}},
	},
	{
		"a container's name a number", "containers: [{name: 1}]",
		[]problem{{podspec.InvalidType, "spec.containers[0].name", "must be a string, is the number 1"}},
	},

	// Merge keys. To go-yaml v2 the last one wins, to go-yaml v3 the own key.
	{
		"merged after", "x: &x {runAsUser: 0}\nsecurityContext: {runAsUser: 1, <<: *x}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", merged}},
	},
	{
		"merged after, deeper", "x: &x {runAsUser: 0}\ny: &y {runAsUser: 1, <<: *x}\nsecurityContext: {<<: *y}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", merged}},
	},
	{
		"merged twice", "x: &x {runAsUser: 0}\ny: &y {runAsUser: 1}\nsecurityContext: {<<: *x, <<: *y}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", merged}},
	},
	{
		"twice in what is merged", "x: &x {runAsUser: 0, runAsUser: 1}\nsecurityContext: {<<: *x}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"tagged in what is merged", "x: &x {!x runAsUser: 0}\nsecurityContext: {<<: *x}",
		[]problem{{podspec.InvalidType, "spec.securityContext.runAsUser", tagged}},
	},
	{
		"merged twice by one mapping", "x: &x {runAsUser: 1}\ny: &y {fsGroup: 1}\nsecurityContext: {<<: *x, <<: *y}",
		[]problem{
			{podspec.DuplicateKey, "spec.securityContext.runAsUser", doubled},
			{podspec.DuplicateKey, "spec.securityContext.fsGroup", doubled},
		},
	},
	{
		"a flaw in one of several", "x: &x {runAsUser: 1, runAsUser: 2}\ny: &y {runAsUser: 1}\nsecurityContext: {<<: *x, <<: *y, <<: *x}",
		[]problem{{podspec.DuplicateKey, "spec.securityContext.runAsUser", twice}},
	},
	{
		"a boolean with the tag !", "securityContext: {runAsNonRoot: ! true}",
		[]problem{{podspec.AmbiguousValue, "spec.securityContext.runAsNonRoot", "must be true or false, is true, which parsers read differently"}},
	},
	{
		"an integer with the tag !", "securityContext: {runAsUser: ! 1000}",
		[]problem{{podspec.AmbiguousValue, "spec.securityContext.runAsUser", "must be an integer, is 1000, which parsers read differently"}},
	},
	{
		"nothing with the tag !", "securityContext: \n  runAsUser: !",
		[]problem{{podspec.InvalidType, "spec.securityContext.runAsUser", `must be an integer, is "" with the tag !!null`}},
	},
	{
		"containers merged after", "x: &x {containers: []}\ncontainers: [{name: a}]\n<<: *x",
		[]problem{{podspec.DuplicateKey, "spec.containers", merged}},
	},
}

func TestPodProblems(t *testing.T) {
	for _, tt := range podProblems {
		t.Run(tt.name, func(t *testing.T) {
			pod := workload.ReadPod(decode(t, tt.text), podspec.Field("spec"), podspec.Field("metadata"))
			if diff := cmp.Diff(tt.want, allProblems(pod)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSeenThrough lists what is not a problem: anchors, aliases and merge keys
// that all parsers read alike.
func TestSeenThrough(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"an alias for the value", "x: &x 1000\nsecurityContext: {runAsUser: *x}"},
		{"an alias for the mapping", "x: &x {runAsUser: 1000}\nsecurityContext: *x"},
		{"an alias for the key", "x: &x runAsUser\nsecurityContext: {*x : 1000}"},
		{"merged", "x: &x {runAsUser: 1000}\nsecurityContext: {<<: *x}"},
		{"merged and overridden", "x: &x {runAsUser: 0}\nsecurityContext: {<<: *x, runAsUser: 1000}"},
		{"the first of a list wins", "x: &x {runAsUser: 1000}\ny: &y {runAsUser: 0}\nsecurityContext: {<<: [*x, *y]}"},
		{"merged through two", "x: &x {runAsUser: 1000}\ny: &y {<<: *x, fsGroup: 1}\nsecurityContext: {<<: *y}"},
		{"another key merged after", "x: &x {fsGroup: 0}\nsecurityContext: {runAsUser: 1000, <<: *x}"},
		{"a quoted merge key is a key", "x: &x {runAsUser: 0}\nsecurityContext: {runAsUser: 1000, \"<<\": *x}"},
		{"a merge tag on another key", "x: &x {runAsUser: 0}\nsecurityContext: {runAsUser: 1000, !!merge x: *x}"},
		{"a string tag on the key", "securityContext: {!!str runAsUser: 1000}"},
		{"quoted keys", "\"securityContext\": {'runAsUser': 1000}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pod := workload.ReadPod(decode(t, tt.text), podspec.Field("spec"), podspec.Field("metadata"))
			if got := allProblems(pod); got != nil {
				t.Errorf("problems: %+v", got)
			}
			if !pod.RunAsUser.IsSet() || pod.RunAsUser.V != 1000 {
				t.Errorf("runAsUser = %+v, want 1000", pod.RunAsUser)
			}
			for _, r := range readers {
				spec, err := r.read([]byte(tt.text))
				if err != nil {
					t.Errorf("%s: %v", r.name, err)
				} else if diff := cmp.Diff(view(spec), viewOf(pod)); diff != "" {
					t.Errorf("%s (-what it reads +what we read):\n%s", r.name, diff)
				}
			}
		})
	}
}
