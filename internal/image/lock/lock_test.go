package lock_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

func id(n int64) *int64 { return &n }

var digest = "sha256:" + strings.Repeat("0a", 32)

// entry is a valid entry; tests change it.
func entry(tweaks ...func(*lock.Entry)) lock.Entry {
	e := lock.Entry{Image: "registry.example/app:1", Digest: digest, Platform: "linux/amd64", OS: "linux", User: "app", UID: id(1000), GID: id(2000)}
	for _, f := range tweaks {
		f(&e)
	}
	return e
}

func ignoreIndex() cmp.Option { return cmpopts.IgnoreUnexported(lock.Lock{}) }

// TestMarshal has the file byte for byte; what is written is read back.
func TestMarshal(t *testing.T) {
	l, err := lock.New([]lock.Entry{
		entry(func(e *lock.Entry) { e.Image, e.User, e.UID, e.GID = "nginx", "101", id(101), nil }),
		entry(func(e *lock.Entry) { e.Platform = "linux/arm64" }),
		entry(),
		entry(func(e *lock.Entry) {
			*e = lock.Entry{Image: "busybox:1", Platform: "linux/amd64", OS: "linux"}
		}),
		entry(func(e *lock.Entry) { e.Image, e.User, e.UID, e.GID = "true", "null", nil, nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: usergroup.dev/v1alpha1
kind: ImageUserLock
metadata:
  name: images
  annotations:
    config.kubernetes.io/local-config: "true"
images:
- image: busybox:1
  platform: linux/amd64
  os: linux
  user: ""
- image: nginx
  digest: ` + digest + `
  platform: linux/amd64
  os: linux
  user: "101"
  uid: 101
- image: registry.example/app:1
  digest: ` + digest + `
  platform: linux/amd64
  os: linux
  user: app
  uid: 1000
  gid: 2000
- image: registry.example/app:1
  digest: ` + digest + `
  platform: linux/arm64
  os: linux
  user: app
  uid: 1000
  gid: 2000
- image: "true"
  digest: ` + digest + `
  platform: linux/amd64
  os: linux
  user: "null"
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	back, err := lock.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, back, ignoreIndex()); diff != "" {
		t.Error(diff)
	}
}

func TestMarshalEmpty(t *testing.T) {
	l, err := lock.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := l.Marshal()
	if err != nil || !strings.HasSuffix(string(data), "\nimages: []\n") {
		t.Errorf("%s, %v", data, err)
	}
	if back, err := lock.Parse(data); err != nil || len(back.Entries) > 0 {
		t.Errorf("%+v, %v", back, err)
	}
}

// FuzzUser: whatever an image says, the lock says the same.
func FuzzUser(f *testing.F) {
	for _, u := range []string{"", "0", "app:staff", "- x", "a: b", "#", "'\"", "\n\t", "é\u2028", "null", "1e3", strings.Repeat("long word ", 30), "\x00", "\xff"} {
		f.Add(u, "linux")
	}
	f.Fuzz(func(t *testing.T, user, os string) {
		l, err := lock.New([]lock.Entry{entry(func(e *lock.Entry) { e.User, e.OS, e.UID, e.GID = user, os, nil, nil })})
		if err != nil {
			return
		}
		data, err := l.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := lock.Parse(data)
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		// JSON, and with it the configuration of an image, has no other strings.
		want := []lock.Entry{entry(func(e *lock.Entry) {
			e.User, e.OS, e.UID, e.GID = strings.ToValidUTF8(user, "\uFFFD"), strings.ToValidUTF8(os, "\uFFFD"), nil, nil
		})}
		if user == strings.ToValidUTF8(user, "") && os == strings.ToValidUTF8(os, "") {
			if diff := cmp.Diff(want, back.Entries); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// file is a lock file with one entry, and what is added to it.
func file(more string) string {
	return "apiVersion: usergroup.dev/v1alpha1\nkind: ImageUserLock\nimages:\n- image: app\n  platform: linux/amd64\n  os: linux\n  user: \"1000\"\n" + more
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ name, file, err string }{
		{"least", file(""), ""},
		{"what hosts add", "metadata: {name: x, namespace: ns, labels: {a: b}, annotations: {internal.config.kubernetes.io/index: \"0\"}}\n" + file(""), ""},
		{"JSON", `{"apiVersion": "usergroup.dev/v1alpha1", "kind": "ImageUserLock", "images": []}`, ""},
		{"a document's beginning", "# comment\n---\n" + file(""), ""},
		{"two documents", file("---\n") + file(""), "single YAML document"},
		{"empty", "", "must be usergroup.dev/v1alpha1 ImageUserLock"},
		{"another kind", strings.Replace(file(""), "ImageUserLock", "ConfigMap", 1), `is "usergroup.dev/v1alpha1" "ConfigMap"`},
		{"another version", strings.Replace(file(""), "v1alpha1", "v2", 1), "must be"},
		{"no YAML", "\t", "lock: "},
		{"unknown key", file("  uids: 1\n"), "unknown field"},
		{"unknown key at the top", "entries: []\n" + file(""), "unknown field"},
		{"key in another case", file("  UID: 1000\n"), "unknown field"},
		{"key in another case at the top", "Images: []\n" + file(""), "unknown field"},
		{"repeated key", file("  user: \"0\"\n"), `"user" already set`},
		{"user is a number", strings.Replace(file(""), `"1000"`, "1000", 1), "string"},
		{"user is an octal number", strings.Replace(file(""), `"1000"`, "01000", 1), "string"},
		{"uid is a string", file("  uid: \"1000\"\n"), "int64"},
		{"uid is a fraction", file("  uid: 1.5\n"), "int64"},
		{"uid is negative", file("  uid: -1\n"), "uid: must be in 0-2147483647, is -1"},
		{"gid is large", file("  gid: 2147483648\n"), "gid: must be in 0-2147483647, is 2147483648"},
		{"uid is not that of user", file("  uid: 1\n"), `user: "1000" contradicts uid 1`},
		{"digest is short", file("  digest: sha256:00\n"), "digest: must be sha256: and 64 hexadecimal digits"},
		{"image is missing", strings.Replace(file(""), "image: app", "image: \"\"", 1), "no image is named"},
		{"image is not a reference", strings.Replace(file(""), "image: app", "image: A B", 1), "could not parse reference: A B"},
		{"platform is missing", strings.Replace(file(""), "  platform: linux/amd64\n", "", 1), "platform: is missing"},
		{"platform is none", strings.Replace(file(""), "linux/amd64", "linux", 1), "platform must be os/arch[/variant]"},
		{"os is missing", strings.Replace(file(""), "  os: linux\n", "", 1), "os: is missing"},
		{"digest is not that of the image", strings.Replace(file("  digest: "+digest+"\n"), "image: app", "image: app@sha256:"+strings.Repeat("0", 64), 1), "digest: must be that of the image"},
		{"twice", file("- {image: \"docker.io/library/app:latest\", platform: linux/amd64, os: linux, user: \"0\"}\n"), `is defined more than once for linux/amd64, also as "app"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := lock.Parse([]byte(tc.file))
			if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
				t.Errorf("error is %v, want %q", err, tc.err)
			}
		})
	}
}

// TestParseAllErrors: all that is wrong is said at once.
func TestParseAllErrors(t *testing.T) {
	_, err := lock.Parse([]byte(file("  uid: -1\n  gid: -2\n- {image: B, platform: x, os: linux, user: \"\"}\n")))
	for _, want := range []string{"uid: must", "gid: must", "could not parse", "platform must"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// TestConfig: what a lock answers to.
func TestConfig(t *testing.T) {
	pinned := "docker.io/nginx@" + digest
	l, err := lock.New([]lock.Entry{
		entry(),
		entry(func(e *lock.Entry) { e.Image, e.User, e.UID, e.GID = "nginx:1.27", "101", id(101), nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ ref, platform, user string }{
		{"registry.example/app:1", "", "app"},
		{"registry.example/app:1", "linux/amd64", "app"},
		{"registry.example/app@" + digest, "", "app"},
		{"registry.example/app:other@" + digest, "", "app"},
		{"nginx:1.27", "", "101"},
		{"docker.io/library/nginx:1.27", "", "101"},
		{pinned, "", "101"},
		{"registry.example/app:1", "linux/arm64", ""},
		{"registry.example/app", "", ""},
		{"nginx", "", ""},
		{"other@" + digest, "", ""},
	} {
		got, err := l.Config(t.Context(), image.Request{Ref: tc.ref, Platform: tc.platform})
		if tc.user == "" {
			if !errors.Is(err, image.ErrNotFound) {
				t.Errorf("%s for %s: %+v, %v", tc.ref, tc.platform, got, err)
			}
			continue
		}
		if err != nil || got.User != tc.user || got.Ref != tc.ref || got.Source != "lock" || got.File != nil || got.Digest != digest {
			t.Errorf("%s for %s: %+v, %v", tc.ref, tc.platform, got, err)
		}
	}
	for _, req := range []image.Request{{Ref: "A"}, {Ref: "a", Platform: "x"}} {
		if _, err := l.Config(t.Context(), req); err == nil || errors.Is(err, image.ErrNotFound) {
			t.Errorf("%+v: %v", req, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Config(ctx, image.Request{Ref: "nginx"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestBuildAndVerify(t *testing.T) {
	r := imagetest.Serve(t, nil)
	passwd := func(uid int) [][]imagetest.File {
		return [][]imagetest.File{{{Name: "etc/passwd", Body: fmt.Sprintf("app:x:%d:%d::/:\n", uid, uid)}}}
	}
	index := func(uid int) v1.ImageIndex {
		return imagetest.Index(t, true, imagetest.Spec{User: "app", Layers: passwd(uid)}, imagetest.Spec{User: "5:6", Arch: "arm64"})
	}
	app, appDigest := r.Push(t, "app:1", index(1000))
	win, winDigest := r.Push(t, "win:1", imagetest.Image(t, imagetest.Spec{User: "ContainerUser", OS: "windows"}))
	src, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	progress := func(done, total int) { told = append(told, fmt.Sprint(done, "/", total)) }
	l, err := lock.Build(t.Context(), src, []string{win, app, app, app}, []string{"linux/amd64", "linux/arm64"}, progress)
	if err != nil {
		t.Fatal(err)
	}
	want := []lock.Entry{
		{Image: app, Digest: appDigest, Platform: "linux/amd64", OS: "linux", User: "app", UID: id(1000), GID: id(1000)},
		{Image: app, Digest: appDigest, Platform: "linux/arm64", OS: "linux", User: "5:6", UID: id(5), GID: id(6)},
		{Image: win, Digest: winDigest, Platform: "linux/amd64", OS: "windows", User: "ContainerUser"},
		{Image: win, Digest: winDigest, Platform: "linux/arm64", OS: "windows", User: "ContainerUser"},
	}
	if diff := cmp.Diff(want, l.Entries); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff([]string{"1/4", "2/4", "3/4", "4/4"}, told); diff != "" {
		t.Error(diff)
	}
	if stale := lock.Verify(t.Context(), src, l, []string{app, win}); len(stale) > 0 {
		t.Errorf("fresh lock: %v", stale)
	}

	_, newDigest := r.Push(t, "app:1", index(2000))
	other := r.Host + "/other:1"
	var got []string
	for _, s := range lock.Verify(t.Context(), src, l, []string{app, other, other}) {
		got = append(got, s.String())
	}
	wantStale := []string{
		fmt.Sprintf("image %q for linux/amd64: changed: digest was %s, is %s, uid was 1000, is 2000, gid was 1000, is 2000", app, appDigest, newDigest),
		fmt.Sprintf("image %q for linux/arm64: changed: digest was %s, is %s", app, appDigest, newDigest),
		fmt.Sprintf("image %q for linux/amd64: superfluous", win),
		fmt.Sprintf("image %q for linux/arm64: superfluous", win),
		fmt.Sprintf("image %q for linux/amd64: missing", other),
		fmt.Sprintf("image %q for linux/arm64: missing", other),
	}
	if diff := cmp.Diff(wantStale, got); diff != "" {
		t.Error(diff)
	}

	gone := r.Host + "/gone:1"
	l, err = lock.New([]lock.Entry{entry(func(e *lock.Entry) { e.Image = gone })})
	if err != nil {
		t.Fatal(err)
	}
	stale := lock.Verify(t.Context(), src, l, []string{gone, "BAD"})
	if len(stale) != 2 || stale[0].Kind != lock.Unreadable || !errors.Is(stale[0].Err, image.ErrNotFound) || stale[1].Image != "BAD" {
		t.Errorf("gone: %v", stale)
	}
}

// TestBuildErrors: all images that cannot be read are named.
func TestBuildErrors(t *testing.T) {
	r := imagetest.Serve(t, nil)
	src, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lock.Build(t.Context(), src, []string{r.Host + "/a", r.Host + "/b"}, nil, nil)
	if l != nil || err == nil || !strings.Contains(err.Error(), "/a") || !strings.Contains(err.Error(), "/b") {
		t.Errorf("%v, %v", l, err)
	}
	for _, tc := range []struct{ refs, platforms []string }{{[]string{"BAD", "ALSO/BAD"}, nil}, {[]string{"a"}, []string{"x"}}} {
		if l, err := lock.Build(t.Context(), src, tc.refs, tc.platforms, nil); l != nil || err == nil {
			t.Errorf("%v: %v, %v", tc, l, err)
		}
	}
}
