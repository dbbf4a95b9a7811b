package manifest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/hostile"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
)

// deployment is one object of the benchmarks: what a chart renders to.
func deployment(i int) string {
	var env strings.Builder
	for j := range 24 {
		fmt.Fprintf(&env, "        - name: SETTING_%02d\n          value: \"value %d of %d\"\n", j, j, i)
	}
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%[1]d
  namespace: team-%[2]d
  labels:
    app.kubernetes.io/name: app
    app.kubernetes.io/instance: app-%[1]d
  annotations:
    config.kubernetes.io/index: "%[1]d"
    config.kubernetes.io/path: 'apps/app-%[1]d.yaml'
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/instance: app-%[1]d
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: app-%[1]d
    spec:
      serviceAccountName: app
      securityContext:
        runAsUser: 1000 # the image's user
        fsGroup: 2000
      containers:
      - name: app
        image: registry.example/team/app:1.2.%[1]d
        args: ["--port=8080", "--verbose"]
        command:
        - /bin/sh
        - -c
        - |
          set -e
          exec app --config /etc/app/config.yaml
        ports:
        - {name: http, containerPort: 8080}
        env:
%[3]s        resources:
          requests:
            cpu: 100m
            memory: 128Mi
          limits:
            memory: 0.5Gi
      volumes:
      - name: config
        configMap:
          name: app-%[1]d
`, i, i%10, env.String())
}

// deploymentList is a ResourceList of n Deployments.
func deploymentList(n int) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	for i := range n {
		b.WriteString("- " + strings.TrimSuffix(hostile.Indented(deployment(i), 2), "  "))
	}
	b.WriteString("functionConfig:\n  apiVersion: usergroup.dev/v1alpha1\n  kind: UserGroupPolicy\n")
	return b.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	benchmarkDecode(b, manifest.Decode)
}

func BenchmarkDecodeFull(b *testing.B) {
	benchmarkDecode(b, yamltext.DecodeFull)
}

func benchmarkDecode(b *testing.B, decode func([]byte, int) (*manifest.Node, error)) {
	run := func(name string, data []byte) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(data, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("deployment", []byte(deployment(1)))
	run("list", deploymentList(100))
}

func BenchmarkReadResourceList(b *testing.B) {
	data := deploymentList(1200)
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := manifest.ReadResourceList(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read and decode all", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			rl, err := manifest.ReadResourceList(data)
			if err != nil {
				b.Fatal(err)
			}
			for _, it := range rl.Items {
				if _, err := it.Decode(); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("corpus", func(b *testing.B) {
		list, _ := corpusList(b)
		b.SetBytes(int64(len(list)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := manifest.ReadResourceList(list); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReadStream(b *testing.B) {
	var data []byte
	for i := range 1200 {
		data = append(data, "---\n"+deployment(i)...)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := manifest.ReadStream("deployments.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}
