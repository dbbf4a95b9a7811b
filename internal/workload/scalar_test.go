package workload_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// readField reads a pod spec with one field of its securityContext.
func readField(t testing.TB, key, text string) (*podspec.Pod, []byte) {
	t.Helper()
	data := fmt.Sprintf("securityContext:\n  %s: %s\n", key, text)
	return workload.ReadPod(decode(t, data), podspec.Field("spec"), podspec.Field("metadata")), []byte(data)
}

// TestIDs is section 5 of SEMANTICS for ids.
func TestIDs(t *testing.T) {
	const (
		outOfRange = "must be in 0-2147483647, is "
		notInt     = "must be an integer, is "
	)
	for _, tt := range []struct {
		text   string
		want   int64
		code   podspec.Code // "" where the value is set
		detail string
	}{
		{text: "1000", want: 1000},
		{text: "0", want: 0},
		{text: "2147483647", want: 2147483647},
		{text: "0x3e8", want: 1000},
		{text: "0X3E8", want: 1000},
		{text: "0o1750", want: 1000},
		{text: "01750", want: 1000},
		{text: "0b1111101000", want: 1000},
		{text: "1_000", want: 1000},
		{text: "1__000_", want: 1000},
		{text: "+1000", want: 1000},
		{text: "+_1", want: 1},
		{text: "-0", want: 0},
		{text: "-0.0", want: 0},
		{text: "1e3", want: 1000},
		{text: "1E+3", want: 1000},
		{text: "10000e-1", want: 1000},
		{text: "1000.0", want: 1000},
		{text: "1_000.0", want: 1000},
		{text: "1000.", want: 1000},
		{text: ".1e4", want: 1000},
		{text: "+.1e4", want: 1000},
		{text: "08", want: 8}, // not octal, so a float
		{text: `!!int "1000"`, want: 1000},
		{text: `!!int '0x3e8'`, want: 1000},
		{text: "!!int 1000", want: 1000},
		{text: "!!int |-\n    1000", want: 1000},
		{text: "!!float 1000", want: 1000},
		{text: `!!float "1e3"`, want: 1000},
		{text: "!<tag:yaml.org,2002:int> 1000", want: 1000},
		{text: "&a 1000", want: 1000},

		{text: "-1", code: podspec.InvalidID, detail: outOfRange + "-1"},
		{text: "-0b1", code: podspec.InvalidID, detail: outOfRange + "-0b1"},
		{text: "-1e3", code: podspec.InvalidID, detail: outOfRange + "-1e3"},
		{text: "2147483648", code: podspec.InvalidID, detail: outOfRange + "2147483648"},
		{text: "4294967296", code: podspec.InvalidID, detail: outOfRange + "4294967296"},
		{text: "9223372036854775808", code: podspec.InvalidID, detail: outOfRange + "9223372036854775808"},
		{text: "99999999999999999999", code: podspec.InvalidID, detail: outOfRange + "99999999999999999999"},
		{text: "1e30", code: podspec.InvalidID, detail: outOfRange + "1e30"},

		{text: `"1000"`, code: podspec.InvalidType, detail: notInt + `the string "1000"`},
		{text: "'1000'", code: podspec.InvalidType, detail: notInt + `the string "1000"`},
		{text: "!!str 1000", code: podspec.InvalidType, detail: notInt + `the string "1000"`},
		{text: "|\n    1000", code: podspec.InvalidType, detail: notInt + `the string "1000\n"`},
		{text: "root", code: podspec.InvalidType, detail: notInt + `the string "root"`},
		{text: "${UID}", code: podspec.InvalidType, detail: notInt + `the string "${UID}"`},
		{text: "1e400", code: podspec.InvalidType, detail: notInt + `the string "1e400"`},
		{text: "16:40", code: podspec.InvalidType, detail: notInt + `the string "16:40"`},
		{text: "_1", code: podspec.InvalidType, detail: notInt + `the string "_1"`},
		{text: "0x1p4", code: podspec.InvalidType, detail: notInt + `the string "0x1p4"`},
		{text: "true", code: podspec.InvalidType, detail: notInt + "the boolean true"},
		{text: "yes", code: podspec.InvalidType, detail: notInt + `the string "yes"`},
		{text: "1.5", code: podspec.InvalidType, detail: notInt + "the number 1.5"},
		{text: ".inf", code: podspec.InvalidType, detail: notInt + "the number .inf"},
		{text: ".nan", code: podspec.InvalidType, detail: notInt + "the number .nan"},
		{text: "2001-01-01", code: podspec.InvalidType, detail: notInt + "the timestamp 2001-01-01"},
		{text: "!uid 1000", code: podspec.InvalidType, detail: notInt + `"1000" with the tag !uid`},
		{text: "!!binary MTAwMA==", code: podspec.InvalidType, detail: notInt + `"MTAwMA==" with the tag !!binary`},
		{text: "!!null 1000", code: podspec.InvalidType, detail: notInt + `"1000" with the tag !!null`},
		{text: "!!int 1e3", code: podspec.InvalidType, detail: notInt + "the number 1e3"},
		{text: `!!int ""`, code: podspec.InvalidType, detail: notInt + `the number ""`},
		{text: "!!float 0x1p4", code: podspec.InvalidType, detail: notInt + "the number 0x1p4"},
		{text: "{}", code: podspec.InvalidType, detail: notInt + "a mapping"},
		{text: "[1000]", code: podspec.InvalidType, detail: notInt + "a list"},

		{text: "0o+17", code: podspec.AmbiguousValue, detail: notInt + "0o+17, which parsers read differently"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			for _, key := range []string{"runAsUser", "runAsGroup", "fsGroup"} {
				pod, data := readField(t, key, tt.text)
				got := map[string]podspec.Value[int64]{"runAsUser": pod.RunAsUser, "runAsGroup": pod.RunAsGroup, "fsGroup": pod.FSGroup}[key]
				checkValue(t, got, podspec.Field("spec", "securityContext", key), tt.want, tt.code, tt.detail)
				if tt.code == "" {
					checkReaders(t, data, func(sc *corev1.PodSecurityContext) *int64 {
						return map[string]*int64{"runAsUser": sc.RunAsUser, "runAsGroup": sc.RunAsGroup, "fsGroup": sc.FSGroup}[key]
					}, tt.want)
				}
			}
		})
	}
}

