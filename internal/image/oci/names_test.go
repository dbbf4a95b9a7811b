package oci_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/internal/image/imagetest"
	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// imageOf makes an image with a USER and layers, the lowest first, and counts
// the layers that are opened.
func imageOf(t testing.TB, user string, layers ...[]byte) (img *oci.Image, opened *int) {
	t.Helper()
	img, err := oci.FromConfig([]byte(fmt.Sprintf(`{"config":{"User":%q}}`, user)), v1.Platform{OS: "linux", Architecture: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	opened = new(int)
	for _, data := range layers {
		img.AddLayer(func(context.Context) (io.ReadCloser, error) {
			*opened++
			return io.NopCloser(bytes.NewReader(data)), nil
		})
	}
	return img, opened
}

// ids renders what Names found: uid:gid, - for what is not known.
func ids(img *oci.Image) string {
	s := func(id *int64) string {
		if id == nil {
			return "-"
		}
		return fmt.Sprint(*id)
	}
	return s(img.Config.UID) + ":" + s(img.Config.GID)
}

const passwd = `root:x:0:0:root:/root:/bin/sh
# a comment, which is a name that nobody has

app:x:1000:2000:App:/home/app:/bin/sh
app:x:1:1:the first line wins:/:
  spaced:x:1001:1001::/:
short:x:1002
bare
nogid:x:1003::gecos
notanumber:x:abc:100
notanumber:x:1004:100
negative:x:-1:-1
large:x:2147483648:2147483648
largest:x:2147483647:2147483647
space: x: 1005:1005
5:x:1006:1006
`

const group = `root:x:0:
staff:x:50:app,root
bad:x:abc:
bad:x:51:
`

// TestNamesOfUser has the outcome for every form of USER. Where containerd
// (pkg/oci, WithUser) starts the container, with an id that is not what it is by
// mistake, that is the outcome.
func TestNamesOfUser(t *testing.T) {
	layer := imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: passwd}, imagetest.File{Name: "etc/group", Body: group})
	for _, tc := range []struct {
		user, want string
		layers     int
	}{
		{"", "-:-", 0},
		{"65533", "65533:-", 0},
		{"65533:65533", "65533:65533", 0},
		{"65534:0", "65534:0", 0},
		{"0", "0:-", 0},
		{"root", "0:0", 1},
		{"app", "1000:2000", 1},
		{"app:65533", "1000:65533", 1},
		{"app:staff", "1000:50", 1},
		{"65533:staff", "65533:50", 1},
		{"65533:nogroup", "65533:-", 1},
		{"nobody", "-:-", 1},
		{"nobody:staff", "-:50", 1},
		{"app:bad", "1000:-", 1},
		{"spaced", "1001:1001", 1},
		{"short", "1002:-", 1},
		{"bare", "-:-", 1},
		{"nogid", "1003:-", 1},
		{"notanumber", "-:100", 1},
		{"negative", "-:-", 1},
		{"large", "-:-", 1},
		{"largest", "2147483647:2147483647", 1},
		{"space", "-:1005", 1},
		{"# a comment, which is a name that nobody has", "-:-", 1},
		{"5", "5:-", 0}, // a number, whatever the names
		{"+5", "5:-", 0},
		{"01000", "1000:-", 0},
		{"65533:", "65533:0", 0},
		{":65533", "0:65533", 0},
		{":", "0:0", 0},
		{"app:", "1000:0", 1},
		{"1:2:3", "-:-", 0},
		{"app:staff:x", "-:-", 0},
		{"-1", "-:-", 0},
		{"1:-1", "-:-", 0},
		{"2147483648", "-:-", 0},
		{"99999999999999999999", "-:-", 0},
		{"1e3", "-:-", 1}, // a name
	} {
		img, opened := imageOf(t, tc.user, layer)
		if err := img.Names(t.Context()); err != nil {
			t.Errorf("%q: %v", tc.user, err)
		}
		if got := ids(img); got != tc.want || *opened != tc.layers {
			t.Errorf("%q: %s with %d layers read, want %s with %d", tc.user, got, *opened, tc.want, tc.layers)
		}
	}
}

