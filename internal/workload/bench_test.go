package workload_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/internal/workload"
)

// deployment is an object of usual size for the benchmarks.
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations: {internal.config.kubernetes.io/path: web.yaml, internal.config.kubernetes.io/index: '0'}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      terminationGracePeriodSeconds: 5
      securityContext: {fsGroup: 1000, runAsGroup: 1000, runAsNonRoot: true, runAsUser: 1000}
      containers:
      - name: server
        securityContext: {allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true}
        image: registry.example/web:1
        ports: [{containerPort: 8080}]
        env: [{name: PORT, value: "8080"}]
      - name: sidecar
        image: registry.example/sidecar:1
`

func BenchmarkClassify(b *testing.B) {
	table := workload.Builtin()
	for b.Loop() {
		table.Classify("apps/v1", "Deployment")
		table.Classify("v1", "ConfigMap")
	}
}

func BenchmarkPods(b *testing.B) {
	table, root := workload.Builtin(), decode(b, deployment)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range table.Objects(root) {
			table.Pods(o.Node, o.APIVersion, o.Kind, o.Path)
		}
	}
}

func BenchmarkFindInUnknownKind(b *testing.B) {
	table, root := workload.Builtin(), decode(b, deployment)
	b.ReportAllocs()
	for b.Loop() {
		table.Find(nil, root, "example.com/v1", "Unknown", nil)
	}
}

func BenchmarkBuiltin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		workload.Builtin()
	}
}