// TestBooleans is section 5 of SEMANTICS for booleans.
func TestBooleans(t *testing.T) {
	const want = "must be true or false, is "
	type row struct {
		text   string
		want   bool
		code   podspec.Code
		detail string
	}
	rows := []row{
		{text: "true", want: true},
		{text: "True", want: true},
		{text: "TRUE", want: true},
		{text: "false"},
		{text: "False"},
		{text: "FALSE"},
		{text: `!!bool "true"`, want: true},
		{text: "tRUE", code: podspec.InvalidType, detail: want + `the string "tRUE"`},
		{text: `"true"`, code: podspec.InvalidType, detail: want + `the string "true"`},
		{text: "'yes'", code: podspec.InvalidType, detail: want + `the string "yes"`},
		{text: "!!str yes", code: podspec.InvalidType, detail: want + `the string "yes"`},
		{text: "${NONROOT}", code: podspec.InvalidType, detail: want + `the string "${NONROOT}"`},
		{text: "1", code: podspec.InvalidType, detail: want + "the number 1"},
		{text: "{}", code: podspec.InvalidType, detail: want + "a mapping"},
		{text: "[true]", code: podspec.InvalidType, detail: want + "a list"},
		{text: "!!bool yes", code: podspec.AmbiguousValue, detail: want + "yes, which parsers read differently"},
		{text: "!!bool 'on'", code: podspec.AmbiguousValue, detail: want + `"on", which parsers read differently`},
	}
	for _, text := range []string{"y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"} {
		rows = append(rows, row{text: text, code: podspec.AmbiguousValue, detail: want + text + ", which parsers read differently"})
	}
	for _, tt := range rows {
		t.Run(tt.text, func(t *testing.T) {
			pod, data := readField(t, "runAsNonRoot", tt.text)
			checkValue(t, pod.RunAsNonRoot, podspec.Field("spec", "securityContext", "runAsNonRoot"), tt.want, tt.code, tt.detail)
			if tt.code == "" {
				checkReaders(t, data, func(sc *corev1.PodSecurityContext) *bool { return sc.RunAsNonRoot }, tt.want)
			}
		})
	}
}