func TestNamesOfWindows(t *testing.T) {
	img, opened := imageOf(t, "ContainerUser", imagetest.Tar(t))
	img.Config.OS = "windows"
	if err := img.Names(t.Context()); err != nil || ids(img) != "-:-" || *opened != 0 {
		t.Errorf("%s, %v, %d layers", ids(img), err, *opened)
	}
}

// TestLayers finds app in etc/passwd; its uid says which file was found.
func TestLayers(t *testing.T) {
	type layer = []imagetest.File
	dir := func(name string) imagetest.File { return imagetest.File{Name: name, Type: tar.TypeDir} }
	file := func(name string, uid int) imagetest.File {
		return imagetest.File{Name: name, Body: fmt.Sprintf("app:x:%d:%d::/:\n", uid, uid)}
	}
	symlink := func(name, to string) imagetest.File {
		return imagetest.File{Name: name, Link: to, Type: tar.TypeSymlink}
	}
	hardlink := func(name, to string) imagetest.File { return imagetest.File{Name: name, Link: to, Type: tar.TypeLink} }
	empty := func(name string) imagetest.File { return imagetest.File{Name: name} }

	const none, failed = -1, -2
	for _, tc := range []struct {
		name   string
		layers []layer // the lowest first
		want   int
		opened int // layers read, repetitions counted; 0 is not looked at
	}{
		{"no layers", nil, none, 0},
		{"no file", []layer{{file("etc/shadow", 1)}}, none, 1},
		{"one layer", []layer{{dir("etc"), file("etc/passwd", 1)}}, 1, 1},
		{"the top wins", []layer{{file("etc/passwd", 1)}, {file("etc/passwd", 2)}}, 2, 1},
		{"below another layer", []layer{{file("etc/passwd", 1)}, {dir("etc"), file("etc/hosts", 2)}}, 1, 2},
		{"the last of one layer wins", []layer{{file("etc/passwd", 1), file("etc/passwd", 2)}}, 2, 1},
		{"leading ./", []layer{{file("./etc/passwd", 1)}}, 1, 1},
		{"leading /", []layer{{file("/etc/passwd", 1)}}, 1, 1},
		{"with ..", []layer{{file("../var/../etc/passwd", 1)}}, 1, 1},
		{"other folders", []layer{{file("x/etc/passwd", 1), file("etc/passwd-", 2), file("etc/passwd/x", 3)}}, none, 1},

		{"whiteout", []layer{{file("etc/passwd", 1)}, {empty("etc/.wh.passwd")}}, none, 1},
		{"whiteout, made again", []layer{{file("etc/passwd", 1)}, {empty("etc/.wh.passwd")}, {file("etc/passwd", 3)}}, 3, 1},
		{"whiteout of another", []layer{{file("etc/passwd", 1)}, {empty("etc/.wh.passwd-")}}, 1, 2},
		{"whiteout of the folder", []layer{{file("etc/passwd", 1)}, {empty(".wh.etc")}}, none, 1},
		{"whiteout, then the file", []layer{{file("etc/passwd", 1)}, {empty("etc/.wh.passwd"), file("etc/passwd", 2)}}, 2, 1},
		{"the file, then its whiteout", []layer{{file("etc/passwd", 1)}, {file("etc/passwd", 2), empty("etc/.wh.passwd")}}, failed, 0},
		{"opaque folder", []layer{{file("etc/passwd", 1)}, {dir("etc"), empty("etc/.wh..wh..opq")}}, none, 1},
		{"opaque folder, with the file", []layer{{file("etc/passwd", 1)}, {file("etc/passwd", 2), empty("etc/.wh..wh..opq")}}, 2, 1},
		{"opaque root", []layer{{file("etc/passwd", 1)}, {empty(".wh..wh..opq")}}, none, 1},
		{"another opaque folder", []layer{{file("etc/passwd", 1)}, {empty("etc/x/.wh..wh..opq"), empty("e/.wh..wh..opq")}}, 1, 2},
		{"aufs' own files", []layer{{file("etc/passwd", 1)}, {dir(".wh..wh.plnk"), empty(".wh..wh.aufs")}}, 1, 2},

		{"file in place of the folder", []layer{{file("etc/passwd", 1)}, {file("etc", 2)}}, none, 1},
		{"folder in place of a file", []layer{{file("etc", 1)}, {dir("etc"), file("etc/passwd", 2)}}, 2, 1},
		{"folder in place of the file", []layer{{file("etc/passwd", 1)}, {dir("etc/passwd")}}, none, 1},
		{"device", []layer{{file("etc/passwd", 1)}, {{Name: "etc/passwd", Type: tar.TypeChar}}}, none, 1},

		{"symlink to the file", []layer{{symlink("etc/passwd", "accounts"), file("etc/accounts", 1)}}, 1, 2},
		{"absolute symlink", []layer{{symlink("etc/passwd", "/usr/share/passwd"), file("usr/share/passwd", 1)}}, 1, 2},
		{"symlink upwards", []layer{{symlink("etc/passwd", "../../../usr/passwd"), file("usr/passwd", 1)}}, 1, 2},
		{"symlink to an upper layer", []layer{{symlink("etc/passwd", "/p"), file("p", 1)}, {file("p", 2)}}, 2, 3},
		{"symlink to what is gone", []layer{{symlink("etc/passwd", "/p"), file("p", 1)}, {empty(".wh.p")}}, none, 0},
		{"symlink to nothing", []layer{{symlink("etc/passwd", "/nothing")}}, none, 2},
		{"symlink to itself", []layer{{symlink("etc/passwd", "passwd")}}, failed, 0},
		{"symlink down and up", []layer{{symlink("etc/passwd", "x/../p"), file("etc/p", 1)}}, failed, 0},
		{"symlink of the folder", []layer{{symlink("etc", "usr/etc"), file("usr/etc/passwd", 1)}}, 1, 2},
		{"symlink of the folder, below", []layer{{file("usr/etc/passwd", 1), symlink("etc", "/usr/etc")}, {file("x", 2)}}, 1, 4},
		{"symlink of the folder, replaced by one", []layer{{symlink("etc", "usr/etc"), file("usr/etc/passwd", 1)}, {dir("etc")}}, none, 2},
		{"folder, replaced by a symlink", []layer{{dir("etc"), file("etc/passwd", 1), file("usr/etc/passwd", 2)}, {symlink("etc", "usr/etc")}}, 2, 3},
		{"through a symlink in one layer", []layer{{symlink("etc", "usr/etc"), file("etc/passwd", 1)}}, failed, 0},
		{"two symlinks", []layer{{symlink("etc", "a"), symlink("a", "b"), file("b/passwd", 1)}}, 1, 3},

		{"hard link", []layer{{file("etc/accounts", 1), hardlink("etc/passwd", "etc/accounts")}}, 1, 2},
		{"hard link, target replaced", []layer{{file("p", 1), hardlink("etc/passwd", "p"), file("p", 2)}}, 1, 2},
		{"hard link, target replaced above", []layer{{file("p", 1), hardlink("etc/passwd", "p")}, {file("p", 2)}}, 1, 3},
		{"hard link into a lower layer", []layer{{file("p", 1)}, {hardlink("etc/passwd", "/p")}}, 1, 3},
		{"hard link, target gone after", []layer{{file("p", 1)}, {hardlink("etc/passwd", "p"), empty(".wh.p")}}, 1, 3},
		{"hard link to nothing", []layer{{hardlink("etc/passwd", "p"), file("p", 1)}}, none, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var layers [][]byte
			for _, l := range tc.layers {
				layers = append(layers, imagetest.Tar(t, l...))
			}
			img, opened := imageOf(t, "app", layers...)
			err := img.Names(t.Context())
			got := none
			switch {
			case err != nil:
				got = failed
			case img.Config.UID != nil:
				got = int(*img.Config.UID)
			}
			if got != tc.want {
				t.Errorf("got %d (%v), want %d", got, err, tc.want)
			}
			if tc.opened > 0 && *opened != tc.opened {
				t.Errorf("%d layers read, want %d", *opened, tc.opened)
			}
		})
	}
}

