// Package release makes the files of a release out of binaries that have been
// built: archives with completions and manual pages, the image, checksums, a krew
// manifest and a Homebrew formula.
//
// The same binaries, version and time give the same bytes: names are sorted, and
// times, owners and modes are fixed.
package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Contents are what a release is made of.
type Contents struct {
	Version string // v1.2.3, or v1.2.3-rc.1
	// Time is that of every file in the archives and of the manual pages.
	Time time.Time
	// Binaries are by platform, as in linux/amd64.
	Binaries map[string][]byte
	// SBOMs are the bills of materials of the binaries, by platform.
	SBOMs map[string][]byte
	// Shared are the files that every archive holds, by their paths in it.
	Shared map[string][]byte
	// Image are the files of the OCI layout, by their paths in it; nil for none.
	Image map[string][]byte
}

// Files are the files of a release, by name.
type Files map[string][]byte

var versionForm = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

// Build returns the files of the release.
func Build(c Contents) (Files, error) {
	if !versionForm.MatchString(c.Version) {
		return nil, fmt.Errorf("version %q: must be as v1.2.3", c.Version)
	}
	out := Files{}
	sums := map[string]string{} // of archives, by platform
	for _, platform := range slices.Sorted(maps.Keys(c.Binaries)) {
		name, data, err := c.archive(platform)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", platform, err)
		}
		out[name], sums[platform] = data, sum(data)
		if sbom := c.SBOMs[platform]; sbom != nil {
			out[c.base(platform)+".cdx.json"] = sbom
		}
	}
	if c.Image != nil {
		data, err := tarball(c.Image, c.Time)
		if err != nil {
			return nil, err
		}
		out["usergroup_"+c.number()+"_image.tar"] = data
	}
	var err error
	if out["usergroup.yaml"], err = c.krew(sums); err != nil {
		return nil, err
	}
	if out["usergroup.rb"], err = c.formula(sums); err != nil {
		return nil, err
	}
	out["checksums.txt"] = out.checksums()
	return out, nil
}

// number is the version without the v.
func (c Contents) number() string { return strings.TrimPrefix(c.Version, "v") }

// base is what the names of a platform's files begin with.
func (c Contents) base(platform string) string {
	return "usergroup_" + c.number() + "_" + strings.ReplaceAll(platform, "/", "_")
}

// checksums are in the form of sha256sum.
func (f Files) checksums() []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%s  %s\n", sum(f[name]), name)
	}
	return []byte(b.String())
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}