// TestStrings reads the fields that are strings.
func TestStrings(t *testing.T) {
	for _, tt := range []struct {
		text   string
		want   string
		code   podspec.Code
		detail string
	}{
		{text: "Strict", want: "Strict"},
		{text: `"Merge"`, want: "Merge"},
		{text: `"yes"`, want: "yes"},
		{text: "!!str yes", want: "yes"},
		{text: "yes", code: podspec.AmbiguousValue, detail: "must be a string, is yes, which parsers read differently"},
		{text: "true", code: podspec.InvalidType, detail: "must be a string, is the boolean true"},
		{text: "1", code: podspec.InvalidType, detail: "must be a string, is the number 1"},
		{text: "[Strict]", code: podspec.InvalidType, detail: "must be a string, is a list"},
		{text: "!x Strict", code: podspec.InvalidType, detail: `must be a string, is "Strict" with the tag !x`},
	} {
		t.Run(tt.text, func(t *testing.T) {
			pod, data := readField(t, "supplementalGroupsPolicy", tt.text)
			checkValue(t, pod.SupplementalGroupsPolicy, podspec.Field("spec", "securityContext", "supplementalGroupsPolicy"), tt.want, tt.code, tt.detail)
			if tt.code == "" {
				checkReaders(t, data, func(sc *corev1.PodSecurityContext) *string { return (*string)(sc.SupplementalGroupsPolicy) }, tt.want)
			}
		})
	}
}

// TestUnset lists the ways to set nothing.
func TestUnset(t *testing.T) {
	for _, text := range []string{
		"{}", "securityContext:", "securityContext: null", "securityContext: ~", "securityContext: {}",
		"securityContext: {runAsUser: null, runAsNonRoot: ~, supplementalGroups: , supplementalGroupsPolicy: Null, fsGroup: !!null ''}",
		"securityContext: {runasuser: 0, RunAsUser: 0, runAsNonroot: false}", // keys are case-sensitive
		"securityContext: {windowsOptions: }",
	} {
		pod := workload.ReadPod(decode(t, text), podspec.Field("spec"), podspec.Field("metadata"))
		states := []podspec.State{
			pod.HostUsers.State, pod.RunAsUser.State, pod.RunAsGroup.State, pod.RunAsNonRoot.State, pod.RunAsUserName.State,
			pod.SupplementalGroups.State, pod.SupplementalGroupsPolicy.State, pod.FSGroup.State,
		}
		if diff := cmp.Diff(make([]podspec.State, len(states)), states); diff != "" || pod.Problems != nil {
			t.Errorf("%s: states (-want +got):\n%s\nproblems: %+v", text, diff, pod.Problems)
		}
		if got := pod.RunAsUser.Path.String(); got != "spec.securityContext.runAsUser" {
			t.Errorf("%s: runAsUser would be at %s", text, got)
		}
	}
}

// checkValue compares a value with what it should be: set to want where code is
// "", else invalid for the reason given.
func checkValue[T comparable](t *testing.T, got podspec.Value[T], path podspec.Path, want T, code podspec.Code, detail string) {
	t.Helper()
	expected := podspec.Value[T]{State: podspec.Set, V: want, Raw: got.Raw, Path: path}
	if code != "" {
		expected = podspec.Value[T]{
			State: podspec.Invalid, Raw: got.Raw, Path: path,
			Problem: &podspec.Problem{Code: code, Path: path, Raw: got.Raw, Detail: detail},
		}
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

// checkReaders asks the real readers for a field that is set.
func checkReaders[T comparable](t *testing.T, data []byte, field func(*corev1.PodSecurityContext) *T, want T) {
	t.Helper()
	for _, r := range readers {
		spec, err := r.read(data)
		if err != nil || spec.SecurityContext == nil || field(spec.SecurityContext) == nil {
			t.Errorf("%s does not see a value: %v", r.name, err)
			continue
		}
		if got := *field(spec.SecurityContext); got != want {
			t.Errorf("%s reads %v, want %v", r.name, got, want)
		}
	}
}
