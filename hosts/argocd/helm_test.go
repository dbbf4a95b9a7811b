package argocd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	t.Run("the files that Argo CD takes", func(t *testing.T) {
		service := func(name string) string {
			return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\n"
		}
		tree := map[string]string{
			"plain.yaml": service("plain"), "short.yml": service("short"), "-l.yaml": service("dash"), "with space.yaml": service("space"), "star*.yaml": service("star"),
			"object.json":  `{"apiVersion":"v1","kind":"Service","metadata":{"name":"json"}}`,
			".hidden.yaml": service("hidden"), ".hidden.json": `{"apiVersion": "v1", "kind" : "Service", "metadata": {"name": "hidden-json"}}`,
			".flow.yml": "{apiVersion: v1,kind: Service,metadata: {name: flow}}\n", ".quoted.yaml": "'apiVersion': v1\n'kind': Service\nmetadata: {name: quoted}\n",
			".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: kinds, name: mankind}]}]\n", ".argocd-source.yaml": "{}\n", ".usergroup.yaml": "failOn: never\n",
			"UPPER.YAML": service("upper"), "Mixed.Yml": service("mixed"), "old.yaml.bak": service("bak"), "yaml": service("none"), "README.md": "kind: x\n",
			"skipped.yaml": "# +argocd:skip-file-rendering\n" + service("skipped"),
			"link.yaml":    "-> elsewhere/target.txt", "elsewhere/target.txt": service("link"), "dangling.yaml": "-> nowhere.yaml", "folder.yaml": "-> elsewhere",
			"below/more.yaml": service("more"), "below/.hidden.yaml": service("more-hidden"), ".dot/pod.yaml": service("dot"), ".github/workflows/ci.yml": "on: push\njobs: {}\n",
			"below/UPPER.JSON": "{", "below/deeper.yaml/real.yaml": service("deeper"),
		}
		for _, recurse := range []bool{false, true} {
			itself := application{source: v1alpha1.ApplicationSource{Directory: &v1alpha1.ApplicationSourceDirectory{Recurse: recurse}}, files: tree}.generate(t)
			ours := application{source: named(plugin, parameter("recurse", fmt.Sprint(recurse))), files: tree}.generate(t)
			if itself.err != nil || ours.err != nil {
				t.Fatal(itself.err, ours.err)
			}
			want, got := names(itself), names(ours)
			if len(want) < 11 || !slices.Equal(got, want) {
				t.Errorf("recurse %v: the plugin renders %q, Argo CD itself %q", recurse, got, want)
			}
		}
	})
	t.Run("hidden files are judged", func(t *testing.T) {
		application{source: named(plugin), files: files(plain, one(".pod.yaml", rootPod))}.generate(t).refused(t, "."+fileFinding)
		app := application{source: named(plugin, parameter("recurse", "true")), files: files(plain, one(".dot/pod.yaml", rootPod))}
		app.generate(t).refused(t, ".dot/"+fileFinding)
	})
	t.Run("a name of two lines", func(t *testing.T) {
		application{source: named(plugin), files: files(plain, one("a\nb.yaml", barePod))}.generate(t).failed(t, "b.yaml: no such file or directory")
	})
	t.Run("a file that is not a manifest", func(t *testing.T) {
		application{files: files(plain, one("values.yaml", "replicas: 2\n"))}.generate(t).failed(t, "Object 'Kind' is missing")
	})
}

// names are those of the objects that were rendered.
func names(a answer) []string {
	var out []string
	for _, m := range regexp.MustCompile(`"metadata":\{"name":"([^"]*)"`).FindAllStringSubmatch(a.manifests, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
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
