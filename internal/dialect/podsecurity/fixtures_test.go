package podsecurity_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/dialect/podsecurity"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestVerdicts holds every pod of the library's test data against the folder that
// it is in, pass or fail, which is the verdict of a cluster: the pods go through
// the API server's defaults there.
func TestVerdicts(t *testing.T) {
	for _, f := range fixtures(t) {
		e := evaluator(t, podsecurity.Options{
			Enforce: podsecurity.Level{Level: string(f.level.Level), Version: f.level.Version.String()},
			Scope:   podsecurity.ScopeAll,
		})
		for _, as := range []embedding{asPod, asDeployment, asCronJob} {
			got := e.Evaluate(context.Background(), subject(t, f.pod, as))
			if (len(got) == 0) != f.pass {
				t.Errorf("%s as %s: %v", f.file, as.kind, sayings(got))
			}
		}
	}
}

// TestFixtures holds the findings on every pod of the library's test data, for
// every level and version, against what the library says of it, as a Pod and in
// templates.
func TestFixtures(t *testing.T) {
	all := library(t, psa.DefaultChecks())
	users := library(t, []psa.Check{psa.CheckRunAsNonRoot(), psa.CheckRunAsUser()})
	scopes := []struct {
		scope   podsecurity.Scope
		library psa.Evaluator
	}{{podsecurity.ScopeAll, all}, {podsecurity.ScopeUserGroup, users}}

	files := fixtures(t)
	for _, f := range files {
		for _, sc := range scopes {
			if f.hasBareVolume() {
				continue // the library is never asked of one, see TestVerdicts
			}
			want := psa.AggregateCheckResults(sc.library.EvaluatePod(f.level, &f.pod.ObjectMeta, &f.pod.Spec))
			e := evaluator(t, podsecurity.Options{
				Enforce: podsecurity.Level{Level: string(f.level.Level), Version: f.level.Version.String()},
				Scope:   sc.scope,
			})
			for _, as := range []embedding{asPod, asDeployment, asCronJob} {
				got := e.Evaluate(context.Background(), subject(t, f.pod, as))
				if (len(got) == 0) != want.Allowed {
					t.Errorf("%s as %s, scope %s: %d findings, library says %+v", f.file, as.kind, sc.scope, len(got), want)
				}
				checkFindings(t, f.file, as, got, want)
			}
		}
	}
	t.Logf("%d fixtures", len(files))
}

// checkFindings demands of each finding a path below the pod and each of the
// library's reasons, as often as there are offenders.
func checkFindings(t *testing.T, file string, as embedding, got []policy.Finding, want psa.AggregateCheckResult) {
	t.Helper()
	seen := map[string]bool{}
	text := ""
	for _, f := range got {
		text += f.Message + "\n"
		if f.Severity != policy.Error || f.Reason != policy.PodSecurityViolation {
			t.Errorf("%s: %s %s, want an error PodSecurityViolation", file, f.Severity, f.Reason)
		}
		if !strings.HasPrefix(f.Path.String(), as.spec.String()) {
			t.Errorf("%s: path %s is not below %s", file, f.Path, as.spec)
		}
		if k := f.Path.String() + f.Message; seen[k] {
			t.Errorf("%s: said twice: %s: %s", file, f.Path, f.Message)
		} else {
			seen[k] = true
		}
	}
	for _, reason := range want.ForbiddenReasons {
		if !strings.Contains(text, strings.TrimSuffix(reason, "s")) {
			t.Errorf("%s: no finding says %q, only\n%s", file, reason, text)
		}
	}
}

// fixture is a pod of the library's test data.
type fixture struct {
	file  string
	level api.LevelVersion
	pass  bool // whether the folder says that the level allows it
	pod   *corev1.Pod
}

// hasBareVolume reports whether a volume has no source, which the API server
// makes an emptyDir.
func (f fixture) hasBareVolume() bool {
	return slices.ContainsFunc(f.pod.Spec.Volumes, func(v corev1.Volume) bool { return v.VolumeSource == (corev1.VolumeSource{}) })
}

// fixtures reads test/testdata/LEVEL/VERSION/{pass,fail}/*.yaml of the module;
// under -short only its newest version.
func fixtures(t *testing.T) []fixture {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		t.Skipf("SKIPPED: the module's directory is not to be found: %v", err)
	}
	root := filepath.Join(strings.TrimSpace(string(dir)), "test", "testdata")
	var out []fixture
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if testing.Short() && parts[1] != "v1.37" {
			return nil
		}
		out = append(out, fixture{rel, level(t, parts[0], parts[1]), parts[2] == "pass", readPod(t, path)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("no fixtures in %s", root)
	}
	return out
}

func readPod(t *testing.T, path string) *corev1.Pod {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pod := new(corev1.Pod)
	if err := yaml.UnmarshalStrict(data, pod); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return pod
}

func level(t *testing.T, l, v string) api.LevelVersion {
	t.Helper()
	version, err := api.ParseVersion(v)
	if err != nil {
		t.Fatal(err)
	}
	return api.LevelVersion{Level: api.Level(l), Version: version}
}

// library is the library's evaluator as it is.
func library(t *testing.T, checks []psa.Check) psa.Evaluator {
	t.Helper()
	e, err := psa.NewEvaluator(checks, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func evaluator(t testing.TB, o podsecurity.Options) policy.Evaluator {
	t.Helper()
	o.Policy = "pss"
	e, err := podsecurity.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
