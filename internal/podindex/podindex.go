// Package podindex finds the container that a path leads into.
package podindex

import "github.com/usergroup-dev/usergroup/podspec"

// few is up to how many containers are compared one by one.
const few = 16

// Index finds the containers of one pod.
type Index struct {
	pod     *podspec.Pod
	byPath  map[string]*podspec.Container // nil where the pod has a few
	lengths []int                         // of the paths
}

// New indexes the containers of a pod, which must not change any more.
func New(pod *podspec.Pod) *Index {
	x := &Index{pod: pod}
	if len(pod.Containers) <= few {
		return x
	}
	x.byPath = make(map[string]*podspec.Container, len(pod.Containers))
	seen := map[int]bool{}
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if !seen[len(c.Path)] {
			seen[len(c.Path)] = true
			x.lengths = append(x.lengths, len(c.Path))
		}
		if key := c.Path.String(); x.byPath[key] == nil {
			x.byPath[key] = c
		}
	}
	return x
}

// At returns the container that a path leads into, nil where it leads elsewhere.
func (x *Index) At(at podspec.Path) *podspec.Container {
	if x.byPath == nil {
		for i := range x.pod.Containers {
			if c := &x.pod.Containers[i]; at.Within(c.Path) {
				return c
			}
		}
		return nil
	}
	for _, n := range x.lengths {
		if n > len(at) {
			continue
		}
		if c := x.byPath[at[:n].String()]; c != nil {
			return c
		}
	}
	return nil
}
