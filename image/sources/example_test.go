package sources_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/image/sources"
	"github.com/usergroup-dev/usergroup/manifest"
)

// A policy that judges the USER of images, which are read from a lock file and from
// no registry.
func ExampleOptions_For() {
	policies, err := config.Parse([]byte(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: non-root}
spec:
  validateContainerImageConfiguration: true
  validateOnly: true
  runAsUser: {rule: MustRunAsNonRoot}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := manifest.ReadStream("pod.yaml", []byte(`apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: app, image: registry.example/app:1, securityContext: {runAsNonRoot: true}}
  - {name: proxy, image: registry.example/proxy:1, securityContext: {runAsNonRoot: true}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	images, err := sources.Options{Locks: []string{"testdata/images.yaml"}, Offline: true}.For(policies, file.Items)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := engine.New(policies, engine.Options{Source: images})
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := p.Apply(context.Background(), file.Items)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range outcome.Results {
		fmt.Printf("%s line %d, %s: %s\n", r.Severity, r.File.Line, r.Reason, r.Message)
	}
	// Output:
	// error line 7, ImageConfigUserIDCannotBeRoot: container "proxy": image user must not be root, is unset: image will run as root
}

// Which user an image runs as, whatever a policy says.
func ExampleOptions_Open() {
	images, err := sources.Options{Locks: []string{"testdata/images.yaml"}, Offline: true}.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, ref := range []string{"registry.example/app:1", "registry.example/app:2"} {
		config, err := images.Config(context.Background(), image.Request{Ref: ref, Platform: image.DefaultPlatform})
		switch {
		case errors.Is(err, image.ErrNotFound):
			fmt.Println(ref, "is not locked")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(ref, "runs as", config.User)
		}
	}
	// Output:
	// registry.example/app:1 runs as 1234
	// registry.example/app:2 is not locked
}

// vault is a keychain that has the password of one registry.
type vault struct{ registry, username, password string }

func (v vault) Resolve(target authn.Resource) (authn.Authenticator, error) {
	if target.RegistryStr() != v.registry {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: v.username, Password: v.password}), nil
}

// Credentials of the program's own, instead of those of docker login. The registry of
// this example, on loopback, wants a password.
func ExampleOptions_keychain() {
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ci" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="images"`)
			http.Error(w, `{"errors": [{"code": "UNAUTHORIZED"}]}`, http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(w, r)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	keys := vault{host, "ci", "secret"}

	app, err := mutate.Config(empty.Image, v1.Config{User: "1234"})
	if err == nil {
		err = crane.Push(app, host+"/app:1", crane.WithAuthFromKeychain(keys))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, options := range []sources.Options{{NoCache: true}, {NoCache: true, Keychain: keys}} {
		source, err := options.Open()
		if err != nil {
			fmt.Println(err)
			return
		}
		config, err := source.Config(context.Background(), image.Request{Ref: host + "/app:1", Platform: image.DefaultPlatform})
		if err != nil {
			fmt.Println("refused:", strings.Contains(err.Error(), "UNAUTHORIZED"))
			continue
		}
		fmt.Println("runs as", config.User)
	}
	// Output:
	// refused: true
	// runs as 1234
}
