package workload_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// TestWindows is about what says that a pod is for Windows, and about pods that
// say both.
func TestWindows(t *testing.T) {
	const (
		affinity = `affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [`
		windows  = `{matchExpressions: [{key: kubernetes.io/arch, operator: Exists}, {key: kubernetes.io/os, operator: In, values: [windows]}]}`
		linux    = `{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}]}`
		either   = `{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux, windows]}]}`
		terms    = `spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
	)
	for _, tt := range []struct {
		name, spec string
		by         string // what says windows; "" for linux
		problem    string // the place of the problem
	}{
		{"nothing", `{}`, "", ""},
		{"os.name", `{os: {name: windows}}`, "spec.os.name", ""},
		{"os.name linux", `{os: {name: linux}}`, "", ""},
		{"nodeSelector", `{nodeSelector: {kubernetes.io/os: windows}}`, `spec.nodeSelector["kubernetes.io/os"]`, ""},
		{"the old label", `{nodeSelector: {beta.kubernetes.io/os: windows}}`, `spec.nodeSelector["beta.kubernetes.io/os"]`, ""},
		{"another label", `{nodeSelector: {kubernetes.io/arch: amd64}}`, "", ""},
		{"required affinity", `{` + affinity + windows + `]}}}}`, terms + "[0].matchExpressions[1].values", ""},
		{"every term", `{` + affinity + windows + `, ` + windows + `]}}}}`, terms + "[0].matchExpressions[1].values", ""},
		{"a term that says nothing", `{nodeSelector: {kubernetes.io/os: windows}, ` + affinity + linux + `, {}]}}}}`, `spec.nodeSelector["kubernetes.io/os"]`, ""},
		{"a nodeSelector beside no terms", `{nodeSelector: {kubernetes.io/os: windows}, ` + affinity + `]}}}}`, `spec.nodeSelector["kubernetes.io/os"]`, ""},
		{"a nodeSelector beside no affinity", `{nodeSelector: {kubernetes.io/os: windows}, affinity: {}}`, `spec.nodeSelector["kubernetes.io/os"]`, ""},
		{"one of two terms", `{` + affinity + windows + `, ` + linux + `]}}}}`, "", ""},
		{"a term that says both", `{` + affinity + either + `]}}}}`, "", ""},
		{"no terms", `{` + affinity + `]}}}}`, "", ""},
		{"windowsOptions of the pod", `{securityContext: {windowsOptions: {runAsUserName: a}}}`, "spec.securityContext.windowsOptions", ""},
		{"windowsOptions of a container", `{containers: [{securityContext: {windowsOptions: {hostProcess: true}}}]}`, "spec.containers[0].securityContext.windowsOptions", ""},
		{"a null in windowsOptions", `{securityContext: {windowsOptions: {runAsUserName: null}}}`, "", ""},
		{"the second of windowsOptions", `{securityContext: {windowsOptions: {gmsaCredentialSpec: null, hostProcess: true}}}`, "spec.securityContext.windowsOptions", ""},
		{"empty windowsOptions", `{securityContext: {windowsOptions: {}}}`, "", ""},
		{"all agree", `{os: {name: windows}, nodeSelector: {kubernetes.io/os: windows}, securityContext: {windowsOptions: {runAsUserName: a}}}`, "spec.os.name", ""},
		{"an id beside a node of Windows, which ignores it", `{nodeSelector: {kubernetes.io/os: windows}, securityContext: {runAsUser: 0}}`, `spec.nodeSelector["kubernetes.io/os"]`, ""},

		{"a duplicate label", `{nodeSelector: {kubernetes.io/os: windows, kubernetes.io/os: linux}}`, `spec.nodeSelector["kubernetes.io/os"]`, `spec.nodeSelector["kubernetes.io/os"]`},
		{"a duplicate nodeSelector", `{nodeSelector: {kubernetes.io/os: windows}, nodeSelector: {}}`, `spec.nodeSelector["kubernetes.io/os"]`, "spec.nodeSelector"},
		{"a duplicate affinity", `{` + affinity + windows + `]}}}, affinity: {}}`, terms + "[0].matchExpressions[1].values", "spec.affinity"},
		{"a duplicate list of expressions", `{` + affinity + `{matchExpressions: [], matchExpressions: []}]}}}}`, "", terms + "[0].matchExpressions"},
		{"a duplicate operator", `{` + affinity + `{matchExpressions: [{key: kubernetes.io/os, operator: NotIn, operator: In, values: [windows]}]}]}}}}`, "", terms + "[0].matchExpressions[0].operator"},

		{"os.name and nodeSelector", `{os: {name: linux}, nodeSelector: {kubernetes.io/os: windows}}`, "", `spec.nodeSelector["kubernetes.io/os"]`},
		{"the other way round", `{os: {name: windows}, nodeSelector: {kubernetes.io/os: linux}}`, "", `spec.nodeSelector["kubernetes.io/os"]`},
		{"nodeSelector and affinity", `{nodeSelector: {kubernetes.io/os: linux}, ` + affinity + windows + `]}}}}`, "", terms + "[0].matchExpressions[1].values"},
		{"os.name and windowsOptions", `{os: {name: linux}, securityContext: {windowsOptions: {runAsUserName: a}}}`, "", "spec.securityContext.windowsOptions"},
		{"windowsOptions and an id", `{securityContext: {windowsOptions: {runAsUserName: a}}, containers: [{securityContext: {runAsUser: 0}}]}`, "", "spec.containers[0].securityContext.runAsUser"},
		{"windowsOptions and a group", `{securityContext: {windowsOptions: {runAsUserName: a}, fsGroup: 0}}`, "", "spec.securityContext.fsGroup"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pod := workload.ReadPod(decode(t, tt.spec), podspec.Field("spec"), podspec.Field("metadata"))
			if got := pod.OSPath.String(); pod.Windows != (tt.by != "") || pod.Windows && got != tt.by {
				t.Errorf("windows is %v by %s, want %q", pod.Windows, got, tt.by)
			}
			var got string
			for _, p := range pod.Problems {
				got += p.Path.String()
			}
			if got != tt.problem {
				t.Errorf("problem at %q, want %q", got, tt.problem)
			}
		})
	}
}
