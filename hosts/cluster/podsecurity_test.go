package cluster_test

import (
	"fmt"
	"strings"
	"testing"
)

// tweaks are changes of a pod that every level admits, each of which some level
// refuses.
var tweaks = []struct {
	name  string
	tweak func(spec, container object)
}{
	{"host network", func(s, _ object) { s["hostNetwork"] = true }},
	{"host pid", func(s, _ object) { s["hostPID"] = true }},
	{"host port", func(_, c object) { c["ports"] = []any{object{"containerPort": 80, "hostPort": 80}} }},
	{"host path", func(s, _ object) { s["volumes"] = []any{object{"name": "v", "hostPath": object{"path": "/"}}} }},
	{"nfs", func(s, _ object) {
		s["volumes"] = []any{object{"name": "v", "nfs": object{"server": "s", "path": "/"}}}
	}},
	{"a volume without a source", func(s, _ object) { s["volumes"] = []any{object{"name": "v"}} }},
	{"privileged", func(_, c object) { context(c)["privileged"] = true; delete(context(c), "allowPrivilegeEscalation") }},
	{"escalation", func(_, c object) { context(c)["allowPrivilegeEscalation"] = true }},
	{"escalation unset", func(_, c object) { delete(context(c), "allowPrivilegeEscalation") }},
	{"capabilities kept", func(_, c object) { delete(context(c), "capabilities") }},
	{"a capability of baseline", func(_, c object) { context(c)["capabilities"] = object{"drop": []any{"ALL"}, "add": []any{"CHOWN"}} }},
	{"a capability of nobody", func(_, c object) {
		context(c)["capabilities"] = object{"drop": []any{"ALL"}, "add": []any{"SYS_ADMIN"}}
	}},
	{"the capability of all", func(_, c object) {
		context(c)["capabilities"] = object{"drop": []any{"ALL"}, "add": []any{"NET_BIND_SERVICE"}}
	}},
	{"no seccomp", func(s, _ object) { delete(context(s), "seccompProfile") }},
	{"unconfined", func(_, c object) { context(c)["seccompProfile"] = object{"type": "Unconfined"} }},
	{"root", func(s, _ object) { context(s)["runAsUser"] = 0 }},
	{"root in one container", func(_, c object) { context(c)["runAsUser"] = 0 }},
	{"may be root", func(s, _ object) { delete(context(s), "runAsNonRoot") }},
	{"may be root in one container", func(_, c object) { context(c)["runAsNonRoot"] = false }},
	{"non-root in the container alone", func(s, c object) { delete(context(s), "runAsNonRoot"); context(c)["runAsNonRoot"] = true }},
	{"a user namespace", func(s, _ object) { s["hostUsers"] = false; delete(context(s), "runAsNonRoot") }},
	{"a sysctl", func(s, _ object) { context(s)["sysctls"] = []any{object{"name": "kernel.msgmax", "value": "1"}} }},
	{"a safe sysctl", func(s, _ object) {
		context(s)["sysctls"] = []any{object{"name": "net.ipv4.tcp_syncookies", "value": "1"}}
	}},
	{"proc", func(s, c object) { s["hostUsers"] = false; context(c)["procMount"] = "Unmasked" }},
	{"SELinux", func(s, _ object) { context(s)["seLinuxOptions"] = object{"type": "spc_t"} }},
	{"AppArmor", func(s, _ object) { context(s)["appArmorProfile"] = object{"type": "Unconfined"} }},
	{"a probe of a host", func(_, c object) { c["livenessProbe"] = object{"httpGet": object{"host": "10.0.0.1", "port": 80}} }},
	{"windows", func(s, c object) {
		s["os"] = object{"name": "windows"}
		delete(context(s), "seccompProfile")
		clear(context(c))
	}},
	{"a host process", func(s, c object) {
		s["os"], s["hostNetwork"] = object{"name": "windows"}, true
		delete(context(s), "seccompProfile")
		clear(context(c))
		context(s)["windowsOptions"] = object{"hostProcess": true, "runAsUserName": "NT AUTHORITY\\SYSTEM"}
	}},
}

func context(holder object) object { return holder["securityContext"].(object) }

// restricted is a pod spec that every level admits.
func restricted() (spec, container object) {
	container = object{"name": "app", "image": "app", "securityContext": object{
		"allowPrivilegeEscalation": false, "capabilities": object{"drop": []any{"ALL"}},
	}}
	return object{
		"securityContext": object{"runAsNonRoot": true, "seccompProfile": object{"type": "RuntimeDefault"}},
		"containers":      []any{container},
	}, container
}

// TestPodSecurity: a server with Pod Security labels on a namespace and check with
// the same labels answer alike, enforce with an error and warn with a warning.
func TestPodSecurity(t *testing.T) {
	s := start(t)
	policy := file(t, policyOf(t, "labels", "{namespaceLabels: true, podSecurity: {scope: All}, validateOnly: true}"))
	refused, warned, tried := 0, 0, 0
	for i, labels := range []object{
		{"enforce": "restricted"},
		{"enforce": "baseline"},
		{"enforce": "privileged"},
		{"warn": "restricted"},
		{"warn": "baseline"},
		{"enforce": "baseline", "warn": "restricted"},
		{"enforce": "restricted", "enforce-version": "v1.22"},
		{"enforce": "restricted", "enforce-version": "v1.7"},
		{"enforce": "baseline", "enforce-version": "v1.30", "warn": "baseline", "warn-version": "v1.25"},
	} {
		ns := object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": fmt.Sprintf("n%d", i), "labels": object{}}}
		for key, value := range labels {
			metadata(ns)["labels"].(object)["pod-security.kubernetes.io/"+key] = value
		}
		s.must(t, "POST", "/api/v1/namespaces", ns)
		for n := -1; n < len(tweaks); n++ {
			spec, container := restricted()
			what := "nothing"
			if n >= 0 {
				tweaks[n].tweak(spec, container)
				what = tweaks[n].name
			}
			pod := object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": "p", "namespace": name(ns)}, "spec": spec}
			a := s.dryRun(t, pod)
			if !a.accepted() && !strings.Contains(a.message, "violates PodSecurity") {
				t.Fatalf("%s: %s", what, a.message)
			}
			out, _ := usergroup(t, stream(t, []object{ns, pod}), "check", "-p", policy, "-o", "json", "-")
			errs, warnings := severities(t, out)
			tried++
			if a.accepted() != (errs == 0) {
				t.Errorf("%v, %s: the server says %d %s, check finds %d errors\n%s", labels, what, a.code, a.message, errs, out)
			}
			// A pod that is refused brings no warnings.
			if would := wouldViolate(a.warnings); a.accepted() && would != (warnings > 0) {
				t.Errorf("%v, %s: the server warns %q, check finds %d warnings\n%s", labels, what, a.warnings, warnings, out)
			} else if would {
				warned++
			}
			if !a.accepted() {
				refused++
			}
		}
	}
	t.Logf("%d pods, %d refused, %d warned of", tried, refused, warned)
	if refused < tried/10 || warned < tried/10 {
		t.Error("next to nothing is refused")
	}
}

func wouldViolate(warnings []string) bool {
	for _, w := range warnings {
		if strings.Contains(w, "would violate PodSecurity") {
			return true
		}
	}
	return false
}
