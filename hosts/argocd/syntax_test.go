package argocd_test

import (
	"strings"
	"testing"
)

// TestSyntax has plain folders whose manifests Argo CD and usergroup might read
// differently: however a pod that runs as root is written, it is refused by one of
// them.
func TestSyntax(t *testing.T) {
	sidecars(t, "plugin-helm.yaml")
	const (
		service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
		flow    = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"a","securityContext":{"runAsUser":0}}]}}`
	)
	for name, file := range map[string]string{
		"a comment behind the separator":       service + "--- # next\n" + rootPod,
		"a separator with an object behind it": service + "--- " + flow + "\n",
		"a separator with a tab":               service + "---\t\n" + rootPod,
		"the end of a document":                service + "...\n" + rootPod,
		"an end and a separator":               service + "...\n---\n" + rootPod,
		"a directive":                          "%YAML 1.1\n---\n" + service + "...\n%YAML 1.1\n---\n" + rootPod,
		"a byte order mark":                    "\ufeff" + rootPod,
		"a byte order mark in the middle":      service + "---\n\ufeff" + rootPod,
		"carriage returns":                     strings.ReplaceAll(service+"---\n"+rootPod, "\n", "\r\n"),
		"carriage returns alone":               strings.ReplaceAll(service+"---\n"+rootPod, "\n", "\r"),
		"line breaks of Unicode":               service + "# \u2028---\u2028" + strings.ReplaceAll(rootPod, "\n", "\u2028"),
		"next line":                            service + "# \u0085---\u0085" + strings.ReplaceAll(rootPod, "\n", "\u0085"),
		"two objects of JSON":                  flow + flow,
		"two objects of JSON, one a line":      flow + "\n" + flow + "\n",
		"JSON before YAML":                     flow + "\n---\n" + service,
		"a separator in a text":                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    x\n---\n" + rootPod,
		"a separator in a text at the margin":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"\n---\n" + rootPod + "\"}\n",
		"a key twice":                          barePod + "spec:\n  containers:\n    - {name: web, image: a, securityContext: {runAsUser: 0}}\n",
		"a key twice, the second within":       barePod + "      securityContext: {runAsUser: 10000, runAsUser: 0}\n",
		"a kind twice":                         "kind: ConfigMap\n" + rootPod,
		"a kind in a merge":                    "<<: {kind: Pod, apiVersion: v1}\n" + strings.ReplaceAll(strings.ReplaceAll(rootPod, "kind: Pod\n", ""), "apiVersion: v1\n", ""),
		"a context in a merge":                 barePod + "      securityContext: {<<: {runAsUser: 0}}\n",
		"an anchor":                            "x: &c {runAsUser: 0}\n" + barePod + "      securityContext: *c\n",
		"a tag":                                barePod + "      securityContext: {runAsUser: !!int \"0\"}\n",
		"an octal number":                      barePod + "      securityContext: {runAsUser: 00}\n",
		"a number with a point":                barePod + "      securityContext: {runAsUser: 0.0}\n",
		"a binary number":                      barePod + "      securityContext: {runAsUser: 0b0}\n",
		"minus zero":                           barePod + "      securityContext: {runAsUser: -0}\n",
		"a key in quotes":                      strings.ReplaceAll(rootPod, "runAsUser", `"run\x41sUser"`),
		"a key that is explicit":               barePod + "      securityContext:\n        ? runAsUser\n        : 0\n",
		"a list":                               "apiVersion: v1\nkind: List\nitems:\n- " + flow + "\n",
		"a list in a list":                     "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [" + flow + "]}\n",
		"a list of pods":                       "apiVersion: v1\nkind: PodList\nitems:\n- " + flow + "\n",
		"a list of pods without their kind":    "apiVersion: v1\nkind: PodList\nitems:\n- " + strings.Replace(flow, `"apiVersion":"v1","kind":"Pod",`, "", 1) + "\n",
		"a kind that only ends in List":        "apiVersion: example.com/v1\nkind: WishList\nmetadata: {name: a}\nitems:\n- " + flow + "\n",
		"items beside a kind that is no list":  service + "items:\n- " + flow + "\n",
		"a sequence of objects":                "- " + flow + "\n",
		"an annotation of a local object":      strings.Replace(rootPod, "  name: web\n", "  name: web\n  annotations: {config.kubernetes.io/local-config: \"true\"}\n", 1),
		"an old version":                       strings.Replace(strings.Replace(flow, `"v1"`, `"apps/v1beta1"`, 1), `"Pod","metadata":{"name":"web"},"spec":`, `"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":`, 1) + "}}",
	} {
		t.Run(name, func(t *testing.T) {
			a := application{files: one("pod.yaml", file), source: named("usergroup-helm")}.generate(t)
			for _, root := range []string{`"runAsUser":0`, `"runAsUser":-0`} {
				if strings.Contains(a.manifests, root) {
					t.Errorf("rendered:\n%s", a.manifests)
				}
			}
		})
	}
}
