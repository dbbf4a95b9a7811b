package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"maps"
	"slices"
	"strings"
	"time"
)

// archive returns the archive of a platform: a zip for Windows, else a tarball.
func (c Contents) archive(platform string) (name string, data []byte, err error) {
	files := maps.Clone(c.Shared)
	if files == nil {
		files = map[string][]byte{}
	}
	files[binaryName(platform)] = c.Binaries[platform]
	name = c.archiveName(platform)
	if strings.HasSuffix(name, ".zip") {
		data, err = zipped(files, c.Time)
		return name, data, err
	}
	if data, err = tarball(files, c.Time); err == nil {
		data, err = gzipped(data)
	}
	return name, data, err
}

func gzipped(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func (c Contents) archiveName(platform string) string {
	if strings.HasPrefix(platform, "windows/") {
		return c.base(platform) + ".zip"
	}
	return c.base(platform) + ".tar.gz"
}

func binaryName(platform string) string {
	if strings.HasPrefix(platform, "windows/") {
		return "usergroup.exe"
	}
	return "usergroup"
}

// mode is that of a file in an archive: programs can be run.
func mode(name string) int64 {
	if strings.HasPrefix(name, "usergroup") {
		return 0o755
	}
	return 0o644
}

func tarball(files map[string][]byte, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		h := &tar.Header{Name: name, Mode: mode(name), Size: int64(len(files[name])), ModTime: at, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func zipped(files map[string][]byte, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}
