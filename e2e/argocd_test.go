package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArgoCDComponent adds the plugins to an installation of Argo CD. What they do is
// tested in hosts/argocd.
func TestArgoCDComponent(t *testing.T) {
	need(t, kustomize)
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "usergroup"), os.DirFS(filepath.Join(root, "hosts", "argocd"))); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "argocd", "kustomization.yaml"), "resources: [repo-server.yaml]\ncomponents: [../usergroup]\nnamespace: argocd\n")
	writeFile(t, filepath.Join(dir, "argocd", "repo-server.yaml"), `apiVersion: apps/v1
kind: Deployment
metadata:
  name: argocd-repo-server
spec:
  selector:
    matchLabels: {app: argocd-repo-server}
  template:
    metadata:
      labels: {app: argocd-repo-server}
    spec:
      containers:
        - name: argocd-repo-server
          image: registry.example/argocd:v3
      volumes:
        - {name: var-files, emptyDir: {}}
        - {name: plugins, emptyDir: {}}
`)
	out := must(t, command{args: []string{kustomize, "build", filepath.Join(dir, "argocd")}})
	for _, want := range []string{"name: usergroup\n", "name: usergroup-helm\n", "subPath: plugin-helm.yaml", "name: usergroup-policy-", "name: usergroup-plugin-", "registry.example/argocd:v3", "kind: ConfigManagementPlugin"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}
