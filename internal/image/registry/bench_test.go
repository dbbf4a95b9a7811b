package registry_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// BenchmarkResolve resolves 500 containers on 100 distinct images from a
// registry with a latency of 50 ms, with nothing known beforehand.
func BenchmarkResolve(b *testing.B) {
	const images, containers, latency = 100, 500, 50 * time.Millisecond
	var s switchable
	r := imagetest.Serve(b, s.wrap)
	var reqs []image.Request
	for i := range containers {
		if i < images {
			r.Push(b, fmt.Sprintf("app%d:1", i), imagetest.Image(b, imagetest.Spec{User: fmt.Sprint(i)}))
		}
		reqs = append(reqs, image.Request{Ref: fmt.Sprintf("%s/app%d:1", r.Host, i%images)})
	}
	s.set(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			time.Sleep(latency)
			next.ServeHTTP(w, req)
		})
	})
	for b.Loop() {
		lookup := image.ResolveAll(b.Context(), newSource(b, registry.Options{}), reqs, 0)
		for _, req := range reqs {
			if _, err := lookup(req.Ref); err != nil {
				b.Fatal(err)
			}
		}
	}
}
