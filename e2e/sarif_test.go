package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// policyKinds are policies of every dialect, with what each has to say that is about
// no object.
var policyKinds = map[string]string{
	"UserGroupPolicy": "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec:\n  allowExemptionAnnotation: true\n" +
		"  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}\n  exclude: [{containers: [sidecar], reason: '[x](https://example.com)'}]\n",
	"nothing matches": "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec:\n  match: {namespaces: [nowhere]}\n  runAsUser: {rule: MustRunAsNonRoot}\n",
	"ConfigMap":       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ids}\ndata:\n  run_as_user: '{rule: MustRunAsNonRoot}'\n",
	"Kubewarden": "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {name: ids}\nspec:\n  module: registry://example.com/kubewarden/policies/user-group-psp:v1.1.3\n" +
		"  mutating: true\n  rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]\n  settings: {run_as_user: {rule: MustRunAsNonRoot}}\n",
	"PodSecurityPolicy": "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: ids}\nspec:\n  privileged: false\n  runAsUser: {rule: MustRunAsNonRoot}\n" +
		"  runAsGroup: {rule: RunAsAny}\n  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n",
	"ClusterImagePolicy": "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: ids}\nspec:\n  images: [{glob: '**'}]\n  authorities: [{keyless: {url: https://fulcio.example.com}}]\n",
	"Pod Security":       "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec: {podSecurity: {level: restricted}}\n",
	"invalid":            "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec: {runAsUser: {rule: None}, other: 1}\n",
	"broken":             "apiVersion: v1\nkind: [Pod\n",
}

// sarifPods is what they judge, in a file whose name must be escaped.
const sarifPods = `apiVersion: v1
kind: Pod
metadata: {name: "[click](https://example.com)"}
spec:
  containers:
  - {name: "a\nb", image: example.com/a:1}
  - {name: sidecar, image: example.com/b:1, securityContext: {runAsUser: 0}}
---
apiVersion: v1
kind: Pod
metadata: {name: exempt, annotations: {usergroup.dev/exempt-from: ids}}
spec: {containers: [{name: c, image: example.com/c:1, securityContext: {runAsNonRoot: yes}}]}
`

// TestSARIFValidator holds reports of every dialect and every example to Microsoft's
// validator of SARIF, with its rules for GitHub.
func TestSARIFValidator(t *testing.T) {
	validator := os.Getenv("USERGROUP_SARIF")
	if validator == "" {
		t.Skip("make sarif runs this")
	}
	dir := t.TempDir()
	pods := filepath.Join(dir, "a b#%ä.yaml")
	if err := os.WriteFile(pods, []byte(sarifPods), 0o666); err != nil {
		t.Fatal(err)
	}
	var args [][]string
	for name, text := range policyKinds {
		policy := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(policy, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, []string{"-p", policy, pods})
	}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*", "policy.yaml"))
	if err != nil || len(examples) == 0 {
		t.Fatal("no examples")
	}
	for _, policy := range examples {
		args = append(args, []string{"-p", policy, filepath.Join(root, "examples")})
	}
	args = append(args, []string{pods}, []string{"-p", examples[0], filepath.Join(dir, "nowhere.yaml")})
	for i, a := range args {
		file := filepath.Join(dir, fmt.Sprintf("%d.sarif", i))
		c := exec.Command(filepath.Join(bin, usergroup), append([]string{"check", "-o", "sarif=" + file}, a...)...)
		c.Dir = dir
		out, _ := c.CombinedOutput() // every exit code has a report
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Fatalf("check %s: no report\n%s", strings.Join(a, " "), out)
		}
		c = exec.Command(validator, "validate", "--rule-kind", "Sarif;Ghas", file)
		c.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
		said, err := c.CombinedOutput()
		if err != nil || strings.Contains(string(said), ": error ") || strings.Contains(string(said), ": warning ") ||
			!strings.Contains(string(said), "Analysis completed successfully") {
			report, _ := os.ReadFile(file)
			t.Errorf("check %s: %v\n%s\n%.3000s", strings.Join(a, " "), err, said, report)
		}
	}
}
