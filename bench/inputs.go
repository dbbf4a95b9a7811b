package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
)

// policy is a whole one: every field is ruled, and everything that is unset is
// written.
const policy = `functionConfig:
  apiVersion: usergroup.dev/v1alpha1
  kind: UserGroupPolicy
  metadata:
    name: bench
  spec:
    runAsUser:
      rule: MustRunAs
      overwrite: true
      ranges:
      - min: 10000
        max: 19999
    runAsGroup:
      rule: MustRunAs
      overwrite: true
      ranges:
      - min: 10000
        max: 19999
    supplementalGroups:
      rule: MustRunAs
      overwrite: true
      ranges:
      - min: 10000
        max: 19999
    fsGroup:
      rule: MustRunAs
      overwrite: true
      ranges:
      - min: 10000
        max: 19999
`

// makeInputs makes the inputs: from the real manifests in USERGROUP_CORPUS
// (default ../shared/corpus) where they are, else generated in the same shape.
func makeInputs() ([]input, error) {
	corpus := os.Getenv("USERGROUP_CORPUS")
	if corpus == "" {
		corpus = filepath.Join("..", "shared", "corpus")
	}
	crds := input{name: "crds", doc: "95 objects, mostly CRDs, generated"}
	deployments := input{name: "deployments", doc: "1,200 Deployments, generated"}
	template := deploymentTemplate
	if _, err := os.Stat(corpus); err == nil {
		crds.doc = "kube-prometheus, 95 objects, mostly CRDs"
		if crds.data, err = readPackage(filepath.Join(corpus, "kube-prometheus")); err != nil {
			return nil, err
		}
		deployments.doc = "the twelve Deployments of microservices-demo a hundred times over"
		if template, err = demoDeployments(filepath.Join(corpus, "microservices-demo")); err != nil {
			return nil, err
		}
	} else {
		crds.data = list(generatedCRDs())
	}
	per := strings.Count(template, "kind: Deployment")
	many := func(n int) []byte { return list(repeat(template, n/per)) }
	deployments.data = many(1200)
	return []input{
		crds,
		deployments,
		{name: "empty", doc: "no objects", data: list("")},
		{name: "10k", doc: "10,000 Deployments", data: many(10_000), alone: true},
		{name: "100k", doc: "100,000 Deployments", data: many(100_000), alone: true},
	}, nil
}

// list puts items, each starting with "- ", into a ResourceList.
func list(items string) []byte {
	if items == "" {
		items = " []\n"
	} else {
		items = "\n" + items
	}
	return []byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:" + items + policy)
}

// repeat repeats items with their names numbered.
func repeat(items string, n int) string {
	var b strings.Builder
	b.Grow(n * (len(items) + 200))
	for i := range n {
		b.WriteString(strings.ReplaceAll(items, "@N@", fmt.Sprint(i)))
	}
	return b.String()
}

// readPackage reads a folder as kpt fn source does, with the policy as its
// functionConfig.
func readPackage(dir string) ([]byte, error) {
	items, err := packageItems(dir)
	if err != nil {
		return nil, err
	}
	return list(items), nil
}

// packageItems returns the items of a folder as they stand below items:.
func packageItems(dir string) (string, error) {
	var b bytes.Buffer
	err := kio.Pipeline{
		Inputs: []kio.Reader{kio.LocalPackageReader{PackagePath: dir, PreserveSeqIndent: true, WrapBareSeqNode: true}},
		Outputs: []kio.Writer{kio.ByteWriter{
			Writer: &b, KeepReaderAnnotations: true,
			WrappingKind: kio.ResourceListKind, WrappingAPIVersion: kio.ResourceListAPIVersion,
		}},
	}.Execute()
	if err != nil {
		return "", err
	}
	_, items, found := strings.Cut(b.String(), "\nitems:\n")
	if !found {
		return "", fmt.Errorf("%s: no items", dir)
	}
	return items, nil
}

// demoDeployments returns the Deployments of the demo with @N@ in their names.
func demoDeployments(dir string) (string, error) {
	items, err := packageItems(dir)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, item := range strings.Split("\n"+items, "\n- ") {
		if i == 0 || !strings.Contains(item, "\n  kind: Deployment\n") {
			continue
		}
		out.WriteString("- " + strings.Replace(strings.TrimSuffix(item, "\n"), "\n    name: ", "\n    name: n@N@-", 1) + "\n")
	}
	return out.String(), nil
}

// deploymentTemplate is a Deployment of the size that people write.
const deploymentTemplate = `- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: n@N@-web
    labels:
      app: web
    annotations:
      config.kubernetes.io/index: '0'
      config.kubernetes.io/path: 'web-@N@.yaml'
  spec:
    replicas: 2
    selector:
      matchLabels:
        app: web
    strategy:
      rollingUpdate:
        maxUnavailable: 0
        maxSurge: 25%
    template:
      metadata:
        labels:
          app: web
        annotations:
          sidecar.example/rewrite: "true"
      spec:
        serviceAccountName: web
        terminationGracePeriodSeconds: 5
        securityContext:
          fsGroup: 1000
          runAsGroup: 1000
          runAsNonRoot: true
          runAsUser: 1000
        containers:
        # The server itself.
        - name: server
          image: registry.example/shop/web:v1.2.3
          imagePullPolicy: IfNotPresent
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
              - ALL
            privileged: false
            readOnlyRootFilesystem: true
          ports:
          - containerPort: 8080
          readinessProbe:
            periodSeconds: 5
            httpGet:
              path: "/_healthz"
              port: 8080
              httpHeaders:
              - name: "Cookie"
                value: "session-id=x-readiness-probe"
          livenessProbe:
            initialDelaySeconds: 20
            periodSeconds: 15
            httpGet:
              path: "/_healthz"
              port: 8080
          env:
          - name: PORT
            value: "8080"
          - name: CATALOG_ADDR
            value: "catalog:3550"
          - name: CART_ADDR
            value: "cart:7070"
          - name: CHECKOUT_ADDR
            value: "checkout:5050"
          - name: DISABLE_PROFILER
            value: "1"
          - name: NODE_IP
            valueFrom:
              fieldRef:
                fieldPath: status.hostIP
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
            limits:
              cpu: 200m
              memory: 128Mi
        - name: metrics
          image: registry.example/platform/metrics:v0.9
          args:
          - --listen=:9090
          - --target=http://127.0.0.1:8080
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
`

// generatedCRDs returns 87 small objects, three Deployments and five custom
// resource definitions of 1.1 MB each.
func generatedCRDs() string {
	var b strings.Builder
	for i := range 87 {
		fmt.Fprintf(&b, "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c%d\n  data:\n    rules: |\n", i)
		for j := range 40 {
			fmt.Fprintf(&b, "      alert-%d: sum(rate(requests_total{code=~\"5..\"}[5m])) by (job) > %d\n", j, j)
		}
	}
	b.WriteString(repeat(deploymentTemplate, 3))
	for i := range 5 {
		fmt.Fprintf(&b, `- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata:
    name: things%d.example.com
  spec:
    group: example.com
    names:
      kind: Thing%d
      plural: things%d
    scope: Namespaced
    versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                containers:
                  type: array
                  items:
                    type: object
                    properties:
                      image:
                        type: string
`, i, i, i)
		for j := range 3600 {
			fmt.Fprintf(&b, `                field%d:
                  description: |-
                    Field %d of the thing. It says how often the controller looks at the
                    state of the world before it gives up: see "retries" for the number.
                  type: integer
                  format: int32
                  minimum: 0
`, j, j)
		}
	}
	return b.String()
}
