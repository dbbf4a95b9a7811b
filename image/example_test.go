package image_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/usergroup-dev/usergroup/image"
)

// inventory is a source of the program's own: what a team knows of its images.
type inventory map[string]string

func (inv inventory) Config(_ context.Context, req image.Request) (image.Config, error) {
	user, ok := inv[req.Ref]
	if !ok {
		return image.Config{}, fmt.Errorf("inventory: %w: %s", image.ErrNotFound, req.Ref)
	}
	return image.Config{Ref: req.Ref, Platform: req.Platform, OS: "linux", User: user, Source: "inventory"}, nil
}

// A source of the program's own, asked before another. Package sources opens those
// of the command line.
func ExampleFirstOf() {
	src := image.Memory(image.FirstOf(
		inventory{"registry.example/app:1": "1234"},
		inventory{"registry.example/proxy:1": "envoy"},
	))
	refs := []string{"registry.example/app:1", "registry.example/proxy:1", "registry.example/other:1"}
	var requests []image.Request
	for _, ref := range refs {
		requests = append(requests, image.Request{Ref: ref})
	}
	lookup := image.ResolveAll(context.Background(), src, requests, image.DefaultConcurrency)
	for _, ref := range refs {
		configs, err := lookup(ref)
		if errors.Is(err, image.ErrNotFound) {
			fmt.Println(ref, "is in neither")
			continue
		}
		fmt.Println(ref, "for", configs[0].Platform, "runs as", configs[0].User)
	}
	// Output:
	// registry.example/app:1 for linux/amd64 runs as 1234
	// registry.example/proxy:1 for linux/amd64 runs as envoy
	// registry.example/other:1 is in neither
}

// USER as the container runtime reads it.
func ExampleParseUser() {
	for _, s := range []string{"1000:2000", "app", "+5", "-1", ""} {
		switch user := image.ParseUser(s).User; user.Kind {
		case image.Numeric:
			fmt.Printf("%q is the user %d\n", s, user.ID)
		case image.Named:
			fmt.Printf("%q is a name that the image resolves\n", s)
		case image.Absent, image.Empty:
			fmt.Printf("%q is root\n", s)
		case image.Malformed:
			fmt.Printf("%q is what no runtime starts\n", s)
		}
	}
	// Output:
	// "1000:2000" is the user 1000
	// "app" is a name that the image resolves
	// "+5" is the user 5
	// "-1" is what no runtime starts
	// "" is root
}
