package podsecurity

import corev1 "k8s.io/api/core/v1"

// setDefaults sets what the API server sets in a pod before admission sees it, as
// far as a check looks at it.
func setDefaults(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if v := &spec.Volumes[i]; v.VolumeSource == (corev1.VolumeSource{}) {
			v.EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	if spec.HostNetwork {
		for i := range spec.InitContainers {
			setHostPorts(spec.InitContainers[i].Ports)
		}
		for i := range spec.Containers {
			setHostPorts(spec.Containers[i].Ports)
		}
	}
}

// setHostPorts sets the ports of a container in the network of its host, where a
// port is one of the host.
func setHostPorts(ports []corev1.ContainerPort) {
	for i := range ports {
		if p := &ports[i]; p.HostPort == 0 {
			p.HostPort = p.ContainerPort
		}
	}
}
