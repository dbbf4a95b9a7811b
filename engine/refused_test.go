package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the API server's validation refuses of the fields that bear on ids
// (pkg/apis/core/validation), and ids that a user namespace does not have.
func TestRefused(t *testing.T) {
	t.Parallel()
	const rule = "runAsUser: {rule: MustRunAsNonRoot}"
	pod := func(spec, pod, container string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  securityContext: {%s}\n  containers: [{name: c, image: i, securityContext: {runAsUser: 1, %s}}]\n  %s\n", pod, container, spec)
	}
	tests := []struct {
		name, input string
		spec        []string
		want        []string // severity, reason, path and message
	}{
		{"every value that there is", pod("hostUsers: false", "supplementalGroupsPolicy: Strict, fsGroupChangePolicy: Always", "procMount: Unmasked"), []string{rule}, nil},
		{"every other value that there is", pod("hostUsers: true", "supplementalGroupsPolicy: Merge, fsGroupChangePolicy: OnRootMismatch", "procMount: Default"), []string{rule}, nil},
		{"null", pod("hostUsers: null", "supplementalGroupsPolicy: null, fsGroupChangePolicy: null", "procMount: null"), []string{rule}, nil},
		{"supplementalGroupsPolicy", pod("", "supplementalGroupsPolicy: strict", ""), []string{rule}, []string{
			`error Refused spec.securityContext.supplementalGroupsPolicy pod: supplementalGroupsPolicy must be Merge or Strict, is "strict"`,
		}},
		{"supplementalGroupsPolicy that must be Strict", pod("", "supplementalGroupsPolicy: strict", ""), []string{"supplementalGroups: {requireStrict: true}"}, []string{
			`error SupplementalGroupsNotStrict spec.securityContext.supplementalGroupsPolicy pod: supplementalGroupsPolicy must be Strict, is "strict"`,
		}},
		{"fsGroupChangePolicy", pod("", "fsGroupChangePolicy: Never", ""), []string{rule}, []string{
			`error Refused spec.securityContext.fsGroupChangePolicy pod: fsGroupChangePolicy must be OnRootMismatch or Always, is "Never"`,
		}},
		{"fsGroupChangePolicy of another type", pod("", "fsGroupChangePolicy: true", ""), []string{rule}, []string{
			`error InvalidType spec.securityContext.fsGroupChangePolicy pod: fsGroupChangePolicy must be a string, is the boolean true`,
		}},
		{"procMount", pod("", "", "procMount: none"), []string{rule}, []string{
			`error Refused spec.containers[0].securityContext.procMount container "c": procMount must be Default or Unmasked, is "none"`,
		}},
		{"procMount on the host", pod("", "", "procMount: Unmasked"), []string{rule}, []string{
			`error Refused spec.containers[0].securityContext.procMount container "c": procMount must be Default, as hostUsers is not false, is "Unmasked"`,
		}},
		{"the host's namespaces", pod("hostUsers: false\n  hostNetwork: true\n  hostPID: true\n  hostIPC: true", "", ""), []string{rule}, []string{
			`error Refused spec.hostNetwork pod: hostNetwork must not be true, as hostUsers is false, is true`,
			`error Refused spec.hostPID pod: hostPID must not be true, as hostUsers is false, is true`,
			`error Refused spec.hostIPC pod: hostIPC must not be true, as hostUsers is false, is true`,
		}},
		{"the host's namespaces, without one of users", pod("hostNetwork: true\n  hostPID: true\n  hostIPC: true", "", ""), []string{rule}, nil},
		{"hostUsers of another type", pod("hostUsers: 'false'", "", ""), []string{rule}, []string{
			`error InvalidType spec.hostUsers pod: hostUsers must be true or false, is the string "false"`,
		}},
		{"ids that are not mapped", pod("hostUsers: false", "supplementalGroups: [65535, 65536], fsGroup: 70000", "runAsGroup: 65536"), []string{rule}, []string{
			`warning IDNotMapped spec.containers[0].securityContext.runAsGroup container "c": runAsGroup must be in 0-65535, as hostUsers is false, is 65536`,
			`warning IDNotMapped spec.securityContext.supplementalGroups[1] pod: supplementalGroups must be in 0-65535, as hostUsers is false, is 65536`,
			`warning IDNotMapped spec.securityContext.fsGroup pod: fsGroup must be in 0-65535, as hostUsers is false, is 70000`,
		}},
		{"ids of the host", pod("", "fsGroup: 70000", ""), []string{rule}, nil},
		{"Warn", pod("", "fsGroupChangePolicy: Never", ""), []string{rule, "mode: Warn"}, []string{
			`warning Refused spec.securityContext.fsGroupChangePolicy pod: fsGroupChangePolicy must be OnRootMismatch or Always, is "Never"`,
		}},
		{"for Windows the API server has other rules", pod("os: {name: windows}", "fsGroupChangePolicy: Never, runAsNonRoot: true", ""), []string{rule}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, results := apply(t, policyOf("a", tt.spec...), tt.input)
			var got []string
			for _, r := range results {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.Severity, r.Reason, r.Path, r.Message))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
