package kyaml_test

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/fn/kyaml"
)

// The function in a pipeline of kio.
func ExampleFilter() {
	policy, err := yaml.Parse(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  fsGroup: {rule: MustRunAs, ranges: [{min: 2000, max: 2999}]}
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	f := &kyaml.Filter{Config: policy}
	err = kio.Pipeline{
		Inputs: []kio.Reader{&kio.ByteReader{OmitReaderAnnotations: true, Reader: strings.NewReader(`apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app # listens on 8080
`)}},
		Filters: []kio.Filter{f},
		Outputs: []kio.Writer{kio.ByteWriter{Writer: os.Stdout}},
	}.Execute()
	if err != nil {
		fmt.Println(err)
	}
	for _, r := range f.Results {
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
	//   - name: app # listens on 8080
	// info pod: fsGroup set to 2000 (was unset)
}
