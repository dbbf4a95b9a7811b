package image

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// CacheDir returns the folder of the cache on disk: $XDG_CACHE_HOME/usergroup,
// else $HOME/.cache/usergroup; "" where neither is an absolute path, as in a
// container without a home.
func CacheDir() string {
	base := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(base) { // the XDG specification: a relative path is to be ignored
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return ""
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "usergroup")
}

// Disk keeps what src answers in files below dir, for images that are asked for
// by digest: a tag may move, a digest never does. Where dir is "" it returns
// src.
//
// Files appear by renaming, so that processes may share dir and a run that is
// cut off leaves nothing broken. A file that cannot be read is a miss and one
// that cannot be written is not kept: the cache never makes a run fail. Errors
// of src are not kept. Whoever can write to dir decides what the cache answers;
// it is created for its owner alone.
func Disk(src Source, dir string) Source {
	if dir == "" {
		return src
	}
	return &disk{src: src, dir: dir}
}

// diskFormat is the version of the files. It is part of their path: another
// version neither reads nor spoils them.
const diskFormat = "images-v1"

type disk struct {
	src Source
	dir string
}

func (d *disk) Config(ctx context.Context, req Request) (Config, error) {
	file := d.file(req)
	if file == "" {
		return d.src.Config(ctx, req)
	}
	if cfg, ok := load(file); ok {
		cfg.Ref = req.Ref
		return cfg, nil
	}
	cfg, err := d.src.Config(ctx, req)
	if err == nil && ctx.Err() == nil {
		store(file, cfg)
	}
	return cfg, err
}

// file returns where the answer to req is kept, "" where it is not.
func (d *disk) file(req Request) string {
	digest := Digest(req.Ref)
	if digest == "" {
		return ""
	}
	name := req.Platform
	if name == "" {
		name = DefaultPlatform
	}
	name = url.PathEscape(name)
	if req.ResolveNames {
		name += "+names"
	}
	return filepath.Join(d.dir, diskFormat, strings.ReplaceAll(digest, ":", "-"), name+".json")
}

// Digest returns the digest that a reference pins, sha256:… in full, or "" where
// it pins none that is well formed.
func Digest(ref string) string {
	const hexDigits = 64
	_, digest, _ := strings.Cut(ref, "@")
	hex, ok := strings.CutPrefix(digest, "sha256:")
	if !ok || len(hex) != hexDigits || strings.Trim(hex, "0123456789abcdef") != "" {
		return ""
	}
	return digest
}

func load(file string) (Config, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Config{}, false
	}
	var cfg Config
	if err := json.Unmarshal(data, &cfg); err != nil || cfg.Digest == "" {
		return Config{}, false
	}
	return cfg, true
}

// store writes cfg under a name of its own and renames it into place. What goes
// wrong only means that the next run asks again.
func store(file string, cfg Config) {
	data, err := json.Marshal(cfg)
	if err != nil {
		return
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return
	}
	tmp, err := os.CreateTemp(dir, ".tmp-*") // mode 0600
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
}
