package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// chartFile makes a folder a Helm chart.
const chartFile = "Chart.yaml"

// isOfChart reports whether a chart's own file or folder is for Helm alone: what
// is left, above all crds, holds manifests as they are.
func isOfChart(name string, folder bool) bool {
	if folder {
		return name == "templates"
	}
	return name == chartFile || strings.HasPrefix(name, "values") && isManifest(name)
}

// chartOf returns the folder of the chart that the absolute path is a template
// of, "" for none.
func chartOf(abs string) (string, error) {
	for dir := abs; ; {
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", nil
		}
		if filepath.Base(dir) == "templates" {
			if chart, err := isFile(filepath.Join(parent, chartFile)); chart || err != nil {
				return parent, err
			}
		}
		dir = parent
	}
}

// isFile reports whether there is a regular file. The error is that nobody knows.
func isFile(path string) (bool, error) {
	info, err := look(path)
	return info != nil && info.Mode().IsRegular(), err
}

// look returns what the system says of a path, nil where there is nothing, or nothing
// that anybody here may see.
func look(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return info, err
}
