package e2e_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const (
	quotedPolicy = `
-- policy.yaml --
apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 10000, max: 19999}]}
`
	quotedRoot = `
-- manifests/pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    securityContext:
      runAsUser: 0
`
	quotedRendered = `
-- manifests/kustomization.yaml --
resources: [pod.yaml]
images: [{name: web, newName: registry.example/web}]
-- manifests/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web, securityContext: {runAsUser: 0}}]}
`
	quotedGroup = "  runAsGroup: {rule: MustRunAs, ranges: [{min: 10000, max: 19999}]}\n"

	quotedDeployment = `
-- overlays/production/kustomization.yaml --
resources: [pod.yaml]
-- overlays/production/pod.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec: {containers: [{name: web, image: web}]}
`
	// asRoot gives the container of the applications of hosts the user 0.
	asRoot = `sed -i 's/^\( *\)image: .*/&\n\1securityContext: {runAsUser: 0}/' `
)

// quoted are the outputs that the pages of hosts show, in the order of each page,
// with the files and the command that they come from. That of Helm is in
// TestHelmPage.
var quoted = []struct{ page, files, command string }{
	{"argocd", quotedPolicy + quotedRendered, "cd manifests && USERGROUP_POLICY=../policy.yaml sh ../hosts/argocd/usergroup-plugin"},
	{"ci", quotedPolicy + quotedRoot, "usergroup check --policy policy.yaml manifests/"},
	{"flux", quotedPolicy + quotedGroup + quotedDeployment, "hosts/flux/render.sh overlays/production policy.yaml rendered/production"},
	{"kpt", "", "kpt fn render --allow-exec shop"},
	{"kpt", "", asRoot + "shop/deployment.yaml && kpt fn render --allow-exec shop"},
	{"kustomize", "", asRoot + "app/deployment.yaml && kustomize build --enable-alpha-plugins --enable-exec production"},
}

var plainBlocks = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")

// outputsOf are the blocks of a page that are in no language.
func outputsOf(page string) []string {
	var outputs []string
	for _, m := range plainBlocks.FindAllStringSubmatch(page, -1) {
		if m[1] == "" {
			outputs = append(outputs, m[2])
		}
	}
	return outputs
}

// TestPageOutputs has every output that a page of hosts shows printed again.
func TestPageOutputs(t *testing.T) {
	need(t, kustomize, kpt)
	seen := map[string]int{}
	for _, q := range quoted {
		name := "docs/hosts/" + q.page + ".md"
		outputs := outputsOf(read(t, filepath.Join(root, name)))
		if seen[name]++; seen[name] > len(outputs) {
			t.Fatalf("%s shows only %d outputs", name, len(outputs))
		}
		dir := pageFolder(t, name)
		for _, f := range txtar.Parse([]byte(q.files)).Files {
			writeFile(t, filepath.Join(dir, f.Name), string(f.Data))
		}
		r := run(t, command{dir: dir, env: pageEnv(dir), args: []string{"bash", "-c", q.command}})
		shows(t, name, outputs[seen[name]-1], r.stdout+r.stderr)
	}
	for _, name := range pagesWithBlocks(t) {
		if !strings.HasPrefix(name, "docs/hosts/") || strings.HasSuffix(name, "/helm.md") {
			continue
		}
		if n := len(outputsOf(read(t, filepath.Join(root, name)))); n != seen[name] {
			t.Errorf("%s shows %d outputs, %d are tested", name, n, seen[name])
		}
	}
}

var took = regexp.MustCompile(`in [0-9.]+m?s\b`)

// shows demands that the lines of a quotation are lines of an output, in its order.
// What a quotation leaves out is an ellipsis.
func shows(t *testing.T, page, quotation, output string) {
	t.Helper()
	rest := took.ReplaceAllString(output, "in 0s")
	for line := range strings.Lines(quotation) {
		line = strings.TrimRight(line, "\n")
		if _, shown, host := strings.Cut(line, "failed exit status 1: "); host {
			line = shown // what comes before is Argo CD's; hosts/argocd tests it
		}
		pattern := "(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + " *$"
		at := regexp.MustCompile(pattern).FindStringIndex(rest)
		if at == nil {
			t.Errorf("%s shows a line that is not printed:\n%s\nprinted:\n%s", page, line, output)
			return
		}
		rest = rest[at[1]:]
	}
}
