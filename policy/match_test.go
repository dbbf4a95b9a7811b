package policy_test

import (
	"path"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "A", false},
		{"a", "ab", false},
		{"ab", "a", false},
		{"*", "", true},
		{"*", "a/b.c:d", true},
		{"**", "a", true},
		{"a*", "a", true},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*c", "abbc", true},
		{"a*c", "abcd", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*ab*ab", "abab", true},
		{"*ab*ab", "aab", false},
		{"?", "a", true},
		{"?", "", false},
		{"?", "ab", false},
		{"?", "é", true},
		{"a?c", "a€c", true},
		{"*é", "caféé", true},
		{"?*", "é", true},
		{"*?", "", false},
		{"registry.example/*", "registry.example/team/app:1", true},
		{"registry.example/*", "registry-example/app", false},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{`\*`, "*", false},
	}
	for _, tt := range tests {
		if got := policy.Glob(tt.pattern, tt.s); got != tt.want {
			t.Errorf("Glob(%q, %q) is %v", tt.pattern, tt.s, got)
		}
	}
}

// On strings without slashes and patterns of *, ? and plain letters, path.Match
// is the same function.
func FuzzGlob(f *testing.F) {
	f.Add("a*b?", "axxbc")
	f.Add("*ab*ab", "aabab")
	f.Add("?é*", "aéé")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.ContainsAny(pattern+s, `/\[]`) || strings.ToValidUTF8(pattern+s, "") != pattern+s {
			t.Skip()
		}
		want, err := path.Match(pattern, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := policy.Glob(pattern, s); got != want {
			t.Errorf("Glob(%q, %q) is %v", pattern, s, got)
		}
	})
}

// A pattern made to go wrong must not take exponential time.
func TestGlobIsNotExponential(t *testing.T) {
	t.Parallel()
	if policy.Glob(strings.Repeat("*a", 1000)+"b", strings.Repeat("a", 10_000)) {
		t.Error("matches")
	}
}

// selector parses a label selector of Kubernetes.
func selector(t *testing.T, s string) policy.Labels {
	t.Helper()
	parsed, err := labels.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return matcher{parsed}
}

type matcher struct{ labels.Selector }

func (m matcher) Matches(set map[string]string) bool { return m.Selector.Matches(labels.Set(set)) }

func (m matcher) Reads(string) bool { return true }

