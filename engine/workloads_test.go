package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/report"
)

// TestWorkloads: each field resolves on its own: the container's, else the pod's,
// else nobody says.
func TestWorkloads(t *testing.T) {
	workloads := workloadsOf(t, `apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      securityContext: {runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [5, 6]}
      initContainers:
      - name: setup
        securityContext: {runAsUser: 0}
      containers:
      - name: web
        image: nginx
      - name: odd
        securityContext: {runAsUser: "1000", runAsNonRoot: true}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: bare}
  spec:
    securityContext: {supplementalGroups: [x]}
    containers: [{name: any}, {name: safe, securityContext: {runAsNonRoot: true}}]
- apiVersion: v1
  kind: Pod
  metadata: {name: win}
  spec:
    os: {name: windows}
    securityContext: {windowsOptions: {runAsUserName: ContainerUser}}
    containers: [{name: a}, {name: b, securityContext: {windowsOptions: {runAsUserName: containeradministrator}}}]
`)
	var got []string
	for _, w := range workloads {
		got = append(got, fmt.Sprintf("%s line %d: groups %s, fsGroup %s", w.Resource, w.File.Line, say(w.Groups), say(w.FSGroup)))
		for _, c := range w.Containers {
			got = append(got, fmt.Sprintf("  %s %s line %d: %s: user %s, group %s, nonroot %s",
				c.Kind, c.Name, c.File.Line, c.RunsAs(), say(c.User), say(c.Group), say(c.NonRoot)))
		}
	}
	want := []string{
		"apps/v1/Deployment/shop/web line 10: groups [5 6] of pod, fsGroup 3000 of pod",
		"  init container setup line 13: root: user 0 of container, group 2000 of pod, nonroot -",
		"  container web line 16: user: user 1000 of pod, group 2000 of pod, nonroot -",
		"  container odd line 18: invalid: user invalid of container, group 2000 of pod, nonroot true of container",
		"v1/Pod/bare line 27: groups invalid of pod, fsGroup -",
		"  container any line 29: anyone: user -, group -, nonroot -",
		"  container safe line 29: nonroot: user -, group -, nonroot true of container",
		"v1/Pod/win line 33: groups -, fsGroup -",
		"  container a line 36: user: user ContainerUser of pod, group -, nonroot -",
		"  container b line 36: root: user containeradministrator of container, group -, nonroot -",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// workloadsOf lists the workloads of a stream.
func workloadsOf(t *testing.T, text string) []report.Workload {
	t.Helper()
	p, err := engine.New(nil, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	workloads, err := p.Workloads(t.Context(), stream(t, text).Items)
	if err != nil {
		t.Fatal(err)
	}
	return workloads
}

func say(e report.Effective) string {
	switch {
	case e.Invalid():
		return fmt.Sprint("invalid of ", e.Origin)
	case e.Value == nil:
		return "-"
	}
	return fmt.Sprint(e.Value, " of ", e.Origin)
}

// TestColumns: columns count characters, from 1, whatever is before an item on its
// line and however often the same line is asked for.
func TestColumns(t *testing.T) {
	workloads := workloadsOf(t,
		"--- {apiVersion: v1, kind: Pod, spec: {containers: [{name: äö}, {name: b, securityContext: {runAsUser: 0}}, {name: c}]}}\r\n"+
			"---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext:\n      runAsUser: 0\n")
	var got []string
	for _, w := range workloads {
		for _, c := range w.Containers {
			got = append(got, fmt.Sprintf("%d:%d-%d", c.File.Line, c.File.Column, c.File.EndColumn))
		}
	}
	want := []string{"1:53-63", "1:65-107", "1:109-118", "7:5-12"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestContextAlone: a security context that an operator gives to containers of its
// own is listed, once, though no container is named.
func TestContextAlone(t *testing.T) {
	workloads := workloadsOf(t, `apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main}
spec:
  image: alertmanager:1
  securityContext: {runAsUser: 0, fsGroup: 2000}
  containers: [{name: proxy, image: proxy:1}]
`)
	got := make(map[string]any)
	for _, w := range workloads {
		for _, c := range w.Containers {
			got[w.Path.String()+" "+c.Name] = c.User.Value
		}
	}
	want := map[string]any{"spec ": int64(0), "spec.containers[0] proxy": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
