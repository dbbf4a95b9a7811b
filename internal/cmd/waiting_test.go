package cmd_test

import (
	"os"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

// TestSchemaVanishes: a CustomResourceDefinition that is gone when it is read for the
// objects that waited for it is an error about its file.
func TestSchemaVanishes(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "policy.yaml", "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: a}\nspec:\n  runAsUser: {rule: MustRunAsNonRoot}\n")
	write(t, "a.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n")
	write(t, "b.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {pod: {runAsUser: 0}}\n")
	write(t, "c.yaml", "a: [\n") // said when a.yaml has been read
	errs := &removing{path: "a.yaml"}
	code := cmd.Main([]string{"check", "-p", "policy.yaml", "a.yaml", "b.yaml", "c.yaml"}, cmd.Streams{In: strings.NewReader(""), Out: &strings.Builder{}, Err: errs})
	if code != 2 || !strings.Contains(errs.String(), "a.yaml: no such file or directory") {
		t.Errorf("exit code %d: %s", code, &errs.Builder)
	}
}

// removing removes a file when it is first written to.
type removing struct {
	strings.Builder
	path string
}

func (r *removing) Write(p []byte) (int, error) {
	os.Remove(r.path)
	return r.Builder.Write(p)
}
