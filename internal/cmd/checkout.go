package cmd

import (
	"os"
	"path/filepath"

	"github.com/usergroup-dev/usergroup/report"
)

// checkoutOf finds the repository that the paths of a report are in: that of the first
// file or folder of the run, else that of the working directory, else the working
// directory itself.
func checkoutOf(input string) report.Checkout {
	dir, err := os.Getwd()
	if err != nil {
		return report.Checkout{}
	}
	for _, start := range []string{filepath.Join(dir, input), filepath.Clean(input), dir} {
		if !filepath.IsAbs(start) {
			continue
		}
		if root := repositoryOf(start); root != "" {
			return report.Checkout{Root: root, Dir: dir}
		}
	}
	return report.Checkout{Root: dir, Dir: dir}
}

// repositoryOf returns the nearest folder at or above a path that has a .git, ""
// where there is none.
func repositoryOf(path string) string {
	for {
		if _, err := os.Lstat(filepath.Join(path, ".git")); err == nil {
			return path
		}
		above := filepath.Dir(path)
		if above == path {
			return ""
		}
		path = above
	}
}
