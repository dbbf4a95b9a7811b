package readers

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// Document is an object as a reader sees it: as JSON, or decoded already.
type Document struct {
	JSON   []byte
	Object runtime.Object
}

// scheme has the kinds that an API server makes pods of.
var scheme = newScheme()

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err)
		}
	}
	return s
}

// PodSpec is what an API server makes pods of when it is given the document, nil
// where it makes none or refuses it.
func (d Document) PodSpec() *corev1.PodSpec {
	obj := d.Object
	if obj == nil {
		var err error
		s := serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme, scheme, serializer.SerializerOptions{})
		if obj, _, err = s.Decode(d.JSON, nil, nil); err != nil {
			return nil
		}
	}
	switch o := obj.(type) {
	case *corev1.Pod:
		return &o.Spec
	case *corev1.PodTemplate:
		return &o.Template.Spec
	case *corev1.ReplicationController:
		if o.Spec.Template != nil {
			return &o.Spec.Template.Spec
		}
	case *appsv1.Deployment:
		return &o.Spec.Template.Spec
	case *appsv1.ReplicaSet:
		return &o.Spec.Template.Spec
	case *appsv1.StatefulSet:
		return &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return &o.Spec.Template.Spec
	case *batchv1.Job:
		return &o.Spec.Template.Spec
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return nil
}

// OutsideUsers is outsideUsers of all pods among documents.
func OutsideUsers(docs []Document, low, high int64) (outside []string, containers int) {
	for _, d := range docs {
		if spec := d.PodSpec(); spec != nil {
			of, n := outsideUsers(spec, low, high)
			outside, containers = append(outside, of...), containers+n
		}
	}
	return outside, containers
}

// Differences returns how what is not judged differs between two readings of an input,
// "" where it does not.
func Differences(before, after []Document) string {
	return cmp.Diff(unjudged(before), unjudged(after))
}

// outsideUsers returns the names of the containers that do not run as a user from
// low to high, of a pod that Linux runs, and how many containers there are. One
// without an image cannot run.
func outsideUsers(spec *corev1.PodSpec, low, high int64) (outside []string, containers int) {
	if isWindows(spec) {
		return nil, 0
	}
	all := slices.Concat(spec.InitContainers, spec.Containers)
	for _, c := range spec.EphemeralContainers {
		all = append(all, corev1.Container(c.EphemeralContainerCommon))
	}
	for _, c := range all {
		if c.Image == "" {
			continue
		}
		var user *int64
		if sc := spec.SecurityContext; sc != nil {
			user = sc.RunAsUser
		}
		if sc := c.SecurityContext; sc != nil && sc.RunAsUser != nil {
			user = sc.RunAsUser
		}
		if user == nil || *user < low || *user > high {
			outside = append(outside, c.Name)
		}
	}
	return outside, len(all)
}

func isWindows(spec *corev1.PodSpec) bool {
	if spec.OS != nil && spec.OS.Name == corev1.Windows || spec.NodeSelector[corev1.LabelOSStable] == string(corev1.Windows) {
		return true
	}
	if sc := spec.SecurityContext; sc != nil && sc.WindowsOptions != nil {
		return true
	}
	return slices.ContainsFunc(slices.Concat(spec.InitContainers, spec.Containers), func(c corev1.Container) bool {
		return c.SecurityContext != nil && c.SecurityContext.WindowsOptions != nil
	})
}

// unjudged is what documents say without the users of their pods, as text.
func unjudged(docs []Document) []string {
	var out []string
	for _, d := range docs {
		data := d.JSON
		if d.Object != nil {
			data, _ = json.Marshal(d.Object)
		}
		var v any
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		if err := dec.Decode(&v); err == nil {
			withoutUsers(v)
			data, _ = json.Marshal(v)
		}
		out = append(out, string(data))
	}
	return out
}

// podSpecs are where the pod specs of kinds are.
var podSpecs = map[string]string{
	"Pod": "spec", "PodTemplate": "template.spec", "CronJob": "spec.jobTemplate.spec.template.spec",
	"ReplicationController": "spec.template.spec", "Deployment": "spec.template.spec", "ReplicaSet": "spec.template.spec",
	"StatefulSet": "spec.template.spec", "DaemonSet": "spec.template.spec", "Job": "spec.template.spec",
}

// withoutUsers removes users from the objects in v, whatever they are in.
func withoutUsers(v any) {
	if list, ok := v.([]any); ok {
		for _, it := range list {
			withoutUsers(it)
		}
	}
	m, _ := v.(map[string]any)
	kind, _ := m["kind"].(string)
	if items, ok := m["items"].([]any); ok {
		for _, it := range items {
			if it, ok := it.(map[string]any); ok && it["kind"] == nil && it["apiVersion"] == nil {
				it["kind"] = strings.TrimSuffix(kind, "List")
			}
		}
	}
	for _, v := range m {
		withoutUsers(v)
	}
	path, ok := podSpecs[kind]
	if !ok {
		return
	}
	spec := m
	for key := range strings.SplitSeq(path, ".") {
		spec, _ = spec[key].(map[string]any)
	}
	removeUser(spec)
	for _, key := range []string{"initContainers", "containers", "ephemeralContainers"} {
		list, _ := spec[key].([]any)
		for _, c := range list {
			c, _ := c.(map[string]any)
			removeUser(c)
		}
	}
}

// removeUser removes the user from the securityContext in m, and that if it says no
// more. What says nothing is "" to kyaml in braces.
func removeUser(m map[string]any) {
	sc, ok := m["securityContext"].(map[string]any)
	delete(sc, "runAsUser")
	if v := m["securityContext"]; v == nil || v == "" || ok && len(sc) == 0 {
		delete(m, "securityContext")
	}
}
