package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
)

// TestOrigin: the line of a rendered value is that of the file it is from, and none
// where that is not certain.
func TestOrigin(t *testing.T) {
	policies, err := config.Parse([]byte("apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: ids}\nspec: {runAsUser: {rule: MustRunAsNonRoot}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: my-web\n  annotations:\n    config.kubernetes.io/origin: |\n      path: src.yaml\n"
	const root = head + "spec: {containers: [{name: app, image: a, securityContext: {runAsUser: 0}}]}\n"
	pod := func(name, containers string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n  containers:\n" + containers
	}
	const app = "  - name: app\n    securityContext: {runAsUser: 0}\n"
	for _, test := range []struct {
		name, rendered, file string
		line, column         int
	}{
		{"the field", root, pod("web", app), 7, 23},
		{"another order of containers", root, pod("web", "  - name: first\n"+app), 8, 23},
		{"behind another object", root, pod("other", app) + "---\n" + pod("web", app), 15, 23},
		{"in a list", root, "apiVersion: v1\nkind: List\nitems:\n- " + `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, securityContext: {runAsUser: 0}}]}}` + "\n", 4, 104},
		{"unset in both", head + "spec: {containers: [{name: app, image: a}]}\n", "# above\n" + pod("web", "  - name: app\n"), 2, 1},
		{"set by a patch", root, pod("web", "  - name: app\n"), 0, 0},
		{"changed by a patch", root, pod("web", "  - name: app\n    securityContext: {runAsUser: 1}\n"), 0, 0},
		{"removed by a patch", head + "spec: {containers: [{name: app, image: a}]}\n", pod("web", app), 0, 0},
		{"a container of a patch", root, pod("web", "  - name: other\n    securityContext: {runAsUser: 0}\n"), 0, 0},
		{"containers of one name", root, pod("web", app+app), 0, 0},
		{"two names that may be meant", root, pod("web", app) + "---\n" + pod("we", app), 0, 0},
		{"the name itself, and a part of it", root, pod("web", app) + "---\n" + pod("my-web", app), 15, 23},
		{"another name", root, pod("api", app), 0, 0},
		{"another kind", root, "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: web}\n", 0, 0},
		{"another group", root, "apiVersion: example.com/v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n" + app, 0, 0},
		{"a file that cannot be read", root, "", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			read := func(file string) ([]*manifest.Item, error) {
				if test.file == "" || file != "src.yaml" {
					return nil, errors.New("cannot be read")
				}
				stream, err := manifest.ReadStream(file, []byte(test.file))
				if err != nil {
					return nil, err
				}
				return stream.Items, nil
			}
			p, err := engine.New(policies, engine.Options{CheckOnly: true, Details: true, Origin: read})
			if err != nil {
				t.Fatal(err)
			}
			stream, err := manifest.ReadStream("", []byte(test.rendered))
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Apply(context.Background(), stream.Items)
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Results) != 1 {
				t.Fatalf("got %d results: %v", len(out.Results), out.Results)
			}
			got := out.Results[0]
			if got.File.Path != "src.yaml" || got.File.Line != test.line || got.File.Column != test.column {
				t.Errorf("got %s:%d:%d, want line %d, column %d", got.File.Path, got.File.Line, got.File.Column, test.line, test.column)
			}
			if known := got.Detail != nil; known != (test.line > 0) {
				t.Errorf("shows its source: %t", known)
			} else if known && got.Detail.Source.First+got.Detail.Source.Marked != test.line {
				t.Errorf("marks line %d", got.Detail.Source.First+got.Detail.Source.Marked)
			}
		})
	}
}
