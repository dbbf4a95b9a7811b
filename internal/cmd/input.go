package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/readall"
	"github.com/usergroup-dev/usergroup/manifest"
)

// source is one file, or standard input under the name "-", with its objects.
type source struct {
	path   string // as given or found; "-" for standard input
	data   []byte
	stream *manifest.Stream
}

// readSources reads all files that the arguments name. A folder stands for the
// manifests below it. All unreadable files are reported at once.
func readSources(args []string, s Streams) ([]*source, error) {
	if len(args) == 0 {
		return nil, errors.New("no manifests given: name files or folders, or - for standard input")
	}
	paths, err := expand(args)
	if err != nil {
		return nil, err
	}
	var sources []*source
	var errs []error
	for _, p := range paths {
		src, err := readSource(p, s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources = append(sources, src)
	}
	return sources, errors.Join(errs...)
}

func readSource(path string, s Streams) (*source, error) {
	name := path
	var data []byte
	var err error
	if path == "-" {
		name = "stdin"
		if data, err = readall.Read(s.In); err == nil && len(bytes.TrimSpace(data)) == 0 {
			err = errors.New("is empty: nothing came through the pipe")
		}
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	stream, err := manifest.ReadStream(name, data)
	if err != nil {
		return nil, err
	}
	return &source{path: path, data: data, stream: stream}, nil
}

// expand replaces folders by the manifests below them, in lexical order. Folders
// whose name begins with a dot are passed over, unless they are named.
func expand(args []string) ([]string, error) {
	var paths []string
	seen := map[string]bool{}
	add := func(p string) {
		if !seen[p] {
			seen[p] = true
			paths = append(paths, p)
		}
	}
	for _, arg := range args {
		if arg == "-" {
			add(arg)
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			add(filepath.Clean(arg))
			continue
		}
		before := len(paths)
		err = filepath.WalkDir(arg, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && p != arg && strings.HasPrefix(d.Name(), "."):
				return filepath.SkipDir
			case d.IsDir() || !isManifest(p):
				return nil
			}
			add(filepath.Clean(p))
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(paths) == before {
			return nil, fmt.Errorf("%s: no manifests (*.yaml, *.yml, *.json) below this folder", arg)
		}
	}
	return paths, nil
}

func isManifest(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// items lists the objects of all sources in order.
func items(sources []*source) []*manifest.Item {
	var out []*manifest.Item
	for _, s := range sources {
		out = append(out, s.stream.Items...)
	}
	return out
}

// render returns the source as it now is.
func (s *source) render() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(s.data) + len(s.data)/8)
	_, err := s.stream.WriteTo(&b)
	return b.Bytes(), err
}

func (s *source) changed() bool {
	for _, it := range s.stream.Items {
		if it.Changed() {
			return true
		}
	}
	return false
}

// replaceFile writes a file anew so that a reader sees the old or the new bytes
// and never half of them. The mode is kept, and a symbolic link stays one.
func replaceFile(path string, data []byte) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
