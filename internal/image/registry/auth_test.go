package registry_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

const (
	username = "someone"
	password = "secret"
)

// login writes a Docker configuration with credentials for hosts, and makes it
// the one that authn.DefaultKeychain reads.
func login(t *testing.T, hosts ...string) {
	t.Helper()
	auths := map[string]any{}
	for _, h := range hosts {
		auths[h] = map[string]string{"username": username, "password": password}
	}
	dockerConfig(t, map[string]any{"auths": auths})
}

func dockerConfig(t *testing.T, config map[string]any) {
	t.Helper()
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DOCKER_CONFIG", dir)
}

// basic wants a name and a password.
func basic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if u, p, ok := req.BasicAuth(); ok && u == username && p == password {
			next.ServeHTTP(w, req)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}`, http.StatusUnauthorized)
	})
}

// bearer wants a token for the very repository, which it gives for a name and a
// password, or to anyone for repositories below public/.
func bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			giveToken(w, req)
			return
		}
		_, rest, _ := strings.Cut(req.URL.Path, "/v2/")
		repo := rest
		for _, part := range []string{"/manifests/", "/blobs/"} {
			repo, _, _ = strings.Cut(repo, part)
		}
		scope := "repository:" + repo + ":pull"
		if rest != "" && strings.HasPrefix(req.Header.Get("Authorization"), "Bearer "+scope) {
			next.ServeHTTP(w, req)
			return
		}
		challenge := fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, req.Host)
		if rest != "" {
			challenge += fmt.Sprintf(`,scope=%q`, scope)
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	})
}

func giveToken(w http.ResponseWriter, req *http.Request) {
	scope := req.URL.Query().Get("scope")
	u, p, _ := req.BasicAuth()
	if !strings.HasPrefix(scope, "repository:public/") && (u != username || p != password) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	// Half of the token servers say token, the other half access_token.
	json.NewEncoder(w).Encode(map[string]string{"access_token": scope})
}

// TestAuthentication reads with the credentials of a Docker configuration.
func TestAuthentication(t *testing.T) {
	for _, tc := range []struct {
		name  string
		front func(http.Handler) http.Handler
		repo  string
		login bool
		want  map[string]int // requests
		err   string
	}{
		{"none needed, none there", nil, "app", false, map[string]int{"ping": 1, "manifest": 1, "blob": 1}, ""},
		{"none needed", nil, "app", true, map[string]int{"ping": 1, "manifest": 1, "blob": 1}, ""},
		{"basic", basic, "app", true, map[string]int{"ping": 1, "manifest": 1, "blob": 1}, ""},
		{"basic, none there", basic, "app", false, map[string]int{"ping": 1, "manifest": 1}, "who are you"},
		{"bearer", bearer, "app", true, map[string]int{"ping": 1, "other": 1, "manifest": 1, "blob": 1}, ""},
		{"bearer, public", bearer, "public/app", false, map[string]int{"ping": 1, "other": 1, "manifest": 1, "blob": 1}, ""},
		{"bearer, none there", bearer, "app", false, map[string]int{"ping": 1, "other": 1}, "docker login"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s switchable
			r := imagetest.Serve(t, s.wrap)
			ref, _ := r.Push(t, tc.repo+":1", imagetest.Image(t, imagetest.Spec{User: "1"}))
			s.set(tc.front)
			login(t)
			if tc.login {
				login(t, r.Host)
			}
			src, err := registry.New(registry.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := src.Config(t.Context(), image.Request{Ref: ref})
			if tc.err == "" && (err != nil || got.User != "1") {
				t.Errorf("user %q, error %v", got.User, err)
			}
			if tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err) || errors.Is(err, image.ErrNotFound)) {
				t.Errorf("error is %v, want one with %q", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, r.Counts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBrokenKeychain: where credentials cannot be had, what is public can be
// read all the same, and otherwise the error says why.
func TestBrokenKeychain(t *testing.T) {
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	public, _ := r.Push(t, "public/app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	private, _ := r.Push(t, "private/app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	s.set(bearer)
	dockerConfig(t, map[string]any{"credsStore": "of-nowhere"})
	src, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Config(t.Context(), image.Request{Ref: public}); err != nil {
		t.Errorf("public: %v", err)
	}
	for _, front := range []func(http.Handler) http.Handler{bearer, basic} {
		s.set(front)
		if src, err = registry.New(registry.Options{}); err != nil {
			t.Fatal(err)
		}
		_, err := src.Config(t.Context(), image.Request{Ref: private})
		if err == nil || !strings.Contains(err.Error(), "docker-credential-of-nowhere") {
			t.Errorf("private: %v", err)
		}
	}
}

// slowKeychain never answers.
type slowKeychain struct{}

func (slowKeychain) Resolve(authn.Resource) (authn.Authenticator, error) { select {} }

func TestSlowKeychain(t *testing.T) {
	r := imagetest.Serve(t, nil)
	ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{}))
	src := newSource(t, registry.Options{Keychain: slowKeychain{}, Timeout: 200 * time.Millisecond})
	if _, err := src.Config(t.Context(), image.Request{Ref: ref}); err == nil {
		t.Error("no error")
	}
}

// spy notes the credentials that reach a host.
type spy struct {
	mu   sync.Mutex
	seen []string
	hits int
}

func (s *spy) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		s.hits++
		for _, h := range []string{"Authorization", "Cookie", "Proxy-Authorization"} {
			if v := req.Header.Get(h); v != "" && !strings.HasPrefix(v, "Bearer anonymous") {
				s.seen = append(s.seen, req.URL.Path+" "+h+": "+v)
			}
		}
		s.mu.Unlock()
		next.ServeHTTP(w, req)
	})
}

// redirectTo sends requests for paths that contain part to another host.
func redirectTo(host, part string) func(http.Handler) http.Handler {
	return on(part, func(w http.ResponseWriter, req *http.Request) bool {
		http.Redirect(w, req, "http://"+host+req.URL.Path, http.StatusTemporaryRedirect)
		return true
	})
}

// TestCredentialsStay: no credentials go where a redirect leads, neither at once
// nor when that host asks for them.
func TestCredentialsStay(t *testing.T) {
	img := imagetest.Image(t, imagetest.Spec{User: "1", Layers: [][]imagetest.File{{{Name: "etc/passwd"}}}})
	// greedy names itself as the one to give the password to.
	greedy := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			_, port, _ := strings.Cut(req.Host, ":")
			switch {
			case req.URL.Path == "/token":
				json.NewEncoder(w).Encode(map[string]string{"token": "anonymous"})
			case req.Header.Get("Authorization") == "":
				w.Header().Set("WWW-Authenticate", `Bearer realm="http://localhost:`+port+`/token",service="test"`)
				w.WriteHeader(http.StatusUnauthorized)
			default:
				next.ServeHTTP(w, req)
			}
		})
	}
	greedyBasic := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="mine"`)
			w.WriteHeader(http.StatusUnauthorized)
		})
	}
	for _, front := range []struct {
		name string
		wrap func(http.Handler) http.Handler
	}{{"basic", basic}, {"bearer", bearer}, {"open", nil}} {
		for _, other := range []struct {
			name string
			wrap func(http.Handler) http.Handler
		}{{"open", nil}, {"greedy", greedy}, {"greedy for basic", greedyBasic}} {
			for _, part := range []string{"/manifests/", "/blobs/"} {
				t.Run(front.name+"/"+other.name+part, func(t *testing.T) {
					var s, o switchable
					var thief spy
					there := imagetest.Serve(t, func(next http.Handler) http.Handler { return thief.wrap(o.wrap(next)) })
					there.Push(t, "app:1", img)
					o.set(other.wrap)
					r := imagetest.Serve(t, s.wrap)
					ref, _ := r.Push(t, "app:1", img)
					s.set(func(next http.Handler) http.Handler {
						next = redirectTo(there.Host, part)(next)
						if front.wrap != nil {
							next = front.wrap(next)
						}
						return next
					})
					login(t, r.Host)
					src, err := registry.New(registry.Options{})
					if err != nil {
						t.Fatal(err)
					}
					before := thief.hits
					_, err = src.Config(t.Context(), image.Request{Ref: ref})
					if other.wrap == nil && err != nil {
						t.Error(err)
					}
					if thief.hits == before {
						t.Error("nothing was redirected")
					}
					if len(thief.seen) > 0 {
						t.Errorf("credentials went elsewhere: %q", thief.seen)
					}
				})
			}
		}
	}
}

