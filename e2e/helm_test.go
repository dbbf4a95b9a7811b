package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestHelm runs the scenarios of testdata/helm, with the commands of TestScript. Both
// versions of Helm take minutes to build, so "make test" leaves them out.
func TestHelm(t *testing.T) {
	if os.Getenv("USERGROUP_HELM") == "" {
		t.Skip("SKIPPED: run make e2e-helm")
	}
	need(t, helm3, helm4)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "helm"),
		RequireExplicitExec: true,
		Cmds:                commands(),
	})
}
