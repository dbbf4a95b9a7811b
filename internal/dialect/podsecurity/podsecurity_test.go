package podsecurity_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/usergroup-dev/usergroup/internal/dialect/podsecurity"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

var (
	restricted = podsecurity.Level{Level: "restricted"}
	baseline   = podsecurity.Level{Level: "baseline", Version: "latest"}
)

// pod is the minimal pod that is restricted as far as users go, then tweaked.
func pod(tweaks ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "test", Namespace: "apps"},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: ptr(true)},
			Containers:      []corev1.Container{{Name: "web", Image: "registry.example/web:1"}},
		},
	}
	for _, t := range tweaks {
		t(p)
	}
	return p
}

func ptr[T any](v T) *T { return &v }

// The tweaks of the tests.
func podNonRoot(v *bool) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.SecurityContext.RunAsNonRoot = v }
}

func podUser(id int64) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.SecurityContext.RunAsUser = &id }
}

func webUser(id int64) func(*corev1.Pod) {
	return func(p *corev1.Pod) { web(p).RunAsUser = &id }
}

func webNonRoot(v bool) func(*corev1.Pod) {
	return func(p *corev1.Pod) { web(p).RunAsNonRoot = &v }
}

func web(p *corev1.Pod) *corev1.SecurityContext {
	c := &p.Spec.Containers[0]
	if c.SecurityContext == nil {
		c.SecurityContext = new(corev1.SecurityContext)
	}
	return c.SecurityContext
}

func initContainer(p *corev1.Pod) {
	p.Spec.InitContainers = []corev1.Container{{Name: "setup", Image: "registry.example/setup:1"}}
}

func debugAsRoot(p *corev1.Pod) {
	p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
		Name: "debug", Image: "registry.example/debug:1", SecurityContext: &corev1.SecurityContext{RunAsUser: ptr[int64](0)},
	}}}
}

func hostUsersFalse(p *corev1.Pod) { p.Spec.HostUsers = ptr(false) }

// said is what a test looks at in a finding.
type said struct {
	Severity   policy.Severity
	Path       string
	Message    string
	Current    any
	Proposed   any
	Containers []string
	Origin     podspec.Origin
	Fix        []string
}

func sayings(fs []policy.Finding) []said {
	var out []said
	for _, f := range fs {
		s := said{f.Severity, f.Path.String(), f.Message, f.Current, f.Proposed, f.Containers, f.Origin, nil}
		for _, c := range f.Fix {
			s.Fix = append(s.Fix, c.Edit.Path.String())
		}
		out = append(out, s)
	}
	return out
}

