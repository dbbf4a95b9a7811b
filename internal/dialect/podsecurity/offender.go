package podsecurity

import (
	corev1 "k8s.io/api/core/v1"
	psa "k8s.io/pod-security-admission/policy"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/usergroup-dev/usergroup/podspec"
)

// owner is who has a security context: a pod or one of its containers.
type owner struct {
	pod   bool
	kind  podspec.ContainerKind
	index int // in its own list
	name  string
}

// path is the path of the owner in the object.
func (p owner) path(pod *podspec.Pod) podspec.Path {
	if p.pod {
		return pod.Path
	}
	return pod.Path.Key(p.kind.Field()).Index(p.index)
}

// offender is an owner with the violation it is guilty of.
type offender struct {
	owner
	violation
}

// offenders returns who violates the level, each with what the library says of
// it alone. The library names offenders only in prose, so it is asked again:
// for the pod without containers, and for the pod with each container alone. A
// container is guilty of what it adds to the words on the bare pod.
func (j judge) offenders(lv api.LevelVersion, meta *metav1.ObjectMeta, spec *corev1.PodSpec) []offender {
	whole := j.violations(lv, meta, spec)
	if len(whole) == 0 {
		return nil
	}
	bare := byCheck(j.violations(lv, meta, only(spec, owner{pod: true})))
	containers := containersOf(spec)
	alone := make([]map[psa.CheckID]violation, len(containers))
	for i, c := range containers {
		alone[i] = byCheck(j.violations(lv, meta, only(spec, c)))
	}
	var out []offender
	for _, w := range whole {
		n := len(out)
		onPod, podIsBad := bare[w.id]
		if podIsBad {
			out = append(out, offender{owner{pod: true}, onPod})
		}
		for i, c := range containers {
			if v, bad := alone[i][w.id]; bad && (!podIsBad || v.detail != onPod.detail) {
				out = append(out, offender{c, v})
			}
		}
		if len(out) == n { // only all together are guilty
			out = append(out, offender{owner{pod: true}, w})
		}
	}
	return out
}

// byCheck indexes violations by the check that found them.
func byCheck(vs []violation) map[psa.CheckID]violation {
	m := make(map[psa.CheckID]violation, len(vs))
	for _, v := range vs {
		m[v.id] = v
	}
	return m
}

// containersOf lists the containers of a pod spec in the order of podspec.Pod.
func containersOf(spec *corev1.PodSpec) []owner {
	var out []owner
	for i, c := range spec.InitContainers {
		out = append(out, owner{kind: podspec.InitContainer, index: i, name: c.Name})
	}
	for i, c := range spec.Containers {
		out = append(out, owner{kind: podspec.RegularContainer, index: i, name: c.Name})
	}
	for i, c := range spec.EphemeralContainers {
		out = append(out, owner{kind: podspec.EphemeralContainer, index: i, name: c.Name})
	}
	return out
}

// only returns the pod spec with no other container than the one at p, and
// without any where p is the pod. With a container there are no volumes and sysctls:
// they are the pod's, and may be as many as there are containers. The original is not
// changed.
func only(spec *corev1.PodSpec, p owner) *corev1.PodSpec {
	s := *spec
	if !p.pod {
		s.Volumes = nil
		if s.SecurityContext != nil {
			sc := *s.SecurityContext
			sc.Sysctls = nil
			s.SecurityContext = &sc
		}
	}
	s.InitContainers, s.Containers, s.EphemeralContainers = nil, nil, nil
	switch i := p.index; {
	case p.pod:
	case p.kind == podspec.InitContainer:
		s.InitContainers = spec.InitContainers[i : i+1]
	case p.kind == podspec.RegularContainer:
		s.Containers = spec.Containers[i : i+1]
	case p.kind == podspec.EphemeralContainer:
		s.EphemeralContainers = spec.EphemeralContainers[i : i+1]
	}
	return &s
}
