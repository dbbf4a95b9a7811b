package fn_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/usergroup-dev/usergroup/fn"
)

// The function on streams, as kustomize and kpt run the program.
func ExampleRun() {
	in := strings.NewReader(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: web
  spec:
    containers:
    - name: app # listens on 8080
      image: app:1
functionConfig:
  apiVersion: usergroup.dev/v1alpha1
  kind: UserGroupPolicy
  metadata:
    name: non-root
  spec:
    placement: Containers
    runAsUser:
      rule: MustRunAsNonRoot
`)
	code := fn.Run(context.Background(), in, os.Stdout, os.Stderr, nil)
	fmt.Println("exit code", code)
	// Output:
	// apiVersion: config.kubernetes.io/v1
	// kind: ResourceList
	// items:
	// - apiVersion: v1
	//   kind: Pod
	//   metadata:
	//     name: web
	//   spec:
	//     containers:
	//     - name: app # listens on 8080
	//       image: app:1
	//       securityContext:
	//         runAsNonRoot: true
	// functionConfig:
	//   apiVersion: usergroup.dev/v1alpha1
	//   kind: UserGroupPolicy
	//   metadata:
	//     name: non-root
	//   spec:
	//     placement: Containers
	//     runAsUser:
	//       rule: MustRunAsNonRoot
	// results:
	// - message: 'container "app": runAsNonRoot set to true (was unset)'
	//   severity: info
	//   resourceRef:
	//     apiVersion: v1
	//     kind: Pod
	//     name: web
	//   field:
	//     path: spec.containers[0].securityContext.runAsNonRoot
	//     proposedValue: true
	//   tags:
	//     container: app
	//     policy: non-root
	//     reason: Defaulted
	//     rule: MustRunAsNonRoot
	// exit code 0
}

// What an adapter to another SDK does: objects as text in and out.
func ExampleEnforce() {
	out, err := fn.Enforce(context.Background(), fn.Objects{
		Config: `{apiVersion: usergroup.dev/v1alpha1, kind: UserGroupPolicy, metadata: {name: ids}, spec: {fsGroup: {rule: MustRunAs, ranges: [{min: 2000, max: 2999}]}}}`,
		Items: []string{
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n",
			"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n",
		},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, changed := range out.Changed {
		if changed {
			fmt.Print(out.Items[i])
		}
	}
	for _, r := range out.Results {
		fmt.Println(r.Severity, r.Message)
	}
	// Output:
	// apiVersion: v1
	// kind: Pod
	// metadata:
	//   name: web
	// spec:
	//   securityContext:
	//     fsGroup: 2000
	//   containers:
	//   - name: app
	// info pod: fsGroup set to 2000 (was unset)
}
