package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// none is a keychain without credentials: tests must not depend on those of
// whoever runs them.
type none struct{}

func (none) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

func newSource(t testing.TB, opts registry.Options) *registry.Source {
	t.Helper()
	if opts.Keychain == nil {
		opts.Keychain = none{}
	}
	src, err := registry.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestUsers reads what images say of their users, in every form of image.
func TestUsers(t *testing.T) {
	r := imagetest.Serve(t, nil)
	src := newSource(t, registry.Options{})
	users := []string{
		"65533", "65533:65533", "65534:0", "0", "root", "nonroot:nonroot", "myuser:65533", "65533:mygroup",
		"", "1:2:3", "+5", "2147483648", "ContainerAdministrator",
	}
	for i, user := range users {
		for _, oci := range []bool{false, true} {
			spec := imagetest.Spec{User: user, OCI: oci}
			for form, push := range map[string]func(repo string) (string, string){
				"image": func(repo string) (string, string) { return r.Push(t, repo, imagetest.Image(t, spec)) },
				"index": func(repo string) (string, string) { return r.Push(t, repo, imagetest.Index(t, oci, spec)) },
			} {
				t.Run(fmt.Sprintf("%s/oci=%t/%q", form, oci, user), func(t *testing.T) {
					ref, digest := push(fmt.Sprintf("users/%d-%t-%s:v1", i, oci, form))
					got, err := src.Config(t.Context(), image.Request{Ref: ref})
					if err != nil {
						t.Fatal(err)
					}
					var file struct{ Config struct{ User string } }
					if err := json.Unmarshal(got.File, &file); err != nil || file.Config.User != user {
						t.Errorf("File says user %q (%v), want %q", file.Config.User, err, user)
					}
					got.File = nil
					want := image.Config{
						Ref: ref, Digest: digest, Platform: "linux/amd64", OS: "linux", User: user, Source: "registry",
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Error(diff)
					}
				})
			}
		}
	}
}

// TestReferences reads one image under all ways to name it.
func TestReferences(t *testing.T) {
	r := imagetest.Serve(t, nil)
	ref, digest := r.Push(t, "team/app:1.0", imagetest.Index(t, true, imagetest.Spec{User: "1"}))
	r.Push(t, "team/app:latest", imagetest.Image(t, imagetest.Spec{User: "2"}))
	src := newSource(t, registry.Options{})
	for _, tc := range []struct{ ref, user string }{
		{ref, "1"},
		{r.Host + "/team/app", "2"},
		{r.Host + "/team/app@" + digest, "1"},
		{r.Host + "/team/app:1.0@" + digest, "1"},
		{r.Host + "/team/app:gone@" + digest, "1"}, // the digest counts, as for the kubelet
	} {
		got, err := src.Config(t.Context(), image.Request{Ref: tc.ref})
		if err != nil {
			t.Errorf("%s: %v", tc.ref, err)
		}
		if got.User != tc.user || got.Ref != tc.ref {
			t.Errorf("%s: user %q of %q, want %q", tc.ref, got.User, got.Ref, tc.user)
		}
	}
}

// TestBadRequests are wrong before any registry is asked.
func TestBadRequests(t *testing.T) {
	src := newSource(t, registry.Options{})
	for _, req := range []image.Request{
		{Ref: ""},
		{Ref: "UPPER/case"},
		{Ref: "app@sha256:1234"},
		{Ref: "app", Platform: "linux"},
		{Ref: "app", Platform: "linux/amd64/v2/x"},
		{Ref: "app", Platform: "Linux/amd64"},
	} {
		if _, err := src.Config(t.Context(), req); err == nil || errors.Is(err, image.ErrNotFound) {
			t.Errorf("%+v: error is %v", req, err)
		}
	}
}

func TestPlatforms(t *testing.T) {
	r := imagetest.Serve(t, nil)
	ref, _ := r.Push(t, "app:1", imagetest.Index(t, true,
		imagetest.Spec{User: "arm6", Arch: "arm", Variant: "v6"},
		imagetest.Spec{User: "arm7", Arch: "arm", Variant: "v7"},
		imagetest.Spec{User: "amd64"},
		imagetest.Spec{User: "amd64v3", Variant: "v3"},
		imagetest.Spec{User: "arm64", Arch: "arm64", Variant: "v8"},
		imagetest.Spec{User: "ContainerUser", OS: "windows"},
		imagetest.Spec{User: "no image", OS: "unknown", Arch: "unknown"},
	))
	src := newSource(t, registry.Options{})
	for _, tc := range []struct{ ask, user, platform, err string }{
		{"", "amd64", "linux/amd64", ""},
		{"linux/amd64", "amd64", "linux/amd64", ""},
		{"linux/amd64/v2", "amd64", "linux/amd64", ""},
		{"linux/amd64/v4", "amd64v3", "linux/amd64/v3", ""},
		{"linux/arm64", "arm64", "linux/arm64/v8", ""},
		{"linux/arm", "arm7", "linux/arm/v7", ""},
		{"linux/arm/v6", "arm6", "linux/arm/v6", ""},
		{"linux/arm/v8", "arm7", "linux/arm/v7", ""},
		{"windows/amd64", "ContainerUser", "windows/amd64", ""},
		{"linux/arm/v5", "", "", "no image for the platform linux/arm/v5, only for linux/arm/v6, linux/arm/v7"},
		{"linux/s390x", "", "", "no image for the platform linux/s390x"},
		{"unknown/unknown", "", "", "no image for the platform unknown/unknown"},
	} {
		got, err := src.Config(t.Context(), image.Request{Ref: ref, Platform: tc.ask})
		if got.User != tc.user || got.Platform != tc.platform {
			t.Errorf("%s: user %q for %q, want %q for %q", tc.ask, got.User, got.Platform, tc.user, tc.platform)
		}
		if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("%s: error is %v, want %q", tc.ask, err, tc.err)
		}
		if errors.Is(err, image.ErrNotFound) {
			t.Errorf("%s: the image is there, so no other source may answer: %v", tc.ask, err)
		}
	}
}