// TestLayersBothFiles reads no layer twice for two files.
func TestLayersBothFiles(t *testing.T) {
	img, opened := imageOf(t, "app:staff",
		imagetest.Tar(t, imagetest.File{Name: "never", Body: "read"}),
		imagetest.Tar(t, imagetest.File{Name: "etc/group", Body: "staff:x:50:\n"}),
		imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: "app:x:1:1\n"}),
	)
	if err := img.Names(t.Context()); err != nil || ids(img) != "1:50" || *opened != 2 {
		t.Errorf("%s, %v, %d layers", ids(img), err, *opened)
	}
}

// TestBrokenLayers: what cannot be read to its end says nothing, not even that
// a name is not there.
func TestBrokenLayers(t *testing.T) {
	good := imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: "app:x:1:1\n"}, imagetest.File{Name: "z", Body: strings.Repeat("z", 5000)})
	for _, tc := range []struct {
		name  string
		layer []byte
		err   error // nil: any
	}{
		{"no tar", []byte(strings.Repeat("x", 1000)), nil},
		{"cut off", good[:len(good)-4000], io.ErrUnexpectedEOF},
		{"gzip cut off", compress(t, bytes.NewReader(good))[:60], io.ErrUnexpectedEOF},
		{"huge passwd", imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: strings.Repeat("a:x:1:1\n", 1<<18)}), oci.ErrTooLarge},
		{"bomb", append(compress(t, bytes.NewReader(good)), bytes.Repeat(compress(t, io.LimitReader(zeros{}, 1<<26)), 40)...), oci.ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			img, _ := imageOf(t, "app", tc.layer)
			err := img.Names(t.Context())
			if err == nil || tc.err != nil && !errors.Is(err, tc.err) {
				t.Errorf("error is %v, want %v; ids %s", err, tc.err, ids(img))
			}
		})
	}
}

