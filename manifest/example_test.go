package manifest_test

import (
	"bytes"
	"fmt"
	"os"

	"github.com/usergroup-dev/usergroup/manifest"
)

// A file with one object changed: the rest is written byte for byte as it came.
func ExampleReadStream() {
	file, err := manifest.ReadStream("app.yaml", []byte(`apiVersion: v1
kind: ConfigMap # the settings
metadata: { name:   settings }
---
apiVersion: v1
kind: Pod   # only for tests
metadata: {name: web}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range file.Items {
		head, err := it.Head()
		if err != nil {
			fmt.Println(err)
			return
		}
		if head.Kind == "Pod" {
			it.Replace(bytes.Replace(it.Bytes(), []byte("name: web"), []byte("name: web-2"), 1))
		}
		fmt.Printf("%s:%d: %s, changed: %t\n", it.Name(), it.Line(), head.Kind, it.Changed())
	}
	if _, err := file.WriteTo(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// app.yaml:1: ConfigMap, changed: false
	// app.yaml:5: Pod, changed: true
	// apiVersion: v1
	// kind: ConfigMap # the settings
	// metadata: { name:   settings }
	// ---
	// apiVersion: v1
	// kind: Pod   # only for tests
	// metadata: {name: web-2}
}
