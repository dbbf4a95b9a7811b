// Command monorepo writes a repository of manifests to measure with: by default
// 5,000 applications with 20 objects each, 4 of them Deployments with 2 containers,
// in 25,000 files.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%[2]d
  namespace: app-%04[1]d
  labels: {app: web-%[2]d}
spec:
  replicas: 2
  selector: {matchLabels: {app: web-%[2]d}}
  template:
    metadata:
      labels: {app: web-%[2]d}
    spec:
      securityContext:
        fsGroup: 1000
      containers:
        - name: web
          image: registry.example/team/web:1.%[1]d.%[2]d
          ports: [{containerPort: 8080}]
          env:
            - {name: LEVEL, value: info}
            - name: TOKEN
              valueFrom: {secretKeyRef: {name: token, key: token}}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
          securityContext:
            runAsUser: %[3]d
            runAsGroup: 1000
        - name: proxy
          image: registry.example/mesh/proxy:2
          securityContext: {runAsUser: 1337, runAsGroup: 1337}
`

// others are the objects of an application that run nothing.
var others = strings.Fields(`v1/Namespace v1/Service v1/ConfigMap v1/Secret v1/ServiceAccount networking.k8s.io/v1/Ingress
	networking.k8s.io/v1/NetworkPolicy rbac.authorization.k8s.io/v1/Role rbac.authorization.k8s.io/v1/RoleBinding
	policy/v1/PodDisruptionBudget autoscaling/v2/HorizontalPodAutoscaler v1/ConfigMap v1/ConfigMap v1/ConfigMap v1/Service v1/Service`)

func main() {
	log.SetFlags(0)
	apps := flag.Int("apps", 5000, "`number` of applications")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: monorepo [-apps N] FOLDER")
	}
	for app := range *apps {
		if err := write(flag.Arg(0), app); err != nil {
			log.Fatal(err)
		}
	}
}

// write writes an application. Of one in a hundred Deployments the user is root.
func write(dir string, app int) error {
	dir = filepath.Join(dir, fmt.Sprintf("team-%02d", app%50), fmt.Sprintf("app-%04d", app))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for i := range 4 {
		user := 1000 + (app+i)%900
		if (app*4+i)%100 == 0 {
			user = 0
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("web-%d.yaml", i)), fmt.Appendf(nil, deployment, app, i, user), 0o666); err != nil {
			return err
		}
	}
	var docs []string
	for i, o := range others {
		at := strings.LastIndexByte(o, '/')
		doc := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  name: app-%04d\n  labels: {team: t%d}\n", o[:at], o[at+1:], app, app%50)
		if i > 0 {
			doc = strings.Replace(doc, fmt.Sprintf("name: app-%04d", app), fmt.Sprintf("name: other-%d\n  namespace: app-%04d", i, app), 1)
		}
		if strings.HasSuffix(o, "ConfigMap") {
			doc += "data:\n  text: " + strings.Repeat("x", 400) + "\n"
		}
		docs = append(docs, doc)
	}
	return os.WriteFile(filepath.Join(dir, "rest.yaml"), []byte(strings.Join(docs, "---\n")), 0o666)
}
