package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/cmd"
	"github.com/usergroup-dev/usergroup/internal/release"
)

var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

func build(t *testing.T) release.Files {
	t.Helper()
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	shared, err := release.Documents(cmd.Root(), "v1.2.3", at)
	if err != nil {
		t.Fatal(err)
	}
	shared["LICENSE"], shared["README.md"] = []byte("license"), []byte("readme")
	c := release.Contents{
		Version: "v1.2.3", Time: at, Shared: shared,
		Binaries: map[string][]byte{}, SBOMs: map[string][]byte{},
		Image: map[string][]byte{"index.json": []byte("{}"), "blobs/sha256/00": []byte("blob")},
	}
	for _, p := range platforms {
		c.Binaries[p], c.SBOMs[p] = []byte("binary of "+p), []byte("{}")
	}
	files, err := release.Build(c)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSameBytes: two releases of the same are the same.
func TestSameBytes(t *testing.T) {
	if d := cmp.Diff(build(t), build(t)); d != "" {
		t.Error(d)
	}
}

// TestChecksums: every other file has its sum.
func TestChecksums(t *testing.T) {
	files := build(t)
	want := ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != "checksums.txt" {
			want += fmt.Sprintf("%x  %s\n", sha256.Sum256(files[name]), name)
		}
	}
	if d := cmp.Diff(want, string(files["checksums.txt"])); d != "" {
		t.Error(d)
	}
}

// unpack returns the files of an archive, and which can be run.
func unpack(t *testing.T, name string, data []byte) (files map[string]string, programs []string) {
	t.Helper()
	files = map[string]string{}
	if strings.HasSuffix(name, ".zip") {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = string(text)
		}
		return files, nil
	}
	var r io.Reader = bytes.NewReader(data)
	if strings.HasSuffix(name, ".gz") {
		var err error
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	for a := tar.NewReader(r); ; {
		h, err := a.Next()
		if err == io.EOF {
			return files, programs
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(a)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = string(text)
		if h.Mode&0o111 != 0 {
			programs = append(programs, h.Name)
		}
	}
}

// TestArchives: each has the binary of its platform, which can be run, and what the
// formula installs beside it.
func TestArchives(t *testing.T) {
	files := build(t)
	for _, p := range platforms {
		name, binary := "usergroup_1.2.3_"+strings.ReplaceAll(p, "/", "_")+".tar.gz", "usergroup"
		if strings.HasPrefix(p, "windows") {
			name, binary = strings.TrimSuffix(name, ".tar.gz")+".zip", "usergroup.exe"
		}
		got, programs := unpack(t, name, files[name])
		if got[binary] != "binary of "+p {
			t.Errorf("%s: %s is %q", name, binary, got[binary])
		}
		if binary == "usergroup" && !slices.Equal(programs, []string{binary}) {
			t.Errorf("%s: %q can be run", name, programs)
		}
		for file, text := range map[string]string{
			"LICENSE": "license", "README.md": "readme", "man/usergroup.1": `.TH "USERGROUP" "1" "Nov 2026" "usergroup v1.2.3"`,
			"man/usergroup-report-merge.1": "USERGROUP-REPORT-MERGE", "completions/bash": "complete ", "completions/zsh": "#compdef usergroup",
			"completions/fish": "complete -c usergroup", "completions/powershell": "Register-ArgumentCompleter",
		} {
			if !strings.Contains(got[file], text) {
				t.Errorf("%s: %s does not hold %q", name, file, text)
			}
		}
	}
	if got, _ := unpack(t, "usergroup_1.2.3_image.tar", files["usergroup_1.2.3_image.tar"]); got["blobs/sha256/00"] != "blob" {
		t.Errorf("the image holds %v", got)
	}
}

// TestPackages: krew and Homebrew are told the addresses and sums of archives that
// are there.
func TestPackages(t *testing.T) {
	files := build(t)
	var plugin struct {
		Spec struct {
			Platforms []struct {
				Selector    struct{ MatchLabels map[string]string }
				URI, SHA256 string
				Bin         string
			}
		}
	}
	if err := yaml.Unmarshal(files["usergroup.yaml"], &plugin); err != nil {
		t.Fatal(err)
	}
	const at = "https://github.com/usergroup-dev/usergroup/releases/download/v1.2.3/"
	found := map[string]string{} // sums by address
	var got []string
	for _, p := range plugin.Spec.Platforms {
		got = append(got, p.Selector.MatchLabels["os"]+"/"+p.Selector.MatchLabels["arch"])
		found[p.URI] = p.SHA256
		if content, _ := unpack(t, p.URI, files[strings.TrimPrefix(p.URI, at)]); content[p.Bin] != "binary of "+got[len(got)-1] {
			t.Errorf("%s: %s is %q", p.URI, p.Bin, content[p.Bin])
		}
	}
	if d := cmp.Diff(slices.Sorted(slices.Values(platforms)), slices.Sorted(slices.Values(got))); d != "" {
		t.Error(d)
	}
	urls := regexp.MustCompile(`url "(.*)"\n +sha256 "(.*)"`).FindAllStringSubmatch(string(files["usergroup.rb"]), -1)
	if len(urls) != 4 {
		t.Errorf("the formula has %d archives, want 4", len(urls))
	}
	for _, m := range urls {
		found[m[1]] = m[2]
	}
	for url, sum := range found {
		if want := fmt.Sprintf("%x", sha256.Sum256(files[strings.TrimPrefix(url, at)])); sum != want {
			t.Errorf("%s: sum %s, want %s", url, sum, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for version, valid := range map[string]bool{"v1.2.3": true, "v0.0.1-rc.1": true, "1.2.3": false, "v1.2": false, "v01.2.3": false, "v1.2.3-dirty\n": false, "": false} {
		if _, err := release.Build(release.Contents{Version: version}); (err == nil) != valid {
			t.Errorf("%q: %v", version, err)
		}
	}
}
