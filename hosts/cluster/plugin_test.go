package cluster_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kubeconfig is a configuration of kubectl for the server.
func (s *server) kubeconfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(s.dir, "kubeconfig")
	write(t, path, `{apiVersion: v1, kind: Config, current-context: test,
clusters: [{name: test, cluster: {server: "`+s.url+`", insecure-skip-tls-verify: true}}],
users: [{name: test, user: {token: `+token+`}}],
contexts: [{name: test, context: {cluster: test, user: test, namespace: default}}, {name: shop, context: {cluster: test, user: test, namespace: shop}}]}
`)
	return path
}

// plugin runs kubectl usergroup, with the program beside kubectl on PATH as krew
// puts it there.
func plugin(t *testing.T, kubeconfig string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	for name, target := range map[string]string{"kubectl-usergroup": program, "kubectl": filepath.Join(bin, "kubectl")} {
		target, err := filepath.Abs(target)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	var out, log bytes.Buffer
	c := exec.Command(filepath.Join(dir, "kubectl"), append([]string{"usergroup"}, args...)...)
	c.Env = append(os.Environ(), "PATH="+dir, "KUBECONFIG="+kubeconfig, "KUBECACHEDIR="+t.TempDir())
	c.Stdout, c.Stderr = &out, &log
	_ = c.Run() // the exit code says what became of it
	return c.ProcessState.ExitCode(), out.String(), log.String()
}

// TestPlugin: kubectl usergroup reads the known kinds of the current context, of
// one namespace or of all.
func TestPlugin(t *testing.T) {
	s := start(t)
	config := s.kubeconfig(t)
	template := func(user int) object {
		return object{"metadata": object{"labels": object{"app": "a"}}, "spec": object{
			"containers": []any{object{"name": "app", "image": "app", "securityContext": object{"runAsUser": user}}},
		}}
	}
	s.must(t, "POST", "/api/v1/namespaces", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "shop", "labels": object{"team": "shop"}}})
	for name, o := range map[string]object{"web": {"namespace": "default", "user": 0}, "db": {"namespace": "shop", "user": 0}, "good": {"namespace": "shop", "user": 1000}} {
		ns := o["namespace"].(string)
		s.must(t, "POST", "/apis/apps/v1/namespaces/"+ns+"/deployments", object{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": object{"name": name, "namespace": ns},
			"spec":     object{"selector": object{"matchLabels": object{"app": "a"}}, "template": template(o["user"].(int))},
		})
	}
	pod := template(0)
	pod["apiVersion"], pod["kind"], pod["metadata"] = "v1", "Pod", object{"name": "pod", "namespace": "shop"}
	s.must(t, "POST", "/api/v1/namespaces/shop/pods", pod)

	names := func(stdout string) []string {
		var rows []struct{ Name string }
		if err := json.Unmarshal([]byte(stdout), &rows); err != nil {
			t.Fatalf("%v: %s", err, stdout)
		}
		var out []string
		for _, r := range rows {
			out = append(out, r.Name)
		}
		slices.Sort(out)
		return out
	}
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"-A"}, []string{"db", "good", "pod", "web"}},
		{nil, []string{"web"}},
		{[]string{"-n", "shop"}, []string{"db", "good", "pod"}},
		{[]string{"--context", "shop"}, []string{"db", "good", "pod"}},
		{[]string{"-A", "--root"}, []string{"db", "pod", "web"}},
	} {
		code, stdout, stderr := plugin(t, config, append([]string{"effective", "-o", "json"}, tt.args...)...)
		if code != 0 || !slices.Equal(names(stdout), tt.want) {
			t.Errorf("effective %v: exit code %d, %s%s, want %v", tt.args, code, stdout, stderr, tt.want)
		}
	}

	policy := file(t, policyOf(t, "shop", "{runAsUser: {rule: MustRunAsNonRoot}, match: {namespaceSelector: {matchLabels: {team: shop}}}}"))
	code, stdout, stderr := plugin(t, config, "check", "-A", "-p", policy, "-o", "compact")
	if code != 1 || !strings.Contains(stdout, "apps/v1/Deployment/shop/db") || !strings.Contains(stdout, "v1/Pod/shop/pod") || strings.Contains(stdout, "Deployment/default/web") {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}

	for _, args := range [][]string{{"effective", "--context", "nowhere"}, {"effective", "-A", "-n", "shop"}, {"check", "-A"}} {
		if code, stdout, stderr := plugin(t, config, args...); code != 2 || stdout != "" || !strings.Contains(stderr, "error:") {
			t.Errorf("%v: exit code %d, %q %q", args, code, stdout, stderr)
		}
	}
	if code, stdout, _ := plugin(t, config); code != 0 || !strings.Contains(stdout, "kubectl usergroup [command]") {
		t.Errorf("no command: exit code %d, %s", code, stdout)
	}
}
