package registry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// switchable is a handler in front of the registry that tests turn on after they
// pushed.
type switchable struct {
	mu sync.Mutex
	h  func(http.Handler) http.Handler
}

func (s *switchable) set(h func(next http.Handler) http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.h = h
}

func (s *switchable) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		h := s.h
		s.mu.Unlock()
		if h == nil {
			next.ServeHTTP(w, req)
			return
		}
		h(next).ServeHTTP(w, req)
	})
}

// on makes f answer in place of the registry for paths that contain part; f
// returns false to leave it to the registry after all.
func on(part string, f func(w http.ResponseWriter, req *http.Request) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if !strings.Contains(req.URL.Path, part) || !f(w, req) {
				next.ServeHTTP(w, req)
			}
		})
	}
}

// status answers with a code and a Retry-After, for the first n requests; n < 0
// means for all.
func status(code, n int, after string) func(http.ResponseWriter, *http.Request) bool {
	var seen atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) bool {
		if n >= 0 && seen.Add(1) > int64(n) {
			return false
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(code)
		return true
	}
}

// endless answers without end.
func endless(w http.ResponseWriter, req *http.Request) bool {
	w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	junk := []byte(strings.Repeat(" ", 1<<16))
	for req.Context().Err() == nil {
		if _, err := w.Write(junk); err != nil {
			break
		}
	}
	return true
}