// TestForeignChallenge: a registry that lets another host say how to
// authenticate, as registry fronts do, is read anonymously.
func TestForeignChallenge(t *testing.T) {
	var thief spy
	there := imagetest.Serve(t, func(next http.Handler) http.Handler {
		return thief.wrap(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			_, port, _ := strings.Cut(req.Host, ":")
			if req.URL.Path == "/token" {
				json.NewEncoder(w).Encode(map[string]string{"token": "anonymous"})
				return
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://localhost:`+port+`/token",service="test"`)
			w.WriteHeader(http.StatusUnauthorized)
		}))
	})
	var s switchable
	r := imagetest.Serve(t, s.wrap)
	ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "1"}))
	s.set(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == "/v2/" {
				http.Redirect(w, req, "http://"+there.Host+"/v2/", http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, req)
		})
	})
	login(t, r.Host)
	src, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := src.Config(t.Context(), image.Request{Ref: ref}); err != nil || got.User != "1" {
		t.Errorf("user %q, error %v", got.User, err)
	}
	if thief.hits == 0 || len(thief.seen) > 0 {
		t.Errorf("%d requests, credentials in %q", thief.hits, thief.seen)
	}
}

// childRef makes TestTLS read an image in a process of its own: root
// certificates are read once a process.
const childRef = "USERGROUP_TEST_TLS_REF"

// TestTLS reads from a registry with a private authority.
func TestTLS(t *testing.T) {
	if ref := os.Getenv(childRef); ref != "" {
		got, err := newSource(t, registry.Options{}).Config(t.Context(), image.Request{Ref: ref})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("user=%s\n", got.User)
		return
	}
	r, server := imagetest.ServeTLS(t, nil)
	ref, _ := r.Push(t, "app:1", imagetest.Image(t, imagetest.Spec{User: "42"}), remote.WithTransport(server.Client().Transport))

	got, err := newSource(t, registry.Options{Transport: server.Client().Transport}).Config(t.Context(), image.Request{Ref: ref})
	if err != nil || got.User != "42" {
		t.Errorf("with a transport: user %q, error %v", got.User, err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, env, want string }{
		{"SSL_CERT_FILE", "SSL_CERT_FILE=" + ca, "user=42"},
		{"unknown authority", "SSL_CERT_FILE=", "certificate"},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTLS$")
		cmd.Env = append(os.Environ(), childRef+"="+ref, tc.env)
		out, _ := cmd.CombinedOutput() // the exit code says no more than the output
		if !strings.Contains(string(out), tc.want) {
			t.Errorf("%s: %s", tc.name, out)
		}
	}
}
