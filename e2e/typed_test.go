package e2e_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	appsv1beta1 "k8s.io/api/apps/v1beta1"
	appsv1beta2 "k8s.io/api/apps/v1beta2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// newScheme knows the API groups that hold workloads.
func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, appsv1beta1.AddToScheme, appsv1beta2.AddToScheme,
		batchv1.AddToScheme, corev1.AddToScheme, extensionsv1beta1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return scheme
}

// compareWorkload compares an object that was changed with what it was before, as
// the Kubernetes API types read both.
func compareWorkload(t *testing.T, before, after string) {
	t.Helper()
	was, wasErr := decode(t, before)
	is, isErr := decode(t, after)
	if isErr != nil && wasErr == nil {
		t.Errorf("strict decoding fails after the change: %v\n%s", isErr, after)
		return
	}
	if isErr != nil {
		// The corpus has objects that the API would refuse as they are; it must not
		// become worse.
		if wasErr.Error() != isErr.Error() {
			t.Errorf("strict decoding fails otherwise:\nbefore %v\nafter  %v", wasErr, isErr)
		}
		return
	}
	spec := podSpec(reflect.ValueOf(is))
	if spec == nil {
		t.Errorf("an object without a pod was changed:\n%s", cmp.Diff(before, after))
		return
	}
	checkIDs(t, spec)
	clearIDs(spec)
	clearIDs(podSpec(reflect.ValueOf(was)))
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("more than users and groups changed (-before +after):\n%s", diff)
	}
}

// decode reads an object strictly into its type.
func decode(t *testing.T, doc string) (runtime.Object, error) {
	t.Helper()
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(doc), &head); err != nil {
		return nil, err
	}
	object, err := newScheme(t).New(schema.FromAPIVersionAndKind(head.APIVersion, head.Kind))
	if err != nil {
		t.Fatalf("an object of no workload kind was changed: %v\n%s", err, doc)
	}
	return object, yaml.UnmarshalStrict([]byte(doc), object)
}

// podSpec finds the first pod spec within an object; nil where there is none.
func podSpec(v reflect.Value) *corev1.PodSpec {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return podSpec(v.Elem())
		}
	case reflect.Struct:
		if spec, ok := v.Addr().Interface().(*corev1.PodSpec); ok {
			return spec
		}
		for i := range v.NumField() {
			if spec := podSpec(v.Field(i)); spec != nil {
				return spec
			}
		}
	}
	return nil
}

// containers lists the security contexts of all containers, each made where it was
// absent.
func containers(spec *corev1.PodSpec) []*corev1.SecurityContext {
	var all []*corev1.SecurityContext
	for _, list := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			if list[i].SecurityContext == nil {
				list[i].SecurityContext = &corev1.SecurityContext{}
			}
			all = append(all, list[i].SecurityContext)
		}
	}
	return all
}

// checkIDs demands of every container an effective user and group that the corpus
// policy allows.
func checkIDs(t *testing.T, spec *corev1.PodSpec) {
	t.Helper()
	pod := spec.SecurityContext
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	for i, c := range containers(spec) {
		for field, ids := range map[string][2]*int64{
			"runAsUser":  {c.RunAsUser, pod.RunAsUser},
			"runAsGroup": {c.RunAsGroup, pod.RunAsGroup},
		} {
			id := ids[0]
			if id == nil {
				id = ids[1]
			}
			if id == nil || *id < 1000 || *id > 65535 {
				t.Errorf("container %d: %s is %v", i, field, id)
			}
		}
	}
}

// clearIDs removes what the corpus policy may write.
func clearIDs(spec *corev1.PodSpec) {
	if spec.SecurityContext == nil {
		spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	spec.SecurityContext.RunAsUser, spec.SecurityContext.RunAsGroup = nil, nil
	for _, c := range containers(spec) {
		c.RunAsUser, c.RunAsGroup = nil, nil
	}
}
