package kptsdk_test

import (
	"fmt"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/fn/kptsdk"
)

// The function after one of the program's own, in one process. A program ends with
// sdk.AsMain(chain), which reads standard input; Run takes the text.
func ExampleProcessor() {
	team := sdk.ResourceListProcessorFunc(func(rl *sdk.ResourceList) (bool, error) {
		for _, o := range rl.Items {
			if err := o.SetLabel("team", "web"); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	chain := sdk.ResourceListProcessorFunc(sdk.Chain(team, kptsdk.Processor{}).Process)
	out, err := sdk.Run(chain, []byte(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: web
  spec:
    containers:
    - name: app # listens on 8080
functionConfig:
  apiVersion: usergroup.dev/v1alpha1
  kind: UserGroupPolicy
  metadata:
    name: ids
  spec:
    placement: Containers
    runAsUser:
      rule: MustRunAs
      ranges:
      - min: 1000
        max: 1999
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rl, err := sdk.ParseResourceList(out)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(rl.Items[0])
	fmt.Println(rl.Results[0])
	// Output:
	// apiVersion: v1
	// kind: Pod
	// metadata:
	//   name: web
	//   labels:
	//     team: web
	// spec:
	//   containers:
	//   - name: app # listens on 8080
	//     securityContext:
	//       runAsUser: 1000
	// [info] v1/Pod/web spec.containers[0].securityContext.runAsUser: container "app": runAsUser set to 1000 (was unset)
}
