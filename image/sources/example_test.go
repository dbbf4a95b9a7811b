package sources_test

import (
	"context"
	"errors"
	"fmt"

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
