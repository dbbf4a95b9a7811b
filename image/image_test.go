package image_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/layout"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// sourceFunc is a Source under the test's control: decorators are about when and
// how often a source is asked, and in what way it fails.
type sourceFunc func(ctx context.Context, req image.Request) (image.Config, error)

func (f sourceFunc) Config(ctx context.Context, req image.Request) (image.Config, error) {
	return f(ctx, req)
}

// counted is a source with an image for every reference that does not begin
// with "bad", and the number of times it was asked.
func counted(n *atomic.Int64) image.Source {
	return sourceFunc(func(_ context.Context, req image.Request) (image.Config, error) {
		n.Add(1)
		if strings.HasPrefix(req.Ref, "bad") {
			return image.Config{}, errors.New("bad")
		}
		return image.Config{Ref: req.Ref, Platform: req.Platform, OS: "linux", User: "1", Digest: "sha256:" + zeros, File: []byte("{}")}, nil
	})
}

var zeros = strings.Repeat("0", 64)

// hang is a source that answers only when its context ends.
func hang(ctx context.Context, _ image.Request) (image.Config, error) {
	<-ctx.Done()
	return image.Config{}, context.Cause(ctx)
}

func TestMemory(t *testing.T) {
	var n atomic.Int64
	src := image.Memory(counted(&n))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			req := image.Request{Ref: fmt.Sprint("app", i%5)}
			if cfg, err := src.Config(t.Context(), req); err != nil || cfg.Ref != req.Ref {
				t.Errorf("%+v, %v", cfg, err)
			}
			if _, err := src.Config(t.Context(), image.Request{Ref: "bad"}); err == nil {
				t.Error("no error")
			}
		})
	}
	wg.Wait()
	if n.Load() != 6 {
		t.Errorf("asked %d times, want 6", n.Load())
	}
	if _, err := src.Config(t.Context(), image.Request{Ref: "app0", ResolveNames: true}); err != nil || n.Load() != 7 {
		t.Errorf("another question is not another question: %d, %v", n.Load(), err)
	}
}

// TestMemoryCancelled: who gives up does not spoil the answer for others.
func TestMemoryCancelled(t *testing.T) {
	asked := make(chan struct{}, 2)
	var n atomic.Int64
	src := image.Memory(sourceFunc(func(ctx context.Context, req image.Request) (image.Config, error) {
		asked <- struct{}{}
		if n.Add(1) == 1 {
			return hang(ctx, req)
		}
		return image.Config{User: "1"}, nil
	}))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := src.Config(ctx, image.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
	})
	<-asked
	wg.Go(func() {
		if cfg, err := src.Config(t.Context(), image.Request{}); err != nil || cfg.User != "1" {
			t.Errorf("the one who waited: %+v, %v", cfg, err)
		}
	})
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := src.Config(short, image.Request{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the one in a hurry: %v", err)
	}
	cancel()
	wg.Wait()
}

func TestFirstOf(t *testing.T) {
	miss := sourceFunc(func(context.Context, image.Request) (image.Config, error) {
		return image.Config{}, fmt.Errorf("here: %w", image.ErrNotFound)
	})
	fail := sourceFunc(func(context.Context, image.Request) (image.Config, error) {
		return image.Config{}, errors.New("broken")
	})
	user := func(u string) image.Source {
		return sourceFunc(func(context.Context, image.Request) (image.Config, error) { return image.Config{User: u}, nil })
	}
	for _, tc := range []struct {
		name    string
		sources []image.Source
		user    string
		err     string
	}{
		{"first", []image.Source{user("1"), user("2")}, "1", ""},
		{"second", []image.Source{miss, user("2")}, "2", ""},
		{"an error is an answer", []image.Source{miss, fail, user("2")}, "", "broken"},
		{"none has it", []image.Source{miss, miss}, "", "here: image not found\nhere: image not found"},
		{"none", nil, "", "image not found: no source is configured"},
	} {
		cfg, err := image.FirstOf(tc.sources...).Config(t.Context(), image.Request{})
		if cfg.User != tc.user || (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
			t.Errorf("%s: %q, %v", tc.name, cfg.User, err)
		}
		if strings.Contains(tc.err, "not found") != errors.Is(err, image.ErrNotFound) {
			t.Errorf("%s: not found is wrong: %v", tc.name, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	_, err := image.Timeout(sourceFunc(hang), 10*time.Millisecond).Config(t.Context(), image.Request{})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "10ms") {
		t.Errorf("error is %v", err)
	}
	var n atomic.Int64
	if _, err := image.Timeout(counted(&n), 0).Config(t.Context(), image.Request{}); err != nil {
		t.Error(err)
	}
}

func TestLimit(t *testing.T) {
	const limit = 3
	var now, most atomic.Int64
	src := image.Limit(sourceFunc(func(context.Context, image.Request) (image.Config, error) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(time.Millisecond)
		now.Add(-1)
		return image.Config{}, nil
	}), limit)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() { src.Config(t.Context(), image.Request{}) })
	}
	wg.Wait()
	if m := most.Load(); m > limit || m == 0 {
		t.Errorf("%d at a time, at most %d", m, limit)
	}

	full := image.Limit(sourceFunc(hang), 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		wg.Go(func() {
			if _, err := full.Config(ctx, image.Request{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v", err)
			}
		})
	}
	wg.Wait()
}

