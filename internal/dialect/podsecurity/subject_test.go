package podsecurity_test

import (
	"encoding/json"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// embedding is a way a pod is in an object.
type embedding struct {
	apiVersion, kind string
	metadata, spec   podspec.Path
}

var (
	asPod        = embedding{"v1", "Pod", podspec.Field("metadata"), podspec.Field("spec")}
	asDeployment = embedding{"apps/v1", "Deployment", podspec.Field("spec", "template", "metadata"), podspec.Field("spec", "template", "spec")}
	asCronJob    = embedding{"batch/v1", "CronJob", podspec.Field("spec", "jobTemplate", "spec", "template", "metadata"), podspec.Field("spec", "jobTemplate", "spec", "template", "spec")}
)

// subject returns the subject that a pod is in an embedding. The model is that
// of the typed pod; the JSON is what the pod is written as.
func subject(t testing.TB, pod *corev1.Pod, as embedding) policy.Subject {
	t.Helper()
	data, err := json.Marshal(pod)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Subject{
		Object:  policy.Object{APIVersion: as.apiVersion, Kind: as.kind, Name: "test", Namespace: pod.Namespace},
		Pod:     model(&pod.Spec, as),
		PodJSON: func() (map[string]any, error) { return decodeJSON(data) },
		Mutate:  true,
	}
}

func decodeJSON(data []byte) (map[string]any, error) {
	var m map[string]any
	err := json.Unmarshal(data, &m)
	return m, err
}

// model returns the model of a typed pod spec.
func model(spec *corev1.PodSpec, as embedding) *podspec.Pod {
	p := &podspec.Pod{Path: as.spec, MetadataPath: as.metadata}
	if spec.RuntimeClassName != nil {
		p.RuntimeClass = *spec.RuntimeClassName
	}
	p.HostUsers = value(spec.HostUsers, as.spec.Key("hostUsers"))
	if sc := spec.SecurityContext; sc != nil {
		at := as.spec.Key("securityContext")
		p.RunAsUser = value(sc.RunAsUser, at.Key("runAsUser"))
		p.RunAsGroup = value(sc.RunAsGroup, at.Key("runAsGroup"))
		p.RunAsNonRoot = value(sc.RunAsNonRoot, at.Key("runAsNonRoot"))
	}
	add := func(kind podspec.ContainerKind, i int, name string, sc *corev1.SecurityContext) {
		c := podspec.Container{Kind: kind, Index: i, Name: name, Path: as.spec.Key(kind.Field()).Index(i)}
		if sc != nil {
			at := c.Path.Key("securityContext")
			c.RunAsUser = value(sc.RunAsUser, at.Key("runAsUser"))
			c.RunAsGroup = value(sc.RunAsGroup, at.Key("runAsGroup"))
			c.RunAsNonRoot = value(sc.RunAsNonRoot, at.Key("runAsNonRoot"))
		}
		p.Containers = append(p.Containers, c)
	}
	for i, c := range spec.InitContainers {
		add(podspec.InitContainer, i, c.Name, c.SecurityContext)
	}
	for i, c := range spec.Containers {
		add(podspec.RegularContainer, i, c.Name, c.SecurityContext)
	}
	for i, c := range spec.EphemeralContainers {
		add(podspec.EphemeralContainer, i, c.Name, c.SecurityContext)
	}
	return p
}

func value[T any](v *T, at podspec.Path) podspec.Value[T] {
	if v == nil {
		return podspec.Value[T]{Path: at}
	}
	return podspec.Value[T]{State: podspec.Set, V: *v, Raw: fmt.Sprint(*v), Path: at}
}
