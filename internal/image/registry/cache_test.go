package registry_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/disk"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// TestCache counts what is asked of a registry behind a cache, by a Source of its
// own each time, as in another process.
func TestCache(t *testing.T) {
	r := imagetest.Serve(t, nil)
	cache := disk.Cache(t.TempDir())
	layers := [][]imagetest.File{{{Name: "etc/passwd", Body: "app:x:1000:2000::/:\n"}}}
	tag, digest := r.Push(t, "app:1", imagetest.Index(t, true,
		imagetest.Spec{User: "app", Layers: layers}, imagetest.Spec{User: "2", Arch: "arm64"}))
	pinned := r.Host + "/app@" + digest
	for _, tc := range []struct {
		name, user string
		req        image.Request
		want       map[string]int
	}{
		{"by tag", "app", image.Request{Ref: tag}, map[string]int{"ping": 1, "manifest": 2, "blob": 1}},
		{"by tag again: only where it points", "app", image.Request{Ref: tag}, map[string]int{"ping": 1, "manifest": 1}},
		{"by digest: the index", "app", image.Request{Ref: pinned}, map[string]int{"ping": 1, "manifest": 1}},
		{"by digest again: nothing", "app", image.Request{Ref: pinned}, map[string]int{}},
		{"another platform", "2", image.Request{Ref: pinned, Platform: "linux/arm64"}, map[string]int{"ping": 1, "manifest": 1, "blob": 1}},
		{"that platform again", "2", image.Request{Ref: pinned, Platform: "linux/arm64"}, map[string]int{}},
		{"ids need no names", "2", image.Request{Ref: pinned, Platform: "linux/arm64", ResolveNames: true}, map[string]int{}},
		{"names: the layers", "app", image.Request{Ref: pinned, ResolveNames: true}, map[string]int{"ping": 1, "blob": 1}},
		{"names again: the layers", "app", image.Request{Ref: pinned, ResolveNames: true}, map[string]int{"ping": 1, "blob": 1}},
	} {
		cfg, err := newSource(t, registry.Options{Cache: cache}).Config(t.Context(), tc.req)
		if err != nil || cfg.User != tc.user || cfg.Ref != tc.req.Ref || cfg.Digest != digest {
			t.Errorf("%s: %+v, %v", tc.name, cfg, err)
		}
		if tc.req.ResolveNames && tc.user == "app" && (cfg.UID == nil || *cfg.UID != 1000) {
			t.Errorf("%s: uid %v", tc.name, cfg.UID)
		}
		if diff := cmp.Diff(tc.want, r.Counts()); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

// TestCacheLies: whatever a file of the cache is changed to, the answer is what
// the digest names.
func TestCacheLies(t *testing.T) {
	r := imagetest.Serve(t, nil)
	dir := t.TempDir()
	_, digest := r.Push(t, "app:1", imagetest.Index(t, true, imagetest.Spec{User: "0"}))
	ask := func() {
		t.Helper()
		src := newSource(t, registry.Options{Cache: disk.Cache(dir)})
		if cfg, err := src.Config(t.Context(), image.Request{Ref: r.Host + "/app@" + digest}); err != nil || cfg.User != "0" {
			t.Errorf("user %q, %v", cfg.User, err)
		}
	}
	ask()
	files, err := filepath.Glob(filepath.Join(dir, "*", "sha256", "*"))
	if err != nil || len(files) != 3 { // index, manifest, configuration
		t.Fatalf("%q, %v", files, err)
	}
	lies := []string{"", "{}", "not JSON", `{"config":{"User":"1000"}}`}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, lie := range append(lies, strings.Replace(string(data), `"0"`, `"1000"`, 1)+" ") {
			if err := os.WriteFile(f, []byte(lie), 0o600); err != nil {
				t.Fatal(err)
			}
			ask()
		}
	}
}
