package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

// say is one row of the tables in SECURITY.md of what manifests can influence: an input whose
// say counts under one policy and not under the other.
type say struct {
	row   string // the first cell
	items string // beside rootPod, below manifests/
	// spec is a policy that listens, deaf the same without that.
	spec, deaf string
	// heard and unheard are the reasons of what is said with each, separated by
	// spaces.
	heard, unheard string
}

const (
	nonRoot = "runAsUser: {rule: MustRunAsNonRoot}\n  "
	trusted = nonRoot + "exclude: [{namespaceSelector: {matchLabels: {tier: trusted}}, reason: r}]"
	rootPod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: [{name: c, image: registry.example/app:1, securityContext: {runAsUser: 0}}]}\n---\n"
	shop    = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  "
	digest  = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
)

func userLock(user string) string {
	return "apiVersion: usergroup.dev/v1alpha1\nkind: ImageUserLock\nimages:\n- {image: registry.example/app:1, digest: \"" + digest + "\", platform: linux/amd64, os: linux, user: \"" + user + "\"}\n"
}

var says = []say{
	{
		row: "a Namespace", items: shop + "labels: {tier: trusted}\n",
		spec: trusted, heard: "Exempted",
		deaf: nonRoot, unheard: "CannotUseRootUserID",
	},
	{ // of two that differ, neither
		row: "a Namespace", items: shop + "labels: {tier: trusted}\n---\n" + shop + "labels: {tier: other}\n",
		deaf: trusted, unheard: "DuplicateKey DuplicateKey Exempted",
	},
	{ // one within another object is that object's to make
		row:   "a Namespace",
		items: "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects: [{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: trusted}}}]\n",
		deaf:  trusted, unheard: "CannotUseRootUserID NothingMatched",
	},
	{ // nor is it of another group
		row: "a Namespace", items: strings.Replace(shop, "v1", "example.dev/v1", 1) + "labels: {tier: trusted}\n",
		deaf: trusted, unheard: "CannotUseRootUserID NothingMatched",
	},
	{
		row: "a Namespace", items: shop + "labels: {pod-security.kubernetes.io/enforce: restricted}\n",
		spec: "namespaceLabels: true", heard: "PodSecurityViolation PodSecurityViolation",
		deaf: "podSecurity: {enforce: {level: baseline}}", unheard: "",
	},
	{
		row: "a Namespace", items: shop + "annotations: {openshift.io/sa.scc.uid-range: 0/10}\n",
		spec: "runAsUser: {rule: MustRunAs, rangesFrom: OpenShiftNamespace}", heard: "",
		deaf: "runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}", unheard: "UserIDOutsideRanges",
	},
	{
		row: "a policy", items: "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: theirs}\nspec: {output: none, mode: Audit, runAsUser: {rule: RunAsAny}, runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}}\n",
		spec: nonRoot + "policiesFromItems: true", heard: "CannotUseRootUserID MissingGroupID",
		deaf: nonRoot, unheard: "CannotUseRootUserID",
	},
	{ // where the items are read for image locks
		row: "a policy", items: "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: theirs}\nspec: {runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}}\n",
		deaf: nonRoot + "validateContainerImageConfiguration: true\n  images: {failurePolicy: Ignore}", unheard: "CannotUseRootUserID",
	},
	{ // where a kind has its pods: that is added to what is known, and takes nothing from it
		row: "a policy", items: "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: theirs}\nspec: {unknownKinds: Ignore, podSpecPaths: [{group: '', kind: Pod, paths: [spec], operator: true}]}\n",
		deaf: "runAsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}\n  policiesFromItems: true", unheard: "MissingGroupID",
	},
	{
		row: "an ImageUserLock", items: userLock("1000"),
		spec: "validateContainerImageConfiguration: true\n  images: {lockFromItems: true}\n  runAsUser: {rule: MustRunAs, ranges: [{min: 0, max: 2000}]}", heard: "NotEvaluated",
		deaf: "validateContainerImageConfiguration: true\n  runAsUser: {rule: MustRunAs, ranges: [{min: 0, max: 2000}]}", unheard: "ImageUnavailable",
	},
	{
		row: "comment `# usergroup:allow REASON why`", items: "apiVersion: v1\nkind: Pod\nmetadata: {name: q, namespace: shop}\nspec:\n  containers:\n  # usergroup:allow CannotUseRootUserID r\n  - {name: c, securityContext: {runAsUser: 0}}\n",
		spec: nonRoot + "allowExemptionComments: true", heard: "CannotUseRootUserID Exempted",
		deaf: nonRoot, unheard: "CannotUseRootUserID CannotUseRootUserID",
	},
	{
		row:   "a CustomResourceDefinition",
		items: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: pods.example.dev}\nspec: {group: '', names: {kind: Pod, plural: pods}, scope: Namespaced, versions: []}\n",
		deaf:  nonRoot, unheard: "CannotUseRootUserID",
	},
	{
		row:   "a ConfigMap, Kptfile or Kustomization",
		items: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs}\ndata: {run_as_user: '{rule: RunAsAny}', exclude: '[{names: [p], reason: r}]'}\n---\napiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\npipeline: {validators: []}\n",
		deaf:  nonRoot, unheard: "CannotUseRootUserID",
	},
	{
		row:   "annotation `usergroup.dev/exempt-from`",
		items: strings.Replace(rootPod, "name: p,", "name: q, annotations: {usergroup.dev/exempt-from: ours},", 1),
		spec:  nonRoot + "allowExemptionAnnotation: true", heard: "CannotUseRootUserID Exempted",
		deaf: nonRoot, unheard: "CannotUseRootUserID CannotUseRootUserID",
	},
	{
		row:   "annotation `config.kubernetes.io/local-config`", // where a host runs the function: see testdata/script/kinds_local_config.txtar
		items: strings.Replace(rootPod, "name: p,", "name: q, annotations: {config.kubernetes.io/local-config: \"true\"},", 1),
		deaf:  nonRoot, unheard: "CannotUseRootUserID CannotUseRootUserID",
	},
	{
		row:   "annotation `usergroup.dev/applied`",
		items: strings.Replace(rootPod, "name: p,", "name: q, annotations: {usergroup.dev/applied: ours},", 1),
		deaf:  nonRoot, unheard: "CannotUseRootUserID CannotUseRootUserID",
	},
	{
		row:   "path annotations",
		items: strings.Replace(rootPod, "name: p,", "name: q, annotations: {config.kubernetes.io/path: exempt.yaml, internal.config.kubernetes.io/path: exempt.yaml},", 1),
		deaf:  nonRoot, unheard: "CannotUseRootUserID CannotUseRootUserID",
	},
	{
		row: "`--image-lock`, `spec.images.lock`", items: userLock("1000"), // which says otherwise, and is asked later
		spec: "validateContainerImageConfiguration: true\n  images: {lock: trusted.yaml, lockFromItems: true}\n  runAsUser: {rule: MustRunAs, ranges: [{min: 0, max: 2000}]}", heard: "ImageConfigUserIDOutsideRanges NotEvaluated",
		deaf: "validateContainerImageConfiguration: true\n  images: {lock: trusted.yaml}\n  runAsUser: {rule: MustRunAs, ranges: [{min: 0, max: 2000}]}", unheard: "ImageConfigUserIDOutsideRanges",
	},
}

