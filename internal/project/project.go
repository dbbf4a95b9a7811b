// Package project reads the settings of a repository: a file .usergroup.yaml in the
// working directory or a folder above it, so that everybody who runs a command
// there means the same.
package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/ownfile"
)

// File is the name of the file.
const File = ".usergroup.yaml"

// Settings are what the command line would say; a flag on the command line comes
// before them. Paths are relative to the file.
type Settings struct {
	// Policies are files of policies, as --policy.
	Policies []string `json:"policies,omitempty"`
	// Paths are the manifests to read where the command line names none.
	Paths []string `json:"paths,omitempty"`
	// Exclude are files and folders to leave out, as --exclude.
	Exclude []string `json:"exclude,omitempty"`
	// Outputs are reports, FORMAT or FORMAT=FILE, as --output.
	Outputs []string `json:"outputs,omitempty"`
	// FailOn is error, warning or never, as --fail-on.
	FailOn string `json:"failOn,omitempty"`
	// Baseline is a file with accepted findings, as --baseline.
	Baseline string `json:"baseline,omitempty"`

	// Path is that of the file; "" where there is none.
	Path string `json:"-"`
}

// Find reads the settings of the nearest file in dir or a folder above it. It does
// not look above the repository: a folder with .git is the last.
func Find(dir string) (Settings, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Settings{}, err
	}
	for {
		s, err := Read(filepath.Join(dir, File))
		if !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return Settings{}, nil
		}
		dir = filepath.Dir(dir)
	}
}

// Read reads the settings of a file. Paths in it become paths from the working
// directory.
func Read(path string) (Settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, err
	}
	s := Settings{Path: path}
	if err := ownfile.Decode(path, data, &s); err != nil {
		return Settings{}, err
	}
	dir := filepath.Dir(path)
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, dir); err == nil {
			dir = rel
		}
	}
	for i, p := range s.Policies {
		s.Policies[i] = from(dir, p)
	}
	for i, p := range s.Paths {
		s.Paths[i] = from(dir, p)
	}
	for i, o := range s.Outputs {
		if format, file, ok := strings.Cut(o, "="); ok {
			s.Outputs[i] = format + "=" + from(dir, file)
		}
	}
	if s.Baseline != "" {
		s.Baseline = from(dir, s.Baseline)
	}
	return s, nil
}

// from is a path of a file in dir.
func from(dir, path string) string {
	if path == "-" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