// The library's words are those of its checks runAsNonRoot and runAsUser.
func TestEvaluateUsers(t *testing.T) {
	tests := []struct {
		name string
		pod  *corev1.Pod
		as   embedding
		enf  podsecurity.Level
		want []said
	}{
		{name: "compliant", pod: pod(), as: asPod, enf: restricted},
		{name: "groups are not judged", as: asPod, enf: restricted, pod: pod(func(p *corev1.Pod) {
			p.Spec.SecurityContext.RunAsGroup = ptr[int64](0)
			p.Spec.SecurityContext.FSGroup = ptr[int64](0)
		})},
		{name: "baseline knows no users", pod: pod(podUser(0), podNonRoot(ptr(false))), as: asPod, enf: baseline},
		{name: "privileged", pod: pod(podUser(0)), as: asPod, enf: podsecurity.Level{Level: "privileged"}},
		{name: "runAsNonRoot missing", pod: pod(podNonRoot(nil), initContainer), as: asDeployment, enf: restricted, want: []said{
			{
				Severity:   policy.Error,
				Path:       "spec.template.spec.initContainers[0].securityContext.runAsNonRoot",
				Message:    `init container "setup": runAsNonRoot must be true, is unset here and on the pod: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "setup" must set securityContext.runAsNonRoot=true)`,
				Proposed:   true,
				Containers: []string{"setup"},
				Fix: []string{
					"spec.template.spec.initContainers[0].securityContext.runAsNonRoot",
					"spec.template.spec.securityContext.runAsNonRoot",
				},
			},
			{
				Severity:   policy.Error,
				Path:       "spec.template.spec.containers[0].securityContext.runAsNonRoot",
				Message:    `container "web": runAsNonRoot must be true, is unset here and on the pod: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)`,
				Proposed:   true,
				Containers: []string{"web"},
				Fix:        []string{"spec.template.spec.containers[0].securityContext.runAsNonRoot"},
			},
		}},
		{name: "a user other than 0 is not a substitute", pod: pod(podNonRoot(nil), webUser(1000)), as: asPod, enf: restricted, want: []said{{
			Severity:   policy.Error,
			Path:       "spec.containers[0].securityContext.runAsNonRoot",
			Message:    `container "web": runAsNonRoot must be true, is unset here and on the pod: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)`,
			Proposed:   true,
			Containers: []string{"web"},
			Fix:        []string{"spec.containers[0].securityContext.runAsNonRoot", "spec.securityContext.runAsNonRoot"},
		}}},
		{name: "false on the pod, true on every container", pod: pod(podNonRoot(ptr(false)), webNonRoot(true)), as: asPod, enf: restricted, want: []said{{
			Severity: policy.Error,
			Path:     "spec.securityContext.runAsNonRoot",
			Message:  `pod: runAsNonRoot must be true, is false: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)`,
			Current:  false,
			Origin:   podspec.FromPod,
		}}},
		{name: "false on a container, another without", pod: pod(podNonRoot(nil), webNonRoot(false), initContainer), as: asPod, enf: restricted, want: []said{
			{
				Severity:   policy.Error,
				Path:       "spec.initContainers[0].securityContext.runAsNonRoot",
				Message:    `init container "setup": runAsNonRoot must be true, is unset here and on the pod: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "setup" must set securityContext.runAsNonRoot=true)`,
				Proposed:   true,
				Containers: []string{"setup"},
				Fix:        []string{"spec.initContainers[0].securityContext.runAsNonRoot", "spec.securityContext.runAsNonRoot"},
			},
			{
				Severity:   policy.Error,
				Path:       "spec.containers[0].securityContext.runAsNonRoot",
				Message:    `container "web": runAsNonRoot must be true, is false: violates PodSecurity "restricted:latest": runAsNonRoot != true (container "web" must not set securityContext.runAsNonRoot=false)`,
				Current:    false,
				Containers: []string{"web"},
				Origin:     podspec.FromContainer,
			},
		}},
		{name: "user 0 on the pod, though every container overrides it", pod: pod(podUser(0), webUser(1000)), as: asPod, enf: restricted, want: []said{{
			Severity: policy.Error,
			Path:     "spec.securityContext.runAsUser",
			Message:  `pod: runAsUser must not be 0: violates PodSecurity "restricted:latest": runAsUser=0 (pod must not set runAsUser=0)`,
			Current:  int64(0),
			Origin:   podspec.FromPod,
		}}},
		{name: "user 0 inherited, and in an ephemeral container", pod: pod(podUser(0), debugAsRoot), as: asPod, enf: restricted, want: []said{
			{
				Severity:   policy.Error,
				Path:       "spec.securityContext.runAsUser",
				Message:    `pod: runAsUser must not be 0, inherited by "web": violates PodSecurity "restricted:latest": runAsUser=0 (pod must not set runAsUser=0)`,
				Current:    int64(0),
				Containers: []string{"web"},
				Origin:     podspec.FromPod,
			},
			{
				Severity:   policy.Error,
				Path:       "spec.ephemeralContainers[0].securityContext.runAsUser",
				Message:    `ephemeral container "debug": runAsUser must not be 0: violates PodSecurity "restricted:latest": runAsUser=0 (pod and container "debug" must not set runAsUser=0)`,
				Current:    int64(0),
				Containers: []string{"debug"},
				Origin:     podspec.FromContainer,
			},
		}},
		{name: "user 0 gets no runAsNonRoot written beside it", pod: pod(podNonRoot(nil), webUser(0)), as: asPod, enf: podsecurity.Level{Level: "restricted", Version: "v1.22"}, want: []said{{
			Severity:   policy.Error,
			Path:       "spec.containers[0].securityContext.runAsNonRoot",
			Message:    `container "web": runAsNonRoot must be true, is unset here and on the pod: violates PodSecurity "restricted:v1.22": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)`,
			Containers: []string{"web"},
		}}},
		{name: "user namespaces relax from v1.35 on", pod: pod(podUser(0), hostUsersFalse), as: asPod, enf: podsecurity.Level{Level: "restricted", Version: "v1.35"}},
		{name: "but not before", pod: pod(podUser(0), webUser(1), hostUsersFalse), as: asPod, enf: podsecurity.Level{Level: "restricted", Version: "v1.34"}, want: []said{{
			Severity: policy.Error,
			Path:     "spec.securityContext.runAsUser",
			Message:  `pod: runAsUser must not be 0: violates PodSecurity "restricted:v1.34": runAsUser=0 (pod must not set runAsUser=0)`,
			Current:  int64(0),
			Origin:   podspec.FromPod,
		}}},
		{name: "a version to come is the newest", pod: pod(podUser(0), hostUsersFalse), as: asPod, enf: podsecurity.Level{Level: "restricted", Version: "v1.99"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := evaluator(t, podsecurity.Options{Enforce: tt.enf})
			got := e.Evaluate(context.Background(), subject(t, tt.pod, tt.as))
			if diff := cmp.Diff(tt.want, sayings(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestModes(t *testing.T) {
	const enforced = `violates PodSecurity "restricted:v1.22": runAsNonRoot != true (container "web" must not set securityContext.runAsNonRoot=false)`
	p := pod(webNonRoot(false), webUser(0))
	e := evaluator(t, podsecurity.Options{
		Enforce: podsecurity.Level{Level: "restricted", Version: "v1.22"},
		Warn:    podsecurity.Level{Level: "restricted", Version: "v1.23"},
		Audit:   restricted,
	})
	want := []said{
		{Severity: policy.Error, Path: "spec.containers[0].securityContext.runAsNonRoot", Current: false, Message: `container "web": runAsNonRoot must be true, is false: ` + enforced},
		{Severity: policy.Warning, Path: "spec.containers[0].securityContext.runAsUser", Current: int64(0), Message: `container "web": runAsUser must not be 0: would violate PodSecurity "restricted:v1.23": runAsUser=0 (container "web" must not set runAsUser=0)`},
	}
	for i := range want {
		want[i].Containers, want[i].Origin = []string{"web"}, podspec.FromContainer
	}
	if diff := cmp.Diff(want, sayings(e.Evaluate(context.Background(), subject(t, p, asPod)))); diff != "" {
		t.Errorf("what is an error must not be a warning too: %s", diff)
	}
}

// TestNoFix proves that what must not be mutated is not: under warn and audit,
// and where the caller says so.
func TestNoFix(t *testing.T) {
	tests := []struct {
		name   string
		opts   podsecurity.Options
		mutate bool
	}{
		{"warn", podsecurity.Options{Warn: restricted}, true},
		{"audit", podsecurity.Options{Audit: restricted}, true},
		{"validate only", podsecurity.Options{Enforce: restricted}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(t, pod(podNonRoot(nil)), asPod)
			s.Mutate = tt.mutate
			got := evaluator(t, tt.opts).Evaluate(context.Background(), s)
			if len(got) != 1 || got[0].Proposed != true || got[0].Fix != nil {
				t.Errorf("want one finding that proposes true and has no fix, got %+v", got)
			}
		})
	}
}

// TestFix applies the fix and judges again.
func TestFix(t *testing.T) {
	p := pod(podNonRoot(nil), initContainer)
	e := evaluator(t, podsecurity.Options{Enforce: restricted})
	written := map[string]int{}
	for _, f := range e.Evaluate(context.Background(), subject(t, p, asPod)) {
		for _, c := range f.Fix {
			written[c.Edit.Path.String()]++
		}
	}
	want := map[string]int{
		"spec.securityContext.runAsNonRoot":                   1,
		"spec.initContainers[0].securityContext.runAsNonRoot": 1,
		"spec.containers[0].securityContext.runAsNonRoot":     1,
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Fatal(diff)
	}
	p.Spec.SecurityContext.RunAsNonRoot = ptr(true)
	p.Spec.InitContainers[0].SecurityContext = &corev1.SecurityContext{RunAsNonRoot: ptr(true)}
	web(p).RunAsNonRoot = ptr(true)
	if got := e.Evaluate(context.Background(), subject(t, p, asPod)); len(got) != 0 {
		t.Errorf("the second run must find nothing, got %+v", got)
	}
}

func TestScopeAll(t *testing.T) {
	p := pod(func(p *corev1.Pod) {
		p.Spec.HostNetwork = true
		p.Spec.Volumes = []corev1.Volume{{Name: "host", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}}}
		web(p).Privileged = ptr(true)
	}, initContainer)
	got := evaluator(t, podsecurity.Options{Enforce: baseline, Scope: podsecurity.ScopeAll}).
		Evaluate(context.Background(), subject(t, p, asCronJob))
	want := []said{
		{Severity: policy.Error, Path: asCronJob.spec.String(), Message: `pod: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)`},
		{Severity: policy.Error, Path: asCronJob.spec.String() + ".volumes", Message: `pod: violates PodSecurity "baseline:latest": hostPath volumes (volume "host")`},
		{
			Severity: policy.Error, Path: asCronJob.spec.String() + ".containers[0].securityContext.privileged", Containers: []string{"web"},
			Message: `container "web": violates PodSecurity "baseline:latest": privileged (container "web" must not set securityContext.privileged=true)`,
		},
	}
	if diff := cmp.Diff(want, sayings(got)); diff != "" {
		t.Error(diff)
	}
}

func TestNew(t *testing.T) {
	_, err := podsecurity.New(podsecurity.Options{
		Enforce: podsecurity.Level{Level: "Restricted"},
		Warn:    podsecurity.Level{Level: "baseline", Version: "1.30"},
		Audit:   podsecurity.Level{Version: "v1.30"},
		Scope:   "Everything",
	})
	const want = `enforce.level: must be one of privileged, baseline, restricted, is "Restricted"
warn.version: must be "latest" or "v1.x", is "1.30"
audit.level: must be one of privileged, baseline, restricted, is ""
scope: must be UserGroup or All, is "Everything"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestNeedsImages(t *testing.T) {
	if evaluator(t, podsecurity.Options{Enforce: restricted}).NeedsImages("registry.example/web:1") {
		t.Error("no level looks at images")
	}
}

var errNoJSON = errors.New("too many values")

// TestUnreadable proves that what the API server could not read never passes.
func TestUnreadable(t *testing.T) {
	path := podspec.Field("spec", "containers").Index(0).Key("securityContext", "runAsUser")
	tests := []struct {
		name  string
		spoil func(*policy.Subject)
		opts  podsecurity.Options
		want  []said
	}{
		{
			name: "string id",
			opts: podsecurity.Options{Enforce: restricted},
			spoil: func(s *policy.Subject) {
				s.Pod.Containers[0].RunAsUser = podspec.Value[int64]{State: podspec.Invalid, Path: path, Problem: &podspec.Problem{
					Code: podspec.InvalidType, Path: path, Raw: `"0"`, Detail: `must be an integer, is the string "0"`,
				}}
				s.PodJSON = asJSON(`{"spec":{"containers":[{"name":"web","securityContext":{"runAsUser":"0"}}]}}`)
			},
			want: []said{{Severity: policy.Error, Path: path.String(), Message: `container "web": runAsUser must be an integer, is the string "0"`}},
		},
		{
			name: "duplicate key",
			opts: podsecurity.Options{Enforce: restricted},
			spoil: func(s *policy.Subject) {
				s.Pod.Problems = []podspec.Problem{{Code: podspec.DuplicateKey, Path: podspec.Field("spec", "securityContext"), Detail: "is there twice"}}
				s.PodJSON = func() (map[string]any, error) { return nil, errNoJSON }
			},
			want: []said{{Severity: policy.Error, Path: "spec.securityContext", Message: "securityContext is there twice"}},
		},
		{
			name: "another field, under warn",
			opts: podsecurity.Options{Warn: restricted},
			spoil: func(s *policy.Subject) {
				s.PodJSON = asJSON(`{"spec":{"containers":[{"name":"web","ports":[{"hostPort":4294967296}]}]}}`)
			},
			want: []said{{
				Severity: policy.Warning, Path: "spec",
				Message: "the pod cannot be read as the API server reads it: json: cannot unmarshal number 4294967296 into Go struct field ContainerPort.spec.containers.ports.hostPort of type int32",
			}},
		},
		{
			name:  "no JSON at all",
			opts:  podsecurity.Options{Enforce: restricted},
			spoil: func(s *policy.Subject) { s.PodJSON = func() (map[string]any, error) { return nil, errNoJSON } },
			want:  []said{{Severity: policy.Error, Path: "spec", Message: "the pod cannot be read as the API server reads it: too many values"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(t, pod(), asPod)
			tt.spoil(&s)
			got := evaluator(t, tt.opts).Evaluate(context.Background(), s)
			if diff := cmp.Diff(tt.want, sayings(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func asJSON(text string) func() (map[string]any, error) {
	return func() (map[string]any, error) { return decodeJSON([]byte(text)) }
}
