package podspec_test

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/podspec"
)

// Who a container runs as: its own field says so, else the pod's.
func ExamplePod_EffectiveUser() {
	set := func(id int64) podspec.SecurityContext {
		return podspec.SecurityContext{RunAsUser: podspec.Value[int64]{State: podspec.Set, V: id}}
	}
	pod := podspec.Pod{
		SecurityContext: set(1000),
		Containers: []podspec.Container{
			{Name: "app"},
			{Name: "proxy", SecurityContext: set(0)},
		},
	}
	for i := range pod.Containers {
		c := &pod.Containers[i]
		user, origin := pod.EffectiveUser(c)
		fmt.Println(c.Name, "runs as", user.V, "from the", origin)
	}
	// Output:
	// app runs as 1000 from the pod
	// proxy runs as 0 from the container
}

// Paths are written as Kubernetes writes them in its errors.
func ExamplePath_String() {
	p := podspec.Field("spec", "template", "spec", "containers").Index(0).Key("securityContext", "runAsUser")
	fmt.Println(p)
	fmt.Println(podspec.Field("metadata", "annotations", "usergroup.dev/applied"))
	// Output:
	// spec.template.spec.containers[0].securityContext.runAsUser
	// metadata.annotations["usergroup.dev/applied"]
}
