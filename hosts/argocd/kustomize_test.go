package argocd_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestKustomization renders kustomizations that are what they seem.
func TestKustomization(t *testing.T) {
	sidecars(t, "plugin.yaml")
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		app := application{files: files(one(name, kustomization), one("pod.yaml", barePod))}
		t.Run(name, func(t *testing.T) {
			app.generate(t).rendered(t, "Plugin", 1, fixed, `"image":"registry.example/web"`)
		})
		app.source = named("usergroup")
		t.Run(name+", plugin named", func(t *testing.T) {
			app.generate(t).rendered(t, "Plugin", 1, fixed)
		})
		app.files["pod.yaml"] = rootPod
		t.Run(name+", root", func(t *testing.T) {
			app.generate(t).refused(t, finding)
		})
	}
	t.Run("a warning of kustomize does not come before the finding", func(t *testing.T) {
		app := application{files: files(one("kustomization.yaml", "bases: [base]\n"), one("base/kustomization.yaml", kustomization), one("base/pod.yaml", rootPod))}
		app.generate(t).refused(t, finding)
		app.files["base/pod.yaml"] = barePod
		app.generate(t).rendered(t, "Plugin", 1, fixed)
	})
	t.Run("neither does a change, or a warning", func(t *testing.T) {
		const unknown = "apiVersion: example.com/v1\nkind: Crew\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: a}]}}}\n"
		app := application{files: files(one("kustomization.yaml", "resources: [crew.yaml, bare.yaml, pod.yaml]\n"), one("crew.yaml", unknown),
			one("bare.yaml", strings.Replace(barePod, "name: web", "name: api", 1)), one("pod.yaml", rootPod))}
		app.generate(t).refused(t, strings.Replace(finding, "stdin:10:", "stdin:30:", 1))
	})
	t.Run("below the root, with a base beside it", func(t *testing.T) {
		application{path: "apps/shop", files: files(one("apps/shop/kustomization.yaml", "resources: [../base]\n"),
			one("apps/base/kustomization.yaml", kustomization), one("apps/base/pod.yaml", barePod))}.generate(t).rendered(t, "Plugin", 1, fixed)
	})
	t.Run("a remote base", func(t *testing.T) {
		base := t.TempDir()
		write(t, filepath.Join(base, "web/kustomization.yaml"), kustomization)
		write(t, filepath.Join(base, "web/pod.yaml"), barePod)
		run(t, base, "git", "init", "-q", "-b", "main")
		run(t, base, "git", "add", ".")
		run(t, base, "git", "-c", "user.name=team", "-c", "user.email=team@example.com", "commit", "-q", "-m", "base")
		application{files: one("kustomization.yaml", "resources: [\"file://"+base+"//web?ref=main\"]\n")}.generate(t).rendered(t, "Plugin", 1, fixed)
	})
	t.Run("no such file", func(t *testing.T) {
		application{files: one("kustomization.yaml", kustomization)}.generate(t).refused(t, "Error: accumulating resources")
	})
	t.Run("nothing rendered", func(t *testing.T) {
		application{files: one("kustomization.yaml", "resources: []\n")}.generate(t).refused(t, "kustomize build rendered nothing")
	})
}

// TestKustomizationLeaves has repositories that try to be rendered without the
// policy. An Application that names the plugin holds against all of them.
func TestKustomizationLeaves(t *testing.T) {
	sidecars(t, "plugin.yaml")
	root := files(one("kustomization.yaml", kustomization), one("pod.yaml", rootPod))
	function := files(one("kustomization.yaml", kustomization+"transformers: [mine.yaml]\n"), one("pod.yaml", barePod),
		one("mine.yaml", "apiVersion: example.com/v1\nkind: Mine\nmetadata:\n  name: mine\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./mine.sh}\n"),
		one("mine.sh", "#!/bin/sh\ncat\n"))
	override := func(content string) map[string]string { return files(root, one(".argocd-source.yaml", content)) }
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // in the error where the plugin is named
		// left is how Argo CD renders it where the plugin is not named; "" means that
		// it does not.
		left string
	}{
		{"nothing tried", root, finding, ""},
		{"kustomize in .argocd-source.yaml", override("kustomize: {}\n"), "multiple application sources defined", "Kustomize"},
		{"directory in .argocd-source.yaml", override("directory: {recurse: true, exclude: kustomization.yaml}\n"), "multiple application sources defined", "Directory"},
		{"helm in .argocd-source.yaml", files(override("helm: {}\n"), one("Chart.yaml", chart), one("templates/pod.yaml", rootPod)), "multiple application sources defined", "Helm"},
		{"directory in place of the plugin in .argocd-source.yaml", override("plugin: null\ndirectory: {exclude: kustomization.yaml}\n"), "multiple application sources defined", "Directory"},
		{"kustomize in .argocd-source-shop.yaml", files(root, one(".argocd-source-shop.yaml", "kustomize: {}\n")), "multiple application sources defined", "Kustomize"},
		{"no plugin in .argocd-source.yaml", override("plugin: null\n"), finding, ""},
		{"another plugin in .argocd-source.yaml", override("plugin: {name: other}\n"), `could not find cmp-server plugin with name "other"`, ""},
		{"a variable of the application", override("plugin: {env: [{name: USERGROUP_POLICY, value: mine.yaml}], parameters: [{name: USERGROUP_POLICY, string: mine.yaml}]}\n"), finding, ""},
		{"a function in the repository", function, "external plugins disabled", ""},
		{"a chart in the kustomization", files(one("kustomization.yaml", "helmCharts: [{name: web}]\nhelmGlobals: {chartHome: .}\n"), one("web/Chart.yaml", chart)), "must specify --enable-helm", ""},
		{"a policy in the repository", files(root, one("kustomization.yaml", "resources: [pod.yaml, mine.yaml]\n"),
			one("mine.yaml", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: mine}\nspec: {}\n")), "[UserIDOutsideRanges]", ""},
		{"a plain folder", one("pod.yaml", rootPod), `could not find cmp-server plugin with name "usergroup"`, "Directory"},
		{"a plain folder with a kustomization below", files(one("pod.yaml", rootPod), one("below/kustomization.yaml", "resources: []\n")), `could not find cmp-server plugin with name "usergroup"`, "Directory"},
		{"a chart with a kustomization below", files(one("Chart.yaml", chart), one("templates/pod.yaml", rootPod), one("ci/kustomization.yaml", "resources: []\n")), `could not find cmp-server plugin with name "usergroup"`, "Helm"},
		{"a link out of the repository", files(one("kustomization.yaml", kustomization), one("pod.yaml", "-> /etc/hostname")), "no such file or directory", ""},
		{"a link that the plugin server does not take", files(root, one("more.yaml", "-> ../../../etc/hostname")), `could not find cmp-server plugin with name "usergroup"`, "Kustomize"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := application{files: tt.files, source: named("usergroup")}
			app.generate(t).failed(t, tt.want)

			app.source.Plugin = nil
			a := app.generate(t)
			switch {
			case tt.left == "" && a.err == nil:
				t.Errorf("without a name rendered as %s:\n%s", a.kind, a.manifests)
			case tt.left != "" && (a.kind != tt.left || !strings.Contains(a.manifests, `"runAsUser":0`)):
				t.Errorf("without a name: rendered as %q, want %s: %v\n%s", a.kind, tt.left, a.err, a.manifests)
			}
		})
	}
}