// otherTests are the rows whose tests are elsewhere.
var otherTests = map[string]string{
	"`--image-layout`, `--image-archive`": "internal/image/layout/layout_test.go",
	"an ImageUserLock among the items":    "testdata/script/images_lock.txtar",
	"the cache":                           "internal/image/disk/disk_test.go",
	"a registry":                          "internal/image/registry/registry_test.go",
}

// TestWhoMaySay holds the tables of SECURITY.md: what an item or an annotation says
// counts where the policy listens, and nowhere else.
func TestWhoMaySay(t *testing.T) {
	if diff := cmp.Diff(securityRows(t), rowsTested(t)); diff != "" {
		t.Errorf("rows of SECURITY.md (-) and tests (+):\n%s", diff)
	}
	for i, s := range says {
		t.Run(fmt.Sprintf("%d %s", i, s.row), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.Mkdir("manifests", 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, "manifests/all.yaml", rootPod+s.items)
			write(t, "trusted.yaml", userLock("3000"))
			if s.spec != "" {
				if got := reasons(t, s.spec); got != s.heard {
					t.Errorf("a policy that listens gives %q, want %q", got, s.heard)
				}
			}
			if got := reasons(t, s.deaf); got != s.unheard {
				t.Errorf("a policy that does not listen gives %q, want %q", got, s.unheard)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// reasons checks the manifests by a policy and returns what is said, sorted.
func reasons(t *testing.T, spec string) string {
	t.Helper()
	write(t, "policy.yaml", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ours}\nspec:\n  "+spec+"\n")
	var out, log bytes.Buffer
	if code := cmd.Main([]string{"check", "--policy", "policy.yaml", "--offline", "--output", "compact", "manifests"}, cmd.Streams{In: strings.NewReader(""), Out: &out, Err: &log}); code == 2 {
		t.Fatalf("%s%s", &out, &log)
	}
	var found []string
	for line := range strings.Lines(out.String()) {
		if i := strings.LastIndexByte(line, '['); i >= 0 && strings.HasSuffix(line, "]\n") {
			found = append(found, line[i+1:len(line)-2])
		}
	}
	return strings.Join(slices.Sorted(slices.Values(found)), " ")
}

// securityRows are the first cells of the tables.
func securityRows(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## What manifests can influence")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		switch cell := strings.TrimSpace(cells[1]); cell {
		case "---", "an item", "an object", "source of an image's USER":
		default:
			rows = append(rows, cell)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(rows)))
}

func rowsTested(t *testing.T) []string {
	t.Helper()
	var rows []string
	for _, s := range says {
		rows = append(rows, s.row)
	}
	for row, file := range otherTests {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
		rows = append(rows, row)
	}
	return slices.Compact(slices.Sorted(slices.Values(rows)))
}