// broken answers with less than it promised, for the first n requests.
func broken(n int) func(http.ResponseWriter, *http.Request) bool {
	var seen atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) bool {
		if seen.Add(1) > int64(n) {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"schemaVersion": 2`)
		return true
	}
}

func text(s string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(s)))
		fmt.Fprint(w, s)
		return true
	}
}

// TestTrouble: what a registry does wrong, and what comes of it.
func TestTrouble(t *testing.T) {
	for _, tc := range []struct {
		name     string
		trouble  func(http.Handler) http.Handler
		err      string // "" for none
		notFound bool
	}{
		{"404", on("/manifests/", status(404, -1, "")), "404", true},
		{"404 of the configuration", on("/blobs/", status(404, -1, "")), "404", false},
		{"500 once", on("/manifests/", status(500, 1, "")), "", false},
		{"500 for good", on("/manifests/", status(500, -1, "")), "500", false},
		{"503 on ping once", on("/v2/", status(503, 1, "")), "", false},
		{"401", on("/manifests/", status(401, -1, "")), "docker login", false},
		{"403", on("/manifests/", status(403, -1, "")), "docker login", false},
		{"400 is not repeated", on("/manifests/", status(400, 1, "")), "400", false},
		{"429 once", on("/manifests/", status(429, 1, "1")), "", false},
		{"429 once, with a date", on("/manifests/", status(429, 1, time.Now().Add(time.Second).UTC().Format(http.TimeFormat))), "", false},
		{"429 for longer than there is time", on("/manifests/", status(429, -1, "3600")), "rate limit", false},
		{"endless manifest", on("/manifests/", endless), "larger than allowed", false},
		{"endless configuration", on("/blobs/", endless), "larger than allowed", false},
		{"endless ping", on("/v2/", endless), "larger than allowed", false},
		{"manifest breaks off once", on("/manifests/", broken(1)), "", false},
		{"manifest breaks off for good", on("/manifests/", broken(1000)), "unexpected EOF", false},
		{"configuration breaks off once", on("/blobs/", broken(1)), "", false},
		{"another configuration", on("/blobs/", text(`{"config":{"User":"1"}}`)), "sha256", false},
		{"manifest is not JSON", on("/manifests/", text("<html>")), "manifest: invalid character", false},
		{"manifest is nothing", on("/manifests/", text("{}")), "neither an image nor an index", false},
		{"manifest of schema 1", on("/manifests/", text(`{"schemaVersion": 1}`)), "schema 1", false},
		{"manifest is two things", on("/manifests/", text(`{"schemaVersion": 2, "manifests": [], "layers": []}`)), "an index and an image", false},
		{"manifest of a chart", on("/manifests/", text(`{"schemaVersion": 2, "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:`+strings.Repeat("0", 64)+`"}}`)), "not of a container image", false},
		{"huge configuration", on("/manifests/", text(`{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 99999999, "digest": "sha256:`+strings.Repeat("0", 64)+`"}}`)), "larger than allowed", false},
		{"redirect without end", on("/manifests/", func(w http.ResponseWriter, req *http.Request) bool {
			http.Redirect(w, req, req.URL.Path, http.StatusFound)
			return true
		}), "redirects", false},
		{"redirect to plain HTTP elsewhere", on("/manifests/", func(w http.ResponseWriter, req *http.Request) bool {
			http.Redirect(w, req, "http://registry.example"+req.URL.Path, http.StatusFound)
			return true
		}), "refusing plain HTTP to registry.example", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var s switchable
			r := imagetest.Serve(t, s.wrap)
			ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
			s.set(tc.trouble)
			got, err := newSource(t, registry.Options{Timeout: 10 * time.Second}).Config(t.Context(), image.Request{Ref: ref})
			if tc.err == "" {
				if err != nil || got.User != "1" {
					t.Fatalf("user %q, error %v", got.User, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) || !strings.Contains(err.Error(), ref) {
				t.Errorf("error is %v, want one with %q and the image", err, tc.err)
			}
			if errors.Is(err, image.ErrNotFound) != tc.notFound {
				t.Errorf("not found is %t: %v", !tc.notFound, err)
			}
		})
	}
}

// TestWrongDigest: who asks by digest gets what it names, or an error.
func TestWrongDigest(t *testing.T) {
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	_, digest := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	r.Push(t, "app:2", imagetest.Image(t, imagetest.Spec{User: "0"}))
	s.set(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.URL.Path = strings.Replace(req.URL.Path, "/manifests/"+digest, "/manifests/2", 1)
			next.ServeHTTP(w, req)
		})
	})
	got, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: r.Host + "/app@" + digest})
	if err == nil || !strings.Contains(err.Error(), digest) {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// TestWrongLayer: what a layer says counts only if it is the layer of the image.
func TestWrongLayer(t *testing.T) {
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	spec := func(uid string) imagetest.Spec {
		return imagetest.Spec{User: "app", Layers: [][]imagetest.File{{{Name: "etc/passwd", Body: "app:x:" + uid + ":1000::/:\n"}}}}
	}
	img, other := imagetest.Image(t, spec("1000")), imagetest.Image(t, spec("2000"))
	ref, _ := r.Push(t, "app:1", img)
	r.Push(t, "app:2", other)
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	others, err := other.Layers()
	if err != nil {
		t.Fatal(err)
	}
	from, _ := layers[0].Digest()
	to, _ := others[0].Digest()
	s.set(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.URL.Path = strings.Replace(req.URL.Path, from.String(), to.String(), 1)
			next.ServeHTTP(w, req)
		})
	})
	got, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: ref, ResolveNames: true})
	if err == nil {
		t.Errorf("uid %v is believed", *got.UID)
	}
}

// TestTimeout: an answer that does not come ends after the timeout, whatever it
// is that does not come.
func TestTimeout(t *testing.T) {
	hang := func(w http.ResponseWriter, req *http.Request) bool {
		<-req.Context().Done()
		return true
	}
	drip := func(w http.ResponseWriter, req *http.Request) bool {
		for req.Context().Err() == nil {
			fmt.Fprint(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
		return true
	}
	for _, tc := range []struct {
		name, part string
		f          func(http.ResponseWriter, *http.Request) bool
	}{
		{"ping", "/v2/", hang},
		{"manifest", "/manifests/", hang},
		{"manifest, byte by byte", "/manifests/", drip},
		{"configuration", "/blobs/", hang},
		{"retries", "/manifests/", status(500, -1, "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var s switchable
			r := imagetest.Serve(t, s.wrap)
			ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{}))
			s.set(on(tc.part, tc.f))
			const timeout = 500 * time.Millisecond
			start := time.Now()
			_, err := newSource(t, registry.Options{Timeout: timeout, Retries: 1000}).Config(t.Context(), image.Request{Ref: ref})
			if err == nil {
				t.Fatal("no error")
			}
			if d := time.Since(start); d > 10*timeout {
				t.Errorf("took %v: %v", d, err)
			}
			if tc.name != "retries" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestTimeoutOfNames: layers have a time limit of their own.
func TestTimeoutOfNames(t *testing.T) {
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	img := imagetest.Image(t, imagetest.Spec{User: "app", Layers: [][]imagetest.File{{{Name: "a"}}}})
	ref, _ := r.Push(t, "app:1", img)
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := layers[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	s.set(on(digest.String(), func(w http.ResponseWriter, req *http.Request) bool {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-req.Context().Done()
		return true
	}))
	src := newSource(t, registry.Options{NamesTimeout: 300 * time.Millisecond})
	if _, err := src.Config(t.Context(), image.Request{Ref: ref, ResolveNames: true}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	if _, err := src.Config(t.Context(), image.Request{Ref: ref}); err != nil {
		t.Errorf("without names: %v", err)
	}
}

// TestSilentRegistry: many images of a registry that does not answer cost the
// time of one.
func TestSilentRegistry(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // nobody accepts
	var reqs []image.Request
	for i := range 100 {
		reqs = append(reqs, image.Request{Ref: fmt.Sprintf("%s/app%d", l.Addr(), i)})
	}
	start := time.Now()
	lookup := image.ResolveAll(t.Context(), newSource(t, registry.Options{Timeout: 400 * time.Millisecond}), reqs, 4)
	if d := time.Since(start); d > 4*time.Second {
		t.Errorf("took %v", d)
	}
	for _, req := range reqs {
		if _, err := lookup(req.Ref); err == nil {
			t.Errorf("%s: no error", req.Ref)
		}
	}
}

// TestRateLimit: after one refusal all requests wait as long as the registry
// says. The clock is synctest's and every answer takes its time on it, so that
// the order of events does not depend on the scheduler.
func TestRateLimit(t *testing.T) {
	var reg http.Handler
	r := imagetest.Serve(t, func(next http.Handler) http.Handler {
		reg = next
		return next
	})
	var reqs []image.Request
	for i := range 20 {
		ref, _ := r.Push(t, fmt.Sprintf("app%d:1", i), imagetest.Image(t, imagetest.Spec{}))
		reqs = append(reqs, image.Request{Ref: ref})
	}
	synctest.Test(t, func(t *testing.T) {
		var until time.Time // zero until the first request
		early := 0
		limited := on("/manifests/", func(w http.ResponseWriter, _ *http.Request) bool {
			if until.IsZero() {
				until = time.Now().Add(time.Second)
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}
			if time.Now().Before(until) {
				early++
			}
			return false
		})(reg)
		lookup := image.ResolveAll(t.Context(), newSource(t, registry.Options{Transport: &inProcess{handler: limited}}), reqs, 4)
		for _, req := range reqs {
			if _, err := lookup(req.Ref); err != nil {
				t.Error(err)
			}
		}
		// Those that were on their way when the first was refused cannot wait.
		if until.IsZero() || early > 3 {
			t.Errorf("%d requests came early, with 4 at a time", early)
		}
	})
}

// inProcess is a registry without a network: it answers one request after the other,
// each of which takes 10 ms there and back.
type inProcess struct {
	mu      sync.Mutex
	handler http.Handler
}

func (d *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(10 * time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, req)
	return w.Result(), nil
}

// TestInsecure: plain HTTP is for loopback and for hosts that are listed.
func TestInsecure(t *testing.T) {
	r := imagetest.Serve(t, nil)
	_, digest := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	// A host that is not loopback, reached through a proxy: everything goes to
	// the registry.
	proxied := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, r.Host)
	}}
	for _, host := range []string{"registry.example", "10.1.2.3:5000", "192.168.1.1"} {
		req := image.Request{Ref: host + "/app@" + digest}
		if _, err := newSource(t, registry.Options{Transport: proxied}).Config(t.Context(), req); err == nil {
			t.Errorf("%s: plain HTTP is spoken", host)
		}
		src := newSource(t, registry.Options{Transport: proxied, Insecure: []string{host}})
		if got, err := src.Config(t.Context(), req); err != nil || got.User != "1" {
			t.Errorf("%s, listed: user %q, error %v", host, got.User, err)
		}
	}
}

// TestRedirect: blobs are often elsewhere.
func TestRedirect(t *testing.T) {
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	direct := imagetest.Serve(t, nil)
	direct.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "http://"+direct.Host+req.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer storage.Close()
	s.set(on("/blobs/", func(w http.ResponseWriter, req *http.Request) bool {
		http.Redirect(w, req, storage.URL+req.URL.Path, http.StatusTemporaryRedirect)
		return true
	}))
	got, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: ref})
	if err != nil || got.User != "1" {
		t.Errorf("user %q, error %v", got.User, err)
	}
}
