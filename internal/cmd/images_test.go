package cmd_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

// serve starts a registry on loopback with an image for each user and returns
// its host and a function that stops it.
func serve(t *testing.T, users map[string]string) (host string, stop func()) {
	t.Helper()
	s := httptest.NewServer(registry.New())
	t.Cleanup(s.Close)
	host = strings.TrimPrefix(s.URL, "http://")
	for repo, user := range users {
		push(t, host+"/"+repo+":1", user)
	}
	return host, s.Close
}

func push(t *testing.T, image, user string) {
	t.Helper()
	ref, err := name.ParseReference(image)
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		Architecture: "amd64", OS: "linux", Config: v1.Config{User: user},
		RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cmd.Main(args, cmd.Streams{In: strings.NewReader(in), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

const imagePolicy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: images}
spec:
  validateContainerImageConfiguration: true
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}], defaultFrom: Image}
`

func pods(host string) string {
	return `apiVersion: v1
kind: Pod
metadata:
  name: good
spec:
  containers:
  - name: app
    image: ` + host + `/good:1
---
apiVersion: v1
kind: Pod
metadata:
  name: bad
spec:
  containers:
  - name: app
    image: ` + host + `/bad:1
`
}

// TestImages takes images from a real registry: a default from the image's own
// user, a finding for a user out of range, and then the same from a lock, with
// the registry gone.
func TestImages(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache"))
	host, stop := serve(t, map[string]string{"good": "1234", "bad": "33"})
	write(t, "policy.yaml", imagePolicy)
	write(t, "pods.yaml", pods(host))

	check := func(t *testing.T, args ...string) {
		t.Helper()
		code, out, errs := run(t, pods(host), append([]string{"fix", "-p", "policy.yaml", "--print-refused", "-"}, args...)...)
		if code != 1 || !strings.Contains(errs, "ImageConfigUserIDOutsideRanges") || strings.Contains(errs, "ImageUnavailable") {
			t.Errorf("exit code %d, stderr:\n%s", code, errs)
		}
		if strings.Count(out, "runAsUser: 1234") != 1 || strings.Count(out, "runAsUser") != 1 {
			t.Errorf("want the image's own user once, on the container, got:\n%s", out)
		}
	}
	t.Run("registry", func(t *testing.T) { check(t) })

	if code, _, errs := run(t, "", "images", "lock", "-f", "lock.yaml", "pods.yaml"); code != 0 {
		t.Fatalf("images lock: exit code %d: %s", code, errs)
	}
	if code, out, errs := run(t, "", "images", "verify", "-f", "lock.yaml", "pods.yaml"); code != 0 || out != "" {
		t.Errorf("images verify: exit code %d: %s%s", code, out, errs)
	}

	push(t, host+"/good:1", "1235")
	code, out, _ := run(t, "", "images", "verify", "-f", "lock.yaml", "pods.yaml")
	if code != 1 || !strings.Contains(out, "good:1") || strings.Contains(out, "bad:1") {
		t.Errorf("images verify after a push: exit code %d: %s", code, out)
	}

	stop()
	t.Run("lock", func(t *testing.T) { check(t, "--offline", "--image-lock", "lock.yaml") })
	t.Run("unavailable", func(t *testing.T) {
		code, _, errs := run(t, pods(host), "fix", "-p", "policy.yaml", "-o", "compact", "-", "--offline")
		if code != 1 || strings.Count(errs, "ImageUnavailable") != 2 {
			t.Errorf("exit code %d, stderr:\n%s", code, errs)
		}
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