func TestMatchObject(t *testing.T) {
	t.Parallel()
	web := policy.Object{
		APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web",
		Labels:      map[string]string{"tier": "front"},
		Annotations: map[string]string{"owner": "team-a", "empty": ""},
	}
	pod := policy.Object{APIVersion: "v1", Kind: "Pod", Name: "p"}
	shop := &policy.Namespace{Name: "shop", Labels: map[string]string{"env": "prod"}}
	tests := []struct {
		name     string
		selector policy.Selector
		object   policy.Object
		ns       *policy.Namespace
		want     bool
	}{
		{"the zero selector", policy.Selector{}, web, nil, true},
		{"kind", policy.Selector{Kinds: []string{"Deployment"}}, web, nil, true},
		{"kind and group", policy.Selector{Kinds: []string{"Deployment.apps"}}, web, nil, true},
		{"version and kind", policy.Selector{Kinds: []string{"apps/v1/Deployment"}}, web, nil, true},
		{"core version and kind", policy.Selector{Kinds: []string{"v1/Pod"}}, pod, nil, true},
		{"one of several", policy.Selector{Kinds: []string{"Pod", "Deploy*"}}, web, nil, true},
		{"any of a group", policy.Selector{Kinds: []string{"*.apps"}}, web, nil, true},
		{"any of a group, the core", policy.Selector{Kinds: []string{"*.apps"}}, pod, nil, false},
		{"any version of a group", policy.Selector{Kinds: []string{"apps/*"}}, web, nil, true},
		{"another kind", policy.Selector{Kinds: []string{"StatefulSet"}}, web, nil, false},
		{"another case", policy.Selector{Kinds: []string{"deployment"}}, web, nil, false},
		{"another group", policy.Selector{Kinds: []string{"Deployment.extensions"}}, web, nil, false},
		{"another version", policy.Selector{Kinds: []string{"apps/v1beta1/Deployment"}}, web, nil, false},
		{"namespace", policy.Selector{Namespaces: []string{"sh?p"}}, web, nil, true},
		{"another namespace", policy.Selector{Namespaces: []string{"default"}}, web, nil, false},
		{"no namespace", policy.Selector{Namespaces: []string{"default"}}, pod, nil, false},
		{"name", policy.Selector{Names: []string{"x", "w*"}}, web, nil, true},
		{"another name", policy.Selector{Names: []string{"we"}}, web, nil, false},
		{"labels", policy.Selector{LabelSelector: selector(t, "tier in (front,back)")}, web, nil, true},
		{"other labels", policy.Selector{LabelSelector: selector(t, "tier=back")}, web, nil, false},
		{"labels of an object without any", policy.Selector{LabelSelector: selector(t, "tier")}, pod, nil, false},
		{"namespace labels", policy.Selector{NamespaceSelector: selector(t, "env=prod")}, web, shop, true},
		{"other namespace labels", policy.Selector{NamespaceSelector: selector(t, "env=dev")}, web, shop, false},
		{"namespace not among the items", policy.Selector{NamespaceSelector: selector(t, "env=prod")}, web, nil, false},
		{"the namespace's name is a label", policy.Selector{NamespaceSelector: selector(t, "kubernetes.io/metadata.name=shop")}, web, shop, true},
		{"also where it is not among the items", policy.Selector{NamespaceSelector: selector(t, "kubernetes.io/metadata.name notin (kube-system)")}, web, nil, true},
		{"and where it is excluded", policy.Selector{NamespaceSelector: selector(t, "kubernetes.io/metadata.name!=shop")}, web, nil, false},
		{"no namespace has no labels", policy.Selector{NamespaceSelector: selector(t, "kubernetes.io/metadata.name")}, pod, nil, false},
		{"annotation", policy.Selector{Annotations: map[string]string{"owner": "team-*"}}, web, nil, true},
		{"an empty annotation is there", policy.Selector{Annotations: map[string]string{"empty": "*"}}, web, nil, true},
		{"an absent annotation", policy.Selector{Annotations: map[string]string{"other": "*"}}, web, nil, false},
		{"one of two annotations", policy.Selector{Annotations: map[string]string{"owner": "team-a", "other": ""}}, web, nil, false},
		{"all fields must hold", policy.Selector{Kinds: []string{"Deployment"}, Names: []string{"db"}}, web, nil, false},
		{"images and containers are looked at elsewhere", policy.Selector{Images: []string{"x"}, Containers: []string{"y"}}, web, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.selector.MatchObject(tt.object, tt.ns); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if len(shop.Labels) != 1 {
		t.Error("the namespace was written to")
	}
}

func TestMatchContainer(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"
	tests := []struct {
		name            string
		selector        policy.Selector
		container, from string
		want            bool
	}{
		{"the zero selector", policy.Selector{}, "web", "nginx", true},
		{"name", policy.Selector{Containers: []string{"istio-*"}}, "istio-proxy", "x", true},
		{"another name", policy.Selector{Containers: []string{"istio-*"}}, "web", "x", false},
		{"image as written", policy.Selector{Images: []string{"nginx:1"}}, "web", "nginx:1", true},
		{"another tag", policy.Selector{Images: []string{"nginx:1"}}, "web", "nginx:2", false},
		{"repository", policy.Selector{Images: []string{"nginx"}}, "web", "nginx:1", true},
		{"repository of a digest", policy.Selector{Images: []string{"nginx"}}, "web", "nginx" + digest, true},
		{"repository of both", policy.Selector{Images: []string{"registry.example:5000/nginx"}}, "web", "registry.example:5000/nginx:1" + digest, true},
		{"a port is not a tag", policy.Selector{Images: []string{"registry.example"}}, "web", "registry.example:5000/nginx", false},
		{"a registry", policy.Selector{Images: []string{"registry.example/*"}}, "web", "registry.example/team/app:1", true},
		{"another registry that begins alike", policy.Selector{Images: []string{"registry.example/*"}}, "web", "registry.example.test/app", false},
		{"not completed", policy.Selector{Images: []string{"*/library/nginx"}}, "web", "nginx", false},
		{"both must hold", policy.Selector{Images: []string{"nginx"}, Containers: []string{"db"}}, "web", "nginx", false},
		{"both hold", policy.Selector{Images: []string{"nginx"}, Containers: []string{"web"}}, "web", "nginx", true},
		{"no image", policy.Selector{Images: []string{"nginx"}}, "web", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := podspec.Container{Kind: podspec.RegularContainer, Name: tt.container, Image: tt.from}
			if got := tt.selector.MatchContainer(&podspec.Pod{}, &c); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Selectors by what a container is in its pod, and by the pod's user namespace.
func TestMatchContainerKinds(t *testing.T) {
	t.Parallel()
	containers := map[policy.ContainerKind]podspec.Container{
		policy.Init:      {Kind: podspec.InitContainer},
		policy.Sidecar:   {Kind: podspec.InitContainer, Sidecar: true},
		policy.Regular:   {Kind: podspec.RegularContainer},
		policy.Ephemeral: {Kind: podspec.EphemeralContainer},
	}
	for is, c := range containers {
		for wanted := range containers {
			s := policy.Selector{ContainerKinds: []policy.ContainerKind{wanted}}
			if got := s.MatchContainer(&podspec.Pod{}, &c); got != (is == wanted) {
				t.Errorf("%s selects %s: %v", wanted, is, got)
			}
		}
		if s := (policy.Selector{ContainerKinds: []policy.ContainerKind{policy.Init, policy.Sidecar, policy.Regular, policy.Ephemeral}}); !s.MatchContainer(&podspec.Pod{}, &c) {
			t.Errorf("all kinds do not select %s", is)
		}
	}
	yes, no := true, false
	for _, tt := range []struct {
		name      string
		hostUsers podspec.Value[bool]
		wanted    *bool
		matches   bool
		excludes  bool
	}{
		{"unset is the host's", podspec.Value[bool]{}, &yes, true, true},
		{"unset is no namespace", podspec.Value[bool]{}, &no, false, false},
		{"true", podspec.Value[bool]{State: podspec.Set, V: true}, &yes, true, true},
		{"false", podspec.Value[bool]{State: podspec.Set}, &no, true, true},
		{"false is not the host's", podspec.Value[bool]{State: podspec.Set}, &yes, false, false},
		{"what cannot be read is judged", podspec.Value[bool]{State: podspec.Invalid}, &no, true, false},
		{"and never exempt", podspec.Value[bool]{State: podspec.Invalid}, &yes, true, false},
	} {
		pod, c := podspec.Pod{HostUsers: tt.hostUsers}, containers[policy.Regular]
		s := policy.Selector{HostUsers: tt.wanted}
		if got := s.MatchContainer(&pod, &c); got != tt.matches {
			t.Errorf("%s: match is %v", tt.name, got)
		}
		if got := (policy.Exclusion{Selector: s}).MatchContainer(&pod, &c); got != tt.excludes {
			t.Errorf("%s: exclude is %v", tt.name, got)
		}
	}
}

func TestIsContainerScoped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		selector policy.Selector
		want     bool
	}{
		{policy.Selector{}, false},
		{policy.Selector{Kinds: []string{"Pod"}, Names: []string{"x"}}, false},
		{policy.Selector{Images: []string{"x"}}, true},
		{policy.Selector{ContainerKinds: []policy.ContainerKind{policy.Init}}, true},
		{policy.Selector{HostUsers: new(bool)}, true},
		{policy.Selector{Kinds: []string{"Pod"}, Containers: []string{"x"}}, true},
	} {
		if got := (policy.Exclusion{Selector: tt.selector}).IsContainerScoped(); got != tt.want {
			t.Errorf("%+v: got %v", tt.selector, got)
		}
	}
}

// An object whose name the API server makes up is known by its beginning.
func TestMatchGenerateName(t *testing.T) {
	t.Parallel()
	job := policy.Object{APIVersion: "batch/v1", Kind: "Job", GenerateName: "before-"}
	for _, tt := range []struct {
		pattern           string
		selects, excludes bool
	}{
		{"before-*", true, true},
		{"*", true, true},
		{"be*-*", true, true},
		{"before-*x", true, false},
		{"before-a*", true, false},
		{"before-?????", true, false},
		{"*-abcde", true, false},
		{"before-", false, false},
		{"before", false, false},
		{"before-abcdef", false, false},
		{"before-*abcdef", false, false},
		{"after-*", false, false},
		{"", false, false},
	} {
		s := policy.Selector{Names: []string{tt.pattern}}
		if got := s.MatchObject(job, nil); got != tt.selects {
			t.Errorf("%q selects: got %v", tt.pattern, got)
		}
		if got := (policy.Exclusion{Selector: s}).MatchObject(job, nil); got != tt.excludes {
			t.Errorf("%q excludes: got %v", tt.pattern, got)
		}
	}
	if !(policy.Selector{}).MatchObject(job, nil) || !(policy.Exclusion{}).MatchObject(job, nil) {
		t.Error("no names select every object")
	}
}
