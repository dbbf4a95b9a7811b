package fn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/fn"
)

const policyYAML = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: ids
spec:
  runAsUser:
    rule: MustRunAs
    ranges:
    - min: 1000
      max: 1999
`

// input is a ResourceList with the given pods and policyYAML.
func input(pods ...string) string {
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + items(pods...) +
		"functionConfig:\n  " + strings.ReplaceAll(strings.TrimSpace(policyYAML), "\n", "\n  ") + "\n"
}

func items(pods ...string) string {
	var b strings.Builder
	for _, p := range pods {
		b.WriteString("- " + strings.ReplaceAll(strings.TrimSpace(p), "\n", "\n  ") + "\n")
	}
	return b.String()
}

const unsetPod = `apiVersion: v1
kind: Pod
metadata:
  name: unset
spec:
  containers:
  # the only one
  - name: app
    image: app
`

const rootPod = `apiVersion: v1
kind: Pod
metadata:
  name: root
spec:
  containers:
  - name: app
    image: app
    securityContext:
      runAsUser: 0
`

// TestProcessor runs the adapter in the SDK's own runner.
func TestProcessor(t *testing.T) {
	out, err := sdk.Run(sdk.ResourceListProcessorFunc(fn.Processor{}.Process), []byte(input(unsetPod)))
	if err != nil {
		t.Fatal(err)
	}
	rl, err := sdk.ParseResourceList(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(rl.Items) != 1 {
		t.Fatalf("%d items", len(rl.Items))
	}
	for _, path := range [][]string{{"spec", "securityContext", "runAsUser"}} {
		got, found, err := rl.Items[0].NestedInt64(path...)
		if err != nil || !found || got != 1000 {
			t.Errorf("%s is %d, %v, %v; want 1000", path, got, found, err)
		}
	}
	if !strings.Contains(rl.Items[0].String(), "# the only one") {
		t.Errorf("the comment is gone:\n%s", rl.Items[0].String())
	}
	want := sdk.Results{
		{
			Message: `container "app": runAsUser set to 1000 (was unset)`, Severity: sdk.Info,
			ResourceRef: &sdk.ResourceRef{APIVersion: "v1", Kind: "Pod", Name: "unset"},
			Field:       &sdk.Field{Path: "spec.containers[0].securityContext.runAsUser", ProposedValue: 1000},
			Tags:        map[string]string{"container": "app", "policy": "ids", "reason": "Defaulted", "rule": "MustRunAs"},
		},
		{
			Message: `pod: runAsUser set to 1000 (was unset)`, Severity: sdk.Info,
			ResourceRef: &sdk.ResourceRef{APIVersion: "v1", Kind: "Pod", Name: "unset"},
			Field:       &sdk.Field{Path: "spec.securityContext.runAsUser", ProposedValue: 1000},
			Tags:        map[string]string{"policy": "ids", "reason": "Defaulted", "rule": "MustRunAs"},
		},
	}
	if diff := cmp.Diff(want, rl.Results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// TestProcessorFindings: an error result makes the SDK's runner fail, and the
// results are there all the same.
func TestProcessorFindings(t *testing.T) {
	rl, err := sdk.ParseResourceList([]byte(input(rootPod)))
	if err != nil {
		t.Fatal(err)
	}
	ok, err := fn.Processor{}.Process(rl)
	if ok || err != nil {
		t.Errorf("Process = %v, %v; want false, nil", ok, err)
	}
	if len(rl.Results) != 1 || rl.Results[0].Severity != sdk.Error || rl.Results[0].Tags["reason"] != "UserIDOutsideRanges" {
		t.Errorf("results %v", rl.Results)
	}
}

func TestProcessorBadConfig(t *testing.T) {
	rl, err := sdk.ParseResourceList([]byte(strings.Replace(input(unsetPod), "MustRunAs", "MustRun", 1)))
	if err != nil {
		t.Fatal(err)
	}
	ok, err := fn.Processor{}.Process(rl)
	if ok || err != nil {
		t.Errorf("Process = %v, %v; want false, nil", ok, err)
	}
	if len(rl.Results) == 0 || !strings.Contains(rl.Results[0].Message, "spec.runAsUser.rule") {
		t.Errorf("results %v", rl.Results)
	}
}

// TestProcessorInChain: other functions of the SDK run beside it.
func TestProcessorInChain(t *testing.T) {
	label := sdk.ResourceListProcessorFunc(func(rl *sdk.ResourceList) (bool, error) {
		return true, rl.Items[0].SetLabel("seen", "it")
	})
	var out strings.Builder
	err := sdk.Execute(sdk.Chain(label, fn.Processor{}), strings.NewReader(input(unsetPod)), &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`seen: it`, "runAsUser: 1000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}

// TestFilter runs the adapter in a kio.Pipeline.
func TestFilter(t *testing.T) {
	got, f, err := pipeline(t, unsetPod, "apiVersion: v1\nkind: Service\nmetadata:\n  name: a # kept\n")
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: v1
kind: Pod
metadata:
  name: unset
spec:
  securityContext:
    runAsUser: 1000
  containers:
  # the only one
  - name: app
    image: app
    securityContext:
      runAsUser: 1000
---
apiVersion: v1
kind: Service
metadata:
  name: a # kept
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(f.Results) != 2 {
		t.Errorf("results %v, want two changes", f.Results)
	}
}

func TestFilterFindings(t *testing.T) {
	got, f, err := pipeline(t, unsetPod, rootPod)
	if err == nil || !strings.Contains(err.Error(), "runAsUser must be in 1000-1999, is 0") {
		t.Errorf("error %v", err)
	}
	if got != "" {
		t.Errorf("written although a finding is an error:\n%s", got)
	}
	if len(f.Results) != 3 {
		t.Errorf("results %v, want two changes and a finding", f.Results)
	}
}

func pipeline(t *testing.T, pods ...string) (string, *fn.Filter, error) {
	t.Helper()
	f := &fn.Filter{Config: yaml.MustParse(policyYAML)}
	var out strings.Builder
	err := kio.Pipeline{
		Inputs:  []kio.Reader{&kio.ByteReader{Reader: strings.NewReader(strings.Join(pods, "---\n")), OmitReaderAnnotations: true}},
		Filters: []kio.Filter{f},
		Outputs: []kio.Writer{kio.ByteWriter{Writer: &out}},
	}.Execute()
	return out.String(), f, err
}