// TestSinglePlatform: a node runs an image that is not in an index whatever the
// node's platform.
func TestSinglePlatform(t *testing.T) {
	r := imagetest.Serve(t, nil)
	ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "7", OS: "windows", Arch: "arm64"}))
	got, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: ref, Platform: "linux/amd64"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Platform != "windows/arm64" || got.OS != "windows" || got.User != "7" {
		t.Errorf("got %+v", got)
	}
}

// TestWindowsIndex: an index whose images are all for Windows is a Windows image,
// and one that has others lacks the platform.
func TestWindowsIndex(t *testing.T) {
	r := imagetest.Serve(t, nil)
	windows := imagetest.Spec{User: "ContainerUser", OS: "windows"}
	all, _ := r.Push(t, "app:1", imagetest.Index(t, true, windows, imagetest.Spec{User: "ContainerUser", OS: "windows", Arch: "arm64"}))
	some, _ := r.Push(t, "app:2", imagetest.Index(t, true, windows, imagetest.Spec{Arch: "s390x"}))
	src := newSource(t, registry.Options{})
	if got, err := src.Config(t.Context(), image.Request{Ref: all}); err != nil || got.OS != "windows" {
		t.Errorf("all for Windows: %+v, %v", got, err)
	}
	if got, err := src.Config(t.Context(), image.Request{Ref: some}); err == nil {
		t.Errorf("some for Windows: %+v", got)
	}
}

// TestRequests counts: one ping a registry, one manifest and one configuration an
// image, and never a layer unless names are wanted.
func TestRequests(t *testing.T) {
	r := imagetest.Serve(t, nil)
	const images, containers = 100, 500
	var distinct []image.Request
	for i := range images {
		spec := imagetest.Spec{User: fmt.Sprint(1000 + i), Layers: [][]imagetest.File{{{Name: "a", Body: "b"}}}}
		ref, _ := r.Push(t, fmt.Sprintf("app%d:1", i), imagetest.Image(t, spec))
		distinct = append(distinct, image.Request{Ref: ref})
	}
	var reqs []image.Request
	for i := range containers {
		reqs = append(reqs, distinct[i%images])
	}
	r.Counts()
	lookup := image.ResolveAll(t.Context(), newSource(t, registry.Options{}), reqs, 0)
	for i, req := range distinct {
		cfgs, err := lookup(req.Ref)
		if err != nil || len(cfgs) != 1 || cfgs[0].User != fmt.Sprint(1000+i) {
			t.Fatalf("%s: %v, %v", req.Ref, cfgs, err)
		}
	}
	want := map[string]int{"ping": 1, "manifest": images, "blob": images}
	if diff := cmp.Diff(want, r.Counts()); diff != "" {
		t.Error(diff)
	}
}

