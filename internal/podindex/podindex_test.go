package podindex_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/internal/podindex"
	"github.com/usergroup-dev/usergroup/podspec"
)

func TestAt(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3, 100} { // few and many are found alike
		pod := &podspec.Pod{}
		for i := range n {
			path := podspec.Field("spec", "containers").Index(i)
			if i == 1 {
				path = podspec.Field("spec", "template", "main")
			}
			pod.Containers = append(pod.Containers, podspec.Container{Path: path})
		}
		x := podindex.New(pod)
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if x.At(c.Path) != c || x.At(c.Path.Key("securityContext", "runAsUser")) != c {
				t.Errorf("%d containers: %s is not found", n, c.Path)
			}
		}
		for _, at := range []podspec.Path{nil, podspec.Field("spec"), podspec.Field("spec", "containers"), podspec.Field("spec", "containers").Index(n), podspec.Field("spec", "securityContext", "runAsUser")} {
			if c := x.At(at); c != nil {
				t.Errorf("%d containers: %s leads into %s", n, at, c.Path)
			}
		}
	}
}
