// Package cluster tests usergroup beside a real API server: the programs that
// tools/cluster builds, kube-apiserver and etcd, run as plain processes on
// loopback. There are no nodes: nothing is ever started, only admitted.
//
// It is a module of its own, because what a gate costs is measured with the API
// server's own libraries, which the project does not need.
package cluster_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// bin is the folder of the programs that tools/cluster builds.
const bin = "../../tools/bin"

// token authenticates the tests as a cluster administrator.
const token = "cluster-test"

// server is a running API server with an etcd of its own.
type server struct {
	url      string
	dir      string
	client   *http.Client
	ready    bool
	canaries int // that show whether policies hold
}

// start starts a server, which ends with the test. A program that has not been
// built skips the test; "make e2e-cluster" builds them and sets
// USERGROUP_HOSTS=required, which turns a skip into a failure.
func start(t *testing.T, flags ...string) *server {
	t.Helper()
	for _, program := range []string{"etcd", "kube-apiserver", "kubectl"} {
		if _, err := os.Stat(filepath.Join(bin, program)); err != nil {
			if os.Getenv("USERGROUP_HOSTS") == "required" {
				t.Fatal(err)
			}
			t.Skipf("SKIPPED: %s is not built: run make e2e-cluster", program)
		}
	}
	s := &server{dir: t.TempDir(), client: &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, // of a certificate made seconds ago, on loopback
		MaxIdleConnsPerHost: 16,
	}}}
	etcd, peer, port := freePort(t), freePort(t), freePort(t)
	s.url = "https://127.0.0.1:" + port
	s.run(t, "etcd", "--data-dir", filepath.Join(s.dir, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls", "http://127.0.0.1:"+etcd, "--advertise-client-urls", "http://127.0.0.1:"+etcd,
		"--listen-peer-urls", "http://127.0.0.1:"+peer, "--initial-advertise-peer-urls", "http://127.0.0.1:"+peer,
		"--initial-cluster", "default=http://127.0.0.1:"+peer)
	key := s.key(t)
	tokens := filepath.Join(s.dir, "tokens.csv")
	write(t, tokens, token+",admin,admin,system:masters\n")
	s.run(t, "kube-apiserver", append([]string{
		"--etcd-servers", "http://127.0.0.1:" + etcd, "--bind-address", "127.0.0.1", "--secure-port", port,
		"--cert-dir", filepath.Join(s.dir, "certificates"), "--token-auth-file", tokens, "--authorization-mode", "RBAC",
		"--service-account-key-file", key, "--service-account-signing-key-file", key,
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-cluster-ip-range", "10.0.0.0/24", "--allow-privileged",
		// A controller would make the service accounts that this plugin asks for.
		"--disable-admission-plugins", "ServiceAccount",
	}, flags...)...)
	s.await(t, "the server to be ready", func() bool {
		status, _, err := s.try("GET", "/readyz", nil)
		return err == nil && status == http.StatusOK
	})
	s.ready = true
	return s
}

// run starts a program, which ends with the test.
func (s *server) run(t *testing.T, program string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.dir, program+".log"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(filepath.Join(bin, program), args...)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also where the test is killed
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // nothing of it is kept
		_ = c.Wait()
		log.Close()
		if !s.ready {
			t.Logf("the end of the log of %s:\n%s", program, tail(log.Name()))
		}
	})
}

// key writes the key that service accounts are signed with.
func (s *server) key(t *testing.T) string {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, "service-accounts.key")
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})))
	return path
}

// await waits until something holds.
func (s *server) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// answer is what the server says to a request.
type answer struct {
	code     int
	object   map[string]any // where it was accepted
	message  string         // where it was refused
	warnings []string
}

func (a answer) accepted() bool { return a.code < 300 }

// send sends an object and reads the answer. What is not an answer of the API is an
// error of the test.
func (s *server) send(t *testing.T, method, path string, object any) answer {
	t.Helper()
	status, body, err := s.try(method, path, object)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, status, body)
}

// sendYAML asks the server for a Pod in the given text, as kubectl would send it if
// it did not read it first.
func (s *server) sendYAML(t *testing.T, manifest string) answer {
	t.Helper()
	status, body, err := s.do("POST", "/api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Strict", "application/yaml", strings.NewReader(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, status, body)
}

// read reads an answer.
func read(t *testing.T, status int, body body) answer {
	t.Helper()
	a := answer{code: status}
	for _, w := range body.warnings {
		// 299 - "text"
		if _, text, ok := strings.Cut(w, `"`); ok {
			a.warnings = append(a.warnings, strings.TrimSuffix(text, `"`))
		}
	}
	if a.accepted() {
		if err := json.Unmarshal(body.text, &a.object); err != nil {
			t.Fatal(err)
		}
		return a
	}
	var refusal metav1.Status
	if err := json.Unmarshal(body.text, &refusal); err != nil || refusal.Message == "" {
		t.Fatalf("%d %s", status, body.text)
	}
	a.message = refusal.Message
	return a
}

// must is send for what has to be accepted.
func (s *server) must(t *testing.T, method, path string, object any) answer {
	t.Helper()
	a := s.send(t, method, path, object)
	if !a.accepted() {
		t.Fatalf("%s %s: %d %s", method, path, a.code, a.message)
	}
	return a
}

// body is that of an answer.
type body struct {
	text     []byte
	warnings []string
}

func (s *server) try(method, path string, object any) (int, body, error) {
	var in io.Reader
	if object != nil {
		text, err := json.Marshal(object)
		if err != nil {
			return 0, body{}, err
		}
		in = bytes.NewReader(text)
	}
	return s.do(method, path, "application/json", in)
}

func (s *server) do(method, path, contentType string, in io.Reader) (int, body, error) {
	req, err := http.NewRequest(method, s.url+path, in)
	if err != nil {
		return 0, body{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", contentType)
	res, err := s.client.Do(req)
	if err != nil {
		return 0, body{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, body{text, res.Header.Values("Warning")}, err
}

// kubectl runs kubectl against the server and returns what it prints.
func (s *server) kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	c := exec.Command(filepath.Join(bin, "kubectl"), append([]string{
		"--server", s.url, "--token", token, "--insecure-skip-tls-verify", "--cache-dir", filepath.Join(s.dir, "kubectl"),
	}, args...)...)
	c.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// freePort returns a port of loopback that nobody uses.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tail is the end of a file.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return errors.Unwrap(err).Error()
	}
	const most = 4 << 10
	return string(text[max(0, len(text)-most):])
}
