package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

// TestHelmPage runs the commands of the page with each version of Helm, without the
// section for the other. There is no cluster: what is to be installed is rendered.
func TestHelmPage(t *testing.T) {
	if os.Getenv("USERGROUP_HELM") == "" {
		t.Skip("SKIPPED: run make e2e-helm")
	}
	need(t, helm3, helm4)
	page := read(t, filepath.Join(root, "docs/hosts/helm.md"))
	for version, helm := range map[int]string{3: helm3, 4: helm4} {
		t.Run(helm, func(t *testing.T) {
			dir := copyHostFolder(t, "helm")
			if err := os.Symlink(toolPath(helm), filepath.Join(dir, "helm")); err != nil {
				t.Fatal(err)
			}
			env := append(pageEnv(dir), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			other := regexp.MustCompile(fmt.Sprintf(`(?ms)^### Helm %d$.*?^###? `, 7-version))
			if !other.MatchString(page) {
				t.Fatalf("no section for the other version than %d", version)
			}
			ran := 0
			for _, line := range commandsOf(other.ReplaceAllString(page, "")) {
				if strings.HasPrefix(line, "kubectl ") {
					continue
				}
				ran++
				line = strings.Replace(line, "helm upgrade --install", "helm template", 1)
				must(t, command{dir: dir, env: env, args: []string{"bash", "-c", line}})
			}
			if ran < 5 {
				t.Errorf("only %d commands were run", ran)
			}
			if version == 4 {
				r := run(t, command{dir: dir, env: env, args: []string{
					helm4, "install", "web", "web", "--dry-run=client", "--set", "user=11",
					"--post-renderer", "usergroup", "--post-renderer-args=--policy=policy.yaml",
				}})
				for _, quotation := range outputsOf(page) {
					shows(t, "docs/hosts/helm.md", quotation, r.stdout+r.stderr)
				}
			}
		})
	}
}
