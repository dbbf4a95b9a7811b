package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/usergroup-dev/usergroup/internal/corpus"
)

// policyOf is a whole policy: every field is ruled and mutated. The ids of the
// Deployments are in range, so that it writes what they lack, which every one
// does; with overwrite it also writes again all that they have.
func policyOf(overwrite bool) string {
	return "functionConfig:\n  apiVersion: usergroup.dev/v1alpha1\n  kind: UserGroupPolicy\n  metadata:\n    name: bench\n  spec:\n" + specOf(overwrite)
}

// specOf is the spec of policyOf.
func specOf(overwrite bool) string {
	var b strings.Builder
	first := 1000
	if overwrite {
		first = 10000
	}
	for _, field := range []string{"runAsUser", "runAsGroup", "supplementalGroups", "fsGroup"} {
		fmt.Fprintf(&b, "    %s:\n      rule: MustRunAs\n      overwrite: %t\n      ranges:\n      - min: %d\n        max: 19999\n      - min: 65532\n        max: 65534\n", field, overwrite, first)
	}
	return b.String()
}

// The specs of the policies of a list: one that is as policyOf's, and one that
// has something to say of every field and nothing to change.
var wholePolicy = specOf(false)

const judgingPolicy = `    validateOnly: true
    runAsUser:
      rule: MustRunAsNonRoot
    runAsGroup:
      rule: MayRunAs
      ranges:
      - min: 1
        max: 65535
    supplementalGroups:
      rule: MayRunAs
      ranges:
      - min: 1
        max: 65535
    fsGroup:
      rule: MayRunAs
      ranges:
      - min: 1
        max: 65535
`

// policyList is a UserGroupPolicyList of policies with the given specs.
func policyList(specs []string) string {
	var b strings.Builder
	b.WriteString("functionConfig:\n  apiVersion: usergroup.dev/v1alpha1\n  kind: UserGroupPolicyList\n  items:\n")
	for i, spec := range specs {
		fmt.Fprintf(&b, "  - metadata:\n      name: bench%d\n    spec:\n", i+1)
		for line := range strings.Lines(spec) {
			b.WriteString("  " + line)
		}
	}
	return b.String()
}

// inputs lists the inputs: from real manifests where they are, in the folder
// USERGROUP_CORPUS or else ../shared/corpus, and generated in the same shape
// where they are not.
func inputs() []input {
	crds, demo := "generated", "a Deployment with two containers a number of times"
	if _, ok := corpus.Dir(); ok {
		crds, demo = "kube-prometheus", "the Deployments of microservices-demo over and over"
	}
	return []input{
		{name: "crds", doc: "95 objects, mostly CRDs: " + crds, make: makeCRDs},
		{name: "deployments", doc: "1,200 Deployments: " + demo, make: makeDeployments(1200, false)},
		{name: "overwrite", doc: "1,200 Deployments, every id of every one rewritten", make: makeDeployments(1200, true)},
		{name: "empty", doc: "no objects", make: func() ([]byte, error) { return list("", false), nil }},
		{name: "10k", doc: "10,000 Deployments", make: makeDeployments(10_000, false), alone: true},
		{name: "100k", doc: "100,000 Deployments", make: makeDeployments(100_000, false), alone: true},
		{name: "files-20k", doc: "check of 20,000 files, a Deployment each, nothing to report", command: makeFiles(20_000, 1), alone: true},
		{name: "check-100k", doc: "check of one file, 100,000 Deployments, nothing to report", command: makeFiles(1, 100_000), alone: true},
		{name: "neighbours", doc: "check of 1,200 Deployments, of users, groups and fsGroup, in a file", command: makeNeighbours(1200), neighbours: true},
		{
			name: "policies", doc: "10,000 Deployments, a UserGroupPolicyList of one policy", make: makePolicies(wholePolicy), alone: true,
			beside: []input{
				{name: "policies-alike", doc: "a second policy that mutates every field alike", make: makePolicies(wholePolicy, wholePolicy)},
				{name: "policies-judging", doc: "a second policy that only judges", make: makePolicies(wholePolicy, judgingPolicy)},
			},
		},
	}
}

func makeInput(w io.Writer, name string) error {
	var all []input
	for _, in := range inputs() {
		all = append(append(all, in), in.beside...)
	}
	for _, in := range all {
		if in.name != name {
			continue
		}
		data, err := in.make()
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	return fmt.Errorf("no input %q", name)
}

func makeCRDs() ([]byte, error) {
	if dir, ok := corpus.Dir(); ok {
		return readPackage(filepath.Join(dir, "kube-prometheus"))
	}
	return list(generatedCRDs(), false), nil
}

func makeDeployments(n int, overwrite bool) func() ([]byte, error) {
	return func() ([]byte, error) {
		items, err := deployments(n)
		return list(items, overwrite), err
	}
}

// makePolicies makes 10,000 Deployments with a list of policies of these specs.
func makePolicies(specs ...string) func() ([]byte, error) {
	return func() ([]byte, error) {
		items, err := deployments(10_000)
		return listWith(items, policyList(specs)), err
	}
}

// deployments returns about n Deployments.
func deployments(n int) (string, error) {
	template := deploymentTemplate
	if dir, ok := corpus.Dir(); ok {
		var err error
		if template, err = demoDeployments(filepath.Join(dir, "microservices-demo")); err != nil {
			return "", err
		}
	}
	return repeat(template, n/strings.Count(template, "kind: Deployment")), nil
}

// list puts items, each starting with "- ", into a ResourceList with the policy.
func list(items string, overwrite bool) []byte { return listWith(items, policyOf(overwrite)) }

// listWith puts items into a ResourceList with the given functionConfig.
func listWith(items, functionConfig string) []byte {
	if items == "" {
		items = " []\n"
	} else {
		items = "\n" + items
	}
	return []byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:" + items + functionConfig)
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
	return list(items, false), nil
}

// packageItems returns the items of a folder as they are below items:.
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
