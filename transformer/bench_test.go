package transformer_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/transformer"
)

// deployment is of ordinary size, as an element of a ResourceList at column 2.
var deployment = []byte(indented(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: recommendation
  namespace: shop
  labels:
    app: recommendation
spec:
  replicas: 2
  selector:
    matchLabels:
      app: recommendation
  template:
    metadata:
      labels:
        app: recommendation
    spec:
      serviceAccountName: recommendation
      terminationGracePeriodSeconds: 5
      containers:
      - name: server
        image: registry.example/shop/recommendation:v1.2.3
        ports:
        - containerPort: 8080
        env:
        - name: PORT
          value: "8080"
        - name: CATALOG_ADDR
          value: "catalog:3550"
        - name: DISABLE_PROFILER
          value: "1"
        resources:
          requests:
            cpu: 100m
            memory: 220Mi
          limits:
            cpu: 200m
            memory: 450Mi
        readinessProbe:
          periodSeconds: 5
          grpc:
            port: 8080
        livenessProbe:
          periodSeconds: 5
          grpc:
            port: 8080
      - name: exporter
        image: registry.example/shop/exporter:v1
        args: ["--listen=:9090", "--target=localhost:8080"] # the server's port
        securityContext:
          runAsUser: 0
          readOnlyRootFilesystem: true
        volumeMounts:
        - name: tmp
          mountPath: /tmp
      volumes:
      - name: tmp
        emptyDir: {}
`, 2))

func deploymentEdits() []podspec.Edit {
	pod := podspec.Field("spec", "template", "spec")
	return []podspec.Edit{
		{Path: pod.Key("securityContext", "runAsUser"), Value: int64(1000)},
		{Path: pod.Key("containers").Index(0).Key("securityContext", "runAsUser"), Value: int64(1000)},
		{Path: pod.Key("containers").Index(0).Key("securityContext", "runAsNonRoot"), Value: true},
		{Path: pod.Key("containers").Index(1).Key("securityContext", "runAsUser"), Value: int64(1000)},
	}
}

// BenchmarkApply is to be compared with BenchmarkDecode: every Apply decodes its
// result once.
func BenchmarkApply(b *testing.B) {
	root, err := manifest.Decode(deployment, 2)
	if err != nil {
		b.Fatal(err)
	}
	edits := deploymentEdits()
	b.ReportAllocs()
	for b.Loop() {
		res, err := transformer.Apply(new(transformer.Memory), deployment, 2, root, edits)
		if err != nil || res.Reencoded {
			b.Fatal(err, res.Why)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := manifest.Decode(deployment, 2); err != nil {
			b.Fatal(err)
		}
	}
}
