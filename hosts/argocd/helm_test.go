package argocd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

const (
	values   = "user: null\n"
	template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\nspec:\n  containers:\n    - name: web\n      image: registry.example/web\n{{- with .Values.user }}\n      securityContext: {runAsUser: {{ . }}}\n{{- end }}\n"
	hook     = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: pre-install}\nspec:\n  containers:\n    - name: migrate\n      image: registry.example/web\n"
	crd      = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: shops.example.com}\nspec: {group: example.com}\n"

	chartFinding = "stdin:12:25: error: v1/Pod/shop/shop spec.containers[0].securityContext.runAsUser: container \"web\": runAsUser must be in 10000-19999, is 11 [UserIDOutsideRanges]"
)

func parameter(name, value string) v1alpha1.ApplicationSourcePluginParameter {
	return v1alpha1.ApplicationSourcePluginParameter{Name: name, String_: &value}
}

func list(name string, values ...string) v1alpha1.ApplicationSourcePluginParameter {
	return v1alpha1.ApplicationSourcePluginParameter{Name: name, OptionalArray: &v1alpha1.OptionalArray{Array: values}}
}

// TestChart renders charts.
func TestChart(t *testing.T) {
	sidecars(t, "plugin.yaml", "plugin-helm.yaml")
	web := files(one("Chart.yaml", chart), one("values.yaml", values), one("templates/pod.yaml", template))
	const plugin = "usergroup-helm"

	t.Run("found by itself", func(t *testing.T) {
		application{files: web}.generate(t).rendered(t, "Plugin", 1, fixed, `"name":"shop","namespace":"shop"`)
	})
	t.Run("a kustomization below", func(t *testing.T) {
		application{files: files(web, one("ci/kustomization.yaml", "resources: []\n"))}.generate(t).rendered(t, "Plugin", 1, fixed)
	})
	t.Run("hooks and definitions", func(t *testing.T) {
		application{source: named(plugin), files: files(web, one("templates/hook.yaml", hook), one("crds/shop.yaml", crd))}.generate(t).
			rendered(t, "Plugin", 3, `"name":"migrate"`, `"name":"shops.example.com"`, fixed)
	})
	t.Run("root", func(t *testing.T) {
		application{source: named(plugin, parameter("values", "user: 11")), files: web}.generate(t).refused(t, chartFinding)
	})
	t.Run("value files", func(t *testing.T) {
		app := application{
			path: "charts/web", source: named(plugin, list("value-files", "values-prod.yaml", "../../prod/values.yaml")),
			files: files(one("charts/web/Chart.yaml", chart), one("charts/web/values-prod.yaml", "user: 12\n"),
				one("charts/web/templates/pod.yaml", template), one("prod/values.yaml", "user: 11\n")),
		}
		app.generate(t).refused(t, chartFinding)
		app.source = named(plugin, list("value-files", "values-prod.yaml", "../../prod/values.yaml"), parameter("values", "user: 10077"))
		app.generate(t).rendered(t, "Plugin", 1, `"runAsUser":10077`)
		app.source = named(plugin, list("value-files", "../../../../../../../../../../etc/hostname"))
		app.generate(t).refused(t, "../../../../../../../../../../etc/hostname is outside of the repository")
		app.source = named(plugin, list("value-files", "https://git.example/values.yaml"))
		app.generate(t).refused(t, "realpath: ")
	})
	t.Run("the name of the release", func(t *testing.T) {
		application{source: named(plugin, parameter("release-name", "front")), files: web}.generate(t).rendered(t, "Plugin", 1, `"name":"front"`)
	})
	t.Run("an option in place of the name", func(t *testing.T) {
		const program = "--post-renderer=/bin/cat"
		application{source: named(plugin, parameter("release-name", program)), files: web}.generate(t).refused(t, `Error: release name "`+program+`"`)
		app := application{files: files(web, one(".argocd-source.yaml", "plugin: {name: usergroup-helm, parameters: [{name: release-name, string: "+program+"}]}\n"))}
		app.generate(t).failed(t, `release name "`+program+`"`)
	})
	t.Run("a dependency that is fetched", func(t *testing.T) {
		application{path: "web", source: named(plugin), files: files(
			one("web/Chart.yaml", chart+"dependencies: [{name: lib, version: 1.0.0, repository: \"file://../lib\"}]\n"),
			one("lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\n"), one("lib/templates/pod.yaml", template),
		)}.generate(t).rendered(t, "Plugin", 1, fixed)
	})
	t.Run("nothing rendered", func(t *testing.T) {
		application{source: named(plugin), files: files(one("Chart.yaml", chart), one("templates/pod.yaml", "{{ if false }}"+template+"{{ end }}"))}.generate(t).
			refused(t, "helm template rendered nothing")
	})
	t.Run("a template that fails", func(t *testing.T) {
		application{source: named(plugin), files: files(one("Chart.yaml", chart), one("templates/pod.yaml", `{{ fail "no" }}`))}.generate(t).
			refused(t, "Error: ")
	})
}