func TestResolveAll(t *testing.T) {
	var n atomic.Int64
	lookup := image.ResolveAll(t.Context(), counted(&n), []image.Request{
		{Ref: "a", Platform: "linux/arm64"},
		{Ref: "a"},
		{Ref: "a", Platform: "linux/amd64", ResolveNames: true},
		{Ref: "b"},
		{Ref: "b"},
		{Ref: "bad"},
		{Ref: "bad", Platform: "linux/arm64"},
	}, 2)
	if n.Load() != 5 {
		t.Errorf("asked %d times, want 5", n.Load())
	}
	for ref, want := range map[string][]string{"a": {"linux/arm64", "linux/amd64"}, "b": {"linux/amd64"}} {
		cfgs, err := lookup(ref)
		var got []string
		for _, c := range cfgs {
			got = append(got, c.Platform)
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", ref, err, diff)
		}
	}
	cfgs, err := lookup("bad")
	want := "image \"bad\" for linux/amd64: bad\nimage \"bad\" for linux/arm64: bad"
	if cfgs != nil || err == nil || err.Error() != want {
		t.Errorf("bad: %v, %v", cfgs, err)
	}
	if _, err := lookup("c"); !errors.Is(err, image.ErrNotFound) {
		t.Errorf("c: %v", err)
	}
	if _, err := image.ResolveAll(t.Context(), counted(&n), nil, 0)("a"); !errors.Is(err, image.ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

// TestResolveAllOnePlatform: what answers for all platforms is there once.
func TestResolveAllOnePlatform(t *testing.T) {
	src := sourceFunc(func(context.Context, image.Request) (image.Config, error) {
		return image.Config{Platform: "linux/amd64", Digest: "sha256:" + zeros}, nil
	})
	cfgs, err := image.ResolveAll(t.Context(), src, []image.Request{{Ref: "a"}, {Ref: "a", Platform: "linux/arm64"}}, 0)("a")
	if len(cfgs) != 1 || err != nil {
		t.Errorf("%v, %v", cfgs, err)
	}
}

func TestResolveAllCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var reqs []image.Request
	for i := range 100 {
		reqs = append(reqs, image.Request{Ref: fmt.Sprint(i)})
	}
	lookup := image.ResolveAll(ctx, sourceFunc(hang), reqs, 0)
	for _, req := range reqs {
		if _, err := lookup(req.Ref); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", req.Ref, err)
		}
	}
}

// TestStack has the sources together as a run has them: lock, layout, cache,
// registry.
func TestStack(t *testing.T) {
	r := imagetest.Serve(t, nil)
	locked, _ := r.Push(t, "locked:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	tagged, digest := r.Push(t, "remote:1", imagetest.Image(t, imagetest.Spec{User: "2"}))
	pinned := r.Host + "/remote@" + digest
	reg, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lock.Build(t.Context(), reg, []string{locked}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "index.json"), []byte(`{"schemaVersion":2,"manifests":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := layout.New(empty, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Counts()
	src := image.Memory(image.FirstOf(l, folder, reg))
	var reqs []image.Request
	for range 10 {
		reqs = append(reqs, image.Request{Ref: locked}, image.Request{Ref: tagged}, image.Request{Ref: pinned}, image.Request{Ref: r.Host + "/gone"})
	}
	lookup := image.ResolveAll(t.Context(), src, reqs, 0)
	for ref, want := range map[string]string{locked: "1 lock", tagged: "2 registry", pinned: "2 registry"} {
		cfgs, err := lookup(ref)
		if err != nil || len(cfgs) != 1 || cfgs[0].User+" "+cfgs[0].Source != want {
			t.Errorf("%s: %+v, %v", ref, cfgs, err)
		}
	}
	if _, err := lookup(r.Host + "/gone"); !errors.Is(err, image.ErrNotFound) {
		t.Errorf("gone: %v", err)
	}
	if diff := cmp.Diff(map[string]int{"manifest": 3, "blob": 2}, r.Counts()); diff != "" {
		t.Error(diff) // the ping was for the lock
	}
}
