package workload_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// FuzzReadPod reads any YAML as a pod spec. Where nothing is reported as a
// problem, every reader that accepts the text must see the same pod: a
// difference would be a way around the policy.
func FuzzReadPod(f *testing.F) {
	f.Add(podText)
	for _, tt := range podProblems {
		f.Add(tt.text)
	}
	files, err := filepath.Glob("testdata/core_Pod.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := yamltext.DecodeFull([]byte(text), 0)
		if err != nil || root == nil || root.Kind != manifest.Mapping || hasNonSpecificTag(text) {
			return
		}
		pod := workload.ReadPod(root, podspec.Field("spec"), podspec.Field("metadata"))
		if len(allProblems(pod)) > 0 {
			return
		}
		for _, r := range readers {
			spec, err := r.read([]byte(text))
			if err != nil {
				continue // it refuses
			}
			if diff := cmp.Diff(view(spec), viewOf(pod)); diff != "" {
				t.Errorf("%s (-what it reads +what we read):\n%s", r.name, diff)
			}
		}
	})
}

// FuzzID reads any text as an id. Where we see one, both readers must.
func FuzzID(f *testing.F) {
	for _, text := range []string{"1000", "0x3e8", "0o1750", "01750", "0b1", "1_000", "1e3", "1000.0", ".5e1", "+1", "-0", `!!int "1"`, "!!float 1", "0o+1", "1e400", "~"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\n\r\u0085\u2028\u2029") || hasNonSpecificTag(text) {
			return
		}
		data := []byte("securityContext:\n  runAsUser: " + text + "\n")
		root, err := yamltext.DecodeFull(data, 0)
		if err != nil {
			return
		}
		pod := workload.ReadPod(root, podspec.Field("spec"), podspec.Field("metadata"))
		if !pod.RunAsUser.IsSet() {
			return
		}
		checkReaders(t, data, func(sc *corev1.PodSecurityContext) *int64 { return sc.RunAsUser }, pod.RunAsUser.V)
	})
}

// hasNonSpecificTag reports whether the tag "!" may be in the text. It makes
// a string of any scalar, which go-yaml v3 forgets when it resolves the tag of a
// node. The API server then refuses the string, so nothing gets around a policy.
func hasNonSpecificTag(text string) bool {
	for rest := text; ; {
		i := strings.IndexByte(rest, '!')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if rest == "" || strings.ContainsRune(" \t\r\n\u0085\u2028\u2029,]}\"'", rune(rest[0])) {
			return true
		}
	}
}

// podView is what the readers and ReadPod have in common.
type podView struct {
	Windows, HostUsersSet, HostUsers bool
	RuntimeClass                     string
	Context                          contextView
	Groups                           []int64
	GroupsPolicy                     string
	FSGroup                          int64
	FSGroupSet                       bool
	Containers                       []containerView
}

type contextView struct {
	UserSet, GroupSet, NonRootSet, NonRoot bool
	User, Group                            int64
	UserName                               string
}

type containerView struct {
	Kind        podspec.ContainerKind
	Name, Image string
	Context     contextView
}

// viewOf is the view of what we read.
func viewOf(p *podspec.Pod) podView {
	v := podView{
		Windows:      p.Windows && p.OSPath.Last() == "name", // other evidence is not a field of the type
		HostUsersSet: p.HostUsers.IsSet(),
		HostUsers:    p.HostUsers.V,
		RuntimeClass: p.RuntimeClass,
		Context:      contextViewOf(p.SecurityContext),
		GroupsPolicy: p.SupplementalGroupsPolicy.V,
		FSGroup:      p.FSGroup.V,
		FSGroupSet:   p.FSGroup.IsSet(),
	}
	for _, g := range p.SupplementalGroups.Items {
		v.Groups = append(v.Groups, g.V)
	}
	for _, c := range p.Containers {
		v.Containers = append(v.Containers, containerView{c.Kind, c.Name, c.Image, contextViewOf(c.SecurityContext)})
	}
	return v
}

func contextViewOf(sc podspec.SecurityContext) contextView {
	return contextView{
		sc.RunAsUser.IsSet(), sc.RunAsGroup.IsSet(), sc.RunAsNonRoot.IsSet(), sc.RunAsNonRoot.V,
		sc.RunAsUser.V, sc.RunAsGroup.V, sc.RunAsUserName.V,
	}
}

// view is the view of what a reader reads.
func view(s *corev1.PodSpec) podView {
	v := podView{
		Windows:      s.OS != nil && s.OS.Name == corev1.Windows,
		HostUsersSet: s.HostUsers != nil,
		HostUsers:    deref(s.HostUsers),
		RuntimeClass: deref(s.RuntimeClassName),
	}
	if sc := s.SecurityContext; sc != nil {
		v.Context = newContextView(sc.RunAsUser, sc.RunAsGroup, sc.RunAsNonRoot, sc.WindowsOptions)
		v.Groups = append(v.Groups, sc.SupplementalGroups...)
		v.GroupsPolicy = string(deref(sc.SupplementalGroupsPolicy))
		v.FSGroup, v.FSGroupSet = deref(sc.FSGroup), sc.FSGroup != nil
	}
	add := func(kind podspec.ContainerKind, name, image string, sc *corev1.SecurityContext) {
		c := containerView{Kind: kind, Name: name, Image: image}
		if sc != nil {
			c.Context = newContextView(sc.RunAsUser, sc.RunAsGroup, sc.RunAsNonRoot, sc.WindowsOptions)
		}
		v.Containers = append(v.Containers, c)
	}
	for _, c := range s.InitContainers {
		add(podspec.InitContainer, c.Name, c.Image, c.SecurityContext)
	}
	for _, c := range s.Containers {
		add(podspec.RegularContainer, c.Name, c.Image, c.SecurityContext)
	}
	for _, c := range s.EphemeralContainers {
		add(podspec.EphemeralContainer, c.Name, c.Image, c.SecurityContext)
	}
	return v
}

func newContextView(user, group *int64, nonRoot *bool, windows *corev1.WindowsSecurityContextOptions) contextView {
	v := contextView{user != nil, group != nil, nonRoot != nil, deref(nonRoot), deref(user), deref(group), ""}
	if windows != nil {
		v.UserName = deref(windows.RunAsUserName)
	}
	return v
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
