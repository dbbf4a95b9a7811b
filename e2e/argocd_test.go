package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArgoCD runs the commands of the plugin as Argo CD does: in the folder of the
// application, in a checkout where no file is executable, taking standard output
// and the exit code.
func TestArgoCD(t *testing.T) {
	need(t, kustomize)
	var plugin struct {
		Spec struct {
			Generate struct {
				Command []string `json:"command"`
				Args    []string `json:"args"`
			} `json:"generate"`
		} `json:"spec"`
	}
	load(t, "hosts/argocd/plugin.yaml", &plugin)
	args := append(plugin.Spec.Generate.Command, plugin.Spec.Generate.Args...)

	const kustomization = "resources: [pod.yaml]\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		// want is in the output where code is 0, and in the messages otherwise.
		want string
		fail bool
	}{
		{"nothing set", map[string]string{"kustomization.yaml": kustomization, "pod.yaml": barePod}, "runAsUser: 10000", false},
		{"root", map[string]string{"kustomization.yaml": kustomization, "pod.yaml": rootPod}, "[UserIDOutsideRanges]", true},
		{"no such file", map[string]string{"kustomization.yaml": kustomization}, "pod.yaml", true},
		{"nothing rendered", map[string]string{"kustomization.yaml": "resources: []\n"}, "kustomize build rendered nothing", true},
		{"a function in the repository", map[string]string{
			"kustomization.yaml": kustomization + "transformers: [evil.yaml]\n", "pod.yaml": barePod,
			"evil.yaml": "apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./evil.sh}\n",
			"evil.sh":   "#!/bin/sh\ntouch ran\ncat\n",
		}, "external plugins disabled", true},
		{"a policy in the repository", map[string]string{
			"kustomization.yaml": "resources: [pod.yaml, mine.yaml]\n", "pod.yaml": rootPod,
			"mine.yaml": "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: mine}\nspec: {}\n",
		}, "[UserIDOutsideRanges]", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range tt.files {
				writeFile(t, filepath.Join(dir, name), content)
				if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			tmp := t.TempDir()
			r := run(t, command{dir: dir, args: args, env: []string{
				"TMPDIR=" + tmp, "USERGROUP_POLICY=" + filepath.Join(root, "hosts/argocd/policy.yaml"),
			}})
			left, err := os.ReadDir(tmp)
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
			if tt.fail {
				if r.code == 0 || r.stdout != "" || !strings.Contains(r.stderr, tt.want) {
					t.Errorf("exit code %d, standard output %q, messages:\n%s", r.code, r.stdout, r.stderr)
				}
				return
			}
			if r.code != 0 || !strings.Contains(r.stdout, tt.want) {
				t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			// Standard output is manifests and nothing else.
			if objects := documents(r.stdout); len(objects) != 1 || !loads(r.stdout) {
				t.Errorf("not one object:\n%s", r.stdout)
			}
		})
	}
}

// TestArgoCDComponent adds the plugin to an installation of Argo CD.
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
	for _, want := range []string{"name: usergroup\n", "name: usergroup-policy-", "name: usergroup-plugin-", "registry.example/argocd:v3", "kind: ConfigManagementPlugin"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}
