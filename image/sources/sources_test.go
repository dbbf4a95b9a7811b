package sources_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/image/sources"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/policy"
)

const ref = "registry.example/app:1"

// lockText is a lock that says which user ref has.
func lockText(user string) string {
	return fmt.Sprintf(`apiVersion: usergroup.dev/v1alpha1
kind: ImageUserLock
metadata:
  name: images
images:
- image: %s
  platform: linux/amd64
  os: linux
  user: %q
`, ref, user)
}

func lockFile(t *testing.T, user string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "images.yaml")
	if err := os.WriteFile(path, []byte(lockText(user)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// layoutDir makes a layout in which ref has a user.
func layoutDir(t *testing.T, user string) string {
	t.Helper()
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	if err == nil {
		err = p.AppendImage(imagetest.Image(t, imagetest.Spec{User: user, OCI: true}),
			ggcrlayout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": ref}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// asking is a policy that asks for images.
func asking(images policy.Images) *policy.Policy {
	images.Check = true
	return &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}, Images: images}
}

// TestOrder: the first source that has an image answers.
func TestOrder(t *testing.T) {
	items, err := manifest.ReadStream("", []byte(lockText("5")))
	if err != nil {
		t.Fatal(err)
	}
	believing := asking(policy.Images{LockFromItems: true})
	for _, tc := range []struct {
		name     string
		options  sources.Options
		policies []*policy.Policy
		want     string // "" for none
	}{
		{"the option's lock before the policy's", sources.Options{Locks: []string{lockFile(t, "1")}}, []*policy.Policy{asking(policy.Images{Lock: lockFile(t, "2")})}, "1"},
		{"the policy's lock before a layout", sources.Options{Layouts: []string{layoutDir(t, "3")}}, []*policy.Policy{asking(policy.Images{Lock: lockFile(t, "2")})}, "2"},
		{"a layout before the lock among the items", sources.Options{Layouts: []string{layoutDir(t, "3")}}, []*policy.Policy{believing}, "3"},
		{"the lock among the items", sources.Options{}, []*policy.Policy{believing}, "5"},
		{"a lock among the items that one policy does not believe", sources.Options{}, []*policy.Policy{believing, asking(policy.Images{})}, ""},
		{"a lock among the items that a policy without images says nothing of", sources.Options{}, []*policy.Policy{believing, {}}, "5"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.options.Offline = true
			src, err := tc.options.For(tc.policies, items.Items)
			if err != nil {
				t.Fatal(err)
			}
			config, err := src.Config(t.Context(), image.Request{Ref: ref, Platform: image.DefaultPlatform})
			if config.User != tc.want || errors.Is(err, image.ErrNotFound) != (tc.want == "") {
				t.Errorf("user %q, error %v, want %q", config.User, err, tc.want)
			}
		})
	}
}

// TestForNone: where no policy asks for images no file is opened.
func TestForNone(t *testing.T) {
	src, err := sources.Options{Locks: []string{"missing.yaml"}}.For([]*policy.Policy{{RunAsUser: policy.Strategy{Rule: policy.MustRunAsNonRoot}}}, nil)
	if src != nil || err != nil {
		t.Errorf("source %v, error %v, want none", src, err)
	}
}

// TestErrors: all that cannot be opened is named at once.
func TestErrors(t *testing.T) {
	_, err := sources.Options{
		Locks: []string{"missing.yaml", "absent.yaml"}, Offline: true,
	}.Open()
	for _, want := range []string{"missing.yaml", "absent.yaml"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in the error: %v", want, err)
		}
	}
}

// TestRegistry: the options for registries reach them.
func TestRegistry(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	reg := imagetest.Serve(t, nil)
	full, _ := reg.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "7"}))
	carried := 0
	src, err := sources.Options{
		NoCache: true,
		Mirrors: map[string]string{"registry.example": reg.Host},
		Transport: carrier(func(r *http.Request) (*http.Response, error) {
			carried++
			return http.DefaultTransport.RoundTrip(r)
		}),
	}.Open()
	if err != nil {
		t.Fatal(err)
	}
	config, err := src.Config(t.Context(), image.Request{Ref: strings.Replace(full, reg.Host, "registry.example", 1), Platform: image.DefaultPlatform})
	if err != nil || config.User != "7" {
		t.Errorf("user %q, error %v", config.User, err)
	}
	if carried == 0 {
		t.Error("the transport carried nothing")
	}
	if kept, err := os.ReadDir(os.Getenv("XDG_CACHE_HOME")); err != nil || len(kept) > 0 {
		t.Errorf("the cache has %v, error %v, want nothing", kept, err)
	}
}

// TestKeychain: a registry gets the credentials of the keychain, those of another
// registry never, and without any it refuses.
func TestKeychain(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	open := true
	reg := imagetest.Serve(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if u, p, _ := r.BasicAuth(); !open && (u != "ci" || p != "secret") {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	full, _ := reg.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "7"}))
	open = false
	for _, tc := range []struct {
		name string
		keys authn.Keychain
		user string // "" for an error
	}{
		{"none", nil, ""},
		{"its own", vault{reg.Host, "ci", "secret"}, "7"},
		{"a wrong password", vault{reg.Host, "ci", "guess"}, ""},
		{"that of another registry", vault{"registry.example", "ci", "secret"}, ""},
		{"several", authn.NewMultiKeychain(vault{"registry.example", "ci", "no"}, vault{reg.Host, "ci", "secret"}), "7"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src, err := sources.Options{NoCache: true, Keychain: tc.keys}.Open()
			if err != nil {
				t.Fatal(err)
			}
			config, err := src.Config(t.Context(), image.Request{Ref: full, Platform: image.DefaultPlatform})
			if (err == nil) != (tc.user != "") || err == nil && config.User != tc.user {
				t.Errorf("user %q, error %v, want %q", config.User, err, tc.user)
			}
			if err != nil && (errors.Is(err, image.ErrNotFound) || strings.Contains(err.Error(), "guess")) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// carrier is an http.RoundTripper that is a function.
type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }
