package cluster_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// everything is a policy that writes every field.
const everything = `{
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]},
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]},
  supplementalGroups: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], requireStrict: true},
  fsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}}`

// TestFixIsAccepted: what fix makes of the examples, and of the real manifests that
// USERGROUP_CORPUS names, the server takes under strict validation wherever it took
// the original.
func TestFixIsAccepted(t *testing.T) {
	s := start(t)
	folders := []string{"../../examples"}
	if corpus := os.Getenv("USERGROUP_CORPUS"); corpus != "" {
		folders = append(folders, corpus)
	}
	policies := map[string]string{
		"ids":     file(t, policyOf(t, "ids", everything)),
		"overs":   file(t, policyOf(t, "overs", strings.ReplaceAll(everything, "rule: MustRunAs,", "rule: MustRunAs, overwrite: true,"))),
		"nonroot": file(t, policyOf(t, "nonroot", "{runAsUser: {rule: MustRunAsNonRoot}, placement: Pod}")),
		"unset": file(t, policyOf(t, "unset", `{runAsUser: {rule: MustBeUnset}, runAsGroup: {rule: MustBeUnset},
			supplementalGroups: {rule: MustBeUnset}, fsGroup: {rule: MustBeUnset}}`)),
	}
	namespaces := map[string]bool{}
	tried := 0
	for _, folder := range folders {
		for _, o := range manifests(t, folder) {
			o, ok := s.served(t, o, namespaces)
			if !ok || !s.dryRun(t, o).accepted() {
				continue
			}
			for name, policy := range policies {
				fixed, _ := fix(t, policy, []object{o})
				tried++
				if a := s.dryRun(t, fixed[0]); !a.accepted() {
					t.Errorf("policy %s: %d %s\n%s", name, a.code, a.message, stream(t, fixed))
				}
			}
		}
	}
	t.Logf("%d objects", tried)
	if tried < 40 {
		t.Error("next to nothing was tried")
	}
}

// manifests reads the workloads of Kubernetes itself in the manifests of a folder.
func manifests(t *testing.T, folder string) []object {
	t.Helper()
	var out []object
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for doc := range strings.SplitSeq(string(text), "\n---") {
			var o object
			if yaml.Unmarshal([]byte(doc), &o) == nil && o != nil { // templates of Helm are none
				out = append(out, o)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// served gives an object a namespace that is there, and reports whether it is a
// workload that the server serves.
func (s *server) served(t *testing.T, o object, namespaces map[string]bool) (object, bool) {
	t.Helper()
	kind, _ := o["kind"].(string)
	meta, _ := o["metadata"].(object)
	known := false
	for _, k := range kinds {
		known = known || k == kind
	}
	if version := o["apiVersion"]; !known || meta == nil || version != "v1" && version != "apps/v1" && version != "batch/v1" {
		return nil, false
	}
	ns, _ := meta["namespace"].(string)
	if ns == "" {
		ns = "default"
		meta["namespace"] = ns
	}
	if !namespaces[ns] {
		namespaces[ns] = true
		if a := s.send(t, "POST", "/api/v1/namespaces", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": ns}}); !a.accepted() && a.code != http.StatusConflict {
			t.Fatal(a.message)
		}
	}
	return o, true
}

// TestIDs: every id that check calls invalid the server refuses, wherever it is, and
// every other one that it takes is the number that check reads.
func TestIDs(t *testing.T) {
	s := start(t)
	policy := file(t, policyOf(t, "any", `{
	  runAsUser: {rule: MustRunAs, ranges: [{min: 0, max: 2147483647}]}, runAsGroup: {rule: MayRunAs, ranges: [{min: 0, max: 2147483647}]},
	  supplementalGroups: {rule: MayRunAs, ranges: [{min: 0, max: 2147483647}]}, fsGroup: {rule: MayRunAs, ranges: [{min: 0, max: 2147483647}]}}`))
	invalid := 0
	for _, text := range []string{
		"0", "1", "65534", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-1", "-2147483648",
		"1.5", "1000.0", "1e3", "1e-3", "0x3e8", "0o1750", "01750", "1_000", "+1000", `"1000"`, "'0'", "true", "yes", "[]", "[1000]", "{}", "1000a", ".inf", ".nan", "!!int \"1000\"",
	} {
		for _, place := range []string{
			"securityContext: {runAsUser: %s}", "securityContext: {runAsUser: 1, runAsGroup: %s}", "securityContext: {runAsUser: 1, fsGroup: %s}",
			"securityContext: {runAsUser: 1, supplementalGroups: [%s]}",
		} {
			pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: default}\nspec:\n  " + fmt.Sprintf(place, text) + "\n  containers: [{name: app, image: app}]\n"
			own := "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: default}\nspec:\n  containers: [{name: app, image: app, securityContext: {runAsUser: " + text + "}}]\n"
			for _, manifest := range []string{pod, own} {
				report, _ := usergroup(t, manifest, "check", "-p", policy, "-o", "json", "-")
				if errs := errorsOf(t, report)["p"]; len(errs) == 0 {
					continue
				}
				invalid++
				if a := s.sendYAML(t, manifest); a.accepted() {
					t.Errorf("%s: check calls it invalid, the server takes it\n%s", text, manifest)
				}
			}
		}
	}
	t.Logf("%d invalid ids", invalid)
	if invalid < 50 {
		t.Error("next to nothing is invalid")
	}
}

// TestFound: what was planted on a server is found in what kubectl prints of it,
// and nothing else.
func TestFound(t *testing.T) {
	s := start(t)
	planted := map[string]bool{}
	for i, kind := range kinds {
		for _, bad := range []bool{true, false} {
			o := newRandom(uint64(i)).workload(kind, "default", "ids", i)
			name := fmt.Sprintf("good-%d", i)
			user := 1000
			if bad {
				name, user = fmt.Sprintf("bad-%d", i), 0
				planted[name] = true
			}
			metadata(o)["name"] = name
			spec := podSpecOf(o)
			clear(spec)
			spec["containers"] = []any{object{"name": "app", "image": "app", "securityContext": object{"runAsUser": user}}}
			if kind == "Job" || kind == "CronJob" {
				spec["restartPolicy"] = "Never"
			}
			s.must(t, "POST", pathOf(o), o)
		}
	}
	policy := file(t, policyOf(t, "ids", "{runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}}"))
	printed := s.kubectl(t, "", "get", "pods,podtemplates,rc,ds,deploy,rs,sts,cronjobs,jobs,configmaps,services", "-A", "-o", "yaml")
	report, _ := usergroup(t, printed, "check", "-p", policy, "-o", "json", "-")
	found := errorsOf(t, report)
	for name := range found {
		if !planted[name] {
			t.Errorf("%s was not planted: %v", name, found[name])
		}
	}
	for name := range planted {
		if len(found[name]) == 0 {
			t.Errorf("%s was not found", name)
		}
	}
}
