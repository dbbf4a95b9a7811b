package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// apart returns an error where a report would replace what the run reads: a
// manifest, or a policy.
func apart(written []string, files []tree.File, policies []string) error {
	read := slices.Clone(policies)
	for _, f := range files {
		read = append(read, f.Path)
	}
	for _, path := range written {
		report, err := look(path)
		if err != nil {
			return err
		}
		if report == nil || !report.Mode().IsRegular() {
			continue // new, or a device
		}
		for _, r := range read {
			info, err := look(r)
			if err != nil {
				return err
			}
			if info != nil && os.SameFile(report, info) {
				return fmt.Errorf("%s is an input of this run and would be overwritten: choose another file", path)
			}
		}
	}
	return nil
}

// look returns what the system says of a file, nil where there is none that could be
// read.
func look(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return info, err
}