// TestPlainFolder renders folders of manifests.
func TestPlainFolder(t *testing.T) {
	sidecars(t, "plugin.yaml", "plugin-helm.yaml")
	const (
		plugin      = "usergroup-helm"
		fileFinding = "pod.yaml:9:25: error: v1/Pod/web "
	)
	plain := files(one("pod.yaml", barePod), one("service.json", `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}`), one("README.md", "# web\n"))
	t.Run("found by itself", func(t *testing.T) {
		application{files: plain}.generate(t).rendered(t, "Plugin", 2, fixed, `"kind":"Service"`)
	})
	t.Run("root", func(t *testing.T) {
		application{source: named(plugin), files: files(plain, one("pod.yaml", rootPod))}.generate(t).refused(t, fileFinding)
	})
	t.Run("a kustomization below, which is not a part of it", func(t *testing.T) {
		application{files: files(plain, one("below/kustomization.yaml", kustomization), one("below/pod.yaml", rootPod))}.generate(t).rendered(t, "Plugin", 2, fixed)
	})
	t.Run("folders below, asked for", func(t *testing.T) {
		app := application{source: named(plugin, parameter("recurse", "true")), files: files(plain, one("below/pod.yaml", rootPod))}
		app.generate(t).refused(t, "below/"+fileFinding)
		app.files["below/pod.yaml"] = barePod
		app.generate(t).rendered(t, "Plugin", 3, fixed)
	})
	t.Run("Jsonnet", func(t *testing.T) {
		application{files: files(plain, one("web.jsonnet", "{}"))}.generate(t).refused(t, "./web.jsonnet: this plugin renders no Jsonnet")
	})
	t.Run("nothing there", func(t *testing.T) {
		application{files: one("README.md", "# web\n")}.generate(t).refused(t, "no kustomization, no chart and no manifests")
	})
	t.Run("comments alone", func(t *testing.T) {
		application{files: one("pod.yaml", "# to be written\n")}.generate(t).refused(t, "")
	})
	t.Run("files that git ignores, asked for", func(t *testing.T) {
		app := application{source: named(plugin, parameter("recurse", "true")), files: files(plain, one(".gitignore", "*.yaml\n"), one(".krmignore", "*.yaml\n"))}
		app.generate(t).rendered(t, "Plugin", 2, fixed)
	})
	t.Run("a file that is not a manifest", func(t *testing.T) {
		application{files: files(plain, one("values.yaml", "replicas: 2\n"))}.generate(t).failed(t, "Object 'Kind' is missing")
	})
}

// TestEveryApplication has applications of every type. With both plugins none is
// rendered without the policy by itself, and a kustomization goes the way of its own
// plugin, whichever finds it. What an Application or its repository says of a type
// still leaves a plugin that is not named.
func TestEveryApplication(t *testing.T) {
	sidecars(t, "plugin.yaml", "plugin-helm.yaml")
	folder := one("pod.yaml", rootPod)
	root := files(folder, one("kustomization.yaml", kustomization))
	for _, tt := range []struct {
		name, finding string
		files         map[string]string
	}{
		{"kustomization", finding, root},
		{"chart", "stdin:11:25: error: v1/Pod/web ", files(one("Chart.yaml", chart), one("templates/pod.yaml", rootPod))},
		{"folder", "pod.yaml:9:25: error: v1/Pod/web ", folder},
	} {
		t.Run(tt.name, func(t *testing.T) {
			application{files: tt.files}.generate(t).failed(t, "failed exit status 1: "+tt.finding)
			app := application{files: tt.files, source: named("usergroup-helm")}
			app.generate(t).refused(t, tt.finding)

			app.files = files(tt.files, one(".argocd-source.yaml", "directory: {}\n"))
			app.generate(t).failed(t, "multiple application sources defined")
			app.files = files(tt.files, one(".argocd-source.yaml", "plugin: {name: usergroup}\n"))
			if a := app.generate(t); a.err == nil {
				t.Errorf("rendered as %s:\n%s", a.kind, a.manifests)
			}
		})
	}
	// What a repository says of usergroup says nothing here.
	written := filepath.Join(t.TempDir(), "report.json")
	for _, settings := range []string{"failOn: never\n", "exclude: [\"*\"]\n", "outputs: [json=" + written + "]\n", "policies: [mine.yaml]\n"} {
		t.Run(settings, func(t *testing.T) {
			application{files: files(root, one(".usergroup.yaml", settings))}.generate(t).refused(t, finding)
			application{files: files(folder, one(".usergroup.yaml", settings))}.generate(t).failed(t, "pod.yaml:9:25: error: v1/Pod/web ")
			application{path: "app", files: files(one("app/pod.yaml", barePod), one(".usergroup.yaml", settings))}.generate(t).rendered(t, "Plugin", 1, fixed)
			if _, err := os.Stat(written); err == nil {
				t.Error("a report was written")
			}
		})
	}
	t.Run("what remains", func(t *testing.T) {
		application{files: files(folder, one(".argocd-source.yaml", "directory: {}\n"))}.generate(t).rendered(t, "Directory", 1, `"runAsUser":0`)
	})
}
