package arch_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unlinked are packages that the program, or a package of it that others link, must
// not link, not even by way of what it imports: Go prepares every package before main,
// whether the run needs it or not (docs/design/009-start-up.md).
var unlinked = []struct {
	of, prefix, instead string
}{
	{"", "cuelang.org/go/cue/cuecontext", "a cue.Context of the packages that a policy may import"},
	{"", "cuelang.org/go/encoding/", "nothing: no policy may import it"},
	{"", "google.golang.org/protobuf/reflect/protodesc", "nothing: only cuecontext needs descriptors"},
	{"", "google.golang.org/grpc", "HTTP"},
	{"", "k8s.io/client-go", "kubectl, which knows how to reach a cluster"},
	{"", "k8s.io/apiserver", "k8s.io/apimachinery"},
	{"", "k8s.io/kubectl", "kubectl itself"},
	{"", "github.com/prometheus/", "the summary"},
	{"", "go.opentelemetry.io/", "the summary"},
	{"", "net/http/pprof", "go test -cpuprofile"},
	{"", "expvar", "the summary"},
	{"", "testing", "nothing"},
	{"/engine", "sigs.k8s.io/kustomize/", "go.yaml.in/yaml/v3"},
	{"/engine", "github.com/spf13/cobra", "internal/cmd"},
	{"/engine", "github.com/google/go-containerregistry/pkg/v1/remote", "the interface of package image"},
}

func TestUnlinked(t *testing.T) {
	deps := map[string][]string{}
	for _, u := range unlinked {
		if deps[u.of] == nil {
			out := command(t, "list", "-deps", module+u.of)
			deps[u.of] = strings.Fields(string(out))
		}
		if i := slices.IndexFunc(deps[u.of], func(dep string) bool { return within(dep, strings.TrimSuffix(u.prefix, "/")) }); i >= 0 {
			t.Errorf("%s%s links %s: instead of it there is %s", module, u.of, deps[u.of][i], u.instead)
		}
	}
}

// The memory that packages may take before main. Each page of it costs a page fault:
// tables that few runs need are made when they are first used, with sync.OnceValue.
const (
	maxOwnBytes = 16 << 10   // of a package of this module
	maxBytes    = 1700 << 10 // of all, nearly all of which is for libraries
)

// TestBeforeMain counts what packages allocate before main, as the runtime tells.
func TestBeforeMain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := filepath.Join(t.TempDir(), "usergroup")
	command(t, "build", "-o", program, module)
	cmd := exec.Command(program, "--version")
	cmd.Env = append(cmd.Environ(), "GODEBUG=inittrace=1")
	var trace strings.Builder
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	sum, packages := 0, 0
	for line := range strings.Lines(trace.String()) {
		// init cmp @0.12 ms, 0.01 ms clock, 2048 bytes, 3 allocs
		fields := strings.Fields(line)
		i := slices.Index(fields, "bytes,")
		if i < 1 || fields[0] != "init" {
			continue
		}
		n, err := strconv.Atoi(fields[i-1])
		if err != nil {
			t.Fatal(err)
		}
		if within(fields[1], module) && n > maxOwnBytes {
			t.Errorf("%s allocates %d bytes before main, at most %d are allowed", fields[1], n, maxOwnBytes)
		}
		sum, packages = sum+n, packages+1
	}
	if packages < 50 {
		t.Errorf("only %d packages were traced", packages)
	}
	if sum > maxBytes {
		t.Errorf("packages allocate %d bytes before main, at most %d are allowed", sum, maxBytes)
	}
}
