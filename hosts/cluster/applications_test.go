package cluster_test

import (
	"os"
	"strings"
	"testing"
)

// applicationDefinition is as much of Argo CD's definition as the policy reads.
const applicationDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: applications.argoproj.io}
spec:
  group: argoproj.io
  names: {kind: Application, plural: applications, singular: application}
  scope: Namespaced
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
`

// TestApplications applies the admission policy of hosts/argocd, which keeps an
// Application from being rendered without a plugin.
func TestApplications(t *testing.T) {
	s := start(t)
	policy, err := os.ReadFile("../argocd/applications.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s.kubectl(t, applicationDefinition, "apply", "-f", "-")
	s.kubectl(t, string(policy), "apply", "-f", "-")

	const path = "/apis/argoproj.io/v1alpha1/namespaces/default/applications?dryRun=All"
	send := func(t *testing.T, more string) answer {
		t.Helper()
		text := "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n" + more
		return s.send(t, "POST", path, objectsOf(t, text)[0])
	}
	s.await(t, "the policy to hold", func() bool { return !send(t, "spec: {source: {path: web}}\n").accepted() })

	for _, tt := range []struct{ name, application, refused string }{
		{"a plugin", "spec: {source: {path: web, plugin: {name: usergroup}}}\n", ""},
		{"the other plugin, with parameters", "spec: {source: {path: web, plugin: {name: usergroup-helm, parameters: [{name: values, string: a}]}}}\n", ""},
		{"several sources", "spec: {sources: [{path: web, plugin: {name: usergroup}}, {path: db, plugin: {name: usergroup-helm}}]}\n", ""},
		{"a source that others refer to", "spec: {sources: [{path: web, plugin: {name: usergroup-helm}}, {ref: values}]}\n", ""},
		{"a sync of what the spec says", "spec: {source: {path: web, plugin: {name: usergroup}}}\noperation: {sync: {revision: v1}}\n", ""},

		{"no plugin", "spec: {source: {path: web}}\n", "must name a plugin"},
		{"a plugin without a name", "spec: {source: {path: web, plugin: {}}}\n", "must name a plugin"},
		{"another plugin", "spec: {source: {path: web, plugin: {name: other}}}\n", "must name a plugin"},
		{"kustomize", "spec: {source: {path: web, kustomize: {namePrefix: a-}}}\n", "must name a plugin"},
		{"a chart of a repository", "spec: {source: {chart: web, helm: {values: a}}}\n", "must name a plugin"},
		{"one of several sources", "spec: {sources: [{path: web, plugin: {name: usergroup}}, {path: db}]}\n", "must name a plugin"},
		{"a source with ref and path", "spec: {sources: [{ref: values, path: web}]}\n", "must name a plugin"},
		{"source beside sources", "spec: {source: {path: web}, sources: [{path: web, plugin: {name: usergroup}}]}\n", "must name a plugin"},
		{"a sync of another source", "spec: {source: {path: web, plugin: {name: usergroup}}}\noperation: {sync: {source: {path: web}}}\n", "must name a plugin"},
		{"a sync of other sources", "spec: {source: {path: web, plugin: {name: usergroup}}}\noperation: {sync: {sources: [{path: web}]}}\n", "must name a plugin"},
		{"a sync of manifests", "spec: {source: {path: web, plugin: {name: usergroup}}}\noperation: {sync: {manifests: [\"{}\"]}}\n", "operation.sync.manifests"},
		{"a hydrated source", "spec: {sourceHydrator: {drySource: {path: web}}}\n", "spec.sourceHydrator"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := send(t, tt.application)
			if a.accepted() != (tt.refused == "") || !strings.Contains(a.message, tt.refused) {
				t.Errorf("%d %s", a.code, a.message)
			}
		})
	}
}
