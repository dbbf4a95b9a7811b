package workload_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// TestCorpus reads real manifests: every pod must be what the API server's own
// types see, without a problem, and no kind must be overlooked.
func TestCorpus(t *testing.T) {
	table := workload.Builtin()
	pods := 0
	for _, f := range corpus.Files(t) {
		name := f.Name
		stream, err := manifest.ReadStream(name, f.Data)
		if err != nil {
			t.Logf("%s is not YAML: %v", name, err) // some are templates
			continue
		}
		for _, it := range stream.Items {
			root, err := it.Decode()
			if err != nil {
				t.Logf("%s is not YAML: %v", name, err)
				continue
			}
			for _, o := range table.Objects(root) {
				pods += checkObject(t, name, table, o)
			}
		}
	}
	t.Logf("%d pods", pods)
	if pods < 100 {
		t.Errorf("the corpus has %d pods, want some 100", pods)
	}
}

// checkObject compares the pods of an object with what the API server's types
// see and returns their number.
func checkObject(t *testing.T, name string, table *workload.Table, o workload.Object) int {
	for _, p := range o.Problems {
		t.Errorf("%s: %s: %s", name, p.Path, p.Detail)
	}
	pods := table.Pods(o.Node, o.APIVersion, o.Kind, o.Path)
	if len(pods) == 0 && table.Classify(o.APIVersion, o.Kind) != workload.Ignored {
		for _, p := range table.Find(nil, o.Node, o.APIVersion, o.Kind, o.Path).Templates {
			t.Logf("%s: unchecked: %s %s at %s", name, o.APIVersion, o.Kind, workload.Pattern(p))
		}
	}
	for _, p := range pods {
		for _, q := range allProblems(p) {
			t.Errorf("%s: %s: %s", name, q.Path, q.Detail)
		}
		if p.Partial {
			checkPartial(t, name, o, p)
			continue
		}
		spec, err := typed[corev1.PodSpec](at(o.Node, p.Path[len(o.Path):]))
		if err != nil {
			t.Logf("%s: the API server refuses %s: %v", name, p.Path, err)
			continue
		}
		if diff := cmp.Diff(view(spec), viewOf(p)); diff != "" {
			t.Errorf("%s: %s (-API server +ours):\n%s", name, p.Path, diff)
		}
	}
	return len(pods)
}

// checkPartial compares what an object says to its operator: of a pod that is
// known by its security context alone, that; of one that is known by an image, the
// image.
func checkPartial(t *testing.T, name string, o workload.Object, p *podspec.Pod) {
	ours := viewOf(p)
	for i, c := range p.Containers {
		typed, err := typed[corev1.Container](at(o.Node, c.Path[len(o.Path):]))
		if err != nil {
			t.Errorf("%s: %s: %v", name, c.Path, err)
			continue
		}
		if c.Image != typed.Image || c.Name != typed.Name {
			t.Errorf("%s: %s: container %q of image %q, want %q of %q", name, c.Path, c.Name, c.Image, typed.Name, typed.Image)
		}
		ours.Containers[i] = containerView{Kind: c.Kind}
	}
	if cmp.Equal(ours, podView{Containers: ours.Containers}) {
		return // it says nothing of users and groups
	}
	sc, err := typed[corev1.PodSecurityContext](at(o.Node, p.Path[len(o.Path):]).Get("securityContext"))
	if err != nil {
		t.Errorf("%s: %s: %v", name, p.Path, err)
		return
	}
	want := view(&corev1.PodSpec{SecurityContext: sc})
	want.Containers = ours.Containers
	if diff := cmp.Diff(want, ours); diff != "" {
		t.Errorf("%s: %s (-API server +ours):\n%s", name, p.Path, diff)
	}
}

// at returns what is at a path below n.
func at(n *manifest.Node, path podspec.Path) *manifest.Node {
	for _, s := range path {
		if s.Key != "" {
			n = n.Get(s.Key)
		} else {
			n = n.Items[s.Index].Resolve()
		}
	}
	return n
}

// typed decodes a mapping to one of the API server's types.
func typed[T any](n *manifest.Node) (*T, error) {
	generic, err := n.JSON()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(generic)
	if err != nil {
		return nil, err
	}
	out := new(T)
	return out, kjson.Unmarshal(text, out)
}
