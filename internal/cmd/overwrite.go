package cmd

import (
	"fmt"
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
		report, err := os.Stat(path)
		if err != nil || !report.Mode().IsRegular() {
			continue // new, or a device
		}
		for _, r := range read {
			if info, err := os.Stat(r); err == nil && os.SameFile(report, info) {
				return fmt.Errorf("%s is an input of this run and would be overwritten: choose another file", path)
			}
		}
	}
	return nil
}