// TestRequestsOfIndex: an index costs one request more.
func TestRequestsOfIndex(t *testing.T) {
	r := imagetest.Serve(t, nil)
	ref, _ := r.Push(t, "app:1", imagetest.Index(t, true, imagetest.Spec{User: "1"}, imagetest.Spec{User: "2", Arch: "arm64"}))
	if _, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: ref}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"ping": 1, "manifest": 2, "blob": 1}, r.Counts()); diff != "" {
		t.Error(diff)
	}
}

// TestNames reads names from layers, and only as far down as it must.
func TestNames(t *testing.T) {
	r := imagetest.Serve(t, nil)
	layers := [][]imagetest.File{
		{{Name: "base", Body: "never read"}},
		{{Name: "etc/passwd", Body: "app:x:1000:2000::/:\n"}, {Name: "etc/group", Body: "staff:x:50:\n"}},
		{{Name: "app", Body: "binary"}},
	}
	src := newSource(t, registry.Options{})
	for _, tc := range []struct {
		user     string
		uid, gid *int64
		layers   int
	}{
		{"app", id(1000), id(2000), 2},
		{"app:staff", id(1000), id(50), 2},
		{"12:staff", id(12), id(50), 2},
		{"12:13", id(12), id(13), 0},
		{"12", id(12), nil, 0},
		{"", nil, nil, 0},
		{"nobody", nil, nil, 2}, // the file is there, so nothing below it counts
	} {
		for _, zstd := range []bool{false, true} {
			spec := imagetest.Spec{User: tc.user, Layers: layers, Zstd: zstd, OCI: zstd}
			ref, _ := r.Push(t, "names:1", imagetest.Image(t, spec))
			got, err := src.Config(t.Context(), image.Request{Ref: ref, ResolveNames: true})
			if err != nil {
				t.Fatalf("%s: %v", tc.user, err)
			}
			if diff := cmp.Diff([]*int64{tc.uid, tc.gid}, []*int64{got.UID, got.GID}); diff != "" {
				t.Errorf("%s: %s", tc.user, diff)
			}
			if n := r.Counts()["blob"] - 1; n != tc.layers {
				t.Errorf("%s: %d layers read, want %d", tc.user, n, tc.layers)
			}
		}
	}
}

func id(n int64) *int64 { return &n }

func TestMirrors(t *testing.T) {
	r := imagetest.Serve(t, nil)
	_, digest := r.Push(t, "hub/library/nginx:1", imagetest.Image(t, imagetest.Spec{User: "101"}))
	r.Push(t, "team/x/app:1", imagetest.Image(t, imagetest.Spec{User: "7"}))
	src := newSource(t, registry.Options{Mirrors: map[string]string{
		"docker.io":                  r.Host + "/hub",
		"registry.example":           "unreachable.invalid",
		"registry.example/team":      r.Host + "/team/x",
		"registry.example/team-else": "unreachable.invalid",
	}})
	for _, tc := range []struct{ ref, user string }{
		{"nginx:1", "101"},
		{"docker.io/library/nginx:1", "101"},
		{"nginx@" + digest, "101"},
		{"registry.example/team/app:1", "7"},
	} {
		got, err := src.Config(t.Context(), image.Request{Ref: tc.ref})
		if err != nil || got.User != tc.user || got.Ref != tc.ref {
			t.Errorf("%s: %+v, %v", tc.ref, got, err)
		}
	}
	for from, to := range map[string]string{"": "registry.example", "registry.example": "", "registry.example/UPPER": "registry.example"} {
		if _, err := registry.New(registry.Options{Mirrors: map[string]string{from: to}}); err == nil {
			t.Errorf("mirror %q: %q is accepted", from, to)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newSource(t, registry.Options{}).Config(ctx, image.Request{Ref: "registry.example/app"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
