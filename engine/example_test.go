package engine_test

import (
	"context"
	"fmt"
	"os"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - {name: app, image: app:1} # ours
      - name: proxy
        image: proxy:1
        securityContext:
          runAsUser: 0 # as its chart has it
`

// A policy that is parsed, and applied to a file of manifests. Only the lines that
// must change do; an object that keeps an error is not changed at all.
func Example() {
	policies, err := config.Parse([]byte(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], overwrite: true}
`))
	if err != nil {
		fmt.Println(err) // all that is wrong with the policy, each with its field and line
		return
	}
	p, err := engine.New(policies, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := manifest.ReadStream("deploy.yaml", []byte(deployment))
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := p.Apply(context.Background(), file.Items)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := file.WriteTo(os.Stdout); err != nil {
		fmt.Println(err)
	}
	for _, r := range outcome.Results {
		fmt.Println(report.Line(r))
	}
	// Output:
	// apiVersion: apps/v1
	// kind: Deployment
	// metadata:
	//   name: web
	// spec:
	//   template:
	//     spec:
	//       securityContext:
	//         runAsUser: 1000
	//       containers:
	//       - {name: app, image: app:1, securityContext: {runAsUser: 1000}} # ours
	//       - name: proxy
	//         image: proxy:1
	//         securityContext:
	//           runAsUser: 1000 # as its chart has it
	// deploy.yaml:9:9: changed: apps/v1/Deployment/web spec.template.spec.containers[0].securityContext.runAsUser: container "app": runAsUser set to 1000 (was unset) [Defaulted]
	// deploy.yaml:7:5: changed: apps/v1/Deployment/web spec.template.spec.securityContext.runAsUser: pod: runAsUser set to 1000 (was unset) [Defaulted]
	// deploy.yaml:13:11: changed: apps/v1/Deployment/web spec.template.spec.containers[1].securityContext.runAsUser: container "proxy": runAsUser set to 1000 (was 0) [Overwritten]
}

// A policy made in Go, which only judges. Whoever makes one may ask Validate what is
// wrong with it; New does.
func ExampleNew() {
	p, err := engine.New([]*policy.Policy{{
		Name:      "non-root",
		RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot},
	}}, engine.Options{CheckOnly: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := manifest.ReadStream("deploy.yaml", []byte(deployment))
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := p.Apply(context.Background(), file.Items)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range outcome.Results {
		fmt.Printf("line %d: %s: %s\n", r.File.Line, r.Reason, r.Message)
	}
	fmt.Println(outcome.Summary.Errors, "errors")

	_, err = engine.New([]*policy.Policy{{RunAsUser: policy.Strategy{Rule: policy.MustRunAs}}}, engine.Options{})
	fmt.Println(err)
	// Output:
	// line 13: CannotUseRootUserID: container "proxy": runAsUser must not be 0, is 0
	// line 9: ShouldRunAsNonRoot: container "app": runAsNonRoot must be true unless runAsUser is set and not 0, is unset
	// 2 errors
	// invalid configuration: policy 0: runAsUser.ranges: must hold at least one range for MustRunAs
}