func compress(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestNamesCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	img, _ := imageOf(t, "app", imagetest.Tar(t, imagetest.File{Name: "etc/passwd", Body: passwd}))
	if err := img.Names(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestParsePlatform(t *testing.T) {
	for in, want := range map[string]string{
		"": "linux/amd64", "linux/arm64": "linux/arm64", "linux/arm/v7": "linux/arm/v7", "windows/amd64": "windows/amd64",
		"linux": "", "linux/": "", "/amd64": "", "a/b/c/d": "", "linux/amd64:1": "", "LINUX/amd64": "", "linux/ amd64": "",
	} {
		p, err := oci.ParsePlatform(in)
		if diff := cmp.Diff(want, p.String()); diff != "" || (err == nil) != (want != "") {
			t.Errorf("%q: %s%v", in, diff, err)
		}
	}
}

// FuzzLayers looks for layers that make the search panic or that make it find
// what an empty layer above them would hide.
func FuzzLayers(f *testing.F) {
	f.Add(imagetest.Tar(f, imagetest.File{Name: "etc/passwd", Body: passwd}), imagetest.Tar(f, imagetest.File{Name: "etc/.wh.passwd"}))
	f.Add(imagetest.Tar(f, imagetest.File{Name: "etc", Link: "usr/etc", Type: tar.TypeSymlink}), imagetest.Tar(f, imagetest.File{Name: "etc/passwd", Link: "etc/p", Type: tar.TypeLink}))
	hide := imagetest.Tar(f, imagetest.File{Name: ".wh..wh..opq"})
	f.Fuzz(func(t *testing.T, low, high []byte) {
		img, _ := imageOf(t, "app:staff", low, high)
		_ = img.Names(t.Context()) // an error is an answer
		img, _ = imageOf(t, "app:staff", low, high, hide)
		if err := img.Names(t.Context()); err != nil || ids(img) != "-:-" {
			t.Errorf("below an opaque root: %s, %v", ids(img), err)
		}
	})
}
