package image_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
	"github.com/usergroup-dev/usergroup/internal/image/registry"
)

// page reads docs/images.md.
func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "images.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDocsLock: the lock file on the page is what Marshal writes.
func TestDocsLock(t *testing.T) {
	_, rest, _ := strings.Cut(page(t), "```yaml\n")
	want, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no lock file on the page")
	}
	l, err := lock.Parse([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if _, err := l.Config(t.Context(), image.Request{Ref: "docker.io/library/nginx:1.27"}); err != nil {
		t.Error(err)
	}
}

// TestDocsNames: the table of names on the page is true.
func TestDocsNames(t *testing.T) {
	layer := imagetest.Tar(t,
		imagetest.File{Name: "etc/passwd", Body: "root:x:0:0:::\napp:x:1000:2000:::\n"},
		imagetest.File{Name: "etc/group", Body: "staff:x:50:\n"})
	rows := regexp.MustCompile("(?m)^\\| `([^`]*)` \\| (\\d+|-) \\| (\\d+|-) \\|").FindAllStringSubmatch(page(t), -1)
	if len(rows) < 10 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		img, err := oci.FromConfig(fmt.Appendf(nil, `{"config":{"User":%q}}`, row[1]), v1.Platform{OS: "linux", Architecture: "amd64"})
		if err != nil {
			t.Fatal(err)
		}
		img.AddLayer(func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer)), nil })
		if err := img.Names(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row[2:4], []string{text(img.Config.UID), text(img.Config.GID)}); diff != "" {
			t.Errorf("%s: %s", row[1], diff)
		}
	}
}

func text(id *int64) string {
	if id == nil {
		return "-"
	}
	return fmt.Sprint(*id)
}

// TestDocsLimits: the limits on the page are those of the code, where the code
// exports them.
func TestDocsLimits(t *testing.T) {
	p := page(t)
	for _, want := range []string{
		fmt.Sprintf("| reading one image, retries included | %d s ", registry.DefaultTimeout/time.Second),
		fmt.Sprintf("| reading the layers of one image | %d min |", registry.DefaultNamesTimeout/time.Minute),
		fmt.Sprintf("| images read at the same time | %d |", image.DefaultConcurrency),
		fmt.Sprintf(" | %d, after 0.2 s and more |", registry.DefaultRetries),
		fmt.Sprintf("| a manifest, an index, a configuration | %d MiB |", oci.MaxDocument>>20),
	} {
		if !strings.Contains(p, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}
